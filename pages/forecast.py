"""Forecast: the live forecast with its fan, every forecast of the test part, and travel to a past cutoff."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.charts.forecast import forecast_history
    from core.datasets.targets import TARGETS
    from ui import charts, layout, session
    from ui.evaluate import time_travel
    from ui.summary import draw_fan

    layout.page("Forecast")
    run = charts.current_run()
    charts.verdict(run.evaluation)
    kind, model = TARGETS[run.spec.target.kind], run.spec.model.kind
    symbol, step = charts.symbol_of(run, "symbol"), charts.step_of(run, "step")
    st.subheader("The next sessions")
    draw_fan(run, symbol, step, "fan")
    live = run.forecast[(run.forecast["part"] == "live") & (run.forecast["symbol"] == symbol)]
    table = live[["time", "step", "yhat", "lo", "hi"]].dropna(axis=1, how="all")
    if len(table):
        with st.expander("The forecast as numbers"):
            st.dataframe(
                table,
                hide_index=True,
                column_config={
                    "time": st.column_config.DatetimeColumn("Session"),
                    "step": "Sessions ahead",
                    "yhat": st.column_config.NumberColumn(f"Forecast, {kind.unit}", format="%.4g"),
                    "lo": st.column_config.NumberColumn("Band from", format="%.4g"),
                    "hi": st.column_config.NumberColumn("to", format="%.4g"),
                },
            )
            st.download_button("Download as CSV", table.to_csv(index=False), f"forecast-{run.id}.csv", "text/csv")
    st.subheader("Every forecast of the test part")
    reference = run.evaluation.verdict.reference
    compare = st.toggle(f"Show the reference ({reference.replace('_', ' ')}) too", key="reference")
    made = forecast_history.compute(
        run.forecast,
        model,
        symbol,
        step,
        unit=kind.unit,
        coverage=run.spec.bands.coverage,
        binary=kind.binary,
        reference=reference if compare else None,
    )
    picked = charts.pick(forecast_history.draw(made), f"{made.caption} Click a point to see what drove it.", "zoom")
    if picked:
        st.session_state["day"] = picked
        st.page_link(
            "pages/explain.py",
            label=f"What drove the forecast of {picked.removesuffix('T00:00:00')}",
            icon=":material/arrow_forward:",
            query_params={"run": session.run_id(), "day": picked},
        )
    st.subheader("Time travel")
    time_travel.draw(run, symbol, step)


if __name__ == "__main__":
    main()
