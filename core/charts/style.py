"""One look for every figure: a palette safe for colour-blind eyes, and the layout that all charts share."""

import textwrap

import numpy as np
import plotly.graph_objects as go

from core.charts import text
from core.types import Times

MODEL = "#2f6f8f"
OUTCOME = "#1f2a33"
OCHRE = "#c08a2b"
GOOD = "#2e7d4f"
BAD = "#b3403a"
NEUTRAL = "#8a8f98"
GRID = "#e6e9ec"
BASELINES = (OCHRE, NEUTRAL, "#5a6068", "#d9b36c", "#b9bec6", "#7d6020")
DASHES = ("solid", "dash", "dot", "dashdot")  # tells lines apart where colours come round again
TINTS = ("#e4edf2", "#c6d9e3", "#a0bfcf", "#76a4bb")  # of the model's colour: nested bands from wide to narrow
LOW_HIGH = ((0.0, MODEL), (0.5, "#dfe3e6"), (1.0, OCHRE))  # colour scale: low blue, high ochre

_AXIS = {
    "gridcolor": GRID,
    "gridwidth": 1,
    "zeroline": False,
    "automargin": True,
    "ticks": "",
    "ticklabelstandoff": 4,
    "title": {"standoff": 8, "font": {"size": 13}},
}
# A template of our own, made once: plotly checks and copies a template for every figure, and its own ones, which know
# every kind of trace and map, cost more than all the rest of a chart.
LOOK = go.layout.Template(
    layout={
        "dragmode": "zoom",
        "bargap": 0.25,
        "margin": {"l": 10, "r": 16, "t": 36, "b": 10},
        "autotypenumbers": "strict",
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "colorway": [MODEL, *BASELINES],
        "font": {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 13, "color": OUTCOME},
        "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": GRID, "namelength": -1, "align": "left"},
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "title": {"text": ""},
        },
        "xaxis": _AXIS,
        "yaxis": _AXIS,
    },
    data={
        "bar": [
            {
                "marker": {"line": {"color": "#ffffff", "width": 0.5}},
                "error_x": {"color": OUTCOME},
                "error_y": {"color": OUTCOME},
            }
        ]
    },
)


def layout(figure: go.Figure, y_title: str, height: int, x_title: str = "", hover: str = "x unified") -> go.Figure:
    """Give `figure` the common look and its axis titles (plain text, units included); `height` in pixels.

    `hover` is plotly's hovermode: "x unified" where all traces share x, "closest" for points and bars.
    """
    figure.update_layout(template=LOOK, height=height, hovermode=hover)
    figure.update_xaxes(title_text=_title(x_title))
    figure.update_yaxes(title_text=_title(y_title))
    return figure


def dates(figure: go.Figure, time_N: Times) -> go.Figure:
    """Show times to the minute only where some lie within a day."""
    within = np.asarray(time_N) != np.asarray(time_N).astype("M8[D]")
    figure.update_xaxes(type="date", hoverformat="%Y-%m-%d %H:%M" if within.any() else "%Y-%m-%d")
    return figure


def labels(figure: go.Figure, names: list[str], axis: str = "y") -> go.Figure:
    """Write `names` (already safe) at 0, 1, … of an axis: the first on top of a y axis.

    Names are labels of positions and never categories: plotly would read "2020" as a number or a date.
    """
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names, "showgrid": False}
    if axis == "y":
        figure.update_yaxes(**ticks, range=[len(names) - 0.5, -0.5])
    else:
        figure.update_xaxes(**ticks)
    return figure


def note(figure: go.Figure, says: str) -> go.Figure:
    """Write a plain sentence into the middle of a figure that has nothing to draw."""
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    wrapped = "<br>".join(text.safe(line, 60) for line in textwrap.wrap(says, 44))
    return figure.add_annotation(
        text=wrapped, showarrow=False, xref="paper", yref="paper", x=0.5, y=0.5, font={"color": NEUTRAL}
    )


def whole(figure: go.Figure, count: int) -> go.Figure:
    """Whole numbers on the x axis: each of them where there are few."""
    return figure.update_xaxes(tickformat="d", **({"dtick": 1} if count <= 15 else {}))


def bar(**more: object) -> dict[str, object]:
    """A colour bar that lies above the figure, where it takes no width from a narrow one."""
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 1.03,
        "yanchor": "bottom",
        "len": 0.6,
        "thickness": 8,
        "ypad": 2,
        "outlinewidth": 0,
        **more,
    }


def _title(words: str) -> str:
    """An axis title; a long one puts its unit on a second line."""
    shown = text.safe(words, 80)
    return shown.replace(" (", "<br>(") if len(words) > 28 else shown


def translucent(colour: str, opacity: float) -> str:
    """A colour such as #2f6f8f as rgba text."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
