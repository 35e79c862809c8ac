"""What the network of a run is: one sentence and one picture."""

import streamlit as st

from core.charts.cell import structure
from core.language import tr
from core.types import Run
from ui import charts, markdown, names, verdict


def draw(run: Run) -> None:
    """The layers of the network and its share of the forecast."""
    chart = structure.compute(run, names.unit(run))
    st.markdown(markdown.escape(chart.caption))
    verdict.draw_badge(run)
    charts.show(
        structure.draw(chart),
        tr(
            "Numbers pass through the layers from top to bottom; a bar is as wide as the logarithm of how many they "
            "are."
        ),
        "structure",
    )
