"""The two trainings that one click starts, on bundled data."""

import streamlit as st

from core.data.sources import samples
from core.errors import CoreError
from core.language import mark, tr
from core.spec import Spec, with_values
from ui import cache, markdown, session
from ui.jobs import training

LABEL = mark("Run the demo")
SKILL, ILLUSION = "SUNSPOTS", "SP500"


def recipe() -> Spec:
    """The sunspots of the next three years, where there is something to know."""
    return samples.recipe(SKILL)


def illusion() -> Spec:
    """Tomorrow's close of the S&P 500, where there only seems to be."""
    return with_values(samples.recipe(ILLUSION), {"target.kind": "close", "target.horizon": 1})


def button(spec: Spec, label: str, key: str, primary: bool = True) -> None:
    """A button that starts this training and turns to Home, which shows it. `label` is marked for translation."""
    if not st.button(tr(label), key=key, type="primary" if primary else "secondary", icon=":material/play_arrow:"):
        return
    try:
        training.start(spec, cache.frame(spec.data, None))
    except CoreError as problem:
        st.error(markdown.of_error(problem), icon=":material/error:")
        return
    session.set_recipe(spec)
    st.switch_page("app.py")
