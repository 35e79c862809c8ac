"""The map of correlations between features: which of them say the same.

Axis letters: T rows, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.types import Floats

SAME = 0.9  # |correlation| from which two features count as one


@dataclass(frozen=True, slots=True, kw_only=True)
class Redundancy:
    """Correlations of the features over the training rows, alike ones side by side; `groups` of two or more."""

    features: tuple[str, ...]
    correlation_FF: Floats
    groups: tuple[tuple[str, ...], ...]

    @property
    def caption(self) -> str:
        """How many different features there are, and the largest group of alike ones."""
        count = len(self.features)
        if not self.groups:
            return f"All {text.counted(count, 'feature')} say something of their own: no two correlate above {SAME}."
        largest = max(self.groups, key=len)
        distinct = count - sum(len(group) - 1 for group in self.groups)
        return (
            f"{text.counted(count, 'feature')} say about {distinct} different things: {', '.join(largest)} are "
            f"nearly one (correlation above {SAME})."
        )


def compute(features: tuple[str, ...], x_TF: Floats) -> Redundancy:
    """The map over the rows of `x_TF` that are complete; a feature that does not vary correlates with nothing.

    Groups are those of complete linkage on 1 − |correlation|, cut where every pair correlates above 0.9.
    """
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
    from scipy.spatial.distance import squareform

    whole_TF = x_TF[np.isfinite(x_TF).all(axis=1)]
    spread_F = whole_TF.std(axis=0) if len(whole_TF) else np.zeros(len(features))
    scaled_TF = (whole_TF - whole_TF.sum(axis=0) / max(len(whole_TF), 1)) / np.where(spread_F > 0, spread_F, 1.0)
    correlation_FF = scaled_TF.T @ scaled_TF / max(len(whole_TF), 1)
    np.fill_diagonal(correlation_FF, 1.0)
    if len(features) < 2:
        return Redundancy(features=features, correlation_FF=correlation_FF, groups=())
    distance_FF = np.clip(1 - np.abs((correlation_FF + correlation_FF.T) / 2), 0.0, 1.0)
    np.fill_diagonal(distance_FF, 0.0)
    tree = linkage(squareform(distance_FF, checks=False), "complete")
    order, label_F = leaves_list(tree), fcluster(tree, 1 - SAME, "distance")
    groups = tuple(tuple(features[f] for f in order if label_F[f] == label) for label in dict.fromkeys(label_F[order]))
    return Redundancy(
        features=tuple(features[f] for f in order),
        correlation_FF=correlation_FF[np.ix_(order, order)],
        groups=tuple(group for group in groups if len(group) > 1),
    )


def draw(chart: Redundancy, height: int | None = None) -> go.Figure:
    """A square of colours: ochre moves together, blue moves against each other."""
    names = [text.safe(name) for name in chart.features]
    figure = go.Figure(
        go.Heatmap(
            z=chart.correlation_FF,
            x=names,
            y=names,
            zmin=-1,
            zmax=1,
            colorscale=style.LOW_HIGH,
            hovertemplate="%{x} and %{y}: %{z:.2f}<extra></extra>",
            colorbar=style.bar(title={"text": "correlation", "side": "top"}, nticks=5),
        )
    )
    style.layout(figure, "", height or 170 + 24 * len(names), hover="closest")
    figure.update_yaxes(autorange="reversed")
    return figure
