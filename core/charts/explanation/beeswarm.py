"""The beeswarm: every contribution of every feature as a point, coloured by the feature's own value.

Axis letters: N windows, F features.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.explanation.importance import position
from core.types import Explanation, Floats

SHOWN = 14  # rows that can still be read
BINS = 60  # across, for the density
SPREAD = 0.4  # of a row at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Beeswarm:
    """Contributions at one step, the most important feature first; `jitter_NF` lies within ±0.4 of a row.

    `rank_NF` is the rank of the feature's own value among the windows, from 0 (lowest) to 1; 0.5 where it is constant
    or missing. `lean_F` is the rank correlation of value and contribution, NaN where it cannot be computed.
    """

    unit: str
    step: int
    features: tuple[str, ...]
    cutoff_N: tuple[str, ...]
    contribution_NF: Floats
    rank_NF: Floats
    jitter_NF: Floats
    lean_F: Floats
    left: int = 0  # features that matter less and are not drawn

    @property
    def caption(self) -> str:
        """The span of the first feature's contributions and whether high values raise the forecast."""
        first, lean = self.contribution_NF[:, 0], float(self.lean_F[0])
        if not first.any():
            return f"No feature moves a forecast, {text.lead_time(self.step)}."
        said = (
            f"{self.features[0]} moves single forecasts by {text.amount(first.min(), self.unit)} to "
            f"{text.amount(first.max(), self.unit)}, {text.lead_time(self.step)}"
        )
        if not np.isfinite(lean):
            return f"{said}; how it leans cannot be told from {text.pluralize(len(first), 'window')}.{self._left}"
        side = "raise" if lean > 0 else "lower"
        return (
            f"{said}; its high values {side} the forecast (rank correlation {text.number(round(lean, 2))}).{self._left}"
        )

    @property
    def _left(self) -> str:
        return (
            f" The {len(self.features)} features that matter most are drawn, of {len(self.features) + self.left}."
            if self.left
            else ""
        )


def compute(explanation: Explanation, unit: str, step: int | None = None) -> Beeswarm:
    """The points at `step` sessions ahead (the last one when None), windows thinned evenly to 3,000 points in all.

    At most the 14 features that matter most. Raises SpecError for a step that was not explained.
    """
    step = explanation.steps[-1] if step is None else step
    values_NF = explanation.values_NHF[:, position(explanation, step)]
    order = np.argsort(-np.abs(values_NF).mean(axis=0), kind="stable")[:SHOWN]
    kept = thinning.thin_evenly(len(values_NF), max(1, thinning.LIMIT // max(1, len(order))))
    contribution_NF, data_NF = values_NF[kept][:, order], explanation.data_NF[kept][:, order]
    rank_NF = np.stack([_ranks(column) for column in data_NF.T], axis=1)
    return Beeswarm(
        unit=unit,
        step=step,
        features=tuple(explanation.features[i] for i in order),
        cutoff_N=text.iso(explanation.cutoff_N[kept]),
        contribution_NF=contribution_NF,
        rank_NF=rank_NF,
        jitter_NF=_jitter(contribution_NF),
        left=len(explanation.features) - len(order),
        lean_F=np.array([_correlation(r, _ranks(c)) for r, c in zip(rank_NF.T, contribution_NF.T, strict=True)]),
    )


def draw(chart: Beeswarm, height: int | None = None) -> go.Figure:
    """One row a feature; blue points have low values of the feature, ochre ones high values."""
    count, width = chart.contribution_NF.shape
    row_NF = np.arange(width)[None, :] + chart.jitter_NF
    names = [text.escape(name) for name in chart.features]
    figure = go.Figure(
        go.Scatter(
            x=chart.contribution_NF.T.ravel(),
            y=row_NF.T.ravel(),
            mode="markers",
            showlegend=False,
            customdata=list(chart.cutoff_N) * width,
            text=[name for name in names for _ in range(count)],
            hovertemplate="%{text}, %{customdata}: %{x:.4~g}<extra></extra>",
            marker={
                "size": 6,
                "opacity": 0.85,
                "color": chart.rank_NF.T.ravel(),
                "cmin": 0,
                "cmax": 1,
                "colorscale": style.LOW_HIGH,
                "showscale": True,
                "colorbar": style.colorbar(tickvals=[0.12, 0.88], ticklen=0, ticktext=["low value", "high value"]),
            },
        )
    )
    style.apply_layout(figure, "", height or 110 + 38 * width, f"contribution ({chart.unit})", hover="closest")
    figure.add_vline(x=0, line={"color": style.OUTCOME, "width": 1})
    return style.label_positions(figure, names)


def _ranks(value_N: Floats) -> Floats:
    """Ranks from 0 to 1, ties shared; 0.5 for what is constant or missing."""
    rank = pd.Series(value_N).rank(method="average")
    count = int(rank.notna().sum())
    if count < 2 or rank.nunique() < 2:
        return np.full(len(value_N), 0.5)
    return ((rank - 1) / (count - 1)).fillna(0.5).to_numpy()


def _jitter(contribution_NF: Floats) -> Floats:
    """Offsets by density: the points of one bin fan out around the row's middle, by ±0.4 at most."""
    span = float(np.ptp(contribution_NF)) or 1.0
    bin_NF = np.floor((contribution_NF - contribution_NF.min()) / span * (BINS - 1)).astype(int)
    place_NF = np.stack([pd.Series(bins).groupby(bins).cumcount().to_numpy() for bins in bin_NF.T], axis=1)
    side_NF = np.where(place_NF % 2 == 1, 1, -1) * ((place_NF + 1) // 2)
    return side_NF * np.minimum(0.1, SPREAD / np.maximum(1, np.abs(side_NF).max(axis=0)))


def _correlation(a_N: Floats, b_N: Floats) -> float:
    return float(np.corrcoef(a_N, b_N)[0, 1]) if len(a_N) > 1 and np.ptp(a_N) and np.ptp(b_N) else float("nan")
