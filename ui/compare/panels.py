"""The parts of the Compare page: the sentence, the scores, the recipes and the charts."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.charts import text
from core.charts.comparison import forecasts, importances, intervals, losses, pairs
from core.datasets.targets import TARGETS
from core.evaluation.compare import wording
from core.evaluation.compare.comparison import Comparison, RunScores
from core.evaluation.compare.recipes import RecipeDifference
from core.language import mark, message, tr, tr_n
from core.types import Run
from ui import charts, markdown, messages, names, verdict
from ui.evaluate import experiments

LOSSES, INTERVALS = message("Validation loss"), message("Prediction intervals")
HEIGHT = 370  # px of the two charts of the first screen
SCORES = {  # columns of the table, by their name in the scores
    "rmse": "RMSE",
    "mae": "MAE",
    "mase": "MASE",
    "r2": "R²",
    "qlike": "QLIKE",
    "brier": "Brier",
    "hit_rate": mark("Hit rate"),
}


def draw_sentence(comparison: Comparison) -> None:
    """What the comparison says, in the colour of evidence or of none."""
    best = comparison.seen_from(comparison.best)
    box = st.success if any(pair.significant for pair in best) else st.warning
    box(f"**{markdown.sentence(wording.describe(comparison))}**", icon=":material/compare_arrows:")


def draw_forecasts(comparison: Comparison, runs: Sequence[Run]) -> None:
    """The forecasts over one line of outcomes, next to every pair with its interval."""
    first, kind = runs[0], TARGETS[runs[0].spec.target.kind]
    test = comparison.test.mean
    present = {test.symbols[s] for s in set(test.symbol_N.tolist())}
    symbols, steps = [name for name in test.symbols if name in present], list(test.steps)
    symbol, step = symbols[0], steps[-1]
    left, right = st.columns([3, 2])
    with left:
        if len(symbols) > 1 or len(steps) > 1:
            boxes = st.columns(2)
            symbol = boxes[0].selectbox(tr("Symbol"), symbols, key="compare-symbol") if len(symbols) > 1 else symbol
            if len(steps) > 1:
                title = names.steps_ahead(names.step(first))
                step = boxes[1].selectbox(title, steps, len(steps) - 1, key="compare-step")
        chart = forecasts.compute(comparison, symbol, step, unit=names.unit(first), binary=kind.binary)
        charts.show(forecasts.draw(chart, HEIGHT), chart.caption, "compare-forecasts")
    with right:
        paired = pairs.compute(comparison)
        charts.show(pairs.draw(paired, HEIGHT), paired.caption, "compare-pairs")


def draw_scores(comparison: Comparison, runs: Sequence[Run]) -> None:
    """A row for each run with its scores on the shared windows, and its own verdict."""
    rows = [
        _score_row(letter, scores, run)
        for letter, scores, run in zip(comparison.letters, comparison.runs, runs, strict=True)
    ]
    count, windows = comparison.test.cutoffs, len(comparison.test.mean.cutoff_N)
    st.caption(
        tr_n(
            "Scores over {windows} shared test windows at {count} cutoff, errors in {unit}. The verdict is that on the "
            "run alone.",
            "Scores over {windows} shared test windows at {count} cutoffs, errors in {unit}. The verdict is that on "
            "the run alone.",
            count,
            windows=f"{windows:,}",
            unit=markdown.escape(text.unit_title(names.evaluation(runs[0]).unit)),
        )
    )
    skill = tr("Skill")
    st.dataframe(
        rows,
        hide_index=True,
        key="compare-scores",
        alt=tr("Scores of the runs on the windows that they share"),
        column_config={
            skill: st.column_config.NumberColumn(
                format="percent",
                help=tr(
                    "1 − error / error of {reference}, for all runs", reference=names.baseline(comparison.reference)
                ),
            ),
            tr("Coverage"): st.column_config.NumberColumn(format="percent"),
            tr("Hit rate"): st.column_config.NumberColumn(format="percent"),
            tr("run"): st.column_config.LinkColumn(display_text=tr("open")),
        },
    )


def _score_row(letter: str, scores: RunScores, run: Run) -> dict[str, Any]:
    low, high = scores.interval
    row: dict[str, Any] = {
        "": letter,
        tr("run"): f"evaluate?run={run.id}",
        tr("Model"): names.model(scores.model),
        tr("Skill"): scores.scores["skill"],
    }
    row[tr("95 % interval")] = tr("{least} to {most}", least=text.skill(low), most=text.skill(high))
    row |= {tr(title): _rounded(scores.scores[name]) for name, title in SCORES.items() if name in scores.scores}
    if scores.bands:
        row |= {tr("Coverage"): scores.bands["coverage"], tr("Width"): _rounded(scores.bands["width"])}
        row[tr("Winkler score")] = _rounded(scores.bands["winkler"])
    row[tr("Verdict")] = verdict.headline(run.evaluation.verdict.text, run.evaluation.verdict.tone)
    return row


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def draw_recipes(comparison: Comparison) -> None:
    """The settings in which the recipes differ, in the words of the form."""
    if not comparison.recipe:
        messages.info(tr("The recipes are the same."))
        return
    rows = [
        {tr("Setting"): tr(one.field.label)}
        | {
            f"{letter} · {names.model(run.model)}": _value(one, at)
            for at, (letter, run) in enumerate(zip(comparison.letters, comparison.runs, strict=True))
        }
        for one in comparison.recipe
    ]
    st.caption(tr("Every other setting is the same."))
    st.dataframe(rows, hide_index=True, key="compare-recipe", alt=tr("The settings in which the recipes differ"))


def _value(one: RecipeDifference, at: int) -> str:
    """A value of one recipe; of a list only what not all have."""
    value = one.values[at]
    if not isinstance(value, tuple):
        return names.setting(one.path, one.field, value)
    lists = [set(other) for other in one.values if isinstance(other, tuple)]
    shared = set.intersection(*lists)
    own = [names.setting(one.path, one.field, entry) for entry in value if entry not in shared]
    if not shared:
        return ", ".join(own) or tr("none")
    common = tr_n("{count} in common", "{count} in common", len(shared))
    return ", ".join([common, *(f"+ {entry}" for entry in own)]) if own else common


def draw_training(comparison: Comparison, runs: Sequence[Run]) -> None:
    """Loss curves next to intervals."""
    curves = losses.compute(comparison.letters, runs)
    bands = intervals.compute(comparison, names.unit(runs[0]))
    charts.show_titled(
        [(LOSSES, losses.draw(curves), curves.caption), (INTERVALS, intervals.draw(bands), bands.caption)], "compare"
    )


def draw_importances(comparison: Comparison, runs: Sequence[Run]) -> None:
    """What drives the forecasts of each explained run."""
    codes = {code for run in runs for code in run.spec.features}
    called = {code: names.feature(code, names.step(runs[0])) for code in codes}
    chart = importances.compute(comparison, called, names.unit(runs[0]))
    charts.show(importances.draw(chart), chart.caption, "compare-importances")


def draw_notes(comparison: Comparison, runs: Sequence[Run]) -> None:
    """What to know of the comparison, and how often the test period was evaluated."""
    for note in wording.notes(comparison, tuple(runs)):
        st.caption(markdown.escape(note))
    log = experiments.read()
    entry = log.of_run(runs[0].id)
    looks = log.task_of(entry).count_evaluations(entry) if entry else 0
    counted = (
        tr_n(
            "The test period of {run} was evaluated {count} time for this task.",
            "The test period of {run} was evaluated {count} times for this task.",
            looks,
            run=comparison.letters[0],
        )
        if looks
        else ""
    )
    st.caption(f"{markdown.escape(wording.ANOTHER_LOOK)} {counted}")
