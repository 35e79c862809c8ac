"""Explain: which features drive the forecasts, and what drove one of them."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.charts.explanation import beeswarm
    from core.charts.explanation import importance as bars
    from core.charts.text import magnitude
    from core.language import tr
    from ui import charts, layout, messages, names, verdict, widgets
    from ui.explain import importance, local, overview, reliability

    run = layout.open_run("Explain")
    verdict.draw_chip(run)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        step = widgets.choose_step(run)
    with right:
        by_family = importance.choose_families(run)
    explanation, unit = run.explanation, importance.unit(run)
    if explanation is not None:
        left, right = st.columns(2)
        with left:
            st.subheader(tr("Which features matter"))
            height = importance.draw(run, step, "importance", by_family, least=300)
        with right:
            st.subheader(tr("How far back it looks"))
            verdict.draw_badge(run)
            lags = bars.compute_lags(explanation, unit)
            charts.show(bars.draw_lags(lags, height=height), lags.caption, "lags")
    else:
        messages.info(tr("This run was saved without an explanation. Train it again to have one."))
    st.subheader(tr("One forecast"))
    local.draw(run, step, by_family)
    if explanation is not None:
        st.subheader(tr("Which values raise or lower the forecast"))
        verdict.draw_badge(run)
        swarm = beeswarm.compute(names.features_of(run, explanation), unit, step)
        charts.show(beeswarm.draw(swarm), swarm.caption, "beeswarm")
        st.caption(
            tr(
                "Shapley values of {count} forecasts against training windows; they add up to each forecast within "
                "{error} of its spread.",
                count=len(explanation.symbol_N),
                error=magnitude(explanation.additivity_error),
            )
        )
    overview.draw(run, step, by_family)
    reliability.draw(run)
    verdict.draw_details(run.evaluation)


if __name__ == "__main__":
    main()
