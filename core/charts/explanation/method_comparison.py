"""Methods of importance side by side: a map of shares and ranks, and how far the rankings agree.

Axis letters: M methods, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.explain import importance
from core.explain.importance import ERRORS, TREES, Importance
from core.types import Floats

SHOWN = 20  # features that can still be read
ALIKE = 0.7  # rank correlation from which two methods tell the same story
TITLES = {
    "shapley": "Shapley",
    "gradients": "Expected gradients",
    "retrained": "Trained without it",
    "replaced": "Mean in its place",
    "loss_permutation": "Exchanged between windows",
    "gain": "LightGBM gain",
    "treeshap": "LightGBM TreeSHAP",
}
MEANS = {
    "retrained": "the network trained without a feature makes do with others that know the same, so features that move "
    "together cost little one by one although the network uses them; and two trainings never end quite "
    "alike",
    "nothing": "taking any feature away does not raise the error of the test part: the forecasts would be no worse "
    "without what the network learned from them",
    "error": "what moves the forecast need not make it better: a method that looks at the error gives nothing, or less "
    "than nothing, to a feature that only moves it, and to a decoy that the network leaves aside because "
    "another feature says the same",
    "trees": "LightGBM is another model: where it ranks otherwise the data can be read in more than one way, and the "
    "network's is one of them",
    "shared": "features that move together share credit, and each method shares it in its own way: read them as a "
    "family",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Methods (M) by features (F, those with the best mean rank first): shares of each method's largest number, ranks
    from 1, and rank correlations between methods (NaN where one ranks nothing)."""

    methods: tuple[str, ...]
    features: tuple[str, ...]
    share_MF: Floats
    rank_MF: Floats
    correlation_MM: Floats

    @property
    def caption(self) -> str:
        """Which feature comes first for how many methods, and how far the rankings agree."""
        leader, count = self.features[0], len(self.methods)
        if len(self.features) == 1:
            return f"There is one feature, {leader}, so there is nothing to rank."
        if count == 1:
            return f"{leader} comes first for the one method that is here."
        first = int((self.rank_MF[:, 0] == 1).sum())
        lead = (
            f"{leader} comes first for {first} of {count} methods"
            if first
            else f"No method puts {leader} first, but it has the best place on average"
        )
        pair = self._pairs()
        if not self.share_MF.any():
            return f"None of the {count} methods finds a feature that matters."
        if not len(pair):
            return f"{lead}; no two methods rank the features."
        low, high = text.number(round(float(pair.min()), 2)), text.number(round(float(pair.max()), 2))
        between = f"{low} to {high}" if low != high else low
        verdict = (
            "they agree"
            if pair.min() >= ALIKE
            else "some of them disagree"
            if np.median(pair) >= ALIKE
            else "they disagree"
        )
        few = f" The first {SHOWN} of {len(self.features)} features are drawn." if len(self.features) > SHOWN else ""
        return f"{lead}; {verdict}, with rank correlations of {between}.{few}"

    @property
    def means(self) -> tuple[str, ...]:
        """What it means where methods disagree; empty where all rank much alike and the error rises."""
        found = {
            _reason(a, b)
            for i, a in enumerate(self.methods)
            for j, b in enumerate(self.methods)
            if i < j and self.correlation_MM[i, j] < ALIKE
        }
        if any(name in ERRORS and not share_F.any() for name, share_F in zip(self.methods, self.share_MF, strict=True)):
            found.add("nothing")
        return tuple(sentence for name, sentence in MEANS.items() if name in found)

    def _pairs(self) -> Floats:
        pair = self.correlation_MM[np.triu_indices(len(self.methods), 1)]
        return pair[np.isfinite(pair)]


def compute(importances: tuple[Importance, ...]) -> Agreement:
    """The methods in their fixed order. They speak of the same features; there is at least one of each."""
    each = sorted(importances, key=lambda one: importance.METHODS.index(one.method))
    value_MF = np.array([one.values for one in each], dtype=float)
    rank_MF = importance.rank(value_MF)
    order = np.argsort(rank_MF.mean(axis=0), kind="stable")
    largest_M1 = value_MF.max(axis=1, keepdims=True)
    share_MF = np.where(largest_M1 > 0, np.maximum(value_MF, 0.0) / np.where(largest_M1 > 0, largest_M1, 1.0), 0.0)
    return Agreement(
        methods=tuple(one.method for one in each),
        features=tuple(each[0].features[f] for f in order),
        share_MF=share_MF[:, order],
        rank_MF=rank_MF[:, order],
        correlation_MM=importance.spearman(value_MF),
    )


def draw(chart: Agreement, height: int | None = None) -> go.Figure:
    """Features down, methods across: the colour is the share of the method's largest number, the text the rank."""
    share_FM, rank_FM = chart.share_MF.T[:SHOWN], chart.rank_MF.T[:SHOWN]
    names = [text.escape(name) for name in chart.features[:SHOWN]]
    figure = go.Figure(
        go.Heatmap(
            z=share_FM,
            zmin=0,
            zmax=1,
            colorscale=((0.0, "#f4f6f7"), (1.0, style.MODEL)),
            xgap=2,
            ygap=2,
            text=[[f"{rank:g}" for rank in row] for row in rank_FM],
            texttemplate="%{text}",
            customdata=np.tile(np.array(names, dtype=object)[:, None], len(chart.methods)),
            hovertemplate="%{customdata}: rank %{text}, %{z:.0%} of the largest<extra></extra>",
            colorbar=style.colorbar(
                title={"text": "share of the method's largest", "side": "top"}, tickformat=".0%", nticks=5
            ),
        )
    )
    style.apply_layout(figure, "", height or 190 + 26 * len(names), hover="closest")
    style.label_positions(figure, names)
    return _across(figure, chart)


def draw_ranks(chart: Agreement, height: int | None = None) -> go.Figure:
    """A square of rank correlations: ochre agrees, blue ranks the other way round."""
    figure = go.Figure(
        go.Heatmap(
            z=chart.correlation_MM,
            zmin=-1,
            zmax=1,
            colorscale=style.LOW_HIGH,
            xgap=2,
            ygap=2,
            text=[[f"{r:.2f}" if np.isfinite(r) else "" for r in row] for row in chart.correlation_MM],
            texttemplate="%{text}",
            hovertemplate="%{z:.2f}<extra></extra>",
            colorbar=style.colorbar(title={"text": "rank correlation", "side": "top"}, nticks=5),
        )
    )
    style.apply_layout(figure, "", height or 190 + 26 * len(chart.methods), hover="closest")
    style.label_positions(figure, [TITLES[name] for name in chart.methods])
    return _across(figure, chart)


def _across(figure: go.Figure, chart: Agreement) -> go.Figure:
    return style.label_positions(figure, [TITLES[name].replace(" ", "<br>", 1) for name in chart.methods], "x")


def _reason(first: str, second: str) -> str:
    """The key of MEANS for two methods that disagree."""
    if (first in TREES) != (second in TREES):
        return "trees"
    if "retrained" in (first, second):
        return "retrained"
    return "error" if (first in ERRORS) != (second in ERRORS) else "shared"
