"""The prediction intervals of several runs: how wide they are, and how many outcomes they contain.

Axis letter: R runs.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.comparison import look
from core.charts.evaluation.interval_coverage import NO_INTERVAL
from core.charts.primitives import bar_layout, bars
from core.evaluation.compare.comparison import Comparison
from core.evaluation.compare.shared import LETTERS
from core.language import shown, tr
from core.types import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class RunIntervals:
    """Nominal coverage, coverage, mean width and Winkler score on the shared windows, target units; empty if the
    forecasts have no interval."""

    letters: tuple[str, ...]
    models: tuple[str, ...]
    nominal_R: Floats
    coverage_R: Floats
    width_R: Floats
    winkler_R: Floats
    unit: str

    @property
    def caption(self) -> str:
        """Whose intervals are best by the Winkler score, which weighs width against misses."""
        if not len(self.width_R):
            return shown(NO_INTERVAL)
        covered = ", ".join(
            tr("{run} covers {share}", run=letter, share=text.percent(share))
            for letter, share in zip(self.letters, self.coverage_R, strict=True)
        )
        if len(set(self.nominal_R.tolist())) > 1:
            return tr("{covered}; their nominal coverages differ.", covered=covered)
        best = int(np.argmin(self.winkler_R))
        return tr(
            "{covered} of the outcomes, where {nominal} is nominal; by the Winkler score, which weighs width against "
            "misses, {best} has the best intervals ({score}).",
            covered=covered,
            nominal=text.short_percent(float(self.nominal_R[0])),
            best=self.letters[best],
            score=text.number(float(self.winkler_R[best])),
        )


def compute(comparison: Comparison, unit: str) -> RunIntervals:
    """The intervals of the runs that have some."""
    rows = [row for row, run in enumerate(comparison.runs) if run.bands]

    def values(name: str) -> Floats:
        return np.array([comparison.runs[row].bands[name] for row in rows])

    return RunIntervals(
        letters=tuple(comparison.letters[row] for row in rows),
        models=tuple(comparison.runs[row].model for row in rows),
        nominal_R=values("nominal"),
        coverage_R=values("coverage"),
        width_R=values("width"),
        winkler_R=values("winkler"),
        unit=unit,
    )


def draw(chart: RunIntervals, height: int | None = None) -> go.Figure:
    """A bar of the mean width for each run, with its coverage at the end."""
    height = height or 120 + look.ROW * max(2, len(chart.letters))
    if not len(chart.width_R):
        return style.add_note(style.apply_layout(go.Figure(), "", height), NO_INTERVAL)
    labels = [
        tr("{width}, covers {share}", width=text.number(width), share=text.percent(share))
        for width, share in zip(chart.width_R, chart.coverage_R, strict=True)
    ]
    colours = [look.COLOURS[LETTERS.index(letter)] for letter in chart.letters]
    hover = [tr("Winkler score {score}", score=text.number(float(score))) for score in chart.winkler_R]
    figure = go.Figure(
        bars(
            chart.width_R,
            {"color": colours},
            hover="%{customdata}<extra></extra>",
            customdata=hover,
            text=labels,
            textposition="inside",
            insidetextanchor="start",
            insidetextfont={"color": style.PAPER},
            showlegend=False,
        )
    )
    names = [look.label(letter, model) for letter, model in zip(chart.letters, chart.models, strict=True)]
    return bar_layout(figure, names, height, tr("mean width ({unit})", unit=text.unit_title(chart.unit)))
