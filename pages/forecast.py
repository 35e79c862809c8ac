"""Forecast: the live forecast with its fan, every forecast of the test split, and time travel to a past cutoff."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.types import Run


def main() -> None:
    """Draw the page."""
    import numpy as np
    import streamlit as st

    from core.charts import text
    from core.charts.forecast import forecast_history
    from core.datasets.targets import TARGETS
    from core.language import tr
    from ui import charts, layout, names, session, summary, takeaway, verdict, widgets
    from ui.evaluate import time_travel
    from ui.track import watching

    run = layout.open_run("Forecast")
    verdict.draw_chip(run)
    kind, model = TARGETS[run.spec.target.kind], run.spec.model.kind
    symbol, step = widgets.choose_symbol(run), widgets.choose_step(run)
    summary.draw_fan(run, symbol, step, "fan")
    summary.draw_few_scores(run, symbol)
    with st.container(horizontal=True, vertical_alignment="center"):
        watching.draw_button(run.id)
        st.page_link("pages/track_record.py", label=tr("Its track record"), icon=":material/fact_check:")
        takeaway.draw(run.id)
    verdict.draw_details(run.evaluation)
    draw_numbers(run, symbol)
    st.subheader(tr("Every forecast of the test split"))
    reference = run.evaluation.verdict.reference
    compare = st.toggle(tr("Show the reference too: {reference}", reference=names.baseline(reference)), key="reference")
    history = forecast_history.compute(
        run.forecast,
        model,
        symbol,
        step,
        unit=names.unit(run),
        coverage=run.spec.bands.coverage,
        binary=kind.binary,
        reference=reference if compare else None,
    )
    caption = f"{history.caption} {tr('Click a forecast to explain it.')}"
    clicked = charts.select_point(forecast_history.draw(history), caption, "history")
    if clicked:
        session.choose_cutoff(clicked)
        st.page_link(
            "pages/explain.py",
            label=tr("What drove the forecast of {day}", day=text.day(np.datetime64(clicked))),
            icon=":material/arrow_forward:",
            query_params={"run": session.run_id() or "", "day": clicked},
        )
    st.subheader(tr("Time travel"))
    time_travel.draw(run, symbol, step)


def draw_numbers(run: "Run", symbol: str) -> None:
    """The live forecast as a folded table; nothing without one."""
    import streamlit as st

    from core.charts import text
    from core.language import tr
    from ui import names

    live = run.forecast[(run.forecast["part"] == "live") & (run.forecast["symbol"] == symbol)]
    table = live[["time", "step", "yhat", "lo", "hi"]].dropna(axis=1, how="all")
    if len(table):
        unit = text.unit_title(names.unit(run))
        with st.expander(tr("The forecast as numbers")):
            st.dataframe(
                table,
                hide_index=True,
                column_config={
                    "time": st.column_config.DatetimeColumn(tr("Time")),
                    "step": names.steps_ahead(names.step(run)),
                    "yhat": st.column_config.NumberColumn(tr("Forecast, {unit}", unit=unit), format="%.4g"),
                    "lo": st.column_config.NumberColumn(tr("Band from"), format="%.4g"),
                    "hi": st.column_config.NumberColumn(tr("to"), format="%.4g"),
                },
            )
            st.download_button(tr("Download as CSV"), table.to_csv(index=False), f"forecast-{run.id}.csv", "text/csv")


if __name__ == "__main__":
    main()
