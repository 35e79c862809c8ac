"""The weights that the network gives its inputs over one window."""

import streamlit as st

from core.charts.cell import selection as chart_of
from core.language import tr
from core.types import Run
from ui import cache, charts, names, verdict
from ui.explain.cell import choose_window, columns_of_window


def draw(run: Run) -> None:
    """A window to choose, and the weight of every feature in each of its rows. Raises CoreError."""
    symbol, cutoff, member = choose_window(run, iter(columns_of_window()))
    st.subheader(tr("What it lets in"))
    verdict.draw_badge(run)
    chart = chart_of.compute(names.features_of(run, cache.selection(run.id, symbol, cutoff, member)))
    charts.show(chart_of.draw(chart), chart.caption, "selection")
    st.caption(
        tr(
            "A weight says how much of a feature enters the network in that row, not what it does to the forecast. The "
            "page Importance methods compares the weights with Shapley values."
        )
    )
