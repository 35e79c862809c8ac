"""Explain: which features drive the forecasts, and what drove the forecast of one day."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.charts.explanation import beeswarm, importance
    from ui import charts, layout
    from ui.explain import local, overview
    from ui.explain.reliability import draw_trust
    from ui.summary import draw_importance

    layout.page("Explain")
    run = charts.current_run()
    charts.verdict(run.evaluation)
    unit, step = charts.explained_unit(run), charts.step_of(run, "step")
    by_family = len(run.spec.features) > 1 and st.toggle("By family of features", key="by-family", bind="query-params")
    if run.explanation is not None:
        left, right = st.columns(2)
        with left:
            st.subheader("Which features matter")
            draw_importance(run, step, "importance", by_family)
        with right:
            st.subheader("How far back it looks")
            charts.label(run)
            lags = importance.compute_lags(run.explanation, unit)
            charts.chart(importance.draw_lags(lags, height=360), lags.caption, "lags")
        st.subheader("Which values raise the forecast, and which lower it")
        charts.label(run)
        swarm = beeswarm.compute(run.explanation, unit, step)
        charts.chart(beeswarm.draw(swarm), swarm.caption, "beeswarm")
        explanation = run.explanation
        st.caption(
            f"Shapley values of {len(explanation.symbol_N)} forecasts against windows of the training part; "
            f"they add up to each forecast to within {explanation.additivity_error:.0e} of its spread."
        )
    else:
        st.info(
            charts.plain(
                "The explanation of this run is not in its folder. Work it out again with: python -m core "
                f"explain {run.id}"
            ),
            icon=":material/info:",
        )
    overview.draw(run, step, by_family)
    draw_trust(run)
    st.subheader("One day")
    local.one_day(run, step, by_family)


if __name__ == "__main__":
    main()
