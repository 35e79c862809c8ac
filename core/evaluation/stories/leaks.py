"""Three mistakes made on purpose, next to the same work without them. Nothing that trains a run may import this module.

The scaler that sees the future and the shuffled split live here alone; the pipeline scales by training rows
(core.datasets.windows) and splits in time with a gap (core.datasets.split), and no field of a recipe changes that.
Axis letters: T rows, N training windows, M test windows, D numbers of a window, H steps, C columns.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.datasets import leakage, lookahead_check, scaling, windows
from core.datasets.windows import Prepared
from core.errors import FeatureError, words
from core.evaluation import metrics
from core.evaluation.stories import small_model
from core.spec import Spec, with_values
from core.types import Alarm, Flags, Floats, Ints, Rows, Windows

HORIZON, LOOKBACK = 10, 20
INDICATOR = "dpo_centred:20"  # its mean of 20 closes ends 11 closes ahead
LEVEL, CHANGE = "level", "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaks:
    """Which mistakes are made.

    scaler     fitted on all rows, those of the test split too
    split      windows dealt to training and test at random, so that their outcomes overlap
    indicator  an input whose value at a cutoff takes closes that come after it
    """

    scaler: bool = False
    split: bool = False
    indicator: bool = False

    @property
    def any(self) -> bool:
        """Whether there is a mistake at all."""
        return self.scaler or self.split or self.indicator


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a person would report: root mean squared errors of the model and of tomorrow = today on the test windows,
    in the unit of the series.

    `shared` is the share of test windows with a day among their outcomes that some training window was taught too,
    `highest` the largest level that the scaler tells from a larger one (or has seen), `count` the number of windows.
    """

    leaks: Leaks
    error: float
    naive: float
    r2: float
    shared: float
    highest: float
    count: int

    @property
    def ratio(self) -> float:
        """The error in units of that of tomorrow = today."""
        return self.error / self.naive


@dataclass(frozen=True, slots=True, kw_only=True)
class Defence:
    """What the checks of every run say about the indicator: the refusal, and the alarm of the leakage check."""

    refusal: str
    alarms: tuple[Alarm, ...]


def measure(spec: Spec, frame: pd.DataFrame, leaks: Leaks, learns: str) -> Trial:
    """Train the small model with these mistakes and measure it as the mistakes suggest; equal arguments, equal numbers.

    `spec` names a bundled price. `learns` is CHANGE, the distance from the last close, or LEVEL, the close itself from
    closes that are squeezed between 0 and 1. Raises DataError, FeatureError and SpecError.
    """
    spec = recipe(spec, leaks.indicator, learns)
    prepared = windows.prepare(windows.resolve(spec, frame), frame)
    train_N, test_M = _shuffled_split(prepared) if leaks.split else _split(prepared)
    rows = prepared.splits.train.rows
    seen_T = np.ones(len(rows.time_T), dtype=bool) if leaks.scaler else _rows_of(train_N, len(rows.time_T))
    scaler = scaling.fit(
        prepared.raw_TF,
        rows.symbol_T,
        seen_T,
        len(rows.symbols),
        spec.window.scaling,
        clip_C=np.ones(prepared.raw_TF.shape[1], dtype=bool) if learns == LEVEL else None,
    )
    scaled = replace(rows, x_TF=scaler.apply(prepared.raw_TF, rows.symbol_T))
    target_TH = windows.network_targets(rows, prepared.anchored)
    yhat_MH = small_model.forecast(_inputs(scaled, train_N), target_TH[train_N], _inputs(scaled, test_M))
    last_M1, y_MH = rows.level_T[test_M][:, None], rows.y_TH[test_M]
    yhat_MH = yhat_MH + last_M1 if prepared.anchored else yhat_MH
    return Trial(
        leaks=leaks,
        error=metrics.rmse(y_MH, yhat_MH),
        naive=metrics.rmse(y_MH, np.broadcast_to(last_M1, y_MH.shape)),
        r2=metrics.r2(y_MH[:, -1], yhat_MH[:, -1]),
        shared=share_of_taught(train_N, test_M),
        highest=float(np.nanmax(rows.level_T[seen_T]) if scaler.high_SC is None else scaler.high_SC[0, 0]),
        count=len(test_M),
    )


def recipe(spec: Spec, indicator: bool, learns: str) -> Spec:
    """The recipe of a trial: ten closes ahead from twenty closes, with or without the indicator."""
    level = learns == LEVEL
    return with_values(
        spec,
        {
            "target.kind": "close",
            "target.horizon": HORIZON,
            "features": ("column:close", *((INDICATOR,) if indicator else ())),
            "window.lookback": LOOKBACK,
            "window.log": False,
            "window.scaling": "minmax" if level else "standard",
            "window.outliers": "winsorize" if level else "none",
            "model.norm": "none" if level else "last",
        },
    )


def check_indicator(spec: Spec, frame: pd.DataFrame) -> Defence:
    """What the checks of every run say about the indicator."""
    full = windows.resolve(recipe(spec, True, CHANGE), frame)
    refusal = ""
    try:
        lookahead_check.check(full, frame)
    except FeatureError as error:
        refusal = words(error)
    return Defence(refusal=refusal, alarms=leakage.find_target_copies(windows.prepare(full, frame)))


def share_of_taught(train_N: Ints, test_M: Ints) -> float:
    """The share of test windows whose outcomes, HORIZON rows after the cutoff row, include one of a training window."""
    train_N = np.sort(train_N)
    after_M = np.searchsorted(train_N, test_M)
    near_M = np.zeros(len(test_M), dtype=bool)
    for at_M in (after_M - 1, after_M):
        neighbour_M = train_N[np.clip(at_M, 0, len(train_N) - 1)]
        near_M |= np.abs(neighbour_M - test_M) < HORIZON
    return float(near_M.mean())


def _split(prepared: Prepared) -> tuple[Ints, Ints]:
    """The cutoff rows of training and test as every run has them: in time order, with a gap in between."""
    return prepared.splits.train.cutoff_row_N, prepared.splits.test.cutoff_row_N


def _shuffled_split(prepared: Prepared) -> tuple[Ints, Ints]:
    """As many cutoff rows of training and test, drawn at random from all: the mistake."""
    train_N, test_M = _split(prepared)
    splits = prepared.splits
    every = np.concatenate([part.cutoff_row_N for part in (splits.train, splits.val, splits.calib, splits.test)])
    drawn = np.random.default_rng(0).permutation(every)
    return np.sort(drawn[len(test_M) :][: len(train_N)]), np.sort(drawn[: len(test_M)])


def _rows_of(train_N: Ints, count: int) -> Flags:
    """The rows that the training windows contain: (T,)."""
    seen_T = np.zeros(count, dtype=bool)
    for age in range(LOOKBACK):
        seen_T[train_N - age] = True
    return seen_T


def _inputs(rows: Rows, cutoff_N: Ints) -> Floats:
    """The windows that end at these rows, flat: (N, D)."""
    view = Windows(rows=rows, lookback=LOOKBACK, cutoff_row_N=cutoff_N).x_NLF
    return view.reshape(len(cutoff_N), -1)
