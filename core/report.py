"""A run, an explanation and a forecast as plain JSON values: what the command line prints for other programs."""

import dataclasses
from typing import Any

import pandas as pd

from core.evaluate import comparison
from core.evaluate import tries as trials
from core.records import Explanation, Run
from core.runs.codec import plain
from core.runs.ledger import Ledger


def of_run(run: Run) -> dict[str, Any]:
    """Everything that decides whether to trust a run, and its name."""
    evaluation, history = run.evaluation, run.history
    return plain({
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
        "history": {"epochs": len(history.epochs), "best_epoch": history.best_epoch, "seconds": history.seconds,
                    "device": history.device, "problem": history.problem},
        "rows": run.rows,
        "alarms": [dataclasses.asdict(alarm) for alarm in evaluation.alarms],
        "importance": run.explanation.importance if run.explanation else None,
    })


def of_explanation(explanation: Explanation) -> dict[str, Any]:
    """Mean absolute contributions by feature and by lag (lag 1 first), target units."""
    return plain({
        "method": explanation.method,
        "importance": explanation.importance,
        "by_lag": explanation.by_lag_L.tolist(),
        "additivity_error": explanation.additivity_error,
        "windows": len(explanation.symbol_N),
        "seconds": explanation.seconds,
    })


def of_forecast(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One object for each step of a live forecast, user's units, times in ISO form."""
    rows = table.drop(columns=["part", "y"]).to_dict(orient="records")
    return plain([row | {name: row[name].isoformat() for name in ("cutoff", "time")} for row in rows])


def of_tries(ledger: Ledger) -> dict[str, Any]:
    """Every question of the ledger, the one asked last first, and the entries that cannot be read."""
    return plain({"questions": [_question(one) for one in trials.questions(ledger.looks)],
                  "damaged": [{"file": name, "problem": problem} for name, problem in ledger.damaged]})


def _question(asked: trials.Question) -> dict[str, Any]:
    """`p_spa` is null where nothing can be compared; `in_set` are runs of the confidence set, deleted ones too."""
    made = comparison.compare(asked.tries)
    best = None if made.best is None else asked.tries[made.best]
    return {
        "question": asked.key, "title": asked.title, "tries": len(asked.tries), "looks": len(asked.looks),
        "compared": len(made.compared), "sessions": made.sessions, "p_spa": made.p_value, "text": made.says,
        "deflated_sharpe": made.deflated,
        "best": best and {"run_id": best.run_id, "skill": best.skill, "p_value": best.p_value,
                          "reference": best.reference},
        "superior": [asked.tries[k].run_id for k in made.superior],
        "in_set": [asked.tries[k].run_id for k in made.kept],
    }
