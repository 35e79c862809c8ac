"""Importance methods side by side: a map of shares and ranks, and how far the rankings agree.

Axis letters: M methods, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.explanation import phrases
from core.charts.primitives import colour_bar, heatmap
from core.explain import importance
from core.explain.importance import IMPORTANCE_METHODS, Importance
from core.language import message, tr
from core.types import Floats

SHOWN = 20  # features that are still readable
AGREE = 0.7  # rank correlation from which two rankings agree
INTERPRETATIONS = {  # of two rankings that disagree
    "retrained": message(
        "a network retrained without a feature can use correlated features instead, so each of them costs little on "
        "its own although the network uses them; and no two trainings end exactly alike"
    ),
    "nothing": message(
        "removing any single feature does not raise the error on the test split: the forecasts would be no worse "
        "without what the network learned from it"
    ),
    "error": message(
        "a feature that moves the forecast need not improve it: methods based on the error give zero or negative "
        "importance to a feature that only moves the forecast, and to a decoy that the network ignores because "
        "another feature carries the same information"
    ),
    "trees": message(
        "LightGBM is another model: where its ranking differs, the data can be read in more than one way, and the "
        "network's is one of them"
    ),
    "weights": message(
        "a selection weight says how much of a feature enters the network in a row, not what it does to the forecast: "
        "later layers can ignore what was let in"
    ),
    "shared": message(
        "correlated features share credit, and each method divides it differently: read them as one family"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodComparison:
    """Methods (M) by features (F, the best mean rank first): the share of each method's largest importance, ranks from
    1, and rank correlations between methods (NaN if one of them ranks nothing)."""

    methods: tuple[str, ...]
    features: tuple[str, ...]
    share_MF: Floats
    rank_MF: Floats
    correlation_MM: Floats

    @property
    def caption(self) -> str:
        """The leading feature, the number of methods that rank it first, and how far the rankings agree."""
        leader, count = self.features[0], len(self.methods)
        if len(self.features) == 1:
            return tr("There is only one feature, {leader}, so there is nothing to rank.", leader=leader)
        if count == 1:
            return tr(
                "{leader} ranks first with the only method available, {title}.",
                leader=leader,
                title=tr(IMPORTANCE_METHODS[self.methods[0]].title),
            )
        if not self.share_MF.any():
            return tr("None of the {count} methods finds an important feature.", count=count)
        first = int((self.rank_MF[:, 0] == 1).sum())
        lead = (
            tr("{leader} ranks first with {first} of {count} methods", leader=leader, first=first, count=count)
            if first
            else tr("No method ranks {leader} first, but it has the best mean rank", leader=leader)
        )
        return tr(
            "{lead}; {agreement}.{omitted}",
            lead=lead,
            agreement=self._agreement(),
            omitted=phrases.omitted(max(0, len(self.features) - SHOWN)),
        )

    def _agreement(self) -> str:
        pair = self.correlation_MM[np.triu_indices(len(self.methods), 1)]
        pair = pair[np.isfinite(pair)]
        if not len(pair):
            return tr("no two rankings can be compared")
        low, high = text.number(round(float(pair.min()), 2)), text.number(round(float(pair.max()), 2))
        agreement = (
            tr("the rankings agree")
            if pair.min() >= AGREE
            else tr("some rankings disagree")
            if np.median(pair) >= AGREE
            else tr("the rankings disagree")
        )
        return tr(
            "{agreement} (rank correlation {value})",
            agreement=agreement,
            value=low if low == high else tr("{low} to {high}", low=low, high=high),
        )

    @property
    def weights_caption(self) -> str | None:
        """How the ranking by weights inside the network compares with that by Shapley values; None without both."""
        inside = [name for name in self.methods if IMPORTANCE_METHODS[name].by_weights]
        if not inside or "shapley" not in self.methods:
            return None
        correlation = self.correlation_MM[self.methods.index(inside[0]), self.methods.index("shapley")]
        if not np.isfinite(correlation):
            return None
        return tr(
            "{title} and {title_2} have a rank correlation of {correlation}.",
            title=tr(IMPORTANCE_METHODS[inside[0]].title),
            title_2=tr(IMPORTANCE_METHODS["shapley"].title),
            correlation=text.number(round(float(correlation), 2)),
        )

    @property
    def interpretations(self) -> tuple[str, ...]:
        """What disagreements mean; empty if all rankings agree and every error method finds an important feature."""
        reasons = {
            _reason(a, b)
            for i, a in enumerate(self.methods)
            for j, b in enumerate(self.methods)
            if i < j and self.correlation_MM[i, j] < AGREE
        }
        if any(
            IMPORTANCE_METHODS[name].by_error and not share_F.any()
            for name, share_F in zip(self.methods, self.share_MF, strict=True)
        ):
            reasons.add("nothing")
        return tuple(sentence for reason, sentence in INTERPRETATIONS.items() if reason in reasons)


def compute(importances: tuple[Importance, ...]) -> MethodComparison:
    """The methods in their fixed order; all of them rank the same features, and there is at least one of each."""
    ordered = sorted(importances, key=lambda each: list(IMPORTANCE_METHODS).index(each.method))
    value_MF = np.array([each.values for each in ordered], dtype=float)
    rank_MF = importance.rank(value_MF)
    order = np.argsort(rank_MF.mean(axis=0), kind="stable")
    largest_M1 = value_MF.max(axis=1, keepdims=True)
    share_MF = np.where(largest_M1 > 0, np.maximum(value_MF, 0.0) / np.where(largest_M1 > 0, largest_M1, 1.0), 0.0)
    return MethodComparison(
        methods=tuple(each.method for each in ordered),
        features=tuple(ordered[0].features[f] for f in order),
        share_MF=share_MF[:, order],
        rank_MF=rank_MF[:, order],
        correlation_MM=importance.spearman(value_MF),
    )


def draw(chart: MethodComparison, height: int | None = None) -> go.Figure:
    """Features down, methods across; the colour is the share of the method's largest importance, the text the rank."""
    share_FM, rank_FM = chart.share_MF.T[:SHOWN], chart.rank_MF.T[:SHOWN]
    names = [text.escape(name) for name in chart.features[:SHOWN]]
    labels = [[f"{rank:g}" for rank in rank_M] for rank_M in rank_FM]
    hover = [
        [
            tr(
                "{tooltip}: rank {rank}, {share} of the largest",
                tooltip=text.tooltip(name),
                rank=rank,
                share=text.percent(share),
            )
            for rank, share in zip(label_M, share_M, strict=True)
        ]
        for name, label_M, share_M in zip(chart.features[:SHOWN], labels, share_FM, strict=True)
    ]
    figure = go.Figure(
        heatmap(
            share_FM,
            (0, 1),
            style.AMOUNT,
            hover,
            label_RC=labels,
            colour_bar=colour_bar(tr("share of the method's largest"), tickformat=".0%"),
            xgap=2,
            ygap=2,
        )
    )
    style.apply_layout(figure, "", height or 190 + 26 * len(names), hover="closest")
    style.label_positions(figure, names)
    return _name_columns(figure, chart)


def draw_ranks(chart: MethodComparison, height: int | None = None) -> go.Figure:
    """A square of rank correlations: ochre for the same order, blue for the opposite one."""
    labels = [
        [text.minus(f"{r:.2f}") if np.isfinite(r) else "" for r in correlation_M]
        for correlation_M in chart.correlation_MM
    ]
    figure = go.Figure(
        heatmap(
            chart.correlation_MM,
            (-1, 1),
            style.LOW_HIGH,
            labels,
            label_RC=labels,
            colour_bar=colour_bar(tr("rank correlation")),
            xgap=2,
            ygap=2,
        )
    )
    style.apply_layout(figure, "", height or 190 + 26 * len(chart.methods), hover="closest")
    style.label_positions(figure, [tr(IMPORTANCE_METHODS[name].title) for name in chart.methods])
    return _name_columns(figure, chart)


def _name_columns(figure: go.Figure, chart: MethodComparison) -> go.Figure:
    return style.label_positions(
        figure, [tr(IMPORTANCE_METHODS[name].title).replace(" ", "<br>", 1) for name in chart.methods], "x"
    )


def _reason(first: str, second: str) -> str:
    """The key of INTERPRETATIONS for two methods that disagree."""
    if IMPORTANCE_METHODS[first].of_trees != IMPORTANCE_METHODS[second].of_trees:
        return "trees"
    if "retrained" in (first, second):
        return "retrained"
    if IMPORTANCE_METHODS[first].by_weights or IMPORTANCE_METHODS[second].by_weights:
        return "weights"
    return "error" if IMPORTANCE_METHODS[first].by_error != IMPORTANCE_METHODS[second].by_error else "shared"
