"""The contributions of a feature over its values, coloured by a feature that interacts with it.

Axis letters: N windows, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.explanation import phrases
from core.charts.explanation.importance import position
from core.charts.primitives import colour_bar
from core.explain import interaction
from core.explain.grouping import rank_correlation
from core.language import tr
from core.types import Explanation, Floats

NOTICEABLE = 1.5  # times the strength that chance gives: an interaction
COLOUR_QUANTILES = (0.05, 0.95)  # of the colouring feature, between which the colour changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """A feature's own values, its contributions at one step (target units), and the values of `other`, if any.

    `strength` is that of their interaction (core.explain.interaction), NaN if it cannot be computed, and `chance` the
    strength expected without one. `missing` windows have no value of the feature and are not among the points.
    `only_feature` says that there is no other.
    """

    unit: str
    step: int
    feature: str
    value_N: Floats
    contribution_N: Floats
    cutoff_N: tuple[str, ...]
    other: str | None
    other_N: Floats
    strongest: bool  # `other` has the strongest interaction; else the user chose it
    strength: float
    chance: float
    correlation: float  # rank correlation of value and contribution
    missing: int
    only_feature: bool

    @property
    def drawable(self) -> bool:
        """Whether there is anything to draw."""
        return len(self.value_N) > 0

    @property
    def caption(self) -> str:
        """What the value of the feature does to the forecast, and what the colour shows."""
        if not self.drawable:
            return tr(
                "{feature} has no value of its own at any of {cutoffs}, so there is nothing to plot its contributions "
                "against.",
                feature=self.feature,
                cutoffs=text.pluralize(self.missing, "cutoff"),
            )
        if np.ptp(self.value_N) == 0:
            return tr(
                "{feature} is {value} at each of {cutoffs}, so the effect of its value cannot be seen.",
                feature=self.feature,
                value=text.number(self.value_N[0]),
                cutoffs=text.pluralize(len(self.value_N), "cutoff"),
            )
        low, high = (text.amount(end, self.unit) for end in (self.contribution_N.min(), self.contribution_N.max()))
        return tr(
            "{effect}; its contributions range from {low} to {high}, {lead_time}. {colour}{missing}",
            effect=self._effect(),
            low=low,
            high=high,
            lead_time=text.lead_time(self.step, self.unit),
            colour=self._colour(),
            missing=self._missing(),
        )

    def _missing(self) -> str:
        if not self.missing:
            return ""
        windows = text.pluralize(self.missing, "window")
        return (
            tr(" {windows} without a value is left out.", windows=windows)
            if self.missing == 1
            else tr(" {windows} without a value are left out.", windows=windows)
        )

    def _effect(self) -> str:
        if not np.isfinite(self.correlation):
            return tr("{feature} contributes the same whatever its value", feature=self.feature)
        correlation = phrases.format_correlation(self.correlation)
        if abs(self.correlation) < phrases.NEGLIGIBLE:
            return tr(
                "High values of {feature} neither raise nor lower the forecast {correlation}",
                feature=self.feature,
                correlation=correlation,
            )
        return (
            tr(
                "High values of {feature} raise the forecast {correlation}",
                feature=self.feature,
                correlation=correlation,
            )
            if self.correlation > 0
            else tr(
                "High values of {feature} lower the forecast {correlation}",
                feature=self.feature,
                correlation=correlation,
            )
        )

    def _colour(self) -> str:
        if self.other is None:
            if self.only_feature:
                return tr("There is no other feature to colour by.")
            return tr("No other feature has values to colour by.")
        if not np.isfinite(self.strength):
            return tr("Colour shows {other}; there are too few windows to measure an interaction.", other=self.other)
        interacts = self.strength >= NOTICEABLE * self.chance
        if self.strongest:
            role = (
                tr("the feature with the strongest interaction")
                if interacts
                else tr("although no feature interacts with {feature}", feature=self.feature)
            )
        else:
            role = (
                tr("which interacts with {feature}", feature=self.feature)
                if interacts
                else tr("which does not interact with {feature}", feature=self.feature)
            )
        return tr(
            "Colour shows {other}, {role} (mean |correlation| {strength} among windows of similar values, {chance} "
            "expected by chance).",
            other=self.other,
            role=role,
            strength=f"{self.strength:.2f}",
            chance=f"{self.chance:.2f}",
        )


def compute(explanation: Explanation, unit: str, step: int, feature: str, other: str | None = None) -> Dependence:
    """The points of one feature, coloured by `other` or by the feature with the strongest interaction.

    Raises SpecError for a step that was not explained.
    """
    f, names = explanation.features.index(feature), explanation.features
    contribution_N = explanation.values_NHF[:, position(explanation, step), f]
    data_NF = np.where(np.isfinite(explanation.data_NF), explanation.data_NF, np.nan)
    strength_F = interaction.strengths(data_NF, contribution_N, f)
    colour_f = names.index(other) if other is not None else _strongest(strength_F, data_NF, f)
    known = np.flatnonzero(np.isfinite(data_NF[:, f]))
    shown = known[thinning.thin_evenly(len(known))]
    other_N = np.full(len(shown), np.nan) if colour_f is None else data_NF[shown, colour_f]
    return Dependence(
        unit=unit,
        step=step,
        feature=feature,
        value_N=data_NF[shown, f],
        contribution_N=contribution_N[shown],
        cutoff_N=text.iso(explanation.cutoff_N[shown]),
        other=None if colour_f is None else names[colour_f],
        other_N=other_N,
        strongest=other is None,
        strength=float("nan") if colour_f is None else float(strength_F[colour_f]),
        chance=interaction.chance_strength(len(known)),
        correlation=float(rank_correlation(data_NF[:, [f]], contribution_N[:, None])[0]),
        missing=len(data_NF) - len(known),
        only_feature=len(names) == 1,
    )


def _strongest(strength_F: Floats, data_NF: Floats, feature: int) -> int | None:
    """The position of the strongest interaction or, with too few windows, of any other feature with values."""
    if np.isfinite(strength_F).any():
        return int(np.nanargmax(strength_F))
    others = [f for f in np.flatnonzero(np.isfinite(data_NF).any(axis=0)).tolist() if f != feature]
    return others[0] if others else None


def draw(chart: Dependence, height: int = 420) -> go.Figure:
    """Contribution over value; blue points have low values of the other feature, ochre ones high, grey ones none."""
    figure = go.Figure()
    style.apply_layout(
        figure,
        tr("contribution of {feature} ({unit})", feature=text.escape(chart.feature), unit=text.unit_title(chart.unit)),
        height,
        tr("value of {feature}", feature=text.escape(chart.feature)),
        hover="closest",
    )
    if not chart.drawable:
        return style.add_note(figure, chart.caption)
    known = np.isfinite(chart.other_N)
    for points, marker in ((~known, {"color": style.NEUTRAL}), (known, _coloured(chart, known))):
        if points.any():
            figure.add_trace(
                go.Scatter(
                    x=chart.value_N[points],
                    y=chart.contribution_N[points],
                    mode="markers",
                    showlegend=False,
                    text=[_hover(chart, int(n)) for n in np.flatnonzero(points)],
                    hovertemplate="%{text}<extra></extra>",
                    marker={"size": 7, "opacity": 0.85, "line": {"width": 0.5, "color": style.PAPER}} | marker,
                )
            )
    return figure.add_hline(y=0, line={"color": style.OUTCOME, "width": 1})


def _coloured(chart: Dependence, known: np.ndarray) -> dict[str, object]:
    if not known.any():
        return {}
    value_N = chart.other_N[known]
    low, high = (float(np.quantile(value_N, q)) for q in COLOUR_QUANTILES)
    return {
        "color": value_N,
        "cmin": low,
        "cmax": high if high > low else low + 1,
        "colorscale": style.LOW_HIGH,
        "showscale": True,
        "colorbar": colour_bar(tr("value of {value}", value=text.escape(chart.other or ""))),
    }


def _hover(chart: Dependence, n: int) -> str:
    other = f", {text.escape(chart.other)} {text.number(chart.other_N[n])}" if chart.other else ""
    return tr(
        "{cutoff}: {feature} {value} contributed {contribution}{other}",
        cutoff=chart.cutoff_N[n],
        feature=text.escape(chart.feature),
        value=text.number(chart.value_N[n]),
        contribution=text.amount(chart.contribution_N[n], chart.unit),
        other=other,
    )
