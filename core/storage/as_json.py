"""Runs, backtests, explanations and forecasts as plain JSON values: what the command line prints for other programs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation import calibration, convergence
from core.evaluation.backtest.result import Backtest
from core.evaluation.compare import wording
from core.evaluation.compare.comparison import Comparison
from core.evaluation.experiments import multiple_testing, record
from core.evaluation.shares import describe_shares
from core.evaluation.short_series import describe_short
from core.explain.methods import MethodResult
from core.spec.registries import MODELS, registry
from core.storage.experiment_log import ExperimentLog
from core.storage.serialize import to_json
from core.types import Run


def of_run(run: Run, notes: Sequence[str] = ()) -> dict[str, Any]:
    """The name of a run, all that decides whether to trust it, and its live forecast; `notes` are those of its data."""
    evaluation, history = run.evaluation, run.history
    found = [
        describe_shares(run, registry(MODELS)[run.spec.model.kind].title),
        describe_short(run),
        calibration.describe_few_scores(run),
        convergence.advise(run),
    ]
    live = run.forecast[run.forecast["part"] == "live"]
    return to_json(
        {
            "run_id": run.id,
            "spec_id": run.spec.id,
            "data_digest": run.data_digest,
            "model": run.spec.model.kind,
            "unit": evaluation.unit,
            "scores": evaluation.scores,
            "members": evaluation.members,
            "by_step": evaluation.by_step,
            "shares": evaluation.shares,
            "skips": evaluation.skips,
            "bands": evaluation.bands,
            "verdict": evaluation.verdict,
            "history": {
                "epochs": len(history.epochs),
                "best_epoch": history.best_epoch,
                "steps": max((epoch.step for epoch in history.epochs if epoch.member == 1), default=0),
                "seconds": history.seconds,
                "device": history.device,
                "problem": history.problem,
            },
            "rows": run.rows,
            "left_out": evaluation.left_out,
            "alarms": evaluation.alarms,
            "live": of_forecast(live[["symbol", "cutoff", "step", "time", "yhat", "lo", "hi"]]),
            "notes": [*notes, *filter(None, found)],
            "importance": run.explanation.importance if run.explanation else None,
        }
    )


def of_explanation(method: str, result: MethodResult) -> dict[str, Any]:
    """The importance of features by a method of core.explain.methods, by feature and by lag (lag 1 first).

    `additivity_error` is null for methods whose numbers need not add up to the forecast. `importance_error` is the
    standard error of the importance of each feature where it is sampled.
    """
    importance, explanation = result.importance, result.explanation
    return to_json(
        {
            "method": method,
            "importance": importance.importance,
            "by_lag": importance.by_lag,
            "additivity_error": importance.additivity_error,
            "windows": importance.windows,
            "seconds": importance.seconds,
        }
        | ({"gain": result.gain} if result.gain else {})
        | ({"importance_error": explanation.importance_error} if explanation and explanation.importance_error else {})
    )


def of_forecast(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One object for each step of a live forecast, user's units, times in ISO form."""
    rows = table.drop(columns=["part", "y"], errors="ignore").to_dict(orient="records")
    return to_json([row | {name: row[name].isoformat() for name in ("cutoff", "time")} for row in rows])


def of_backtest(backtest: Backtest) -> dict[str, Any]:
    """The scores of each fold, their spread, and the evaluation over all folds."""
    evaluation = backtest.evaluation
    return to_json(
        {
            "spec_id": backtest.spec.id,
            "model": backtest.spec.model.kind,
            "plan": backtest.plan,
            "unit": evaluation.unit,
            "folds": [to_json(fold) | {"first": str(fold.first), "last": str(fold.last)} for fold in backtest.folds],
            "missing": backtest.missing,
            "spread": backtest.spread,
            "scores": evaluation.scores,
            "by_step": evaluation.by_step,
            "bands": evaluation.bands,
            "verdict": evaluation.verdict,
            "alarms": evaluation.alarms,
            "seconds": backtest.seconds,
        }
    )


def format_backtest(backtest: Backtest) -> str:
    """The same as a few lines: one a fold, then their spread and the verdict over all of them."""
    lines = [
        f"fold {f.fold:>2}  {str(f.first)[:10]} to {str(f.last)[:10]}  {f.rows['test']:>5} forecasts  "
        f"skill {f.skill:+7.1%} over {f.reference}" + (f"  band {f.coverage:.1%}" if f.coverage == f.coverage else "")
        for f in backtest.folds
    ]
    spread = backtest.spread
    summary = (
        f"Skill by fold {spread['mean']:+.1%} ± {spread['std']:.1%} (mean and standard deviation), above zero in "
        f"{spread['above_zero']:.0%} of them, against {' and '.join(backtest.references)}."
    )
    return "\n".join([*lines, summary, backtest.evaluation.verdict.text])


def of_experiments(log: ExperimentLog) -> dict[str, Any]:
    """Every task of the experiment log, the latest first, and the entries that cannot be read; `trials` are recipes
    that searches tried on a task without its test period."""
    return to_json(
        {
            "questions": [
                _of_task(task) | {"trials": log.count_trials(task.key)}
                for task in record.group_by_task(log.evaluations)
            ],
            "damaged": [{"file": name, "problem": problem} for name, problem in log.damaged],
        }
    )


def _of_task(task: record.Task) -> dict[str, Any]:
    """`p_spa` is null if nothing can be compared; `in_set` are runs of the confidence set, deleted ones too."""
    comparison, experiments = multiple_testing.compare(task.experiments), task.experiments
    best = None if comparison.best is None else experiments[comparison.best]
    return {
        "question": task.key,
        "title": task.title,
        "tries": len(experiments),
        "looks": len(task.evaluations),
        "compared": len(comparison.compared),
        "sessions": comparison.cutoffs,
        "p_spa": comparison.p_value,
        "text": comparison.caption,
        "deflated_sharpe": comparison.deflated,
        "independent": comparison.independent,
        "best": best
        and {"run_id": best.run_id, "skill": best.skill, "p_value": best.p_value, "reference": best.reference},
        "superior": [experiments[k].run_id for k in comparison.superior],
        "in_set": [experiments[k].run_id for k in comparison.confidence_set],
    }


def of_comparison(comparison: Comparison, runs: Sequence[Run]) -> dict[str, Any]:
    """The scores of several runs on the cutoffs that they share, a paired test of every two, and what differs between
    their recipes: for each path its value in each run, in the order of `runs`.

    `difference` is the mean loss of a − that of b, squared errors in train-standardised units of the first run; `skill`
    is 1 − RMSE of a / RMSE of b. Bounds are null where they are undefined.
    """
    ids, test = [run.run_id for run in comparison.runs], comparison.test
    return to_json(
        {
            "runs": ids,
            "text": wording.describe(comparison),
            "unit": comparison.unit,
            "reference": comparison.reference,
            "shared": {
                "cutoffs": test.cutoffs,
                "windows": len(test.mean.cutoff_N),
                "first": str(np.datetime_as_string(test.mean.cutoff_N.min(), unit="auto")),
                "last": str(np.datetime_as_string(test.mean.cutoff_N.max(), unit="auto")),
                "steps": test.mean.steps,
                "of": dict(zip(ids, test.windows, strict=True)),
                "differing": test.differing,
            },
            "scores": {
                run.run_id: run.scores
                | {"skill_lo": run.interval[0], "skill_hi": run.interval[1], "model": run.model, "bands": run.bands}
                for run in comparison.runs
            },
            "pairs": [
                {
                    "a": ids[pair.a],
                    "b": ids[pair.b],
                    "difference": pair.difference,
                    "lo": pair.low,
                    "hi": pair.high,
                    "skill": pair.skill,
                    "skill_lo": pair.skill_interval[0],
                    "skill_hi": pair.skill_interval[1],
                    "p_value": pair.p_value,
                    "p_adjusted": pair.p_adjusted,
                }
                for pair in comparison.pairs
            ],
            "recipe": {one.path: one.values for one in comparison.recipe},
            "importance": {run.run_id: run.importance or None for run in comparison.runs},
            "notes": [*wording.notes(comparison, tuple(runs)), wording.ANOTHER_LOOK],
        }
    )


def format_comparison(comparison: Comparison, runs: Sequence[Run]) -> str:
    """The same as a few lines: the runs by letter, the sentence, then a line for each pair and each setting."""
    lines = [
        f"{letter}  {run.run_id}  {run.model:8} RMSE {run.scores['rmse']:.5g}  MAE {run.scores['mae']:.5g}  "
        f"skill {run.scores['skill']:+.1%}" + (f"  band {run.bands['coverage']:.1%}" if run.bands else "")
        for letter, run in zip(comparison.letters, comparison.runs, strict=True)
    ]
    lines += [wording.describe(comparison), *(wording.describe_pair(comparison, pair) for pair in comparison.pairs)]
    lines += [f"{one.path}: {' | '.join(map(str, one.values))}" for one in comparison.recipe]
    return "\n".join([*lines, *wording.notes(comparison, tuple(runs)), wording.ANOTHER_LOOK])
