"""A run, an explanation and a forecast as plain JSON values: what the command line prints for other programs."""

import dataclasses
from typing import Any

import pandas as pd

from core.records import Explanation, Run
from core.runs.codec import plain


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
        "left_out": evaluation.left_out,
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
