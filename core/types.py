"""The types that packages share: windows, splits, forecasts, scores and runs.

Axis letters: T rows, N windows, L lookback, H steps, F features, K known features, Q quantiles, S symbols.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from core.events import Epoch
from core.spec import Spec

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]
Times = NDArray[np.datetime64]
CHECKPOINT_FORMAT = 4  # version of the state of a training checkpoint; 3 had no averaged weights


# --- windows ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The prepared rows of every symbol, one block after another; each block ends with H future rows.

    Future rows have a time and the known features only: their past features, levels and labels are NaN.
    """

    x_TF: Floats  # past and known features as the model sees them, scaled, float32
    known_TK: Floats  # the known features alone, scaled, float32
    y_TH: Floats  # labels of the window whose cutoff is this row, model units, float64
    level_T: Floats  # the target's level column, or its log if levels are learned as logs
    time_T: Times
    symbol_T: Ints  # position in `symbols`
    label_end_T: Ints  # row by which the label of this cutoff is fully known
    symbols: tuple[str, ...]
    features: tuple[str, ...]  # F
    known: tuple[str, ...]  # K, a subset of features
    steps: tuple[int, ...]  # H; rows between the cutoff and each output
    range_T: Floats | None = None  # variance of each step from its bar, NaN without one; None if the target needs none


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """N windows over shared rows, each identified by its cutoff row; inputs are strided views, gathered in batches."""

    rows: Rows
    lookback: int
    cutoff_row_N: Ints
    length_N: Ints | None = None  # observed rows in each window, which follow its padding; None: no window is padded

    def __len__(self) -> int:
        return len(self.cutoff_row_N)

    @property
    def view_TLF(self) -> Floats:
        """A (T − L + 1, L, F) view of the rows, no copy; unpadded window n is its entry `cutoff_row_N[n] − L + 1`."""
        return np.moveaxis(sliding_window_view(self.rows.x_TF, self.lookback, axis=0), -1, 1)

    @property
    def x_NLF(self) -> Floats:
        """The inputs as a copy: (N, L, F), short windows padded with zeros in front. If N is large, use `view_TLF`."""
        if self.length_N is None:
            return self.view_TLF[self.cutoff_row_N - self.lookback + 1]
        age_L = np.arange(self.lookback)[::-1]
        x_NLF = self.rows.x_TF[np.maximum(self.cutoff_row_N[:, None] - age_L, 0)]
        return np.where((age_L < self.length_N[:, None])[:, :, None], x_NLF, np.float32(0))

    @property
    def known_NHK(self) -> Floats:
        """The known features at each output step after the cutoff: (N, H, K)."""
        at_NH = self.cutoff_row_N[:, None] + np.asarray(self.rows.steps)[None, :]
        return self.rows.known_TK[at_NH]

    @property
    def y_NH(self) -> Floats:
        """Labels in model units: (N, H)."""
        return self.rows.y_TH[self.cutoff_row_N]

    @property
    def anchor_N(self) -> Floats:
        """The level at the cutoff, as in `rows.level_T`: (N,)."""
        return self.rows.level_T[self.cutoff_row_N]

    @property
    def symbol_N(self) -> Ints:
        """The symbol of each window, as a position in `rows.symbols`: (N,)."""
        return self.rows.symbol_T[self.cutoff_row_N]

    @property
    def cutoff_N(self) -> Times:
        """The last observed time of each window: (N,)."""
        return self.rows.time_T[self.cutoff_row_N]

    @property
    def time_NH(self) -> Times:
        """The time of each output: (N, H)."""
        return self.rows.time_T[self.cutoff_row_N[:, None] + np.asarray(self.rows.steps)[None, :]]

    def take(self, index_N: Ints) -> "Windows":
        """The windows at these positions among the N."""
        length_N = None if self.length_N is None else self.length_N[index_N]
        return replace(self, cutoff_row_N=self.cutoff_row_N[index_N], length_N=length_N)


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """The splits of a run in time order; `live` has one window per symbol, whose label lies in the future.

    `unscored` has the windows between those of the test split whose move turned out to lie in the dead zone. They are
    forecast as well, since nobody knows that at the cutoff, but not scored.
    """

    train: Windows
    val: Windows
    calib: Windows
    test: Windows
    unscored: Windows
    live: Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureAvailability:
    """The first and last time at which one feature has a value (NaT if it never has), and the rows without one."""

    feature: str
    first: np.datetime64
    last: np.datetime64
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolAvailability:
    """The `total` rows of one symbol from `start` to `end`, the `usable` ones with every feature, and each feature."""

    symbol: str
    total: int
    usable: int
    start: np.datetime64
    end: np.datetime64
    features: tuple[FeatureAvailability, ...]

    @property
    def incomplete(self) -> int:
        """The number of rows in which some feature has no value."""
        return self.total - self.usable


# --- results ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A reason to distrust a result; `feature` names the feature behind it, if there is one."""

    name: str
    text: str
    feature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the model has skill: one sentence and the numbers behind it.

    `skill` = 1 − RMSE / RMSE of `reference` on the test split; `p_value` is two-sided; `tone` is good, none or bad.
    `interval` is the 95 % confidence interval of the skill; `ties` names the statistical and machine-learning baselines
    whose errors do not differ significantly from the model's; `tests` has further p-values and rates by name.
    """

    text: str
    tone: str
    skill: float
    p_value: float
    reference: str
    interval: tuple[float, float] = (math.nan, math.nan)
    ties: tuple[str, ...] = ()
    tests: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A run scored on its test split: one entry per model in `scores` and `by_step`, the intervals, the verdict."""

    scores: dict[str, dict[str, float]]
    by_step: dict[str, list[dict[str, float]]]
    bands: dict[str, Any]
    verdict: Verdict
    alarms: tuple[Alarm, ...]
    unit: str  # of mae and rmse
    members: tuple[dict[str, float], ...] = ()  # scores of each network of an ensemble, as in `scores`
    left_out: dict[str, str] = field(default_factory=dict)  # reason for each baseline without a forecast
    shares: dict[str, float] = field(default_factory=dict)  # of the network and linear models; {}: it is alone
    skips: dict[str, float] = field(default_factory=dict)  # of linear models in the forecast whose errors it learned


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Additive contributions of features to forecasts, in target units: base_H + Σ_F values_NHF = forecast.

    `data_NF` is the unscaled value of each feature at the cutoff. `by_lag_L[0]` is lag 1, the cutoff row. `by_cell_LF`
    splits `by_lag_L` into features; it is None for runs of older versions. `error_NHF` are the standard errors of
    contributions, and `importance_error_CF` those of their mean absolute values at each step and, last, over all steps;
    None if nothing is sampled, and for runs of older versions.
    """

    method: str
    features: tuple[str, ...]
    steps: tuple[int, ...]
    symbol_N: tuple[str, ...]
    cutoff_N: Times
    values_NHF: Floats
    base_H: Floats
    data_NF: Floats
    forecast_NH: Floats
    by_lag_L: Floats
    additivity_error: float
    seconds: float = 0.0
    by_cell_LF: Floats | None = None
    error_NHF: Floats | None = None
    importance_error_CF: Floats | None = None

    @property
    def importance(self) -> dict[str, float]:
        """Mean absolute contribution of each feature over windows and steps, target units, largest first."""
        mean_F = np.abs(self.values_NHF).mean(axis=(0, 1))
        order = np.argsort(-mean_F, kind="stable")
        return {self.features[i]: float(mean_F[i]) for i in order}

    @property
    def importance_error(self) -> dict[str, float]:
        """The standard error of each importance from the sampling; empty if nothing is sampled or it is unknown."""
        error_CF = self.importance_error_CF
        if error_CF is None or np.isnan(error_CF[-1]).any():
            return {}
        return dict(zip(self.features, error_CF[-1].tolist(), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The history of a training: its epochs, the best of them (counted from 1), and its duration.

    For an ensemble, `best_epoch` is that of the first member. If training ended early because of an error, `problem`
    names it, and the weights are those of the best epoch until then.
    """

    epochs: tuple[Epoch, ...]
    best_epoch: int
    seconds: float
    device: str
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything that a finished run stores; `weights` and `state` are plain arrays, nothing executable.

    `forecast` is the long table: model · part · symbol · cutoff · step · time · y · yhat · q025 … q975 · lo · hi,
    user's units. `yhat` is the mean, `q50` the median. `y` is NaN where there is no outcome to score: it lies in the
    future, or its move in the dead zone. `frame` is the data that the run used.
    """

    id: str
    created: str
    spec: Spec
    data_digest: str
    frame: pd.DataFrame
    history: History
    forecast: pd.DataFrame
    evaluation: Evaluation
    weights: dict[str, Floats]
    state: dict[str, Floats]
    rows: dict[str, int]
    explanation: Explanation | None = None
    environment: dict[str, str] = field(default_factory=dict)
