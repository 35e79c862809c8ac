"""Whether what was promised came: shares held, widths, scores against other bands, and the PIT histogram.

Axis letters: N forecasts in time order, C coverages, G groups, B bins.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.evaluation.interval_coverage import NO_BAND, PROMISED
from core.evaluation.calibration import Groups
from core.types import Floats, Times

RIVALS = {
    "ours": "this band",
    "historical": "historical quantiles",
    "garch": "GJR-GARCH-t",
    "announced": "announced",
    "calibrated": "calibrated",
    "base": "base rate",
}
BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The share of outcomes that each of the nested bands held, beside its nominal share; empty without bands."""

    nominal_C: tuple[float, ...]
    held_C: tuple[float, ...]
    count: int

    @property
    def caption(self) -> str:
        """What each band held."""
        if not self.nominal_C:
            return NO_BAND
        said = ", ".join(
            f"the {text.short_percent(n)} band held {text.percent(h)}"
            for n, h in zip(self.nominal_C, self.held_C, strict=True)
        )
        return f"Of {text.pluralize(self.count, 'outcome')}, {said}: on the line, a band is worth its name."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The share of outcomes held in each group of forecasts; `what` says of what the groups are."""

    what: str
    nominal: float
    groups: Groups

    @property
    def caption(self) -> str:
        """The group in which the band held least."""
        found = self.groups
        if not found.names_G:
            return NO_BAND
        at = int(np.argmin(found.share_G))
        return (
            f"By {self.what}, the {text.short_percent(self.nominal)} band held least in {found.names_G[at]}: "
            f"{text.percent(found.share_G[at])} of {text.pluralize(int(found.count_G[at]), 'outcome')}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """How wide each band was at the time of each outcome, in the target's `unit`."""

    unit: str
    time_N: Times
    width_N: dict[str, Floats]  # by the keys of RIVALS

    @property
    def caption(self) -> str:
        """The mean widths, and how much the first band breathes."""
        if not len(self.time_N):
            return NO_BAND
        means = ", ".join(
            f"{RIVALS[name]} {text.amount(float(np.mean(width)), self.unit)}" for name, width in self.width_N.items()
        )
        low, high = np.quantile(next(iter(self.width_N.values())), [0.05, 0.95])
        return (
            f"Mean width: {means}. Nine times in ten this band was between {text.number(float(low))} and "
            f"{text.number(float(high))} wide: one that follows the market is wide in storms alone."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """One score a band or a way to announce probabilities, the smaller the better."""

    score: str
    values: dict[str, float]  # by the keys of RIVALS, the one that is judged first

    @property
    def caption(self) -> str:
        """Whether the first is better than each of the others."""
        if not self.values:
            return NO_BAND
        (name, own), *others = self.values.items()
        if not others or own <= 0:
            return f"The {self.score} of {RIVALS[name]} is {text.number(own)}."
        told = [
            f"{abs(own / value - 1):.1%} {'worse' if own > value else 'better'} than that of {RIVALS[other]}"
            if value > 0
            else f"beside {text.number(value)} of {RIVALS[other]}"
            for other, value in others
        ]
        return f"The {self.score} of {RIVALS[name]}, {text.number(own)}, is {' and '.join(told)}; smaller is better."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pit:
    """The share of outcomes in each tenth of their forecast distributions; even where these are true."""

    share_B: Floats
    count: int

    @property
    def caption(self) -> str:
        """The shape in words: U, hump or slope."""
        if not self.count:
            return NO_BAND
        ends, middle = float(self.share_B[[0, -1]].sum()), float(self.share_B[4:6].sum())
        said = (
            f"{text.percent(ends)} of the outcomes lay in the outer two tenths of their distribution, where 20% belong"
        )
        if ends > 0.24 and ends > middle:
            return f"{said}: the forecasts are too sure of themselves."
        if ends < 0.16:
            return f"{said}: the forecasts are less sure than they could be."
        tilt = float(self.share_B[:5].sum()) - 0.5
        if abs(tilt) > 0.05:
            side = "low" if tilt > 0 else "high"
            return f"{said}; more outcomes than half lie on the {side} side of the forecasts."
        return f"{said}: the distributions are about true."


def draw_promise(chart: Promise, height: int = 300) -> go.Figure:
    """Held over nominal share, with the line on which both are equal."""
    figure = go.Figure()
    style.apply_layout(figure, "outcomes inside", height, "promised", hover="closest")
    if not chart.nominal_C:
        return style.add_note(figure, NO_BAND)
    figure.add_trace(
        go.Scatter(x=[0.4, 1], y=[0.4, 1], mode="lines", name="held = promised", hoverinfo="skip", line=PROMISED)
    )
    figure.add_trace(
        go.Scatter(
            x=chart.nominal_C,
            y=chart.held_C,
            mode="markers+text",
            name="held",
            textposition="bottom right",
            text=[f"{share:.1%}" for share in chart.held_C],
            marker={"color": style.MODEL, "size": 11},
            hovertemplate="promised %{x:.0%}, held %{y:.1%}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0.4, 1.08], tickformat=".0%", tickvals=chart.nominal_C)
    return figure.update_yaxes(range=[max(0.0, min(0.4, min(chart.held_C) - 0.1)), 1.03], tickformat=".0%")


def draw_shares(chart: Shares, height: int = 300) -> go.Figure:
    """Bars of the share held in each group, red where it is 5 points short, with the promised share as a line."""
    figure, found = go.Figure(), chart.groups
    style.apply_layout(figure, "outcomes inside the band", height, hover="closest")
    if not found.names_G:
        return style.add_note(figure, NO_BAND)
    at, few = list(range(len(found.names_G))), len(found.names_G) <= 14
    colours = [style.BAD if share < chart.nominal - 0.05 else style.MODEL for share in found.share_G]
    figure.add_trace(
        go.Bar(
            x=at,
            y=found.share_G,
            name="held",
            marker={"color": colours},
            width=0.35 if len(at) == 1 else None,
            customdata=[
                f"{text.escape(n)}: {text.pluralize(int(c), 'outcome')}"
                for n, c in zip(found.names_G, found.count_G, strict=True)
            ],
            text=[f"{share:.0%}" for share in found.share_G] if few else None,
            textposition="inside",
            textangle=0,
            insidetextfont={"color": "#ffffff"},
            hovertemplate="%{customdata}, %{y:.1%}<extra></extra>",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[-0.6, len(at) - 0.4],
            y=[chart.nominal] * 2,
            mode="lines",
            hoverinfo="skip",
            name=f"promised ({text.short_percent(chart.nominal)})",
            line=PROMISED,
        )
    )
    figure.update_layout(uniformtext={"minsize": 10, "mode": "hide"})
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    return style.label_positions(figure, [text.escape(name) for name in found.names_G], axis="x")


def draw_widths(chart: Widths, height: int = 300) -> go.Figure:
    """One line a band; this one on top."""
    figure = go.Figure()
    style.apply_layout(figure, f"width of the band ({chart.unit})", height)
    if not len(chart.time_N):
        return style.add_note(figure, NO_BAND)
    looks = {"ours": style.MODEL, "historical": style.NEUTRAL, "garch": style.OCHRE}
    for name, width_N in reversed(chart.width_N.items()):
        at = thinning.thin(width_N)
        figure.add_trace(
            go.Scatter(
                x=chart.time_N[at],
                y=width_N[at],
                mode="lines",
                name=RIVALS[name],
                line={"color": looks[name], "width": 1.6 if name == "ours" else 1.1},
                hovertemplate="%{y:.4~g}",
            )
        )
    figure.update_yaxes(rangemode="tozero")
    return style.format_dates(figure, chart.time_N)


def draw_scores(chart: Scores, height: int = 300) -> go.Figure:
    """A bar a score, the judged one in the model's colour."""
    figure = go.Figure()
    style.apply_layout(figure, "", height, chart.score, hover="closest")
    if not chart.values:
        return style.add_note(figure, NO_BAND)
    names = [RIVALS[name] for name in chart.values]
    figure.add_trace(
        go.Bar(
            x=list(chart.values.values()),
            y=list(range(len(names))),
            orientation="h",
            name=chart.score,
            marker={"color": [style.MODEL] + [style.NEUTRAL] * (len(names) - 1)},
            width=0.55,
            text=[text.number(value) for value in chart.values.values()],
            textposition="auto",
            hovertemplate="%{x:.4~g}<extra></extra>",
        )
    )
    figure.update_xaxes(rangemode="tozero")
    return style.label_positions(figure, names)


def pit(pit_N: Floats) -> Pit:
    """The histogram of where outcomes lay in their distributions, 0 to 1."""
    known_N = pit_N[np.isfinite(pit_N)]
    count_B, _ = np.histogram(known_N, bins=BINS, range=(0, 1))
    return Pit(share_B=count_B / max(1, len(known_N)), count=len(known_N))


def draw_pit(chart: Pit, height: int = 300) -> go.Figure:
    """Ten bars and the line at a tenth."""
    figure = go.Figure()
    style.apply_layout(figure, "share of outcomes", height, "place of the outcome in its forecast", hover="closest")
    if not chart.count:
        return style.add_note(figure, NO_BAND)
    at = (np.arange(BINS) + 0.5) / BINS
    figure.add_trace(
        go.Bar(
            x=at,
            y=chart.share_B,
            width=0.092,
            name="came",
            marker={"color": style.MODEL},
            hovertemplate="%{y:.1%}<extra></extra>",
        )
    )
    figure.add_trace(go.Scatter(x=[0, 1], y=[1 / BINS] * 2, mode="lines", name="even", hoverinfo="skip", line=PROMISED))
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    return figure.update_yaxes(rangemode="tozero", tickformat=".0%")
