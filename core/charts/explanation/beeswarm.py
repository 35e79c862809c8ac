"""The beeswarm: every contribution of every feature as a point, coloured by the feature's own value.

Axis letters: N windows, F features.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.explanation import phrases
from core.charts.explanation.importance import position
from core.language import tr
from core.types import Explanation, Floats

SHOWN = 14  # rows that can still be read
BINS = 60  # along the axis, for the density
SPREAD = 0.4  # of a row, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Beeswarm:
    """Contributions at one step, the most important feature first; `jitter_NF` lies within ±0.4 of a row.

    `rank_NF` is the rank of the feature's own value among the windows, from 0 (lowest) to 1; 0.5 if it is constant or
    missing. `correlation_F` is the rank correlation of value and contribution, NaN if it cannot be computed.
    """

    unit: str
    step: int
    features: tuple[str, ...]
    cutoff_N: tuple[str, ...]
    contribution_NF: Floats
    rank_NF: Floats
    jitter_NF: Floats
    correlation_F: Floats
    omitted: int = 0  # less important features that are not drawn

    @property
    def caption(self) -> str:
        """The range of the first feature's contributions and whether its high values raise the forecast."""
        first_N, correlation = self.contribution_NF[:, 0], float(self.correlation_F[0])
        if not first_N.any():
            return tr("No feature moves a forecast, {lead_time}.", lead_time=text.lead_time(self.step, self.unit))
        if np.isfinite(correlation):
            effect = (
                tr(
                    "its high values raise the forecast {format_correlation}",
                    format_correlation=phrases.format_correlation(correlation),
                )
                if correlation > 0
                else tr(
                    "its high values lower the forecast {format_correlation}",
                    format_correlation=phrases.format_correlation(correlation),
                )
            )
        else:
            effect = tr(
                "the effect of its value cannot be determined from {windows}",
                windows=text.pluralize(len(first_N), "window"),
            )
        return tr(
            "The contributions of {features} range from {min} to {max}, {lead_time}; {effect}.{omitted}",
            features=self.features[0],
            min=text.amount(first_N.min(), self.unit),
            max=text.amount(first_N.max(), self.unit),
            lead_time=text.lead_time(self.step, self.unit),
            effect=effect,
            omitted=phrases.omitted(self.omitted),
        )


def compute(explanation: Explanation, unit: str, step: int | None = None) -> Beeswarm:
    """The points at `step` (the last one if None), windows thinned evenly to 3,000 points in all.

    At most the 14 most important features. Raises SpecError for a step that was not explained.
    """
    step = explanation.steps[-1] if step is None else step
    values_NF = explanation.values_NHF[:, position(explanation, step)]
    order = np.argsort(-np.abs(values_NF).mean(axis=0), kind="stable")[:SHOWN]
    shown = thinning.thin_evenly(len(values_NF), max(1, thinning.LIMIT // max(1, len(order))))
    contribution_NF, data_NF = values_NF[shown][:, order], explanation.data_NF[shown][:, order]
    rank_NF = np.stack([_ranks(column) for column in data_NF.T], axis=1)
    return Beeswarm(
        unit=unit,
        step=step,
        features=tuple(explanation.features[i] for i in order),
        cutoff_N=text.iso(explanation.cutoff_N[shown]),
        contribution_NF=contribution_NF,
        rank_NF=rank_NF,
        jitter_NF=_jitter(contribution_NF),
        correlation_F=np.array([_correlation(r, _ranks(c)) for r, c in zip(rank_NF.T, contribution_NF.T, strict=True)]),
        omitted=len(explanation.features) - len(order),
    )


def draw(chart: Beeswarm, height: int | None = None) -> go.Figure:
    """One row per feature; blue points have low values of the feature, ochre ones high values."""
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
            hovertext=[text.tooltip(name) for name in chart.features for _ in range(count)],
            hovertemplate="%{hovertext}, %{customdata}: %{x:,.5~r}<extra></extra>",
            marker={
                "size": 6,
                "opacity": 0.85,
                "color": chart.rank_NF.T.ravel(),
                "cmin": 0,
                "cmax": 1,
                "colorscale": style.LOW_HIGH,
                "showscale": True,
                "colorbar": style.colorbar(
                    tickvals=[0.12, 0.88], ticklen=0, ticktext=[tr("low value"), tr("high value")]
                ),
            },
        )
    )
    style.apply_layout(
        figure,
        "",
        height or 110 + 38 * width,
        tr("contribution ({unit})", unit=text.unit_title(chart.unit)),
        hover="closest",
    )
    figure.add_vline(x=0, line={"color": style.OUTCOME, "width": 1})
    return style.label_positions(figure, names)


def _ranks(value_N: Floats) -> Floats:
    """Ranks from 0 to 1, ties averaged; 0.5 for constant or missing values."""
    rank = pd.Series(value_N).rank(method="average")
    count = int(rank.notna().sum())
    if count < 2 or rank.nunique() < 2:
        return np.full(len(value_N), 0.5)
    return ((rank - 1) / (count - 1)).fillna(0.5).to_numpy()


def _jitter(contribution_NF: Floats) -> Floats:
    """Offsets by density: the points of one bin spread around the middle of the row, by at most ±0.4."""
    span = float(np.ptp(contribution_NF)) or 1.0
    bin_NF = np.floor((contribution_NF - contribution_NF.min()) / span * (BINS - 1)).astype(int)
    place_NF = np.stack([pd.Series(bins).groupby(bins).cumcount().to_numpy() for bins in bin_NF.T], axis=1)
    side_NF = np.where(place_NF % 2 == 1, 1, -1) * ((place_NF + 1) // 2)
    return side_NF * np.minimum(0.1, SPREAD / np.maximum(1, np.abs(side_NF).max(axis=0)))


def _correlation(a_N: Floats, b_N: Floats) -> float:
    return float(np.corrcoef(a_N, b_N)[0, 1]) if len(a_N) > 1 and np.ptp(a_N) and np.ptp(b_N) else float("nan")
