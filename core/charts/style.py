"""The shared appearance of all figures: colours by role, a template, axes and annotations.

Figures are drawn in these light colours, safe for colour-blind eyes; core.charts.themes exchanges them for dark ones.
"""

import textwrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.charts import sessions, text
from core.language import current, mark, shown, tr
from core.language.choice import ENGLISH
from core.types import Times

PAPER = "#ffffff"  # behind everything, and the rims of marks
OUTCOME = "#1f2a33"  # what happened, and all text
MODEL = "#0f5c85"
REFERENCE = "#b4851d"  # what the model is compared with, and whatever else must not look like it
GOOD = "#12955a"
BAD = "#961c14"
NEUTRAL = "#6b6f76"
VIOLET = "#7f3fc0"  # these two tell further lines apart, together with their dashes
SIENNA = "#6e2a10"
GRID = "#e6e9ec"
PALE = "#dfe3e6"  # the middle of a colour scale
TINTS = ("#e4edf2", "#c6d9e3", "#a0bfcf", "#5f93b0")  # of MODEL: nested prediction intervals from wide to narrow
LOW, HIGH = MODEL, REFERENCE  # below and above: blue lowers, ochre raises
SPLITS = {"train": MODEL, "val": REFERENCE, "calib": NEUTRAL, "test": GOOD}
BASELINES = (REFERENCE, NEUTRAL, VIOLET, GOOD, SIENNA)  # five colours and four dashes: 20 lines that differ
DASHES = ("solid", "dash", "dot", "dashdot")  # tell lines apart once the colours repeat
LOW_HIGH = ((0.0, LOW), (0.5, PALE), (1.0, HIGH))  # colour scale: blue for low, ochre for high
AMOUNT = ((0.0, "#f4f6f7"), (1.0, MODEL))  # colour scale: from nothing to much

DAY_TICK, MONTH_TICK = mark("%b %-d\n%Y"), mark("%b %Y")
MOST_DAY_TICKS = 7  # a shorter axis of days has a tick for each, and none at noon

DIGITS = ",.5~r"  # of numbers in a hover: five significant ones, with thousands separators and never an exponent

_AXIS = {
    "separatethousands": True,
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
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "colorway": [MODEL, *BASELINES],
        "font": {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 13, "color": OUTCOME},
        "hoverlabel": {"bgcolor": PAPER, "bordercolor": GRID, "namelength": -1, "align": "left"},
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
                "marker": {"line": {"color": PAPER, "width": 0.5}},
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
    figure.update_xaxes(title_text=wrap_title(shown(x_title)))
    figure.update_yaxes(title_text=wrap_title(shown(y_title)))
    return figure


def format_dates(figure: go.Figure, time_N: Times, *, cells: bool = False) -> go.Figure:
    """Make x a date axis as fine as `time_N`, all times of the series in any order, without its closed days and nights.

    Hover and ticks show the minute only if some times lie within a day, and the day or month only if they differ in it.
    With `cells` of a heat map holidays stay: plotly would tear the cells on both sides of one.
    """
    finest, written = _finest(np.asarray(time_N).astype("M8[s]"))
    breaks = [closed for closed in sessions.closed_times(time_N) if not (cells and "values" in closed)]
    figure.update_xaxes(type="date", hoverformat=tr(written), rangebreaks=breaks)
    if current() != ENGLISH:  # plotly knows the months of no other language
        figure.update_xaxes(tickformatstops=_spoken_ticks())
    if finest is None:
        return figure
    below, tick = finest
    days_N = np.unique(np.asarray(time_N).astype("M8[D]"))
    if tick == DAY_TICK and len(days_N) and (days_N[-1] - days_N[0]).astype(int) <= MOST_DAY_TICKS:
        # As a list: a tick every day would be thousands, if a shape reaches years beyond these times.
        return figure.update_xaxes(tickmode="array", tickvals=days_N.astype(str).tolist(), tickformat=tr(tick))
    finest_ticks = [{"dtickrange": [None, below], "value": tr(tick)}]
    return figure.update_xaxes(tickformatstops=finest_ticks + (_spoken_ticks() if current() != ENGLISH else []))


def _spoken_ticks() -> list[dict[str, Any]]:
    """Dates on an axis in words of the screen: from days and from months on; years are the same everywhere."""
    days = {"dtickrange": [86_400_000, "M1"], "value": tr(DAY_TICK)}
    return [days, {"dtickrange": ["M1", "M12"], "value": tr(MONTH_TICK)}, {"dtickrange": ["M12", None], "value": "%Y"}]


def _finest(time_N: Times) -> tuple[tuple[str | int, str] | None, str]:
    """The largest distance of ticks that needs a format of its own with that format, and the format of the hover."""
    if not len(time_N) or (time_N != time_N.astype("M8[D]")).any():
        return None, "%Y-%m-%d %H:%M"
    if len(np.unique(time_N)) < 3 or (time_N.astype("M8[D]") != time_N.astype("M8[M]")).any():
        return (86_400_000, DAY_TICK), "%Y-%m-%d"
    if (time_N.astype("M8[M]") != time_N.astype("M8[Y]")).any():
        return ("M1", MONTH_TICK), MONTH_TICK
    return ("M12", "%Y"), "%Y"


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
    wrapped = "<br>".join(text.escape(line, 60) for line in textwrap.wrap(shown(sentence), 44))
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
    """A colour such as #0f5c85 as an rgba() string."""
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


def wrap_title(title: str, width: int = 28) -> str:
    """An escaped axis title; one longer than `width` characters in several lines, its unit in a line of its own."""
    if len(title) <= width:
        return text.escape(title, width)
    name, bracket, unit = text.truncate(title, 80).partition(" (")
    lines = [*textwrap.wrap(name, width), *textwrap.wrap(bracket.strip() + unit, max(width, 24))]
    return "<br>".join(text.escape(line, 80) for line in lines)
