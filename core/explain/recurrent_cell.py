"""Inspects the trained network of a run: its gates over one window, and how far back it remembers.

Gates are computed from the saved weights without torch, so a page may do it in its own process; the memory needs
gradients and is a job.

Axis letters: L lookback, F features, I inputs of the first layer, E numbers of an embedding.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.datasets.windows import Prepared
from core.errors import SpecError
from core.events import Event, Progress, Stage
from core.explain import gates
from core.explain.explanation import evenly_spaced
from core.explain.gates import Gates
from core.explain.gradient_memory import Memory, gradient_norms
from core.explain.inputs import symbol_position, test_and_live
from core.language import message
from core.models.kinds import MODELS
from core.models.kinds.recurrent import CELLS
from core.spec import MEAN, Spec
from core.types import Floats, Run, Times, Windows

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

WINDOWS = 16  # behind the memory
SEEDS = 5  # of the untrained cells
TINY = 1e-8  # as in core.models.network


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkWindow:
    """One window as a network reads it: times and unscaled features of its rows, and the network's weights by name.

    `x_LI` is the input of the first layer: scaled features, followed by the embedding of the symbol if it joins them.
    """

    symbol: str
    time_L: Times
    features: tuple[str, ...]
    raw_LF: Floats
    x_LI: Floats
    weights: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellInspection:
    """One window as the network reads it, and the gates and states; fields as in NetworkWindow."""

    symbol: str
    time_L: Times
    features: tuple[str, ...]
    raw_LF: Floats
    x_LI: Floats
    gates: Gates


def cutoffs(prepared: Prepared, symbol: str) -> Times:
    """The cutoffs of one symbol that can be inspected: those of the test split and the live one, in time order."""
    return np.sort(test_and_live(prepared, symbol_position(prepared, symbol)).cutoff_N)


def count_networks(run: Run) -> int:
    """How many networks forecast each symbol: 1, or the members of an ensemble."""
    numbers = {int(name.split(".")[1]) for name in run.weights if name.startswith("members.")}
    return max(1, len(numbers) // _networks_per_member(run))


def inspect(run: Run, prepared: Prepared, symbol: str, cutoff: np.datetime64, member: int = 0) -> CellInspection:
    """Gates and states of one network (`member` counts from 0) over the window of this cutoff.

    Raises SpecError for a model without gates and for an unknown symbol, cutoff or network.
    """
    if problem := gates.why_no_gates(run.spec.model.kind):
        raise SpecError(problem)
    window = read_window(run, prepared, symbol, cutoff, member)
    begin, kind = "encoder.cell.", run.spec.model.kind
    cell = {name.removeprefix(begin): value for name, value in window.weights.items() if name.startswith(begin)}
    return CellInspection(
        symbol=symbol,
        time_L=window.time_L,
        features=window.features,
        raw_LF=window.raw_LF,
        x_LI=window.x_LI,
        gates=gates.compute(kind, cell, window.x_LI, run.spec.model.residual),
    )


def read_window(run: Run, prepared: Prepared, symbol: str, cutoff: np.datetime64, member: int = 0) -> NetworkWindow:
    """The window of this cutoff and one network (`member` counts from 0). Raises SpecError for an unknown symbol,
    cutoff or network."""
    s = symbol_position(prepared, symbol)
    windows = test_and_live(prepared, s)
    positions = np.flatnonzero(windows.cutoff_N == cutoff)
    if not len(positions):
        raise SpecError(
            message(
                "No forecast of {symbol} starts from {cutoff}. The cutoffs run from {first} to {last}. Choose one of "
                "them.",
                symbol=symbol,
                cutoff=cutoff,
                first=windows.cutoff_N.min().astype("M8[D]"),
                last=windows.cutoff_N.max().astype("M8[D]"),
            )
        )
    window, rows = windows.take(positions[:1]), windows.rows
    weights = _network_weights(run, s, member)
    x_LI = _first_layer_input(run.spec, weights, window.x_NLF[0].astype(np.float64), s)
    last = int(window.cutoff_row_N[0])
    row_L = slice(last - window.lookback + 1, last + 1)
    return NetworkWindow(
        symbol=symbol,
        time_L=rows.time_T[row_L],
        features=rows.features,
        raw_LF=prepared.raw_TF[row_L],
        x_LI=x_LI,
        weights=weights,
    )


def compute_memory(run: Run, symbol: str) -> Generator[Event, None, Memory]:
    """How far back the network remembers, without the linear models that it is combined with; a mean over 16 windows
    spread over the test split, next to untrained cells. Yields Stage and Progress.

    The untrained cells are a plain RNN, GRU, LSTM and sLSTM with the model's hidden size, layers and head, read out at
    the last row, for five draws of torch's initial weights each. Raises SpecError for a model without gates.
    """
    if problem := gates.why_no_gates(run.spec.model.kind):
        raise SpecError(problem)
    yield Stage(name="explain", text=message("Backpropagating the forecast through the window"))
    from core.models.registry import without_mixture
    from core.training import trainer

    prepared, _ = trainer.reopen(run)
    net = trainer.restore(run.spec, without_mixture(run.weights), len(prepared.splits.test.rows.symbols))
    windows = test_and_live(prepared, symbol_position(prepared, symbol))
    sample, symbols = windows.take(evenly_spaced(len(windows), WINDOWS)), len(windows.rows.symbols)
    norm_L = _norms(net, sample)
    untrained: dict[str, Floats] = {}
    for kind in reversed(CELLS):
        yield Progress(done=1 + len(untrained), total=1 + len(CELLS))
        spec = _plain_spec(run.spec, kind)
        untrained[kind] = np.mean(
            [_norms(trainer.build_untrained(spec, seed, symbols), sample) for seed in range(SEEDS)], axis=0
        )
    return Memory(norm_L=norm_L, untrained=untrained, windows=len(sample), seeds=SEEDS)


def _plain_spec(spec: Spec, kind: str) -> Spec:
    return replace(
        spec,
        model=replace(spec.model, kind=kind, bidirectional=False, pooling="last", norm_layer="none", residual=False),
    )


def _norms(net: "Network | Ensemble", windows: Windows) -> Floats:
    from core.models.inference import compute_gradient

    weight = np.ones(1) if net.binary else np.arange(MEAN + 1) == MEAN
    return gradient_norms(
        lambda x_NLF, known_NHK: compute_gradient(net, x_NLF, known_NHK, lambda _: weight, windows.symbol_N),
        windows.x_NLF,
        windows.known_NHK,
    )


def _networks_per_member(run: Run) -> int:
    """The networks in one member of an ensemble: one, or one per symbol."""
    return len(run.frame.columns.unique("symbol")) if run.spec.model.symbols == "separate" else 1


def _network_weights(run: Run, symbol: int, member: int) -> dict[str, Any]:
    """The weights of one network; if each symbol has its own, members are stored one after the other."""
    if not 0 <= member < count_networks(run):
        raise SpecError(
            message(
                "The run has no network {number}; it has {networks}.", number=member + 1, networks=count_networks(run)
            )
        )
    per_member = _networks_per_member(run)
    prefix = f"members.{member * per_member + (symbol if per_member > 1 else 0)}."
    weights = {name.removeprefix(prefix): value for name, value in run.weights.items() if name.startswith(prefix)}
    return {
        f"encoder.{name}" if name.startswith("cell.") else name: value  # their name when all models were recurrent
        for name, value in (weights or run.weights).items()
    }


def _first_layer_input(spec: Spec, weights: dict[str, Any], x_LF: Floats, symbol: int) -> Floats:
    """The input of the network's first layer, (L, I), as core.models.network computes it for a complete window."""
    if spec.model.norm == "reversible":
        centered_LF = x_LF - x_LF.mean(axis=0)
        x_LF = centered_LF / np.sqrt(np.square(centered_LF).mean(axis=0) + TINY)
    if "embedding.weight" not in weights or not MODELS[spec.model.kind].embeds_rows:
        return x_LF
    embedding_E = weights["embedding.weight"][symbol]
    return np.concatenate([x_LF, np.broadcast_to(embedding_E, (len(x_LF), len(embedding_E)))], axis=1)
