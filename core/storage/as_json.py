"""Runs, backtests, explanations and forecasts as plain JSON values: what the command line prints for other programs."""

import dataclasses
from typing import Any

import pandas as pd

from core.evaluation.backtest.result import Backtest
from core.evaluation.experiments import multiple_testing
from core.evaluation.experiments import record as trials
from core.explain.importance import Importance
from core.storage.experiment_log import ExperimentLog
from core.storage.run_files import plain
from core.types import Explanation, Run


def of_run(run: Run) -> dict[str, Any]:
    """Everything that decides whether to trust a run, and its name."""
    evaluation, history = run.evaluation, run.history
    return plain(
        {
            "run_id": run.id,
            "spec_id": run.spec.id,
            "data_digest": run.data_digest,
            "model": run.spec.model.kind,
            "unit": evaluation.unit,
            "scores": evaluation.scores,
            "members": evaluation.members,
            "by_step": evaluation.by_step,
            "bands": evaluation.bands,
            "verdict": dataclasses.asdict(evaluation.verdict),
            "history": {
                "epochs": len(history.epochs),
                "best_epoch": history.best_epoch,
                "seconds": history.seconds,
                "device": history.device,
                "problem": history.problem,
            },
            "rows": run.rows,
            "left_out": evaluation.left_out,
            "alarms": [dataclasses.asdict(alarm) for alarm in evaluation.alarms],
            "importance": run.explanation.importance if run.explanation else None,
        }
    )


def of_explanation(explanation: Explanation) -> dict[str, Any]:
    """Mean absolute contributions by feature and by lag (lag 1 first), target units."""
    return plain(
        {
            "method": explanation.method,
            "importance": explanation.importance,
            "by_lag": explanation.by_lag_L.tolist(),
            "additivity_error": explanation.additivity_error,
            "windows": len(explanation.symbol_N),
            "seconds": explanation.seconds,
        }
    )


def of_ablation(retrained: Importance, verdict: str) -> dict[str, Any]:
    """The rise of the test error, as a share of it, by feature (trained again without it) and by lag (not trained
    again; lag 1 first). Nothing adds up, so `additivity_error` is null."""
    return plain(
        {
            "method": "ablation",
            "importance": retrained.importance,
            "by_lag": list(retrained.by_lag),
            "additivity_error": None,
            "windows": retrained.windows,
            "seconds": retrained.seconds,
            "verdict": verdict,
        }
    )


def of_forecast(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One object for each step of a live forecast, user's units, times in ISO form."""
    rows = table.drop(columns=["part", "y"]).to_dict(orient="records")
    return plain([row | {name: row[name].isoformat() for name in ("cutoff", "time")} for row in rows])


def of_walk(walk: Backtest) -> dict[str, Any]:
    """The scores of each fold, their spread, and what all folds together say."""
    evaluation = walk.evaluation
    return plain(
        {
            "spec_id": walk.spec.id,
            "model": walk.spec.model.kind,
            "plan": dataclasses.asdict(walk.plan),
            "unit": evaluation.unit,
            "folds": [
                dataclasses.asdict(fold) | {"first": str(fold.first), "last": str(fold.last)} for fold in walk.folds
            ],
            "missing": walk.missing,
            "spread": walk.spread,
            "scores": evaluation.scores,
            "by_step": evaluation.by_step,
            "bands": evaluation.bands,
            "verdict": dataclasses.asdict(evaluation.verdict),
            "alarms": [dataclasses.asdict(alarm) for alarm in evaluation.alarms],
            "seconds": walk.seconds,
        }
    )


def say_walk(walk: Backtest) -> str:
    """The same as a few lines: one a fold, then their spread and the verdict over all of them."""
    lines = [
        f"fold {f.fold:>2}  {str(f.first)[:10]} to {str(f.last)[:10]}  {f.rows['test']:>5} forecasts  "
        f"skill {f.skill:+7.1%}" + (f"  band {f.coverage:.1%}" if f.coverage == f.coverage else "")
        for f in walk.folds
    ]
    spread = walk.spread
    said = (
        f"Skill by fold {spread['mean']:+.1%} ± {spread['std']:.1%} (mean and standard deviation), above zero in "
        f"{spread['above_zero']:.0%} of them, against {walk.evaluation.verdict.reference}."
    )
    return "\n".join([*lines, said, walk.evaluation.verdict.text])


def of_tries(ledger: ExperimentLog) -> dict[str, Any]:
    """Every question of the ledger, the one asked last first, and the entries that cannot be read."""
    return plain(
        {
            "questions": [_question(one) for one in trials.questions(ledger.looks)],
            "damaged": [{"file": name, "problem": problem} for name, problem in ledger.damaged],
        }
    )


def _question(asked: trials.Task) -> dict[str, Any]:
    """`p_spa` is null where nothing can be compared; `in_set` are runs of the confidence set, deleted ones too."""
    made = multiple_testing.compare(asked.tries)
    best = None if made.best is None else asked.tries[made.best]
    return {
        "question": asked.key,
        "title": asked.title,
        "tries": len(asked.tries),
        "looks": len(asked.looks),
        "compared": len(made.compared),
        "sessions": made.sessions,
        "p_spa": made.p_value,
        "text": made.caption,
        "deflated_sharpe": made.deflated,
        "best": best
        and {"run_id": best.run_id, "skill": best.skill, "p_value": best.p_value, "reference": best.reference},
        "superior": [asked.tries[k].run_id for k in made.superior],
        "in_set": [asked.tries[k].run_id for k in made.kept],
    }
