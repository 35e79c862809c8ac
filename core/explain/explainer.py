"""Explains the forecasts of a trained network: features as players, training windows as the background."""

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.windows import Prepared
from core.errors import SpecError
from core.events import Event
from core.explain import explanation, gradients, shapley
from core.forecasting.forecast import network
from core.intervals import methods
from core.spec import MEDIAN, Spec
from core.types import Explanation, Floats, Ints, Windows

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

METHODS = ("permutation", "exact", "gradients")
BESIDE = ("blocks", "ablation", "lightgbm")  # of core.explain.time_segments and core.explain.compare_methods
BACKGROUNDS = 24  # each met once: more of them tell more than more orders for each
BY_LAG = 16  # windows behind the importance by lag
NODES = 32  # of the integral where it is of one window alone


def explain(
    spec: Spec,
    prepared: Prepared,
    net: "Network | Ensemble",
    method: str,
    symbol: str | None,
    cutoffs: tuple[str, ...] | None,
    limit: int,
) -> Generator[Event, None, Explanation]:
    """Contributions of each feature to the median forecast of one symbol, target units; yields Progress.

    Where the network learns the distance from the last value, that distance is what is explained.
    Explained are the windows of the test part and the live one: those with the given ISO cutoffs, or `limit` of them
    evenly spaced. The background is 24 whole training windows spread over time.
    """
    if method not in METHODS:
        raise SpecError(f"There is no way to explain called {method!r}. Known: {', '.join((*METHODS, *BESIDE))}.")
    began, parts = time.perf_counter(), prepared.splits
    s = _symbol(parts.test, symbol)
    chosen = _choose(_of(parts.test, s), _of(parts.live, s), cutoffs, limit)
    train = _background(parts.train, s)
    back = train.take(explanation.backgrounds(len(train), BACKGROUNDS, spec.seed))
    game = _Game(prepared, net, s)
    players = _players(parts.test)
    inputs = (chosen.x_NLF, chosen.known_NHK, back.x_NLF, back.known_NHK)
    some = explanation.pick(len(chosen), BY_LAG)
    if method == "gradients":
        some = np.arange(len(chosen))
    cells = yield from gradients.expected_gradients(
        game.gradient, game.total, inputs[0][some], inputs[1][some], *inputs[2:]
    )
    values_NHF: Floats
    base_H: Floats
    forecast_NH: Floats
    if method == "gradients":
        # The cells explain the sum over steps: shared out evenly, so that importance stays per step.
        count = len(chosen.rows.steps)
        values_NHF = np.repeat(gradients.by_player(cells, players)[:, None, :], count, axis=1) / count
        forecast_NH = np.repeat(cells.forecast_N[:, None], count, axis=1) / count
        base_H, error = np.full(count, cells.base / count), cells.additivity_error
    else:
        solve = (
            shapley.exact(game.predict, *inputs, players)
            if method == "exact"
            else shapley.permutation(game.predict, *inputs, players, spec.seed, visits=1)
        )
        solved = yield from solve
        values_NHF = solved.values_NPH.transpose(0, 2, 1)
        base_H, forecast_NH = solved.base_H, solved.forecast_NH
        error = explanation.additivity_error(solved.values_NPH, base_H, forecast_NH)
    by_cell_LF = gradients.by_cell(cells.cells_NLF) / len(chosen.rows.steps)
    return Explanation(
        method=method,
        features=spec.features,
        steps=chosen.rows.steps,
        symbol_N=(chosen.rows.symbols[s],) * len(chosen),
        cutoff_N=chosen.cutoff_N,
        values_NHF=values_NHF,
        base_H=base_H,
        data_NF=prepared.raw_TF[chosen.cutoff_row_N],
        forecast_NH=forecast_NH,
        by_lag_L=by_cell_LF.sum(axis=1),
        by_cell_LF=by_cell_LF,
        additivity_error=error,
        seconds=time.perf_counter() - began,
    )


def cells(
    spec: Spec, prepared: Prepared, net: "Network | Ensemble", symbol: str, cutoff: str
) -> Generator[Event, None, gradients.Cells]:
    """What every feature at every lag contributes to one forecast of `explain`, summed over its steps; N = 1.

    Raises SpecError for a symbol or a cutoff that there is not."""
    s, parts = _symbol(prepared.splits.test, symbol), prepared.splits
    chosen = _choose(_of(parts.test, s), _of(parts.live, s), (cutoff,), 1)
    train, game = _background(parts.train, s), _Game(prepared, net, s)
    back = train.take(explanation.backgrounds(len(train), BACKGROUNDS, spec.seed))
    return (
        yield from gradients.expected_gradients(
            game.gradient, game.total, chosen.x_NLF, chosen.known_NHK, back.x_NLF, back.known_NHK, NODES
        )
    )


class _Game:
    """The forecast of one symbol as a function of windows, target units."""

    def __init__(self, prepared: Prepared, net: "Network | Ensemble", symbol: int) -> None:
        self.answer, self.net = network(net, prepared.kind.binary), net
        self.kind, self.symbol = prepared.kind, symbol
        self.scale_C, self.center_C = (s[symbol] for s in (prepared.y_scaler.scale_SC, prepared.y_scaler.center_SC))

    def predict(self, x_NLF: Floats, known_NHK: Floats) -> Floats:
        made_NHO = self.answer(x_NLF, known_NHK, self._symbols(x_NLF))
        return made_NHO[:, :, 0] if self.kind.binary else self.kind.to_user(self._units(made_NHO[:, :, MEDIAN]))

    def both(self, pair: tuple[int, int]) -> shapley.Predict:
        """Median and width, (n, 2H), as a function of windows."""

        def predict(x_NLF: Floats, known_NHK: Floats) -> Floats:
            made_NHO = self.answer(x_NLF, known_NHK, self._symbols(x_NLF))
            low, middle, high = (self.kind.to_user(self._units(made_NHO[:, :, q])) for q in (pair[0], MEDIAN, pair[1]))
            return np.concatenate([middle, high - low], axis=1)

        return predict

    def total(self, x_NLF: Floats, known_NHK: Floats) -> Floats:
        return self.predict(x_NLF, known_NHK).sum(axis=1, keepdims=True)

    def gradient(self, x_NLF: Floats, known_NHK: Floats) -> tuple[Floats, Floats]:
        from core.models.inference import gradient

        return gradient(self.net, x_NLF, known_NHK, MEDIAN, self._weight, self._symbols(x_NLF))

    def _symbols(self, x_NLF: Floats) -> Ints:
        return np.full(len(x_NLF), self.symbol)

    def _weight(self, made_NH: Floats) -> Floats:
        if self.kind.binary:
            return np.ones_like(made_NH)
        return self.kind.slope(self._units(made_NH.astype(float))) * self.scale_C

    def _units(self, made_NH: Floats) -> Floats:
        return made_NH * self.scale_C + self.center_C


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One symbol's forecast in target units as a function of windows, those to explain, and what they are set
    against."""

    predict: shapley.Predict
    symbol: int
    chosen: Windows
    background: Windows

    @property
    def players(self) -> tuple[shapley.Player, ...]:
        """Each feature for itself, its known values with its past ones."""
        return _players(self.chosen)


def panorama(spec: Spec, prepared: Prepared, net: "Network | Ensemble", limit: int, backgrounds: int) -> Scene:
    """The first symbol's windows of all parts, the training part among them: at most `limit`, evenly spaced in time.

    Where the network gives a band, its forecasts are (n, 2H): after the median of each step stands the width of the
    band, the network's own upper less lower quantile for the coverage of the recipe, target units.
    """
    parts, s = prepared.splits, 0
    train = _background(parts.train, s)
    game = _Game(prepared, net, s)
    row_N = np.sort(
        np.concatenate([_of(part, s).cutoff_row_N for part in (train, parts.val, parts.calib, parts.test, parts.live)])
    )
    whole = Windows(rows=parts.test.rows, lookback=parts.test.lookback, cutoff_row_N=row_N)
    return Scene(
        predict=game.both(methods.pair(spec.bands.coverage)) if banded(spec) else game.predict,
        symbol=s,
        chosen=whole.take(explanation.pick(len(whole), limit)),
        background=train.take(explanation.backgrounds(len(train), backgrounds, spec.seed)),
    )


def banded(spec: Spec) -> bool:
    """Whether the network gives a band of its own, from quantiles or from a mean and a spread."""
    return spec.target.kind != "direction" and spec.model.head != "point"


def scene(
    spec: Spec,
    prepared: Prepared,
    net: "Network | Ensemble",
    limit: int,
    backgrounds: int,
    symbol: str | None = None,
    cutoffs: tuple[str, ...] | None = None,
) -> Scene:
    """What `explain` would look at for a symbol (the first), with so many windows and backgrounds."""
    parts, s = prepared.splits, _symbol(prepared.splits.test, symbol)
    train = _background(parts.train, s)
    return Scene(
        predict=_Game(prepared, net, s).predict,
        symbol=s,
        chosen=_choose(_of(parts.test, s), _of(parts.live, s), cutoffs, limit),
        background=train.take(explanation.backgrounds(len(train), backgrounds, spec.seed)),
    )


def _symbol(windows: Windows, name: str | None) -> int:
    names = windows.rows.symbols
    if name is not None and name not in names:
        raise SpecError(f"The run has no symbol {name!r}; it has {', '.join(names)}.")
    return names.index(name) if name is not None else 0


def _of(windows: Windows, symbol: int) -> Windows:
    return windows.take(np.flatnonzero(windows.symbol_N == symbol))


def _background(train: Windows, symbol: int) -> Windows:
    """The whole training windows of a symbol or, where it is too young to have one, of all."""
    if train.length_N is None:
        return _of(train, symbol)
    whole = train.take(np.flatnonzero(train.length_N == train.lookback))
    own = _of(whole, symbol)
    return own if len(own) else whole


def _choose(test: Windows, live: Windows, cutoffs: tuple[str, ...] | None, limit: int) -> Windows:
    both = Windows(
        rows=test.rows, lookback=test.lookback, cutoff_row_N=np.concatenate([test.cutoff_row_N, live.cutoff_row_N])
    )
    if cutoffs is None:
        picked: Ints = explanation.pick(len(both), limit)
        return both.take(picked)
    wanted = np.array(cutoffs, dtype=both.cutoff_N.dtype)
    found = np.flatnonzero(np.isin(both.cutoff_N, wanted))
    if len(found) == 0:
        raise SpecError(
            f"No forecast of the test part starts from {', '.join(cutoffs)}. It runs from "
            f"{both.cutoff_N[0].astype('M8[D]')} to {both.cutoff_N[-1].astype('M8[D]')}."
        )
    return both.take(found)


def _players(windows: Windows) -> tuple[shapley.Player, ...]:
    rows = windows.rows
    return tuple(
        shapley.Player(name=name, past=(f,), known=(rows.known.index(name),) if name in rows.known else ())
        for f, name in enumerate(rows.features)
    )
