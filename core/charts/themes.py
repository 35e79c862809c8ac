"""Figures in dark: each colour of core.charts.style is exchanged for its dark partner, wherever a figure uses it.

Charts are drawn in light colours and know of no theme, so that a file or a report made from them stays light.
"""

import re
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.charts import style

DARK = {  # light → dark
    style.PAPER: "#0f161c",
    style.OUTCOME: "#e6e9ec",
    style.MODEL: "#4795da",
    style.REFERENCE: "#eebc2f",
    style.GOOD: "#2fdc95",
    style.BAD: "#f2584a",
    style.NEUTRAL: "#8b8f95",
    style.VIOLET: "#d3b8fa",
    style.SIENNA: "#c0622f",
    style.GRID: "#29333c",
    style.PALE: "#2c3640",
    style.AMOUNT[0][1]: "#18212a",
    **dict(zip(style.TINTS, ("#173149", "#1e4468", "#2a5f8f", "#3f7fae"), strict=True)),
}
LIGHT = {dark: light for light, dark in DARK.items()}  # no two light colours share a dark one
_COLOUR_KEY = re.compile(r"(color|colorscale|colorway)$", re.IGNORECASE)
_RGBA = re.compile(r"rgba\((\d+),(\d+),(\d+),([\d.e-]+)\)")


def in_dark(figure: go.Figure) -> go.Figure:
    """`figure` itself, its colours exchanged for dark ones in place; its numbers and words stay."""
    return _themed(figure, DARK).update_layout(template=DARK_TEMPLATE)


def in_light(figure: go.Figure) -> go.Figure:
    """A copy of what `in_dark` returned, in its light colours again."""
    return _themed(go.Figure(figure), LIGHT).update_layout(template=style.TEMPLATE)


def _themed(figure: go.Figure, palette: dict[str, str]) -> go.Figure:
    for trace in figure.data:
        trace.update(_changes(trace.to_plotly_json(), palette))
    layout = figure.layout.to_plotly_json()
    layout.pop("template", None)
    return figure.update_layout(_changes(layout, palette))


def dark_option(node: Any) -> Any:
    """A copy of an ECharts option, or of a part of one, in dark colours."""
    if isinstance(node, dict):
        return {
            key: _exchange(value, DARK) if _COLOUR_KEY.search(key) else dark_option(value)
            for key, value in node.items()
        }
    return [dark_option(part) for part in node] if isinstance(node, list) else node


def _changes(node: dict[str, Any], palette: dict[str, str]) -> dict[str, Any]:
    """The colours in a part of a figure, nested as they are there; nothing else."""
    changes: dict[str, Any] = {}
    for key, value in node.items():
        if isinstance(value, dict):
            changes[key] = _changes(value, palette)
        elif _COLOUR_KEY.search(key):
            changes[key] = _exchange(value, palette)
        elif isinstance(value, (list, tuple)) and value and all(isinstance(part, dict) for part in value):
            changes[key] = [_changes(part, palette) for part in value]
    return changes


def _exchange(value: Any, palette: dict[str, str]) -> Any:
    """A colour, or a list of colours or of stops of a scale, by the palette; numbers and unknown colours unchanged."""
    if isinstance(value, str):
        if parts := _RGBA.fullmatch(value):
            red, green, blue = (int(part) for part in parts.groups()[:3])
            colour = f"#{red:02x}{green:02x}{blue:02x}"
            return style.translucent(palette.get(colour, colour), float(parts[4]))
        return palette.get(value, value)
    if isinstance(value, np.ndarray):
        if value.dtype != object:
            return value
        return np.array([_exchange(part, palette) for part in value], dtype=object)
    return [_exchange(part, palette) for part in value] if isinstance(value, (list, tuple)) else value


# Built once, as the light one: see core.charts.style.TEMPLATE.
DARK_TEMPLATE = go.layout.Template(style.TEMPLATE).update(_changes(style.TEMPLATE.to_plotly_json(), DARK))
