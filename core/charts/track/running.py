"""What became of a model session by session: its coverage so far, and the bet that it is no longer what it was.

Axis letter: T sessions with an outcome.
"""

import math
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import primitives, style, text
from core.charts.forecast.past_forecasts import area_trace
from core.evaluation.track import betting
from core.evaluation.track.score import TrackRecord
from core.language import tr
from core.types import Floats, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCoverage:
    """The share of outcomes inside their interval up to each session, at the first step, and the coverages that are
    consistent with the sessions so far."""

    time_T: Times  # cutoffs
    coverage_T: Floats
    low_T: Floats
    high_T: Floats
    nominal: float
    promised: float  # by the test split

    @property
    def caption(self) -> str:
        """The coverage so far, its band, and what was promised."""
        if not len(self.time_T):
            return tr("There is no outcome yet.")
        return tr(
            "After {count}, {share} of the outcomes lay in their {nominal} interval; on the test split it was "
            "{promised}. They are consistent with a true coverage from {low} to {high}: a band that holds at all "
            "sessions at once, with 95% confidence.",
            count=text.pluralize(len(self.time_T), "session"),
            share=text.percent(float(self.coverage_T[-1])),
            nominal=text.short_percent(self.nominal),
            promised=text.percent(self.promised),
            low=text.percent(float(self.low_T[-1])),
            high=text.percent(float(self.high_T[-1])),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftBet:
    """What a gambler has after each session who began with 1 and bets that the model has drifted."""

    time_T: Times  # cutoffs
    wealth_T: Floats
    since: np.datetime64 | None

    @property
    def caption(self) -> str:
        """How far the bet got, and what that means."""
        if not len(self.time_T):
            return tr("There is no outcome yet.")
        parts = {
            "now": text.number(float(self.wealth_T[-1])),
            "most": text.number(float(self.wealth_T.max())),
            "alarm": text.number(betting.ALARM),
        }
        if self.since is not None:
            return tr(
                "A bet that errors have grown beyond those of the test split, or that the coverage is another, turned "
                "1 into {alarm} by {since} and reached {most}. Of models that stay what they were, at most 1 in 20 "
                "ever gets there, however often one looks.",
                since=text.day(self.since),
                **parts,
            )
        return tr(
            "A bet that errors have grown beyond those of the test split, or that the coverage is another, has turned "
            "1 into {now}, at most {most}. From {alarm} on the model counts as drifted: of models that stay what they "
            "were, at most 1 in 20 ever gets there, however often one looks.",
            **parts,
        )


def compute_coverage(track: TrackRecord) -> RunningCoverage:
    """The running coverage of a model with intervals."""
    covered_T = track.covered_T
    low_T, high_T = betting.coverage_band(covered_T, track.overlap)
    promised_M = track.model.covered_M
    return RunningCoverage(
        time_T=track.session_T,
        coverage_T=np.cumsum(covered_T) / np.arange(1, len(covered_T) + 1),
        low_T=low_T,
        high_T=high_T,
        nominal=track.model.nominal,
        promised=float(np.mean(promised_M)) if len(promised_M) else math.nan,
    )


def compute_drift(track: TrackRecord) -> DriftBet:
    """The bet on the drift of a model."""
    return DriftBet(time_T=track.session_T, wealth_T=track.drift.wealth_T, since=track.drift.since)


def draw_coverage(chart: RunningCoverage, height: int = 300) -> go.Figure:
    """The coverage so far as a line in its band, with the nominal coverage and that of the test split."""
    figure = go.Figure()
    if not len(chart.time_T):
        return style.add_note(style.apply_layout(figure, "", height), chart.caption)
    known_T = np.isfinite(chart.low_T)
    time_T = chart.time_T[known_T]
    name = tr("consistent with the outcomes")
    figure.add_trace(area_trace(time_T, chart.low_T[known_T], chart.high_T[known_T], name, style.TINTS[0]))
    ends = chart.time_T[[0, -1]]
    for level, title, colour, dash in (
        (chart.nominal, tr("nominal"), style.NEUTRAL, "dash"),
        (chart.promised, tr("test split"), style.REFERENCE, "dot"),
    ):
        line = {"color": colour, "width": 1.4, "dash": dash}
        figure.add_trace(primitives.reference_line(ends, [level, level], title, line))
    figure.add_trace(
        go.Scatter(
            x=chart.time_T,
            y=chart.coverage_T,
            name=tr("coverage so far"),
            mode="lines",
            line={"color": style.MODEL, "width": 2},
            hovertemplate="%{y:.1%}",
        )
    )
    style.apply_layout(figure, tr("coverage"), height)
    figure.update_yaxes(tickformat=".0%", range=[-0.02, 1.02])
    return style.format_dates(figure, chart.time_T)


def draw_drift(chart: DriftBet, height: int = 300) -> go.Figure:
    """The wealth on a logarithmic axis, with the line of the alarm and the session that crossed it."""
    figure = go.Figure()
    if not len(chart.time_T):
        return style.add_note(style.apply_layout(figure, "", height), chart.caption)
    line = {"color": style.BAD, "width": 1.4, "dash": "dash"}
    alarm = [betting.ALARM, betting.ALARM]
    figure.add_trace(primitives.reference_line(chart.time_T[[0, -1]], alarm, tr("alarm"), line))
    figure.add_trace(
        go.Scatter(
            x=chart.time_T,
            y=chart.wealth_T,
            name=tr("e-value"),
            mode="lines",
            line={"color": style.BAD if chart.since is not None else style.MODEL, "width": 2},
            hovertemplate="%{y:.3~r}",
        )
    )
    style.apply_layout(figure, tr("e-value"), height)
    reached = [0.1, 2 * betting.ALARM, *chart.wealth_T.tolist()]
    figure.update_yaxes(
        type="log", range=[math.log10(min(reached)), math.log10(1.2 * max(reached))], dtick=1, tickformat="~g"
    )
    style.format_dates(figure, chart.time_T)
    return style.mark_time(figure, chart.since, tr("since")) if chart.since is not None else figure
