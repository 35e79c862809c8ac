"""A recurrent cell over one window: gates and states by unit and time, how much it forgets, and a single unit.

Axis letters: L rows of the window, D units.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts import style, text, thinning
from core.explain.gates import MEMORY_GATE, Layer
from core.language import message, tr
from core.types import Floats, Ints, Times

MAX_UNITS, MAX_ROWS = 128, 250  # of a heat map
HIGHLIGHTED = 3  # times with the largest share forgotten
ORDERS = ("peak", "keep")
COLOURS: dict[str, str] = {
    message("input gate"): style.GOOD,
    message("reset gate"): style.GOOD,
    message("forget gate"): style.REFERENCE,
    message("update gate"): style.REFERENCE,
    message("output gate"): style.NEUTRAL,
    message("candidate"): style.VIOLET,
    message("kept share"): style.SIENNA,
    message("stabiliser"): style.TINTS[3],
    message("normaliser"): style.OUTCOME,
    message("cell state"): style.BAD,
    message("hidden state"): style.MODEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationMap:
    """One gate or state (`part`) of a layer, units in the order of `unit_D`; gates and shares lie
    between 0 and 1 (open)."""

    part: str
    time_L: Times
    unit_D: Ints  # unit numbers, from 1
    value_LD: Floats
    drawn_units: int  # number of units drawn, evenly spaced if there are too many

    @property
    def is_gate(self) -> bool:
        return self.part.endswith(("gate", "share"))

    @property
    def caption(self) -> str:
        """How open a gate is on average and in its extreme units; for a state, the largest value."""
        count = len(self.unit_D)
        omission = (
            ""
            if self.drawn_units == count
            else tr(" {drawn_units} of {count} units are drawn.", drawn_units=self.drawn_units, count=count)
        )
        if self.is_gate:
            mean_D = self.value_LD.mean(axis=0)
            most, least = int(np.argmax(mean_D)), int(np.argmin(mean_D))
            mean, high, low = (
                text.short_percent(round(share, 2)) for share in (float(mean_D.mean()), mean_D[most], mean_D[least])
            )
            parts = {"part": tr(self.part), "mean": mean, "high": high, "low": low}
            parts |= {"most": str(self.unit_D[most]), "least": str(self.unit_D[least]), "omission": omission}
            if self.part.endswith("gate"):
                return tr(
                    "The {part} is {mean} open on average: unit {most} most ({high}), unit {least} least ({low})."
                    "{omission}",
                    **parts,
                )
            return tr(
                "The {part} is {mean} on average: unit {most} most ({high}), unit {least} least ({low}).{omission}",
                **parts,
            )
        row, unit = np.unravel_index(int(np.argmax(np.abs(self.value_LD))), self.value_LD.shape)
        return tr(
            "The {part} is strongest in unit {unit} on {time}, at {value_ld}.{omission}",
            part=tr(self.part),
            unit=self.unit_D[unit],
            time=text.day(self.time_L[row]),
            value_ld=text.number(round(self.value_LD[row, unit], 3)),
            omission=omission,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """The mean share of memory that a layer's units forget at each row, next to the values of one feature.

    The share is NaN at the row that is read first, where there is no memory yet.
    """

    gate: str
    feature: str
    time_L: Times
    value_L: Floats  # of the feature, unscaled
    share_L: Floats

    @property
    def top_rows(self) -> Ints:
        """The three rows with the largest shares, the largest first."""
        finite = np.flatnonzero(np.isfinite(self.share_L))
        return finite[np.argsort(-self.share_L[finite], kind="stable")][:HIGHLIGHTED]

    @property
    def caption(self) -> str:
        """The time at which most is forgotten, and the mean share over the window."""
        top, mean = int(self.top_rows[0]), float(np.nanmean(self.share_L))
        return tr(
            "Most was forgotten on {time}: the average unit dropped {share} of its memory ({gate}), against {mean} "
            "over the whole window.",
            time=text.day(self.time_L[top]),
            share=text.percent(float(self.share_L[top])),
            gate=self.gate,
            mean=text.percent(mean),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitActivations:
    """Every gate and state of one unit over the window, and the selected row."""

    kind: str
    unit: int  # from 1
    row: int
    time_L: Times
    parts: dict[str, Floats]

    @property
    def caption(self) -> str:
        """What the gates do with the unit's memory at the selected row."""
        value = {name: float(part_L[self.row]) for name, part_L in self.parts.items()}
        share = {name: text.percent(v) for name, v in value.items()}
        day = text.day(self.time_L[self.row])
        if self.kind == "lstm":
            return tr(
                "On {day} unit {unit} keeps {share} of its cell state, adds {share_2} of the candidate and outputs "
                "{share_3} of the result.",
                day=day,
                unit=self.unit,
                share=share["forget gate"],
                share_2=share["input gate"],
                share_3=share["output gate"],
            )
        if self.kind == "slstm":
            return tr(
                "On {day} unit {unit} keeps {share} of its memory, takes the rest from the candidate and outputs "
                "{share_2} of the result.",
                day=day,
                unit=self.unit,
                share=share["kept share"],
                share_2=share["output gate"],
            )
        if self.kind == "gru":
            return tr(
                "On {day} unit {unit} keeps {share} of its state and takes the rest from a candidate that uses "
                "{share_2} of the recurrent input.",
                day=day,
                unit=self.unit,
                share=share["update gate"],
                share_2=share["reset gate"],
            )
        hidden = text.number(round(value["hidden state"], 3))
        return tr(
            "On {day} the state of unit {unit} is {hidden}; without gates it is recomputed at every step.",
            day=day,
            unit=self.unit,
            hidden=hidden,
        )


def order_units(layer: Layer, by: str) -> Ints:
    """Positions of the units (D,) by "peak", the row at which each hidden state is strongest, or by "keep".

    "keep" puts the units that keep most of their memory first; a layer without such a gate is sorted by mean state.
    Raises ValueError for another value of `by`.
    """
    if by not in ORDERS:
        raise ValueError(f"by must be one of {', '.join(ORDERS)}; got {by!r}")
    hidden_LD = layer.parts["hidden state"]
    if by == "keep":
        mean_D = (hidden_LD if layer.keep is None else layer.keep).mean(axis=0)
        return np.argsort(-mean_D, kind="stable")
    return np.argsort(np.argmax(np.abs(hidden_LD), axis=0), kind="stable")


def compute(layer: Layer, part: str, time_L: Times, unit_D: Ints) -> ActivationMap:
    """One gate or state of the units at positions `unit_D`, in that order."""
    return ActivationMap(
        part=part,
        time_L=time_L,
        unit_D=np.asarray(unit_D) + 1,
        value_LD=layer.parts[part][:, unit_D],
        drawn_units=min(len(unit_D), MAX_UNITS),
    )


def draw(chart: ActivationMap, height: int = 340) -> go.Figure:
    """A heat map: ochre for open and positive, blue for shut and negative, grey between; at most 128 × 250 cells."""
    limit = float(np.abs(chart.value_LD).max()) or 1.0
    low, high = (0.0, 1.0) if chart.is_gate else (-limit, limit)
    at_D = thinning.thin_evenly(len(chart.unit_D), MAX_UNITS)
    at_L = thinning.thin_evenly(len(chart.time_L), MAX_ROWS)
    figure = go.Figure(
        go.Heatmap(
            z=chart.value_LD[at_L][:, at_D].T.astype(np.float32),  # half of what a browser has to load
            x=chart.time_L[at_L],
            y=[tr("unit {unit}", unit=unit) for unit in chart.unit_D[at_D]],
            zmin=low,
            zmax=high,
            colorscale=style.LOW_HIGH,
            hovertemplate="%{y}, %{x}: %{z:.3f}<extra></extra>",
            colorbar=style.colorbar(title={"text": tr(chart.part), "side": "top"}, nticks=5),
        )
    )
    style.apply_layout(figure, tr("units"), height, hover="closest")
    style.format_dates(figure, chart.time_L, cells=True).update_xaxes(nticks=5, tickangle=0, showgrid=False)
    return figure.update_yaxes(showticklabels=False, showgrid=False, autorange="reversed")


def compute_forgetting(layer: Layer, time_L: Times, feature: str, value_L: Floats) -> Forgetting | None:
    """How much a layer forgets, next to one feature (unscaled `value_L`); None for a cell without a gate for it."""
    if layer.keep is None:
        return None
    share_L = 1 - layer.keep.mean(axis=1)
    share_L[layer.first] = np.nan  # there is no memory yet
    return Forgetting(
        gate=f"1 − {tr(MEMORY_GATE[layer.kind])}", feature=feature, time_L=time_L, value_L=value_L, share_L=share_L
    )


def draw_forgetting(chart: Forgetting, height: int = 380) -> go.Figure:
    """The feature on top, the share forgotten below, and dotted lines where most is forgotten."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.5, 0.5])
    colours = np.full(len(chart.time_L), style.TINTS[2], dtype=object)
    colours[chart.top_rows] = style.REFERENCE
    figure.add_trace(
        go.Scatter(
            x=chart.time_L,
            y=chart.value_L,
            mode="lines",
            hovertemplate="%{y:,.5~r}<extra></extra>",
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
            hovertemplate=tr("{y} forgotten", y="%{y:.1%}") + "<extra></extra>",
        ),
        row=2,
        col=1,
    )
    style.apply_layout(figure, "", height).update_layout(showlegend=False)
    for row in chart.top_rows:
        figure.add_vline(x=str(chart.time_L[row]), line={"color": style.REFERENCE, "width": 1, "dash": "dot"})
    figure.update_yaxes(title_text=text.escape(chart.feature), row=1, col=1)
    figure.update_yaxes(title_text=tr("forgotten"), tickformat=".0%", rangemode="tozero", row=2, col=1)
    return style.format_dates(figure, chart.time_L)


def compute_unit(layer: Layer, time_L: Times, unit: int, row: int) -> UnitActivations:
    """The unit at position `unit` over the window, with `row` selected."""
    return UnitActivations(
        kind=layer.kind,
        unit=unit + 1,
        row=row,
        time_L=time_L,
        parts={name: part_LD[:, unit] for name, part_LD in layer.parts.items()},
    )


def draw_unit(chart: UnitActivations, height: int = 320) -> go.Figure:
    """Gates as dotted lines, candidate and states as solid ones, the selected row as a vertical line."""
    figure, at = go.Figure(), thinning.thin_evenly(len(chart.time_L))
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
    return style.format_dates(style.apply_layout(figure, tr("unit {unit}", unit=chart.unit), height), chart.time_L)
