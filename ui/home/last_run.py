"""Where the visitor left off: the last run on one line."""

import streamlit as st

from core.charts.forecast import sparkline
from core.datasets.targets import TARGETS
from core.language import tr
from core.types import Run
from ui import charts, markdown, names, verdict


def draw(run: Run) -> None:
    """Name, verdict, the latest outcomes with the forecast, and a button that goes on with the run."""
    with st.container(border=True):
        left, middle, right = st.columns([5, 3, 2], vertical_alignment="center")
        badge = verdict.badge(
            run.evaluation.verdict.tone, verdict.headline(run.evaluation.verdict.text, run.evaluation.verdict.tone)
        )
        with left:
            recipe = markdown.escape(names.recipe(run.spec, names.step(run)))
            st.markdown(f"**{tr('Where you left off')}** · {recipe}  \n{badge}")
        with middle:
            level = TARGETS[run.spec.target.kind].level
            line = sparkline.compute(run.forecast, run.spec.model.kind, level=level)
            charts.show_picture(sparkline.draw(line), tr("The latest outcomes and the forecast."), "sparkline")
        with right:
            if st.button(tr("Continue"), key="continue", icon=":material/arrow_forward:", width="stretch"):
                st.switch_page("pages/forecast.py", query_params={"run": run.id})
