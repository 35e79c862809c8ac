"""The norm of the gradient in each layer over the epochs of a training.

Axis letter: E epochs.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.types import Floats, History, Ints

FADED = 10.0  # times weaker in one recurrent layer than in the next: the signal hardly reaches the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Steepness:
    """Mean norms before clipping of the first network, by layer from the input to the head."""

    epoch_E: Ints
    norm_E: dict[str, Floats]

    @property
    def caption(self) -> str:
        """How much of the gradient reaches the layer next to the input."""
        deep = {name: float(np.median(norm_E)) for name, norm_E in self.norm_E.items() if name.startswith("layer")}
        if len(deep) < 2:
            name = next(iter(deep or self.norm_E))
            norm = float(np.median(self.norm_E[name]))
            return (
                f"The gradient of {name} had a norm of {text.number(norm)} in the median epoch of {len(self.epoch_E)}."
            )
        first, last = min(deep, key=_number), max(deep, key=_number)
        low, high = deep[first], deep[last]
        share = low / high if high > 0 else np.nan
        if not np.isfinite(share):
            return "No gradient reaches the layers: nothing is learned any more."
        held = "vanishes" if share < 1 / FADED else "does not vanish"
        return (
            f"In the median epoch the gradient of {first}, next to the input, is {text.number(share)} times that "
            f"of {last}: it {held} on the way."
        )


def _number(layer: str) -> int:
    return int(layer.split()[1])


def compute(history: History) -> Steepness | None:
    """The norms of a finished training; None where it kept none (older runs)."""
    told = [(e.epoch, e.layer_norms) for e in history.epochs if e.member == 1 and e.layer_norms]
    if not told:
        return None
    return Steepness(
        epoch_E=np.array([epoch for epoch, _ in told]),
        norm_E={name: np.array([norms[name] for _, norms in told]) for name in told[0][1]},
    )


def draw(chart: Steepness, height: int = 320) -> go.Figure:
    """A line for each layer, on a scale of powers of ten."""
    figure, layers = go.Figure(), [name for name in chart.norm_E if name.startswith("layer")]
    for number, (name, norm_E) in enumerate(chart.norm_E.items()):
        at = thinning.thin(norm_E)
        colour = style.MODEL if name in layers else style.BASELINES[number % len(style.BASELINES)]
        dash = style.DASHES[layers.index(name) % len(style.DASHES)] if name in layers else "solid"
        figure.add_scatter(
            x=chart.epoch_E[at],
            y=np.where(norm_E > 0, norm_E, np.nan)[at],
            name=name,
            mode="lines" if len(at) > 15 else "lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate="%{y:.3~g}",
        )
    style.layout(figure, "norm of the gradient", height, "epoch")
    figure.update_yaxes(type="log", dtick=1, exponentformat="power")
    return style.whole(figure, len(chart.epoch_E))
