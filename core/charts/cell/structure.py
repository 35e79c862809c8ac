"""What a network is, at one look: its layers from the inputs to the forecasts, each as wide as it is large."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.baselines.registry import phrase
from core.charts import style, text
from core.datasets.targets import TARGETS
from core.language import mark, shown, tr
from core.models import registry
from core.models.heads import head_of, output_count
from core.models.kinds import MODELS
from core.types import Run

LEAST = 0.005  # share that is drawn
ROW = 46  # px
NETWORK = "network"  # its name among the shares of a forecast
HEADS = {
    "quantiles": mark("seven quantiles and the mean"),
    "point": mark("one number"),
    "gaussian": mark("a mean and a standard deviation"),
    "logit": mark("a probability"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer: what it is, its size in words, and how many numbers it hands on."""

    title: str
    size: str
    numbers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """The layers in the order in which the numbers pass through, and the weights of all networks.

    `shares` says of what the forecast consists, by name, the network first; empty if it is the network's alone.
    """

    model: str
    head: str
    networks: int
    weights: int
    layers: tuple[Layer, ...]
    shares: dict[str, float]

    @property
    def caption(self) -> str:
        """What goes in, what comes out, how large the network is, and its share of the forecast."""
        parts = {
            "model": self.model,
            "reads": self.layers[0].size,
            "head": self.head,
            "ahead": self.layers[-1].size,
            "weights": f"{self.weights:,}",
        }
        if self.networks == 1:
            sentence = tr("The {model} reads {reads} and gives {head} for {ahead}, by {weights} weights.", **parts)
        else:
            sentence = tr(
                "{count} {model} networks read {reads} and give {head} for {ahead}, by {weights} weights in all.",
                count=self.networks,
                **parts,
            )
        if not self.shares:
            return sentence
        share = text.short_percent(round(self.shares[self.model], 2))
        rest = tr(
            "Of the forecast {share} is the {model}'s; simpler models make up the rest.", share=share, model=self.model
        )
        return f"{sentence} {rest}"


def compute(run: Run, unit: str = "") -> Structure:
    """The structure of the trained model of a run; `unit` knows what a step is called."""
    spec, binary = run.spec, TARGETS[run.spec.target.kind].binary
    lookback, features, steps = spec.window.lookback, len(spec.features), int(run.forecast["step"].nunique())
    numbers, title = steps * output_count(spec.model, binary), tr(MODELS[spec.model.kind].title)
    weights = registry.without_mixture(run.weights)
    window = tr("{steps} of {features}", steps=text.steps(lookback, unit), features=text.pluralize(features, "feature"))
    return Structure(
        model=title,
        head=tr(HEADS[head_of(spec.model, binary)]),
        networks=registry.count_networks(weights),
        weights=sum(int(np.size(value)) for value in weights.values()),
        layers=(
            Layer(title=tr("inputs"), size=window, numbers=lookback * features),
            _encoder(run, title, numbers),
            Layer(title=tr("linear layer"), size=text.pluralize(numbers, "number"), numbers=numbers),
            Layer(title=tr("forecast"), size=_ahead(spec.target.horizon, steps, unit), numbers=steps),
        ),
        shares=_shares(run, title),
    )


def _ahead(horizon: int, steps: int, unit: str) -> str:
    """The steps that are forecast: all up to the horizon, or the last of them alone."""
    if steps == 1:
        return text.lead_time(horizon, unit)
    return tr("the next {steps}", steps=text.steps(steps, unit))


def _encoder(run: Run, title: str, numbers: int) -> Layer:
    """The layers of the model's own kind, as one; a linear kind has no units and hands on its forecast."""
    model = run.spec.model
    if "hidden" not in MODELS[model.kind].fields:
        return Layer(title=title, size=tr("one weight per lag"), numbers=numbers)
    both = 2 if model.bidirectional and "bidirectional" in MODELS[model.kind].fields else 1
    layers = model.layers if "layers" in MODELS[model.kind].fields else 1
    size = text.pluralize(both * model.hidden, "unit")
    return Layer(title=title, size=size if layers == 1 else f"{layers} × {size}", numbers=both * model.hidden)


def _shares(run: Run, title: str) -> dict[str, float]:
    """The shares by the names on the screen: the network, then the largest first, then what is left for the mean."""
    shares = dict(run.evaluation.shares)
    if not shares:
        return {}
    network = shares.pop(NETWORK, 0.0)
    named = {shown(phrase(name)).replace("_", " "): share for name, share in shares.items()}
    named[tr("mean of the training split")] = 1 - network - sum(shares.values())
    others = {name: share for name, share in sorted(named.items(), key=lambda one: -one[1]) if share >= LEAST}
    return {title: network} | others


def draw(chart: Structure) -> go.Figure:
    """The layers from top to bottom, as wide as the logarithm of their numbers; below them the shares, if any."""
    layers, figure = chart.layers, go.Figure()
    width_L = np.log10(1 + np.array([layer.numbers for layer in layers], dtype=float))
    width_L = 0.2 + 0.8 * width_L / width_L.max()
    figure.add_trace(
        go.Bar(
            x=width_L,
            y=list(range(len(layers))),
            base=-width_L / 2,
            width=0.5,
            orientation="h",
            marker={"color": [style.NEUTRAL, style.MODEL, style.TINTS[3], style.GOOD]},
            customdata=[text.escape(f"{layer.title}: {layer.numbers:,}") for layer in layers],
            hovertemplate="%{customdata}<extra></extra>",
            showlegend=False,
        )
    )
    names = [f"<b>{text.escape(layer.title)}</b><br>{style.wrap_title(layer.size, 24)}" for layer in layers]
    if chart.shares:
        _add_shares(figure, chart.shares, len(layers))
        names.append(f"<b>{tr('combination')}</b><br>{tr('shares of the forecast')}")
    for row in range(1, len(names)):
        figure.add_annotation(
            x=0, ax=0, y=row - 0.27, ay=row - 0.73, axref="x", ayref="y", arrowhead=2, arrowwidth=1.5, text=""
        )
    style.apply_layout(figure, "", 90 + ROW * len(names), hover="closest")
    figure.update_xaxes(visible=False, range=[-0.55, 0.55], fixedrange=True)
    style.label_positions(figure, names).update_yaxes(fixedrange=True)
    return figure.update_layout(barmode="overlay")


def _add_shares(figure: go.Figure, shares: dict[str, float], row: int) -> None:
    """A bar that the parts of the forecast share, each named in the legend."""
    colours, begins = (style.MODEL, style.REFERENCE, style.VIOLET, style.SIENNA, style.NEUTRAL), -0.5
    for number, (name, share) in enumerate(shares.items()):
        words = text.escape(tr("{share} {name}", share=text.short_percent(round(share, 2)), name=name))
        figure.add_trace(
            go.Bar(
                x=[share],
                y=[row],
                base=[begins],
                width=0.5,
                orientation="h",
                marker={"color": colours[number % len(colours)]},
                name=words,
                hovertemplate=f"{words}<extra></extra>",
            )
        )
        begins += share
