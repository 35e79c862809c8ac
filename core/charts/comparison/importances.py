"""What drives the forecasts of several runs, feature by feature.

Axis letters: R runs, F features.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.comparison import look
from core.charts.explanation import phrases
from core.charts.primitives import bar_layout, bars
from core.evaluation.compare.comparison import Comparison
from core.evaluation.compare.shared import LETTERS
from core.language import message, tr
from core.types import Floats

SHOWN = 12  # features that are still readable
BAR = 13  # pixels of a bar
NONE = message("None of these runs is explained yet. The Explain page of a run does it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunImportances:
    """Mean absolute contribution of each feature in target units, NaN where a run does not have it; the features with
    the largest one first. Runs without explanation are left out."""

    letters: tuple[str, ...]
    models: tuple[str, ...]
    features: tuple[str, ...]
    value_RF: Floats
    unit: str

    @property
    def caption(self) -> str:
        """The feature that moves the forecasts of each run most."""
        if not self.letters:
            return tr(NONE)
        leaders = [self.features[int(np.nanargmax(value_F))] for value_F in self.value_RF]
        omitted = phrases.omitted(max(0, len(self.features) - SHOWN))
        if len(set(leaders)) == 1:
            return tr(
                "{feature} moves the forecasts of {runs} most.{omitted}",
                feature=leaders[0],
                runs=look.listed(self.letters),
                omitted=omitted,
            )
        pairs = ", ".join(f"{letter}: {name}" for letter, name in zip(self.letters, leaders, strict=True))
        return tr("What moves the forecasts most differs – {pairs}.{omitted}", pairs=pairs, omitted=omitted)


def compute(comparison: Comparison, names: Mapping[str, str], unit: str) -> RunImportances:
    """The importances of the explained runs; `names` are the names of the features, by code."""
    rows = [row for row, run in enumerate(comparison.runs) if run.importance]
    codes = list(dict.fromkeys(code for row in rows for code in comparison.runs[row].importance))
    value_RF = np.array(
        [[comparison.runs[row].importance.get(code, np.nan) for code in codes] for row in rows], dtype=float
    ).reshape(len(rows), len(codes))
    order = np.argsort(-np.nan_to_num(value_RF).max(axis=0, initial=0.0), kind="stable")
    return RunImportances(
        letters=tuple(comparison.letters[row] for row in rows),
        models=tuple(comparison.runs[row].model for row in rows),
        features=tuple(names.get(codes[f], codes[f]) for f in order),
        value_RF=value_RF[:, order],
        unit=unit,
    )


def draw(chart: RunImportances, height: int | None = None) -> go.Figure:
    """Bars in groups, the features that move a forecast most on top."""
    names = [text.escape(name) for name in chart.features[:SHOWN]]
    height = height or 110 + max(3, len(names)) * (12 + BAR * max(2, len(chart.letters)))
    if not chart.letters:
        return style.add_note(style.apply_layout(go.Figure(), "", 200), NONE)
    figure, tips = go.Figure(), [text.tooltip(name) for name in chart.features[:SHOWN]]
    for row, letter in enumerate(chart.letters):
        figure.add_trace(
            bars(
                chart.value_RF[row, :SHOWN],
                {"color": look.COLOURS[LETTERS.index(letter)]},
                hover=f"{letter}: %{{customdata}}: %{{x:,.5~r}}<extra></extra>",
                customdata=tips,
                name=look.label(letter, chart.models[row]),
            )
        )
    title = tr("mean |contribution| ({unit})", unit=text.unit_title(chart.unit))
    bar_layout(figure, names, height, title)
    return figure.update_layout(barmode="group", bargap=0.3, showlegend=True)
