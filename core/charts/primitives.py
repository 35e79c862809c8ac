"""Drawing primitives that several charts share: rows of bars, heat maps, waterfall steps and reference lines.

Axis letters: R rows (each with a name, the first on top), C columns of a heat map, M moves of a waterfall.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.types import Floats, Ints

BAR_TITLE = 15  # characters in a line: the names of the rows leave little width below the bars
NUMBER_ROOM = 1.25  # times the longest bar: room for the number at its end


def bars(
    value_R: Sequence[float] | Floats,
    marker: Mapping[str, Any],
    *,
    row_R: Ints | None = None,
    numbers: bool = False,
    hover: str | None = None,
    **options: Any,
) -> go.Bar:
    """Horizontal bars in rows 0, 1, … or `row_R`, each with its number at its end if `numbers`.

    `hover` is a plotly hover template, None for no hover; `options` are further attributes of the trace.
    """
    if numbers:
        written = {"text": [text.number(value) for value in value_R], "textposition": "outside", "cliponaxis": False}
        options = written | options
    return go.Bar(
        x=value_R,
        y=np.arange(len(value_R)) if row_R is None else row_R,
        orientation="h",
        marker=marker,
        hovertemplate=hover,
        hoverinfo="skip" if hover is None else None,
        **options,
    )


def bar_layout(
    figure: go.Figure, names: list[str], height: int, x_title: str, largest: float | None = None
) -> go.Figure:
    """Name the rows of a figure of horizontal bars (`names` already safe); `largest` makes room for numbers."""
    style.apply_layout(figure, "", height, hover="closest")
    figure.update_xaxes(title_text=style.wrap_title(x_title, BAR_TITLE))
    if largest is not None:
        figure.update_xaxes(range=[0, NUMBER_ROOM * largest or 1], nticks=5)
    return style.label_positions(figure, names)


def heatmap(
    value_RC: Floats,
    limits: tuple[float, float],
    scale: Sequence[tuple[float, str]],
    hover_RC: Sequence[Sequence[str]],
    *,
    column_C: Any = None,
    label_RC: Any = None,
    colour_bar: Mapping[str, Any] | None = None,
    **options: Any,
) -> go.Heatmap:
    """Cells at rows 0, 1, … and columns 0, 1, … or `column_C`, coloured by `scale` between `limits`.

    `hover_RC` is the hover text and `label_RC` the text written into each cell. A missing `colour_bar` is not drawn.
    """
    rows, columns = np.shape(value_RC)
    if label_RC is not None:
        options = {"text": label_RC, "texttemplate": "%{text}"} | options
    return go.Heatmap(
        z=value_RC,
        x=np.arange(columns) if column_C is None else column_C,
        y=np.arange(rows),
        zmin=limits[0],
        zmax=limits[1],
        colorscale=scale,
        hovertext=hover_RC,
        hoverinfo="text",
        showscale=colour_bar is not None,
        colorbar=colour_bar,
        **options,
    )


def colour_bar(title: str, **options: Any) -> dict[str, object]:
    """A colour bar above the figure with its title and few ticks; for the marker or heat map that it explains."""
    return style.colorbar(title={"text": title, "side": "top"}, nticks=5, **options)


def symmetric_limits(value: Floats) -> tuple[float, float]:
    """Limits of a colour scale around zero that contain every value; −1 and 1 if all are zero."""
    limit = float(np.abs(value).max()) or 1.0
    return -limit, limit


def waterfall(base: float, move_M: Sequence[float], total: float, label: Sequence[str]) -> go.Waterfall:
    """Horizontal steps from `base` in the first row through each move to `total` in the last; one label a row.

    Ochre raises, blue lowers.
    """
    return go.Waterfall(
        orientation="h",
        y=np.arange(len(move_M) + 2),
        x=[base, *move_M, total],
        measure=["absolute", *["relative"] * len(move_M), "total"],
        text=label,
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
        increasing={"marker": {"color": style.HIGH}},
        decreasing={"marker": {"color": style.LOW}},
        totals={"marker": {"color": style.OUTCOME}},
        connector={"line": {"color": style.NEUTRAL, "width": 1}},
    )


def waterfall_range(base: float, move_M: Sequence[float]) -> list[float]:
    """An x axis close around the steps: from zero, small moves of a large level would not be visible."""
    reached = base + np.concatenate([[0.0], np.cumsum(move_M)])
    room = float(np.ptp(reached)) or 0.2 * abs(base) or 1.0
    left = 0.5 if min([base, *move_M]) < 0 else 0.25  # labels of what goes down, or lies below zero, stand on the left
    return [float(reached.min()) - left * room, float(reached.max()) + 0.4 * room]


def reference_line(x: Any, y: Any, name: str, line: Mapping[str, Any], **options: Any) -> go.Scatter:
    """A line to compare with, without hover: a nominal share, a diagonal, the limits of chance."""
    return go.Scatter(x=x, y=y, mode="lines", name=name, hoverinfo="skip", line=line, **options)
