"""The results that travel between the rooms of the house: windows, splits, forecasts, scores and runs.

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
FORMAT = 2  # of what Saved holds


# --- windows ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The prepared rows of every symbol, one block after another; each block ends with H rows of future sessions.

    Future rows carry their time and the known features alone: their past features, levels and labels are NaN.
    """

    x_TF: Floats  # scaled past and known features as the model sees them, float32
    known_TK: Floats  # scaled known-in-the-future features, float32
    y_TH: Floats  # labels of the window whose cutoff is this row, model units, float64
    level_T: Floats  # the target's level column, user's units
    time_T: Times
    symbol_T: Ints  # position in `symbols`
    label_end_T: Ints  # row at which the label of this cutoff is fully known
    symbols: tuple[str, ...]
    features: tuple[str, ...]  # F
    known: tuple[str, ...]  # K, a subset of features
    steps: tuple[int, ...]  # H; sessions after the cutoff at which each output lies


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """N windows over shared rows, each named by its cutoff row; inputs are strided views, gathered batch by batch."""

    rows: Rows
    lookback: int
    cutoff_row_N: Ints
    length_N: Ints | None = None  # real rows of each, at its end behind padding; None: all are whole

    def __len__(self) -> int:
        return len(self.cutoff_row_N)

    @property
    def view_TLF(self) -> Floats:
        """(T − L + 1, L, F) view of the rows, without a copy; whole window n is entry `cutoff_row_N[n] − L + 1`."""
        return np.moveaxis(sliding_window_view(self.rows.x_TF, self.lookback, axis=0), -1, 1)

    @property
    def x_NLF(self) -> Floats:
        """The inputs, gathered: (N, L, F), zeros before short ones. A copy: take `view_TLF` where N is large."""
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
        """Level at the cutoff in the user's units: (N,)."""
        return self.rows.level_T[self.cutoff_row_N]

    @property
    def symbol_N(self) -> Ints:
        return self.rows.symbol_T[self.cutoff_row_N]

    @property
    def cutoff_N(self) -> Times:
        """Last observed time of each window: (N,)."""
        return self.rows.time_T[self.cutoff_row_N]

    @property
    def time_NH(self) -> Times:
        """Time of each output: (N, H)."""
        return self.rows.time_T[self.cutoff_row_N[:, None] + np.asarray(self.rows.steps)[None, :]]

    def take(self, index_N: Ints) -> "Windows":
        """The windows at these positions."""
        length_N = None if self.length_N is None else self.length_N[index_N]
        return replace(self, cutoff_row_N=self.cutoff_row_N[index_N], length_N=length_N)


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """The parts of a run in time order; `live` has one window a symbol whose label lies in the future."""

    train: Windows
    val: Windows
    calib: Windows
    test: Windows
    live: Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureAvailability:
    """From when to when one feature has values (NaT where it has none), and in how many sessions it has none."""

    feature: str
    first: np.datetime64
    last: np.datetime64
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolAvailability:
    """Of one symbol: `total` sessions from start to end, `usable` ones with every feature, each feature's reach."""

    symbol: str
    total: int
    usable: int
    start: np.datetime64
    end: np.datetime64
    reaches: tuple[FeatureAvailability, ...]

    @property
    def lost(self) -> int:
        return self.total - self.usable


# --- results ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A reason to distrust a result; `feature` names the culprit where there is one."""

    name: str
    text: str
    feature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the model knows anything: one sentence and the numbers under it.

    `skill` = 1 − error / error of `reference` on the test part; `p_value` is two-sided. `tone` is good, none or bad.
    `interval` is that of the skill (95 %); `ties` names elaborate baselines that cannot be told from the model; `tests`
    holds further p-values and rates by name.
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
    """What the test part says of a run: one entry a model in `scores` and `by_step`, the band, the verdict."""

    scores: dict[str, dict[str, float]]
    by_step: dict[str, list[dict[str, float]]]
    bands: dict[str, Any]
    verdict: Verdict
    alarms: tuple[Alarm, ...]
    unit: str  # of mae and rmse
    members: tuple[dict[str, float], ...] = ()  # scores of the networks of an ensemble one by one, as in `scores`
    left_out: dict[str, str] = field(default_factory=dict)  # baselines without a forecast, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Additive contributions of features to forecasts, in target units: base_H + Σ_F values_NHF = forecast.

    `data_NF` is each feature's own value at the cutoff, unscaled. `by_lag_L[0]` is lag 1, the cutoff row. `by_cell_LF`
    is its share of each feature, where it is known: runs of older versions do not have it.
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

    @property
    def importance(self) -> dict[str, float]:
        """Mean absolute contribution of each feature over windows and steps, target units, largest first."""
        mean_F = np.abs(self.values_NHF).mean(axis=(0, 1))
        order = np.argsort(-mean_F, kind="stable")
        return {self.features[i]: float(mean_F[i]) for i in order}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How training went: one Epoch each, the best one (1-based), and the seconds it took.

    Of an ensemble, `best_epoch` is that of the first member. `problem` says why training ended before its time, when
    the weights of the best epoch so far were kept.
    """

    epochs: tuple[Epoch, ...]
    best_epoch: int
    seconds: float
    device: str
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything that a finished run left behind; `weights` and `state` hold plain arrays, nothing executable.

    `forecast` is the long table: model · part · symbol · cutoff · step · time · y · yhat · q025 … q975 · lo · hi,
    user's units. `frame` is the data as the run saw them.
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
