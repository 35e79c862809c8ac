"""Inside a recurrent cell over one window: its parts by unit and time, the days that it forgot, and one unit's course.

Axis letters: L rows of the window, D units.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts import style, text, thinning
from core.explain.gates import Layer
from core.types import Floats, Ints, Times

MOST_UNITS, MOST_ROWS = 128, 250  # of a heat map
MARKED = 3  # days that are picked out
ORDERS = ("peak", "keep")
COLOURS = {
    "input gate": style.GOOD,
    "reset gate": style.GOOD,
    "forget gate": style.OCHRE,
    "update gate": style.OCHRE,
    "output gate": style.NEUTRAL,
    "candidate": "#7a5c99",
    "cell state": style.BAD,
    "hidden state": style.MODEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """One part of a layer, units in the order of `unit_D`; a gate lies between 0 (shut) and 1 (open)."""

    part: str
    time_L: Times
    unit_D: Ints  # numbers of the units, from 1
    value_LD: Floats
    drawn: int  # units that are drawn, evenly chosen where there are too many

    @property
    def gate(self) -> bool:
        return self.part.endswith("gate")

    @property
    def caption(self) -> str:
        """How open a gate is and which units differ most; of a state, the largest of all."""
        few = "" if self.drawn == len(self.unit_D) else f" {self.drawn} of {len(self.unit_D)} units are drawn."
        if self.gate:
            mean_D = self.value_LD.mean(axis=0)
            widest, least = int(np.argmax(mean_D)), int(np.argmin(mean_D))
            return (
                f"The {self.part} is {text.level(round(float(mean_D.mean()), 2))} open on average: unit "
                f"{self.unit_D[widest]} most ({text.level(round(mean_D[widest], 2))}), unit {self.unit_D[least]} "
                f"least ({text.level(round(mean_D[least], 2))}).{few}"
            )
        row, unit = np.unravel_index(int(np.argmax(np.abs(self.value_LD))), self.value_LD.shape)
        return (
            f"The {self.part} is strongest, {text.number(round(self.value_LD[row, unit], 3))}, in unit "
            f"{self.unit_D[unit]} on {text.day(self.time_L[row])}.{few}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """The share of their memory that a layer's units let go each day (mean; NaN where reading begins), under a value
    of the window."""

    gate: str
    name: str
    time_L: Times
    raw_L: Floats
    share_L: Floats

    @property
    def days(self) -> Ints:
        """The rows with the largest shares, the largest first."""
        known = np.flatnonzero(np.isfinite(self.share_L))
        return known[np.argsort(-self.share_L[known], kind="stable")][:MARKED]

    @property
    def caption(self) -> str:
        """On which day most was forgotten, and how much is forgotten on average."""
        top, usual = int(self.days[0]), float(np.nanmean(self.share_L))
        return (
            f"Most was forgotten on {text.day(self.time_L[top])}: on average a unit let go of "
            f"{text.percent(float(self.share_L[top]))} of its memory, beside {text.percent(usual)} over the window "
            f"({self.gate})."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Every part of one unit over the window, and the row that is looked at."""

    kind: str
    unit: int  # from 1
    row: int
    time_L: Times
    parts: dict[str, Floats]

    @property
    def caption(self) -> str:
        """What the gates do with the unit's memory on this day."""
        now = {name: float(part_L[self.row]) for name, part_L in self.parts.items()}
        day = f"On {text.day(self.time_L[self.row])} unit {self.unit}"
        share = {name: text.percent(value) for name, value in now.items()}
        if self.kind == "lstm":
            return (
                f"{day} keeps {share['forget gate']} of its cell state, lets {share['input gate']} of the "
                f"candidate in, and shows {share['output gate']} of the result."
            )
        if self.kind == "gru":
            return (
                f"{day} keeps {share['update gate']} of its state and takes the rest from a candidate that sees "
                f"{share['reset gate']} of what the state recalls."
            )
        return f"{day} is at {text.number(round(now['hidden state'], 3))}. It has no gate: each day it is made anew."


def order(layer: Layer, by: str) -> Ints:
    """Positions of the units: by the day on which each hidden state is strongest ("peak"), or by how much each keeps,
    most first ("keep"; without a keeping gate, by the mean state)."""
    if by not in ORDERS:
        raise ValueError(f"by is one of {', '.join(ORDERS)}; got {by!r}")
    hidden_LD = layer.parts["hidden state"]
    if by == "keep":
        mean_D = (hidden_LD if layer.keep is None else layer.keep).mean(axis=0)
        return np.argsort(-mean_D, kind="stable")
    return np.argsort(np.argmax(np.abs(hidden_LD), axis=0), kind="stable")


def compute(layer: Layer, part: str, time_L: Times, unit_D: Ints) -> Heat:
    """One part with its units at positions `unit_D`, in that order."""
    return Heat(
        part=part,
        time_L=time_L,
        unit_D=np.asarray(unit_D) + 1,
        value_LD=layer.parts[part][:, unit_D],
        drawn=min(len(unit_D), MOST_UNITS),
    )


def draw(chart: Heat, height: int = 340) -> go.Figure:
    """Ochre for open and positive, blue for shut and negative, grey halfway; at most 128 units and 250 rows."""
    limit = float(np.abs(chart.value_LD).max()) or 1.0
    low, high = (0.0, 1.0) if chart.gate else (-limit, limit)
    at_D, at_L = thinning.even(len(chart.unit_D), MOST_UNITS), thinning.even(len(chart.time_L), MOST_ROWS)
    names = [[f"unit {unit}"] * len(at_L) for unit in chart.unit_D[at_D]]
    figure = go.Figure(
        go.Heatmap(
            z=chart.value_LD[at_L][:, at_D].T,
            x=chart.time_L[at_L],
            y=np.arange(len(at_D)),
            zmin=low,
            zmax=high,
            colorscale=style.LOW_HIGH,
            text=names,
            hovertemplate="%{text}, %{x}: %{z:.3f}<extra></extra>",
            colorbar=style.bar(title={"text": chart.part, "side": "top"}, nticks=5),
        )
    )
    style.layout(figure, "units", height, hover="closest")
    style.dates(figure, chart.time_L).update_xaxes(nticks=5, tickangle=0, showgrid=False)
    return figure.update_yaxes(showticklabels=False, showgrid=False, autorange="reversed")


def forgotten(layer: Layer, time_L: Times, name: str, raw_L: Floats) -> Forgotten | None:
    """The days that a layer forgot beside one feature (`name`, its unscaled values); None where no gate keeps."""
    if layer.keep is None:
        return None
    share_L = 1 - layer.keep.mean(axis=1)
    share_L[layer.first] = np.nan  # there is no memory yet
    return Forgotten(
        gate={"lstm": "1 − forget gate", "gru": "1 − update gate"}[layer.kind],
        name=name,
        time_L=time_L,
        raw_L=raw_L,
        share_L=share_L,
    )


def draw_forgotten(chart: Forgotten, height: int = 380) -> go.Figure:
    """The feature above, the share forgotten below it, and dotted lines through the days that forgot most."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.5, 0.5])
    colours = np.full(len(chart.time_L), style.TINTS[2], dtype=object)
    colours[chart.days] = style.OCHRE
    figure.add_trace(
        go.Scatter(
            x=chart.time_L,
            y=chart.raw_L,
            mode="lines",
            hovertemplate="%{y:.4~g}<extra></extra>",
            line={"color": style.OUTCOME, "width": 1.6},
        ),
        row=1,
        col=1,
    )
    figure.add_trace(
        go.Bar(
            x=chart.time_L,
            y=chart.share_L,
            marker={"color": list(colours)},
            hovertemplate="%{y:.1%} forgotten<extra></extra>",
        ),
        row=2,
        col=1,
    )
    style.layout(figure, "", height).update_layout(showlegend=False)
    for day in chart.days:
        figure.add_vline(x=str(chart.time_L[day]), line={"color": style.OCHRE, "width": 1, "dash": "dot"})
    figure.update_yaxes(title_text=text.safe(chart.name), row=1, col=1)
    figure.update_yaxes(title_text="forgotten", tickformat=".0%", rangemode="tozero", row=2, col=1)
    return style.dates(figure, chart.time_L)


def course(layer: Layer, time_L: Times, unit: int, row: int) -> Course:
    """One unit (a position) over the window, looked at in one row."""
    return Course(
        kind=layer.kind,
        unit=unit + 1,
        row=row,
        time_L=time_L,
        parts={name: part_LD[:, unit] for name, part_LD in layer.parts.items()},
    )


def draw_course(chart: Course, height: int = 320) -> go.Figure:
    """Gates dotted, candidate and states as lines; the day that is looked at is a vertical line."""
    figure, at = go.Figure(), thinning.even(len(chart.time_L))
    for name, part_L in chart.parts.items():
        figure.add_trace(
            go.Scatter(
                x=chart.time_L[at],
                y=part_L[at],
                name=name,
                mode="lines",
                hovertemplate="%{y:.3f}",
                line={"color": COLOURS[name], "width": 2, "dash": "dot" if name.endswith("gate") else "solid"},
            )
        )
    figure.add_vline(x=str(chart.time_L[chart.row]), line={"color": style.OUTCOME, "width": 1.5})
    return style.dates(style.layout(figure, f"unit {chart.unit}", height), chart.time_L)
