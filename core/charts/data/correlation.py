"""The correlation matrix of features, which shows the redundant ones.

Axis letters: T rows, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.language import tr
from core.types import Floats

REDUNDANT = 0.9  # |correlation| above which two features count as the same


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCorrelation:
    """Correlations of the features over the training rows, similar ones adjacent; `groups` have two or more members."""

    features: tuple[str, ...]
    correlation_FF: Floats
    groups: tuple[tuple[str, ...], ...]

    @property
    def caption(self) -> str:
        """The number of distinct features, and the largest group of redundant ones."""
        count = len(self.features)
        if count < 2:
            return tr("There is only one feature, so there is no correlation to show.")
        if not self.groups:
            return tr(
                "No two of the {count} features have an absolute correlation above {redundant}.",
                count=f"{count:,}",
                redundant=REDUNDANT,
            )
        largest = max(self.groups, key=len)
        distinct = count - sum(len(group) - 1 for group in self.groups)
        return tr(
            "The {count} features carry about {distinct} different signals: {largest} are nearly the same (absolute "
            "correlation above {redundant}).",
            count=f"{count:,}",
            distinct=distinct,
            largest="; ".join(largest),
            redundant=REDUNDANT,
        )


def compute(features: tuple[str, ...], x_TF: Floats) -> FeatureCorrelation:
    """The correlations over the complete rows of `x_TF`; a constant feature correlates with nothing.

    Groups come from complete-linkage clustering on 1 − |correlation|, cut so that every pair within a group has an
    absolute correlation above 0.9.
    """
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
    from scipy.spatial.distance import squareform

    complete_TF = x_TF[np.isfinite(x_TF).all(axis=1)]
    spread_F = complete_TF.std(axis=0) if len(complete_TF) else np.zeros(len(features))
    mean_F = complete_TF.sum(axis=0) / max(len(complete_TF), 1)
    scaled_TF = (complete_TF - mean_F) / np.where(spread_F > 0, spread_F, 1.0)
    correlation_FF = scaled_TF.T @ scaled_TF / max(len(complete_TF), 1)
    np.fill_diagonal(correlation_FF, 1.0)
    if len(features) < 2:
        return FeatureCorrelation(features=features, correlation_FF=correlation_FF, groups=())
    distance_FF = np.clip(1 - np.abs((correlation_FF + correlation_FF.T) / 2), 0.0, 1.0)
    np.fill_diagonal(distance_FF, 0.0)
    tree = linkage(squareform(distance_FF, checks=False), "complete")
    order, label_F = leaves_list(tree), fcluster(tree, 1 - REDUNDANT, "distance")
    groups = tuple(tuple(features[f] for f in order if label_F[f] == label) for label in dict.fromkeys(label_F[order]))
    return FeatureCorrelation(
        features=tuple(features[f] for f in order),
        correlation_FF=correlation_FF[np.ix_(order, order)],
        groups=tuple(group for group in groups if len(group) > 1),
    )


def draw(chart: FeatureCorrelation, height: int | None = None) -> go.Figure:
    """A square heat map: ochre for positive correlations, blue for negative ones."""
    names = [text.escape(name) for name in chart.features]
    codes = [text.tooltip(name) for name in chart.features]
    figure = go.Figure(
        go.Heatmap(
            z=chart.correlation_FF,
            x=names,
            y=names,
            zmin=-1,
            zmax=1,
            colorscale=style.LOW_HIGH,
            customdata=[[tr("{one} and {other}", one=one, other=other) for one in codes] for other in codes],
            hovertemplate="%{customdata}: %{z:.2f}<extra></extra>",
            colorbar=style.colorbar(title={"text": tr("correlation"), "side": "top"}, nticks=5),
        )
    )
    style.apply_layout(figure, "", height or 170 + 24 * len(names), hover="closest")
    figure.update_yaxes(autorange="reversed")
    return figure
