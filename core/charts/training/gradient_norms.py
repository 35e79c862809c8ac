"""The gradient norm of each layer over the steps of training.

Axis letter: E epochs.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.language import mark, tr
from core.types import Floats, History, Ints

VANISHING = 10.0  # the first recurrent layer's gradient is this many times weaker than the last one's
OTHER_LAYERS = (mark("symbols"), mark("input"), mark("read-out"), mark("head"))  # besides layer 1, layer 2, …


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientNorms:
    """Mean norms before clipping in the first network, by layer from the input to the head."""

    at_E: Ints  # steps or epochs so far, as `unit` says
    norm_E: dict[str, Floats]
    unit: str

    @property
    def caption(self) -> str:
        """The share of the gradient that reaches the layer next to the input."""
        median = {name: float(np.median(norm_E)) for name, norm_E in self.norm_E.items() if name.startswith("layer")}
        if len(median) < 2:
            name = next(iter(median or self.norm_E))
            norm = float(np.median(self.norm_E[name]))
            return tr(
                "The median gradient norm of {name} over {steps} is {norm}.",
                name=layer_name(name),
                steps=text.pluralize(int(self.at_E[-1]), self.unit),
                norm=text.number(norm),
            )
        first, last = min(median, key=_layer_number), max(median, key=_layer_number)
        share = median[first] / median[last] if median[last] > 0 else np.nan
        if not np.isfinite(share):
            return tr("No gradient reaches the layers, so the network no longer learns.")
        outcome = tr("vanishes") if share < 1 / VANISHING else tr("does not vanish")
        return tr(
            "The median gradient norm of {first}, next to the input, is {share} times that of {last}: the gradient "
            "{outcome} on its way back.",
            first=layer_name(first),
            share=text.number(share),
            last=layer_name(last),
            outcome=outcome,
        )


def layer_name(layer: str) -> str:
    """What a layer is called in the language of the screen."""
    return tr("layer {number}", number=_layer_number(layer)) if layer.startswith("layer") else tr(layer)


def _layer_number(layer: str) -> int:
    return int(layer.split()[1])


def compute(history: History, unit: str = "step") -> GradientNorms | None:
    """The norms of a finished training, by the `unit` of its recipe; None if it recorded none, as in older runs."""
    recorded = [(e.count(unit)[1], e.layer_norms) for e in history.epochs if e.member == 1 and e.layer_norms]
    if not recorded:
        return None
    return GradientNorms(
        unit=history.epochs[-1].count(unit)[0],
        at_E=np.array([at for at, _ in recorded]),
        norm_E={name: np.array([norms[name] for _, norms in recorded]) for name in recorded[0][1]},
    )


def draw(chart: GradientNorms, height: int = 320) -> go.Figure:
    """One line per layer on a logarithmic axis."""
    figure, layers = go.Figure(), [name for name in chart.norm_E if name.startswith("layer")]
    for number, (name, norm_E) in enumerate(chart.norm_E.items()):
        at = thinning.thin(norm_E)
        colour = style.MODEL if name in layers else style.BASELINES[number % len(style.BASELINES)]
        dash = style.DASHES[layers.index(name) % len(style.DASHES)] if name in layers else "solid"
        figure.add_scatter(
            x=chart.at_E[at],
            y=np.where(norm_E > 0, norm_E, np.nan)[at],
            name=layer_name(name),
            mode="lines" if len(at) > 15 else "lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate="%{y:.3~g}",
        )
    style.apply_layout(figure, tr("gradient norm"), height, tr(chart.unit))
    figure.update_yaxes(type="log", dtick=1, exponentformat="power")
    return style.integer_ticks(figure, int(chart.at_E[-1]))
