"""What mattered when: the share of each feature in what all features move, year by year, and which years were learned.

Axis letters: G groups of windows, F features, P parts.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts import style, text
from core.charts.data.series import SPLIT_COLOURS, SPLIT_NAMES
from core.explain.grouping import SPLITS, ImportanceSummary
from core.types import Flags, Floats, Ints

ROWS = 14
FEW = 5  # windows of a group whose numbers are little more than luck
STEADY = 0.01  # a change of a share that is none
FIGURES = 24  # groups beyond which cells are too narrow for a figure
SHADES = ((0.0, "#ffffff"), (1.0, style.MODEL))
COLOURS = SPLIT_COLOURS | {"live": style.OUTCOME}
NAMES = SPLIT_NAMES | {"live": "live"}
MANY = {"year": "years", "years": "spans of years", "stretch": "stretches of time"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Through:
    """Mean |contribution| (target units) and its share of that of all features, the most important feature first.

    `left` features that matter less are not drawn; the shares count them.
    """

    unit: str
    by: str
    features: tuple[str, ...]
    names: tuple[str, ...]
    mean_GF: Floats
    share_GF: Floats
    part_GP: Ints
    left: int

    @property
    def judged_G(self) -> Flags:
        """Groups of windows enough to speak of; all of them where fewer than two are."""
        enough = self.part_GP.sum(axis=1) >= FEW
        return enough if enough.sum() > 1 else np.ones(len(enough), dtype=bool)

    @property
    def caption(self) -> str:
        """Who led how often, whose share changed most, and which groups the model was trained on."""
        if not self.mean_GF.any():
            return f"No feature moves the forecast in any of {len(self.names)} {MANY[self.by]}."
        if len(self.names) == 1:
            return (
                f"{text.pluralize(int(self.part_GP.sum()), 'window')} within {self.names[0]}: there is nothing to "
                f"compare. {self.features[0]} moves the forecast most."
            )
        if len(self.features) == 1:
            return f"{self.features[0]} is alone, so its share is always 100%. {self._trained()}"
        at = np.flatnonzero(self.judged_G)
        share_GF = self.share_GF[at]
        first, leads = self._leader(share_GF)
        said = f"{first} matters most in {leads} of {len(at)} {MANY[self.by]}"
        changed = int(np.argmax(np.ptp(share_GF, axis=0)))
        if np.ptp(share_GF[:, changed]) < STEADY:
            return f"{said}, and no share changes by a hundredth. {self._trained()}"
        ends = sorted((int(np.argmin(share_GF[:, changed])), int(np.argmax(share_GF[:, changed]))))
        spoken = [f"{text.percent(share_GF[g, changed])} ({self.names[at[g]]})" for g in ends]
        return (
            f"{said}; the share of {self.features[changed]} changed most, from {spoken[0]} to {spoken[1]}. "
            f"{self._trained()}"
        )

    def _leader(self, share_GF: Floats) -> tuple[str, int]:
        wins_F = np.bincount(np.argmax(share_GF, axis=1), minlength=share_GF.shape[1])
        return self.features[int(np.argmax(wins_F))], int(wins_F.max())

    def _trained(self) -> str:
        seen = np.flatnonzero(self.part_GP[:, SPLITS.index("train")])
        if not len(seen):
            return "The model was trained on none of them."
        spoken = self.names[seen[0]] + (f" to {self.names[seen[-1]]}" if len(seen) > 1 else "")
        named = ", each named by its first moment" if self.by == "stretch" else ""
        return f"The model was trained on {spoken}{named}."


def compute(view: ImportanceSummary, unit: str) -> Through:
    """At most 14 features over all groups of time."""
    mean_GF, groups = view.time.mean_GF, view.time
    total_G1 = mean_GF.sum(axis=1, keepdims=True)
    share_GF = mean_GF / np.where(total_G1 > 0, total_G1, 1.0)
    weight_G1 = groups.count_G[:, None]
    top = np.argsort(-(mean_GF * weight_G1).sum(axis=0), kind="stable")[:ROWS]
    return Through(
        unit=unit,
        by=groups.by,
        features=tuple(view.features[f] for f in top),
        names=groups.names,
        mean_GF=mean_GF[:, top],
        share_GF=share_GF[:, top],
        part_GP=groups.part_GP,
        left=len(view.features) - len(top),
    )


def draw(chart: Through, height: int | None = None) -> go.Figure:
    """The map of shares, dark where a feature mattered much, over a strip that says which part each group lies in."""
    count, names = len(chart.names), [text.escape(name) for name in chart.features]
    groups = [text.escape(name) for name in chart.names]
    tall = 26 * len(names) + 30
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=8 / (tall + 20), row_heights=[tall, 18])
    said = [
        [
            f"{name}, {group}: {text.percent(chart.share_GF[g, f])} of what all move "
            f"({text.amount(chart.mean_GF[g, f], chart.unit)})"
            for g, group in enumerate(groups)
        ]
        for f, name in enumerate(names)
    ]
    figure.add_trace(
        go.Heatmap(
            z=chart.share_GF.T,
            x=groups,
            y=np.arange(len(names)),
            zmin=0,
            text=said,
            colorscale=SHADES,
            zmax=float(chart.share_GF.max()) or 1.0,
            hovertemplate="%{text}<extra></extra>",
            texttemplate="%{z:.0%}" if count <= FIGURES else None,
            textfont={"size": 11},
            xgap=1,
            ygap=1,
            showscale=count > FIGURES,
            colorbar=style.colorbar(
                title={"text": "share in what all features move", "side": "top"}, tickformat=".0%", nticks=5
            ),
        ),
        row=1,
        col=1,
    )
    _strip(figure, chart, groups)
    style.apply_layout(figure, "", height or (110 if count <= FIGURES else 160) + tall, hover="closest")
    style.label_positions(figure, names)
    figure.update_layout(barmode="stack", bargap=0.04, legend={"yref": "container", "y": 0, "traceorder": "normal"})
    figure.update_yaxes(visible=False, range=[0, 1], row=2, col=1)
    # of this type, or plotly would read "2020" as a number
    return figure.update_xaxes(
        type="category",
        nticks=20 if max(map(len, groups)) <= 4 else 6,
        tickangle=0,
        tickfont={"size": 11},
        showgrid=False,
        range=[-0.5, count - 0.5],
    )


def _strip(figure: go.Figure, chart: Through, groups: list[str]) -> None:
    share_GP = chart.part_GP / np.maximum(chart.part_GP.sum(axis=1, keepdims=True), 1)
    for p, part in enumerate(SPLITS):
        if chart.part_GP[:, p].any():
            figure.add_trace(
                go.Bar(
                    x=groups,
                    y=share_GP[:, p],
                    name=NAMES[part],
                    marker={"color": COLOURS[part]},
                    customdata=chart.part_GP[:, p],
                    hovertemplate="%{customdata} windows<extra>" + NAMES[part] + "</extra>",
                ),
                row=2,
                col=1,
            )
