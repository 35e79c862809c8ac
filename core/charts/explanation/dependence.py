"""What a feature's value does to the forecast, point by point, and which other feature changes that.

Axis letters: N windows, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.explanation.importance import position
from core.explain import interaction
from core.explain.grouping import rank_correlation
from core.types import Explanation, Floats

MORE = 1.5  # times what chance gives: from there on an interaction is told of
TAILS = (0.05, 0.95)  # quantiles of the colouring feature that have the full colours


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """A feature's own values, its contributions at one step (target units), and the values of another one, if any.

    `strength` is that of their interaction (core.explain.interaction), NaN where it cannot be told, and `chance` what
    numbers without one would give. `missing` windows have no value of the feature and are not among the points.
    `alone` where there is no other feature.
    """

    unit: str
    step: int
    feature: str
    value_N: Floats
    contribution_N: Floats
    cutoff_N: tuple[str, ...]
    other: str | None
    other_N: Floats
    strongest: bool  # chosen by the rule, not by the user
    strength: float
    chance: float
    lean: float
    missing: int
    alone: bool

    @property
    def told(self) -> bool:
        """Whether there is anything to draw."""
        return len(self.value_N) > 0

    @property
    def caption(self) -> str:
        """Which way the feature leans and how far it reaches, and what the colour shows."""
        if not self.told:
            return (
                f"{self.feature} has no value of its own at any of {text.pluralize(self.missing, 'cutoff')}, so its "
                "contributions cannot be set against it."
            )
        if np.ptp(self.value_N) == 0:
            return (
                f"{self.feature} is {text.number(self.value_N[0])} at all of "
                f"{text.pluralize(len(self.value_N), 'cutoff')}, so what its value does cannot be seen."
            )
        low, high = (text.amount(end, self.unit) for end in (self.contribution_N.min(), self.contribution_N.max()))
        left = f" {text.pluralize(self.missing, 'window')} without a value of it left out." if self.missing else ""
        return (
            f"{self._leaning()}: it moves single forecasts by {low} to {high}, {text.lead_time(self.step)}. "
            f"{self._colour()}{left}"
        )

    def _leaning(self) -> str:
        if not np.isfinite(self.lean):
            return f"{self.feature} has the same contribution whatever its value"
        if abs(self.lean) < 0.1:
            return f"{self.feature} leans neither way (rank correlation {text.number(round(self.lean, 2))})"
        side = "raise" if self.lean > 0 else "lower"
        return (
            f"High values of {self.feature} {side} the forecast (rank correlation {text.number(round(self.lean, 2))})"
        )

    def _colour(self) -> str:
        if self.other is None:
            return (
                "There is no other feature to colour by." if self.alone else "No other feature has values to colour by."
            )
        if not np.isfinite(self.strength):
            return f"Colour shows {self.other}; the windows are too few to say whether it changes that."
        told = self.strength >= MORE * self.chance
        if self.strongest:
            who = "which changes that most of all features" if told else "though no feature is seen to change that"
        else:
            who = "which changes that" if told else "which is not seen to change that"
        return (
            f"Colour shows {self.other}, {who} (mean |correlation| {self.strength:.2f} among windows of like "
            f"values, {self.chance:.2f} by chance)."
        )


def compute(explanation: Explanation, unit: str, step: int, feature: str, other: str | None = None) -> Dependence:
    """The points of one feature; without `other` the one with the strongest interaction gives the colour.

    Raises SpecError for a step that was not explained.
    """
    f, names = explanation.features.index(feature), explanation.features
    contribution_N = explanation.values_NHF[:, position(explanation, step), f]
    data_NF = np.where(np.isfinite(explanation.data_NF), explanation.data_NF, np.nan)
    strength_F = interaction.strengths(data_NF, contribution_N, f)
    chosen = names.index(other) if other is not None else _strongest(strength_F, data_NF, f)
    kept = np.flatnonzero(np.isfinite(data_NF[:, f]))
    shown = kept[thinning.thin_evenly(len(kept))]
    other_N = np.full(len(shown), np.nan) if chosen is None else data_NF[shown, chosen]
    return Dependence(
        unit=unit,
        step=step,
        feature=feature,
        value_N=data_NF[shown, f],
        contribution_N=contribution_N[shown],
        cutoff_N=text.iso(explanation.cutoff_N[shown]),
        other=None if chosen is None else names[chosen],
        other_N=other_N,
        strongest=other is None,
        strength=float("nan") if chosen is None else float(strength_F[chosen]),
        chance=interaction.chance_strength(len(kept)),
        lean=float(rank_correlation(data_NF[:, [f]], contribution_N[:, None])[0]),
        missing=len(data_NF) - len(kept),
        alone=len(names) == 1,
    )


def _strongest(strength_F: Floats, data_NF: Floats, feature: int) -> int | None:
    """The position of the strongest interaction; with too few windows for one, of any other feature with values."""
    if np.isfinite(strength_F).any():
        return int(np.nanargmax(strength_F))
    others = [f for f in np.flatnonzero(np.isfinite(data_NF).any(axis=0)).tolist() if f != feature]
    return others[0] if others else None


def draw(chart: Dependence, height: int = 420) -> go.Figure:
    """Contribution over value; blue points have low values of the other feature, ochre ones high values, grey none."""
    figure = go.Figure()
    style.apply_layout(
        figure,
        f"contribution of {text.escape(chart.feature)} ({chart.unit})",
        height,
        f"value of {text.escape(chart.feature)}",
        hover="closest",
    )
    if not chart.told:
        return style.add_note(figure, chart.caption)
    told = np.isfinite(chart.other_N)
    for here, marker in ((~told, {"color": style.NEUTRAL}), (told, _coloured(chart, told))):
        if here.any():
            figure.add_trace(
                go.Scatter(
                    x=chart.value_N[here],
                    y=chart.contribution_N[here],
                    mode="markers",
                    showlegend=False,
                    text=[_hover(chart, int(n)) for n in np.flatnonzero(here)],
                    hovertemplate="%{text}<extra></extra>",
                    marker={"size": 7, "opacity": 0.85, "line": {"width": 0.5, "color": "#ffffff"}} | marker,
                )
            )
    return figure.add_hline(y=0, line={"color": style.OUTCOME, "width": 1})


def _coloured(chart: Dependence, told: np.ndarray) -> dict[str, object]:
    if not told.any():
        return {}
    value_N = chart.other_N[told]
    low, high = (float(np.quantile(value_N, q)) for q in TAILS)
    return {
        "color": value_N,
        "cmin": low,
        "cmax": high if high > low else low + 1,
        "colorscale": style.LOW_HIGH,
        "showscale": True,
        "colorbar": style.colorbar(
            nticks=5, title={"text": f"value of {text.escape(chart.other or '')}", "side": "top"}
        ),
    }


def _hover(chart: Dependence, n: int) -> str:
    beside = f", {text.escape(chart.other)} {text.number(chart.other_N[n])}" if chart.other else ""
    return (
        f"{chart.cutoff_N[n]}: {text.escape(chart.feature)} {text.number(chart.value_N[n])} moved it by "
        f"{text.amount(chart.contribution_N[n], chart.unit)}{beside}"
    )
