"""The tables of a run that a person takes along: forecasts, scores, importances and the series."""

from collections.abc import Callable

import pandas as pd

from core.charts.explanation.importance import Z_95
from core.language import mark
from core.types import Run


def forecast(run: Run) -> pd.DataFrame:
    """The long forecast table: model · part · symbol · cutoff · step · time · y · yhat · quantiles · lo · hi."""
    return run.forecast


def scores(run: Run) -> pd.DataFrame:
    """The scores of every model on the test split, one row each."""
    return pd.DataFrame(run.evaluation.scores).T.rename_axis("model").reset_index()


def importances(run: Run) -> pd.DataFrame:
    """The importance of each feature, target units, with half the length of its 95 % interval; empty without one."""
    explanation = run.explanation
    values = explanation.importance if explanation else {}
    errors = explanation.importance_error if explanation else {}
    bounds = [Z_95 * errors[name] if name in errors else float("nan") for name in values]
    return pd.DataFrame({"feature": [*values], "importance": [*values.values()], "error": bounds})


def series(run: Run) -> pd.DataFrame:
    """The series that the run was trained on: time · symbol · its columns, one row for each symbol and time."""
    long = run.frame.stack(level="symbol", future_stack=True)
    return pd.DataFrame(long).dropna(how="all").reset_index().rename_axis(columns=None)


TABLES: dict[str, tuple[str, Callable[[Run], pd.DataFrame]]] = {  # name of the file → title, table
    "forecast": (mark("All forecasts"), forecast),
    "scores": (mark("Scores"), scores),
    "importances": (mark("Importances"), importances),
    "series": (mark("Series"), series),
}
