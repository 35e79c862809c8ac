"""The results of a backtest's folds, and the scores of each.

Axis letters: N windows, H steps, Q quantiles, S symbols, C one column or one a step.
"""

import statistics
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from core.baselines.registry import BASELINES
from core.datasets.targets import TargetKind
from core.evaluation import baseline_tests, metrics, verdict
from core.evaluation.backtest.plan import Plan
from core.forecasting.table import ForecastMatrix, to_matrix
from core.spec import Spec
from core.types import Alarm, Evaluation, Floats, History


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldResult:
    """One trained fold: plain values alone, so that it travels between processes and is stored as Parquet and JSON.

    `table` has one row for each window and step of the test, validation and calibration split: part, symbol, cutoff,
    step, the model's own output in model units (q05 … q95 of the network, or one probability), and each baseline's
    forecast under its name, in the user's units. `scale_SC` and `naive_mae_S`, from the fold's own training split, are
    those of core.evaluation.score.evaluate.
    """

    fold: int
    folds: int
    table: pd.DataFrame
    history: History
    rows: dict[str, int]
    scale_SC: Floats
    naive_mae_S: Floats = field(metadata={"stored": "naive_mae"})
    skill: float
    seconds: float
    reference: str = ""  # the naive baseline behind `skill`; earlier versions did not store it
    alarms: tuple[Alarm, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)  # baselines without a forecast, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldScore:
    """The scores of one fold on its test split, whose cutoffs run from `first` to `last`.

    `scores` has mae and rmse (score units) and skill of each model, hit_rate for directions; skill is against
    `reference`, which the fold's own validation split chooses. `coverage` and `width` of the prediction interval are
    NaN if there is none. `epochs` and `steps` lie before the best weights; earlier versions counted no steps.
    """

    fold: int
    first: np.datetime64
    last: np.datetime64
    rows: dict[str, int]
    skill: float
    reference: str
    scores: dict[str, dict[str, float]]
    coverage: float
    width: float
    epochs: int
    seconds: float
    steps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """All finished folds: their scores, and one forecast table and evaluation over their test splits.

    `missing` numbers the folds that are not finished. `seconds` is the sum over the folds.
    """

    spec: Spec
    plan: Plan
    folds: tuple[FoldScore, ...]
    missing: tuple[int, ...]
    forecast: pd.DataFrame
    evaluation: Evaluation
    seconds: float

    @property
    def references(self) -> tuple[str, ...]:
        """The references of the folds, each once."""
        return tuple(dict.fromkeys(fold.reference for fold in self.folds))

    @property
    def spread(self) -> dict[str, float]:
        """Mean, standard deviation (0 for one fold), least and largest skill of the folds, and the share above zero."""
        skills = [fold.skill for fold in self.folds if np.isfinite(fold.skill)] or [float("nan")]
        return {
            "mean": statistics.mean(skills),
            "std": statistics.stdev(skills) if len(skills) > 1 else 0.0,
            "min": min(skills),
            "max": max(skills),
            "above_zero": sum(s > 0 for s in skills) / len(skills),
        }


def score_folds(
    results: tuple[FoldResult, ...], forecast: pd.DataFrame, model: str, kind: TargetKind, reference: str
) -> tuple[FoldScore, ...]:
    """The scores of each fold from the forecast table of all; errors in units of the first fold's training split.

    `reference` stands in where a fold names none, or one that another fold lacks.
    """
    test = forecast[forecast["part"] == "test"]
    return tuple(
        _score(result, _of_fold(test, result), model, kind, reference, results[0].scale_SC) for result in results
    )


def add_fold_alarms(results: tuple[FoldResult, ...], evaluation: Evaluation) -> Evaluation:
    """`evaluation` with the alarms of the folds, each once, and the baselines that any fold left out.

    A feature that looks ahead, and was allowed to, overrules the verdict.
    """
    alarms = {(alarm.name, alarm.feature): alarm for result in reversed(results) for alarm in result.alarms}
    left_out = {name: reason for result in reversed(results) for name, reason in result.left_out.items()}
    ahead = [feature for name, feature in alarms if name == "look-ahead" and feature]
    judged = verdict.overrule(evaluation.verdict, ahead) if ahead else evaluation.verdict
    return replace(evaluation, alarms=(*alarms.values(), *evaluation.alarms), left_out=left_out, verdict=judged)


def skill(table: ForecastMatrix, model: str, reference: str, kind: TargetKind, scale_SC: Floats) -> float:
    """1 − root mean squared standardised error of `model` / that of `reference`; 0 if neither errs, else −∞."""
    mse, reference_mse = (baseline_tests.mean_squared_error(table, name, kind, scale_SC) for name in (model, reference))
    return baseline_tests.skill(mse, reference_mse)


def choose_reference(val: ForecastMatrix, model: str, kind: TargetKind, scale_SC: Floats) -> str:
    """The naive baseline that a fold's validation split chooses, as that of a run does."""
    naive = [name for name in val.yhat_NH if name != model and BASELINES[name].naive]
    return baseline_tests.choose_reference(
        {name: baseline_tests.mean_squared_error(val, name, kind, scale_SC) for name in naive}
    )


def _of_fold(test: pd.DataFrame, result: FoldResult) -> pd.DataFrame:
    cutoff = result.table.loc[result.table["part"] == "test", "cutoff"]
    return test[(test["cutoff"] >= cutoff.min()) & (test["cutoff"] <= cutoff.max())]


def _score(
    result: FoldResult, rows: pd.DataFrame, model: str, kind: TargetKind, reference: str, scale_SC: Floats
) -> FoldScore:
    table, interval = to_matrix(rows, "test"), rows[(rows["model"] == model) & rows["lo"].notna()]
    median = to_matrix(rows, "test", median=True)
    reference = result.reference if result.reference in table.yhat_NH else reference
    scores = {
        name: _errors(table, median, name, kind) | {"skill": skill(table, name, reference, kind, scale_SC)}
        for name in table.yhat_NH
    }
    y, low, high = (interval[name].to_numpy() for name in ("y", "lo", "hi"))
    history = result.history
    return FoldScore(
        fold=result.fold,
        first=table.cutoff_N.min(),
        last=table.cutoff_N.max(),
        rows=result.rows,
        skill=scores[model]["skill"],
        reference=reference,
        scores=scores,
        epochs=history.best_epoch,
        steps=next((e.step for e in history.epochs if e.member == 1 and e.epoch == history.best_epoch), 0),
        coverage=metrics.coverage(y, low, high) if len(interval) else float("nan"),
        width=float(np.mean(high - low)) if len(interval) else float("nan"),
        seconds=result.seconds,
    )


def _errors(table: ForecastMatrix, median: ForecastMatrix, name: str, kind: TargetKind) -> dict[str, float]:
    y, mean, middle = (kind.to_score(value) for value in (table.y_NH, table.yhat_NH[name], median.yhat_NH[name]))
    errors = {"mae": metrics.mae(y, middle), "rmse": metrics.rmse(y, mean)}
    return errors | {"hit_rate": metrics.hit_rate(y, mean)} if kind.binary else errors
