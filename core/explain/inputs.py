"""Which windows of a run an explanation takes, and the training windows that it compares them with.

Axis letters: N windows, L lookback, H steps, F features, K known features (as a last axis) or backgrounds (as a first
one), P players.
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.targets import TARGETS
from core.datasets.windows import Prepared
from core.errors import SpecError
from core.explain.explanation import evenly_spaced, sample_backgrounds
from core.explain.game import Player, Predict, build_players
from core.explain.predictor import Predictor, build_predictor, with_width
from core.intervals import methods
from core.language import message
from core.spec import Spec
from core.types import Explanation, Floats, Windows

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationInputs:
    """Windows of one symbol to explain, the background to compare them with, and the forecast that is explained."""

    predictor: Predictor
    predict: Predict
    windows: Windows
    background: Windows

    @property
    def symbol(self) -> str:
        return self.windows.rows.symbols[self.predictor.symbol]

    @property
    def arrays(self) -> tuple[Floats, Floats, Floats, Floats]:
        """x_NLF and known_NHK of the windows, then of the background (KLF, KHK)."""
        return self.windows.x_NLF, self.windows.known_NHK, self.background.x_NLF, self.background.known_NHK

    def players(self, groups: dict[str, tuple[str, ...]] | None = None) -> tuple[Player, ...]:
        """One player per feature, or per group of features."""
        return build_players(self.windows.rows.features, self.windows.rows.known, groups)

    def to_explanation(
        self,
        *,
        method: str,
        features: tuple[str, ...],
        values_NHF: Floats,
        base_H: Floats,
        forecast_NH: Floats,
        by_lag_L: Floats,
        additivity_error: float,
        began: float,
        data_NF: Floats | None = None,
        by_cell_LF: Floats | None = None,
        error_NHF: Floats | None = None,
        importance_error_CF: Floats | None = None,
    ) -> Explanation:
        """The Explanation of these windows; `began` is the time.perf_counter() at which the work started.

        Without `data_NF` the features have no values of their own.
        """
        return Explanation(
            method=method,
            features=features,
            steps=self.windows.rows.steps,
            symbol_N=(self.symbol,) * len(self.windows),
            cutoff_N=self.windows.cutoff_N,
            values_NHF=values_NHF,
            base_H=base_H,
            data_NF=np.full((len(self.windows), len(features)), np.nan) if data_NF is None else data_NF,
            forecast_NH=forecast_NH,
            by_lag_L=by_lag_L,
            by_cell_LF=by_cell_LF,
            error_NHF=error_NHF,
            importance_error_CF=importance_error_CF,
            additivity_error=additivity_error,
            seconds=time.perf_counter() - began,
        )


def select_windows(
    spec: Spec,
    prepared: Prepared,
    net: "Network | Ensemble",
    limit: int,
    backgrounds: int,
    symbol: str | None = None,
    cutoffs: tuple[str, ...] | None = None,
) -> ExplanationInputs:
    """Windows of the test split and the live one: those with these ISO cutoffs, or at most `limit`, evenly spaced.

    Of the first symbol unless one is named. Raises SpecError for an unknown symbol or if no window has a cutoff.
    """
    s = symbol_position(prepared, symbol)
    predictor = build_predictor(net, prepared, s)
    return ExplanationInputs(
        predictor=predictor,
        predict=predictor.predict,
        windows=_select_cutoffs(test_and_live(prepared, s), cutoffs, limit),
        background=_select_background(prepared.splits.train, s, backgrounds, spec.seed),
    )


def select_all_splits(
    spec: Spec, prepared: Prepared, net: "Network | Ensemble", limit: int, backgrounds: int
) -> ExplanationInputs:
    """The first symbol's windows of all splits, training included: at most `limit`, evenly spaced in time.

    If the network has a prediction interval of its own, forecasts are (n, 2H): the mean of each step, then the width
    between the network's own quantiles for the nominal coverage of the recipe, target units.
    """
    splits, s = prepared.splits, 0
    predictor = build_predictor(net, prepared, s)
    train = _complete_windows(splits.train, s)
    parts = [train, *(_of_symbol(part, s) for part in (splits.val, splits.calib, splits.test, splits.live))]
    row_N = np.sort(np.concatenate([part.cutoff_row_N for part in parts]))
    windows = Windows(rows=splits.test.rows, lookback=splits.test.lookback, cutoff_row_N=row_N)
    return ExplanationInputs(
        predictor=predictor,
        predict=with_width(predictor, *methods.pair(spec.bands.coverage))
        if has_own_interval(spec)
        else predictor.predict,
        windows=windows.take(evenly_spaced(len(windows), limit)),
        background=_select_background(splits.train, s, backgrounds, spec.seed),
    )


def has_own_interval(spec: Spec) -> bool:
    """Whether the network itself outputs a prediction interval, from quantiles or from a mean and a spread."""
    return not TARGETS[spec.target.kind].binary and spec.model.head != "point"


def symbol_position(prepared: Prepared, name: str | None) -> int:
    """The position of a symbol among those of the run, the first for None. Raises SpecError for an unknown symbol."""
    names = prepared.splits.test.rows.symbols
    if name is not None and name not in names:
        raise SpecError(
            message("The run has no symbol {name}; it has {names}.", name=repr(name), names=", ".join(names))
        )
    return names.index(name) if name is not None else 0


def test_and_live(prepared: Prepared, symbol: int) -> Windows:
    """The windows of the test split and the live window of a symbol, in time order."""
    test, live = (_of_symbol(part, symbol) for part in (prepared.splits.test, prepared.splits.live))
    row_N = np.concatenate([test.cutoff_row_N, live.cutoff_row_N])
    return Windows(rows=test.rows, lookback=test.lookback, cutoff_row_N=row_N)


def _of_symbol(windows: Windows, symbol: int) -> Windows:
    return windows.take(np.flatnonzero(windows.symbol_N == symbol))


def _complete_windows(train: Windows, symbol: int) -> Windows:
    """The complete training windows of a symbol or, if its history is too short to have any, of all symbols."""
    if train.length_N is None:
        return _of_symbol(train, symbol)
    complete = train.take(np.flatnonzero(train.length_N == train.lookback))
    of_symbol = _of_symbol(complete, symbol)
    return of_symbol if len(of_symbol) else complete


def _select_background(train: Windows, symbol: int, count: int, seed: int) -> Windows:
    complete = _complete_windows(train, symbol)
    return complete.take(sample_backgrounds(len(complete), count, seed))


def _select_cutoffs(windows: Windows, cutoffs: tuple[str, ...] | None, limit: int) -> Windows:
    if cutoffs is None:
        return windows.take(evenly_spaced(len(windows), limit))
    positions = np.flatnonzero(np.isin(windows.cutoff_N, np.array(cutoffs, dtype=windows.cutoff_N.dtype)))
    if len(positions) == 0:
        raise SpecError(
            message(
                "No forecast of the test split starts from {cutoffs}. The cutoffs run from {first} to {last}. Choose "
                "one of them.",
                cutoffs=", ".join(cutoffs),
                first=windows.cutoff_N[0].astype("M8[D]"),
                last=windows.cutoff_N[-1].astype("M8[D]"),
            )
        )
    return windows.take(positions)
