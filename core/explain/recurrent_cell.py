"""Opens the trained network of a run: its gates over one window, and how far back it remembers.

Gates are calculated from the saved weights without torch, so a page may ask for them in its own process; the memory
needs gradients and is a job.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.datasets.windows import Prepared, again
from core.errors import SpecError
from core.events import Event, Progress, Stage
from core.explain import explanation, gates
from core.explain.gates import Gates
from core.explain.gradient_memory import Memory, norms
from core.spec import QUANTILES, RECURRENT, Spec
from core.types import Floats, Ints, Run, Times, Windows

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

WINDOWS = 16  # behind the memory
SEEDS = 5  # of the untrained cells beside it
TINY = 1e-8  # as in core.models.network


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One window as the network reads it: times and unscaled features of its rows, and everything inside.

    `x_LI` is what the first layer is given: scaled features, and the embedding of the symbol where there is one.
    """

    symbol: str
    time_L: Times
    features: tuple[str, ...]
    raw_LF: Floats
    x_LI: Floats
    gates: Gates


def prepare(saved: Run) -> Prepared:
    """The windows of a saved run, scaled as the run scaled them."""
    return again(saved)


def cutoffs(prepared: Prepared, symbol: str) -> Times:
    """The cutoffs of one symbol whose windows can be opened: those of the test part and the live one, in time order."""
    return np.sort(_windows(prepared, symbol).cutoff_N)


def networks(saved: Run) -> int:
    """How many networks answer for a symbol: 1, or those of an ensemble."""
    numbers = {int(name.split(".")[1]) for name in saved.weights if name.startswith("members.")}
    return max(1, len(numbers) // _each(saved))


def look(saved: Run, prepared: Prepared, symbol: str, cutoff: np.datetime64, member: int = 0) -> Opened:
    """Everything inside one network (`member` counts from 0) as it reads the window of this cutoff.

    Raises SpecError for a model without gates, and for a symbol, a cutoff or a network that there is not.
    """
    if problem := gates.why_not(saved.spec.model.kind):
        raise SpecError(problem)
    windows = _windows(prepared, symbol)
    found = np.flatnonzero(windows.cutoff_N == cutoff)
    if not len(found):
        raise SpecError(
            f"No forecast of {symbol} starts from {cutoff}. The first is from "
            f"{windows.cutoff_N.min().astype('M8[D]')}, the last from "
            f"{windows.cutoff_N.max().astype('M8[D]')}."
        )
    rows, s = windows.rows, windows.rows.symbols.index(symbol)
    weights = _weights(saved, s, member)
    x_LI = _given(saved.spec, weights, windows.take(found[:1]).x_NLF[0].astype(np.float64), s)
    seen = slice(int(windows.cutoff_row_N[found[0]]) - windows.lookback + 1, int(windows.cutoff_row_N[found[0]]) + 1)
    cell = {
        name.removeprefix("encoder.cell."): value for name, value in weights.items() if name.startswith("encoder.cell.")
    }
    return Opened(
        symbol=symbol,
        time_L=rows.time_T[seen],
        features=rows.features,
        raw_LF=prepared.raw_TF[seen],
        x_LI=x_LI,
        gates=gates.compute(saved.spec.model.kind, cell, x_LI, saved.spec.model.residual),
    )


def memory(saved: Run, symbol: str) -> Generator[Event, None, Memory]:
    """How far back the whole model remembers, a mean over 16 windows spread over the test part, beside untrained cells.

    Those are a plain RNN, GRU and LSTM of the same hidden size and layers, read out at the last row, with the model's
    head and five draws of torch's initial weights each. Raises SpecError for a model without gates.
    """
    if problem := gates.why_not(saved.spec.model.kind):
        raise SpecError(problem)
    yield Stage(name="explain", text="Following the gradient back through the window")
    from core.training import trainer

    windows = _windows(prepare(saved), symbol)
    chosen, count = windows.take(explanation.pick(len(windows), WINDOWS)), len(windows.rows.symbols)
    norm_L = _norms(trainer.restore(saved.spec, saved.weights, count), chosen)
    untrained: dict[str, Floats] = {}
    for kind in reversed(RECURRENT):
        yield Progress(done=1 + len(untrained), total=1 + len(RECURRENT))
        plain = _plain(saved.spec, kind)
        untrained[kind] = np.mean([_norms(trainer.fresh(plain, seed, count), chosen) for seed in range(SEEDS)], axis=0)
    return Memory(norm_L=norm_L, untrained=untrained, windows=len(chosen), seeds=SEEDS)


def _plain(spec: Spec, kind: str) -> Spec:
    return replace(
        spec,
        model=replace(spec.model, kind=kind, bidirectional=False, pooling="last", norm_layer="none", residual=False),
    )


def _norms(net: "Network | Ensemble", chosen: Windows) -> Floats:
    from core.models.inference import gradient

    middle = QUANTILES.index(0.5)
    return norms(
        lambda x_NLF, known_NHK: gradient(net, x_NLF, known_NHK, middle, np.ones_like, chosen.symbol_N),
        chosen.x_NLF,
        chosen.known_NHK,
    )


def _windows(prepared: Prepared, symbol: str) -> Windows:
    """The test and live windows of a symbol."""
    test, live = prepared.splits.test, prepared.splits.live
    if symbol not in test.rows.symbols:
        raise SpecError(f"The run has no symbol {symbol!r}; it has {', '.join(test.rows.symbols)}.")
    row_N: Ints = np.concatenate([test.cutoff_row_N, live.cutoff_row_N])
    own = test.rows.symbol_T[row_N] == test.rows.symbols.index(symbol)
    return Windows(rows=test.rows, lookback=test.lookback, cutoff_row_N=row_N[own])


def _each(saved: Run) -> int:
    """How many networks answer together once: one, or one a symbol."""
    return len(saved.frame.columns.unique("symbol")) if saved.spec.model.symbols == "separate" else 1


def _weights(saved: Run, symbol: int, member: int) -> dict[str, Any]:
    """The weights of one network; they stand in rounds of one network a symbol where each symbol has its own."""
    if not 0 <= member < networks(saved):
        raise SpecError(f"The run has no network {member + 1}; it has {networks(saved)}.")
    each = _each(saved)
    front = f"members.{member * each + (symbol if each > 1 else 0)}."
    own = {name.removeprefix(front): value for name, value in saved.weights.items() if name.startswith(front)}
    return {
        f"encoder.{name}" if name.startswith("cell.") else name: value  # so named when all models were recurrent
        for name, value in (own or saved.weights).items()
    }


def _given(spec: Spec, weights: dict[str, Any], x_LF: Floats, symbol: int) -> Floats:
    """What the network gives its first layer, (L, I): as core.models.network does for a whole window."""
    if spec.model.norm == "reversible":
        moved_LF = x_LF - x_LF.mean(axis=0)
        x_LF = moved_LF / np.sqrt(np.square(moved_LF).mean(axis=0) + TINY)
    if "embedding.weight" not in weights:
        return x_LF
    told_E = weights["embedding.weight"][symbol]
    return np.concatenate([x_LF, np.broadcast_to(told_E, (len(x_LF), len(told_E)))], axis=1)
