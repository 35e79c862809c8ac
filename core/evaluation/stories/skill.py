"""Where skill comes from: the naive baselines, what a model knows beyond them, its interval, the test, and the same
with the outcomes shuffled.

Axis letters: N windows, H steps, S shuffles.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.baselines import linear, registry
from core.datasets import windows
from core.datasets.windows import Prepared
from core.evaluation import baseline_tests, metrics
from core.forecasting import forecast, table
from core.forecasting.table import ForecastMatrix
from core.spec import Spec, with_values
from core.types import Floats, Verdict, Windows

MODEL = "ridge"
SHUFFLES = 20
BOUNDS = ("q05", "q95")  # of the interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Inputs that the model is given alone: a name for them, the features, and how many rows of them."""

    name: str
    features: tuple[str, ...]
    lookback: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillStory:
    """A model on the test split, told by its numbers; errors in the unit of the series.

    `error_H` are root mean squared errors by step of the model and of every naive baseline, `verdict` the product's on
    the model, `covered` the coverage of its 90 % interval. `by_source` is the skill with some inputs alone, by their
    name, and `shuffled_S` that of models that learned from shuffled outcomes, both over the verdict's reference.
    `forecast` is the long table of the model.
    """

    symbol: str
    steps: tuple[int, ...]
    error_H: dict[str, tuple[float, ...]]
    verdict: Verdict
    covered: float
    by_source: dict[str, float]
    shuffled_S: Floats
    forecast: pd.DataFrame
    count: int


def compute(spec: Spec, frame: pd.DataFrame, sources: tuple[Source, ...]) -> SkillStory:
    """The story of a level by ridge regression on the windows of this recipe; equal arguments give equal numbers.

    Raises DataError, FeatureError and SpecError.
    """
    spec = windows.resolve(spec, frame)
    prepared = windows.prepare(spec, frame)
    parts = {name: getattr(prepared.splits, name) for name in dict.fromkeys(("val", prepared.calibrated_on, "test"))}
    by_baseline = {
        name: by_part
        for name, by_part in registry.forecasts(spec, prepared, parts).by_baseline.items()
        if name == MODEL or registry.BASELINES[name].naive
    }
    yhat = {
        part: {name: prepared.kind.to_user(by_part[part]) for name, by_part in by_baseline.items()} for part in parts
    }
    matrices = {name: _matrix(part, prepared, yhat[name]) for name, part in parts.items()}
    test, horizon = matrices["test"], prepared.horizon
    verdict = baseline_tests.judge(matrices["val"], test, MODEL, prepared.kind, prepared.score_SC, horizon)
    rows = _rows(spec, prepared, parts, {name: yhat[name][MODEL] for name in parts})
    scored = rows[rows["part"] == "test"]
    return SkillStory(
        symbol=test.symbols[0],
        steps=test.steps,
        error_H={name: _by_step(test.y_NH, yhat_NH) for name, yhat_NH in test.yhat_NH.items()},
        verdict=verdict,
        covered=metrics.coverage(*(scored[name].to_numpy() for name in ("y", "lo", "hi"))),
        by_source={source.name: _source_skill(spec, frame, source, verdict.reference) for source in sources},
        shuffled_S=_shuffled_skills(prepared, verdict.reference),
        forecast=rows,
        count=len(test.y_NH),
    )


def _matrix(part: Windows, prepared: Prepared, yhat_NH: dict[str, Floats]) -> ForecastMatrix:
    return ForecastMatrix(
        y_NH=prepared.kind.to_user(part.y_NH),
        yhat_NH=yhat_NH,
        cutoff_N=part.cutoff_N,
        symbol_N=part.symbol_N,
        symbols=part.rows.symbols,
        steps=part.rows.steps,
    )


def _by_step(y_NH: Floats, yhat_NH: Floats) -> tuple[float, ...]:
    return tuple(metrics.rmse(y_NH[:, h], yhat_NH[:, h]) for h in range(y_NH.shape[1]))


def _rows(spec: Spec, prepared: Prepared, parts: dict[str, Windows], yhat: dict[str, Floats]) -> pd.DataFrame:
    """The long table of the model with its 90 % interval."""
    rows = table.concat(forecast.baseline_rows(spec, prepared.kind, MODEL, parts, yhat, prepared.calibrated_on))
    return rows.assign(lo=rows[BOUNDS[0]], hi=rows[BOUNDS[1]])


def _source_skill(spec: Spec, frame: pd.DataFrame, source: Source, reference: str) -> float:
    """The skill of the same model on these inputs alone."""
    part = with_values(spec, {"features": source.features, "window.lookback": source.lookback})
    prepared = windows.prepare(windows.resolve(part, frame), frame)
    return 1 - _error(prepared, _forecast(prepared, MODEL)) / _error(prepared, _forecast(prepared, reference))


def _shuffled_skills(prepared: Prepared, reference: str) -> Floats:
    """The skill of the model after the moves that follow the training windows were dealt to them at random: (S,)."""
    train, naive = prepared.splits.train, _error(prepared, _forecast(prepared, reference))
    at_N, level_T = train.cutoff_row_N, train.rows.level_T
    move_NH = train.rows.y_TH[at_N] - level_T[at_N][:, None]
    skills = []
    for seed in range(SHUFFLES):
        y_TH = train.rows.y_TH.copy()
        y_TH[at_N] = level_T[at_N][:, None] + np.random.default_rng(seed).permutation(move_NH)
        shuffled = replace(train, rows=replace(train.rows, y_TH=y_TH))
        fitted = linear.fit(MODEL, shuffled, prepared.splits.val, prepared.kind)
        skills.append(1 - _error(prepared, linear.predict(fitted, prepared.splits.test)) / naive)
    return np.array(skills)


def _forecast(prepared: Prepared, name: str) -> Floats:
    """The test forecasts of a baseline: (N, H) in model units."""
    return registry.fit(registry.BASELINES[name], prepared)(prepared.splits.test)


def _error(prepared: Prepared, yhat_NH: Floats) -> float:
    """The root mean squared error on the test split over all steps, in the unit of the series."""
    kind = prepared.kind
    return metrics.rmse(kind.to_user(prepared.splits.test.y_NH), kind.to_user(yhat_NH))
