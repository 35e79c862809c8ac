"""The shared appearance of all figures: a palette safe for colour-blind readers, a template, axes and annotations."""

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
DASHES = ("solid", "dash", "dot", "dashdot")  # tell lines apart once the colours repeat
TINTS = ("#e4edf2", "#c6d9e3", "#a0bfcf", "#76a4bb")  # of MODEL: nested prediction intervals from wide to narrow
LOW_HIGH = ((0.0, MODEL), (0.5, "#dfe3e6"), (1.0, OCHRE))  # colour scale: blue for low, ochre for high

_AXIS = {
    "gridcolor": GRID,
    "gridwidth": 1,
    "zeroline": False,
    "automargin": True,
    "ticks": "",
    "ticklabelstandoff": 4,
    "title": {"standoff": 8, "font": {"size": 13}},
}
# Built once: plotly validates and copies the template for every figure, and its own templates, which cover every kind
# of trace and map, cost more time than the rest of a chart.
TEMPLATE = go.layout.Template(
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


def apply_layout(
    figure: go.Figure, y_title: str, height: int, x_title: str = "", hover: str = "x unified"
) -> go.Figure:
    """Apply the shared template and the axis titles (plain text with units) to `figure`; `height` in pixels.

    `hover` is plotly's hovermode: "x unified" if all traces share x, "closest" for points and bars.
    """
    figure.update_layout(template=TEMPLATE, height=height, hovermode=hover)
    figure.update_xaxes(title_text=_title(x_title))
    figure.update_yaxes(title_text=_title(y_title))
    return figure


def format_dates(figure: go.Figure, time_N: Times) -> go.Figure:
    """Make x a date axis whose hover shows hours and minutes only if some of `time_N` lie within a day."""
    intraday_N = np.asarray(time_N) != np.asarray(time_N).astype("M8[D]")
    figure.update_xaxes(type="date", hoverformat="%Y-%m-%d %H:%M" if intraday_N.any() else "%Y-%m-%d")
    return figure


def label_positions(figure: go.Figure, names: list[str], axis: str = "y") -> go.Figure:
    """Label positions 0, 1, … of an axis with `names` (already escaped); on a y axis the first is at the top.

    Names label positions instead of being categories: plotly would read a category "2020" as a number or a date.
    """
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names, "showgrid": False}
    if axis == "y":
        figure.update_yaxes(**ticks, range=[len(names) - 0.5, -0.5])
    else:
        figure.update_xaxes(**ticks)
    return figure


def add_note(figure: go.Figure, sentence: str) -> go.Figure:
    """Write a plain sentence in the middle of a figure that has nothing to draw, and hide its axes."""
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    wrapped = "<br>".join(text.escape(line, 60) for line in textwrap.wrap(sentence, 44))
    return figure.add_annotation(
        text=wrapped, showarrow=False, xref="paper", yref="paper", x=0.5, y=0.5, font={"color": NEUTRAL}
    )


def integer_ticks(figure: go.Figure, count: int) -> go.Figure:
    """Put integer ticks on the x axis, one for each of `count` values if there are at most 15."""
    return figure.update_xaxes(tickformat="d", **({"dtick": 1} if count <= 15 else {}))


def colorbar(**options: object) -> dict[str, object]:
    """Plotly options of a horizontal colour bar above the figure, where it costs a narrow figure no width."""
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
        **options,
    }


def translucent(colour: str, opacity: float) -> str:
    """A colour such as #2f6f8f as an rgba() string."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def mark_time(figure: go.Figure, time: np.datetime64, name: str) -> go.Figure:
    """Add a dotted vertical line at `time` over the full height, with `name` in the legend."""
    x = text.iso(np.array([time]))[0]
    return figure.add_shape(
        type="line",
        x0=x,
        x1=x,
        yref="paper",
        y0=0,
        y1=1,
        name=name,
        showlegend=True,
        line={"color": NEUTRAL, "width": 1.5, "dash": "dot"},
    )


def _title(title: str) -> str:
    """An escaped axis title; a long one has its unit on a second line."""
    escaped = text.escape(title, 80)
    return escaped.replace(" (", "<br>(") if len(title) > 28 else escaped
