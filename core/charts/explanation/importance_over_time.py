"""Feature importance over time: the share of each feature in each year, and the splits that the years belong to.

Axis letters: G groups of windows, F features, P splits.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts import style, text
from core.charts.explanation import phrases
from core.charts.primitives import colour_bar, heatmap
from core.datasets.split import TITLES as SPLIT_TITLES
from core.explain.grouping import ALL_SPLITS, ImportanceSummary
from core.language import message, tr
from core.types import Flags, Floats, Ints

ROWS = 14
FEWEST = 5  # windows of a group; the numbers of smaller ones are mostly chance
STEADY = 0.01  # a smaller change of a share is none
LABELLED = 24  # groups; with more, cells are too narrow for a number
COLOURS = style.SPLITS | {"live": style.OUTCOME}
NAMES = SPLIT_TITLES | {"live": "live"}
PLURALS = {"year": "years", "years": message("groups of years")}  # of what a group is; anything else is a period


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportanceOverTime:
    """Mean |contribution| (target units) and its share of that of all features, the most important feature first.

    `omitted` features are less important and not drawn; the shares include them. `part_GP` counts the windows of a
    group in each split.
    """

    unit: str
    by: str
    features: tuple[str, ...]
    names: tuple[str, ...]
    mean_GF: Floats
    share_GF: Floats
    part_GP: Ints
    omitted: int

    @property
    def large_G(self) -> Flags:
        """Groups of at least five windows; all groups if fewer than two are that large."""
        large = self.part_GP.sum(axis=1) >= FEWEST
        return large if large.sum() > 1 else np.ones(len(large), dtype=bool)

    @property
    def caption(self) -> str:
        """The leading feature, the share that changes most, and the groups that the model was trained on."""
        plural = PLURALS.get(self.by, "periods")
        if not self.mean_GF.any():
            return tr("No feature moves the forecast in any of {names} {plural}.", names=len(self.names), plural=plural)
        if len(self.names) == 1:
            return tr(
                "{windows} within {names}: there is nothing to compare. {features} moves the forecast most.",
                windows=text.pluralize(int(self.part_GP.sum()), "window"),
                names=self.names[0],
                features=self.features[0],
            )
        if len(self.features) == 1:
            return tr(
                "{features} is the only feature, so its share is always 100%. {trained}",
                features=self.features[0],
                trained=self._trained(),
            )
        groups = np.flatnonzero(self.large_G)
        share_GF = self.share_GF[groups]
        leader, wins = self._leader(share_GF)
        leads = tr(
            "{leader} matters most in {wins} of {groups} {plural}",
            leader=leader,
            wins=wins,
            groups=len(groups),
            plural=plural,
        )
        f = int(np.argmax(np.ptp(share_GF, axis=0)))
        if np.ptp(share_GF[:, f]) < STEADY:
            return tr(
                "{leads}, and no share changes by a percentage point. {trained}", leads=leads, trained=self._trained()
            )
        ends = sorted((int(np.argmin(share_GF[:, f])), int(np.argmax(share_GF[:, f]))))
        first, last = (
            tr("{value} ({name})", value=text.percent(share_GF[g, f]), name=self.names[groups[g]]) for g in ends
        )
        return tr(
            "{leads}; the share of {features} changes most, from {first} to {last}. {trained}{omitted}",
            leads=leads,
            features=self.features[f],
            first=first,
            last=last,
            trained=self._trained(),
            omitted=phrases.omitted(self.omitted),
        )

    def _leader(self, share_GF: Floats) -> tuple[str, int]:
        wins_F = np.bincount(np.argmax(share_GF, axis=1), minlength=share_GF.shape[1])
        return self.features[int(np.argmax(wins_F))], int(wins_F.max())

    def _trained(self) -> str:
        groups = np.flatnonzero(self.part_GP[:, ALL_SPLITS.index("train")])
        if not len(groups):
            return tr("The model was trained on none of them.")
        span = self.names[groups[0]] + (tr(" to {names}", names=self.names[groups[-1]]) if len(groups) > 1 else "")
        naming = "" if self.by in PLURALS else tr(" (each period is named after its start)")
        return tr("The model was trained on {span}{naming}.", span=span, naming=naming)


def compute(view: ImportanceSummary, unit: str) -> ImportanceOverTime:
    """At most 14 features over all groups of time."""
    mean_GF, groups = view.time.mean_GF, view.time
    total_G1 = mean_GF.sum(axis=1, keepdims=True)
    share_GF = mean_GF / np.where(total_G1 > 0, total_G1, 1.0)
    weight_G1 = groups.count_G[:, None]
    order = np.argsort(-(mean_GF * weight_G1).sum(axis=0), kind="stable")[:ROWS]
    return ImportanceOverTime(
        unit=unit,
        by=groups.by,
        features=tuple(view.features[f] for f in order),
        names=groups.names,
        mean_GF=mean_GF[:, order],
        share_GF=share_GF[:, order],
        part_GP=groups.part_GP,
        omitted=len(view.features) - len(order),
    )


def draw(chart: ImportanceOverTime, height: int | None = None) -> go.Figure:
    """The map of shares, darker for larger ones, over a strip of the splits that each group belongs to."""
    names, labelled = [text.escape(name) for name in chart.features], len(chart.names) <= LABELLED
    groups = [text.escape(name) for name in chart.names]
    tall = 26 * len(names) + 30
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=8 / (tall + 20), row_heights=[tall, 18])
    hover = [
        [
            tr(
                "{tooltip}, {group}: {share_gf} of the total ({mean_gf})",
                tooltip=text.tooltip(name),
                group=group,
                share_gf=text.percent(chart.share_GF[g, f]),
                mean_gf=text.amount(chart.mean_GF[g, f], chart.unit),
            )
            for g, group in enumerate(groups)
        ]
        for f, name in enumerate(chart.features)
    ]
    figure.add_trace(
        heatmap(
            chart.share_GF.T,
            (0, float(chart.share_GF.max()) or 1.0),
            style.AMOUNT,
            hover,
            column_C=groups,
            colour_bar=None if labelled else colour_bar(tr("share of the total"), tickformat=".0%"),
            texttemplate="%{z:.0%}" if labelled else None,
            textfont={"size": 11},
            xgap=1,
            ygap=1,
        ),
        row=1,
        col=1,
    )
    _split_strip(figure, chart, groups)
    style.apply_layout(figure, "", height or (110 if labelled else 160) + tall, hover="closest")
    style.label_positions(figure, names)
    figure.update_layout(barmode="stack", bargap=0.04, legend={"yref": "container", "y": 0, "traceorder": "normal"})
    figure.update_yaxes(visible=False, range=[0, 1], row=2, col=1)
    # as categories, or plotly would read "2020" as a number
    return figure.update_xaxes(
        type="category",
        nticks=20 if max(map(len, groups)) <= 4 else 6,
        tickangle=0,
        tickfont={"size": 11},
        showgrid=False,
        range=[-0.5, len(groups) - 0.5],
    )


def _split_strip(figure: go.Figure, chart: ImportanceOverTime, groups: list[str]) -> None:
    share_GP = chart.part_GP / np.maximum(chart.part_GP.sum(axis=1, keepdims=True), 1)
    for p, split in enumerate(ALL_SPLITS):
        if chart.part_GP[:, p].any():
            figure.add_trace(
                go.Bar(
                    x=groups,
                    y=share_GP[:, p],
                    name=NAMES[split],
                    marker={"color": COLOURS[split]},
                    customdata=chart.part_GP[:, p],
                    hovertemplate=tr("{customdata} windows<extra>", customdata="%{customdata}")
                    + NAMES[split]
                    + "</extra>",
                ),
                row=2,
                col=1,
            )
