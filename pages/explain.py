"""Explain: which features drive the forecasts, and what drove the forecast of one day."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.charts import beeswarm, importance
    from ui import frame, show, why, wider
    from ui.overview import draw_importance
    from ui.trust import draw_trust

    frame.page("Explain")
    run = show.current_run()
    show.verdict(run.evaluation)
    unit, step = show.explained_unit(run), show.step_of(run, "step")
    by_family = len(run.spec.features) > 1 and st.toggle("By family of features", key="by-family", bind="query-params")
    if run.explanation is not None:
        left, right = st.columns(2)
        with left:
            st.subheader("Which features matter")
            draw_importance(run, step, "importance", by_family)
        with right:
            st.subheader("How far back it looks")
            show.label(run)
            lags = importance.lags(run.explanation, unit)
            show.chart(importance.draw_lags(lags, height=360), lags.says, "lags")
        st.subheader("Which values raise the forecast, and which lower it")
        show.label(run)
        swarm = beeswarm.compute(run.explanation, unit, step)
        show.chart(beeswarm.draw(swarm), swarm.says, "beeswarm")
        explanation = run.explanation
        st.caption(f"Shapley values of {len(explanation.symbol_N)} forecasts against windows of the training part; "
                   f"they add up to each forecast to within {explanation.additivity_error:.0e} of its spread.")
    else:
        st.info(show.plain("The explanation of this run is not in its folder. Work it out again with: python -m core "
                           f"explain {run.id}"), icon=":material/info:")
    wider.draw(run, step, by_family)
    draw_trust(run)
    st.subheader("One day")
    why.one_day(run, step, by_family)


if __name__ == "__main__":
    main()
