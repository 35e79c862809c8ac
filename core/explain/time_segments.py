"""When in their windows the forecasts of a run come from: stretches of the window as players, and features in each.

Axis letters: N windows, H steps, B stretches, P players.
"""

import time
from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.windows import Prepared
from core.events import Event, Stage
from core.explain import explainer, owen
from core.explain.explainer import BACKGROUNDS, Scene
from core.explain.explanation import additivity_error
from core.explain.local_types import Stretches
from core.explain.owen import Reader
from core.explain.shapley import Attribution, Player
from core.features import registry
from core.forecasting.forecast import activate, median
from core.spec import Spec
from core.types import Explanation, Floats, Ints, Run

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

FEATURES = 24  # beyond, the cells are of families of features


def explain(
    saved: Run, symbol: str | None = None, cutoffs: tuple[str, ...] | None = None, limit: int = 64
) -> Generator[Event, None, Explanation]:
    """Contributions of each stretch of the window to the median forecast, target units; yields Stage and Progress.

    Windows and backgrounds are those of core.explain.explainer.explain; stretches stand in place of features, the
    oldest first,
    and `by_lag_L` shares each evenly among its rows. Exact; raises SpecError as core.explain.explainer.explain.
    """
    from core.training.trainer import reopen

    began, prepared, net = time.perf_counter(), *reopen(saved)
    yield Stage(name="explain", text="Sharing the forecasts out among the stretches of their windows")
    seen = explainer.scene(saved.spec, prepared, net, limit, BACKGROUNDS, symbol, cutoffs)
    edge_B = owen.edges(seen.chosen.lookback)
    solved = yield from owen.blocks(seen.predict, *_inputs(seen), edge_B, _reader(prepared, net, seen.symbol))
    return _explanation(seen, solved, _titles(seen, edge_B), owen.by_lag(solved.values_NPH, edge_B), began, "blocks")


def look(saved: Run, symbol: str, cutoff: str) -> Generator[Event, None, Stretches]:
    """One forecast by stretches of its window, exactly, and by features within them; yields Stage and Progress.

    More than 24 features are taken by families. Raises SpecError for a symbol or a cutoff that there is not.
    """
    from core.training.trainer import reopen

    began, prepared, net = time.perf_counter(), *reopen(saved)
    yield Stage(name="explain", text="Masking the stretches of the window one by one")
    seen = explainer.scene(saved.spec, prepared, net, 1, BACKGROUNDS, symbol, (cutoff,))
    edge_B, inputs, features = owen.edges(seen.chosen.lookback), _inputs(seen), _features(saved.spec, seen)
    reader = _reader(prepared, net, seen.symbol)
    whole = yield from owen.blocks(seen.predict, *inputs, edge_B, reader)
    titles, by_lag_L = _titles(seen, edge_B), owen.by_lag(whole.values_NPH, edge_B)
    made = _explanation(seen, whole, titles, by_lag_L, began, "blocks")
    yield Stage(name="explain", text="Masking the features within each stretch")
    began = time.perf_counter()
    parted = yield from owen.cells(seen.predict, *inputs, edge_B, features, whole, saved.spec.seed)
    players, block_P, feature_P = owen.cell_players(edge_B, features, len(saved.spec.features))
    row = int(seen.chosen.cutoff_row_N[0])
    time_L = seen.chosen.rows.time_T[row - seen.chosen.lookback + 1 : row + 1]
    return Stretches(
        blocks=made,
        cells=_explanation(seen, parted, tuple(player.name for player in players), by_lag_L, began, "cells"),
        features=tuple(player.name for player in features),
        block_P=block_P,
        feature_P=feature_P,
        edge_B=edge_B,
        first_B=time_L[edge_B[:-1]],
        last_B=time_L[edge_B[1:] - 1],
        shared=reader is not None,
    )


def _reader(prepared: Prepared, net: "Network | Ensemble", symbol: int) -> Reader | None:
    """The network piece by piece, in target units; None where it reads windows as a whole, which takes longer."""
    from core.models import inference

    if not net.resumable:
        return None
    kind, scaler = prepared.kind, prepared.y_scaler

    def read(x_nTF: Floats, state_nS: Floats | None) -> Floats:
        return inference.resume(net, x_nTF, state_nS, symbol)

    def answer(state_nS: Floats, known_nHK: Floats) -> Floats:
        made_nHO = activate(net, inference.conclude(net, state_nS, known_nHK, symbol), kind.binary)
        return median(made_nHO, kind, scaler, symbol)

    return Reader(read=read, answer=answer)


def _inputs(seen: Scene) -> tuple[Floats, Floats, Floats, Floats]:
    return seen.chosen.x_NLF, seen.chosen.known_NHK, seen.background.x_NLF, seen.background.known_NHK


def _titles(seen: Scene, edge_B: Ints) -> tuple[str, ...]:
    return owen.names(edge_B, len(seen.chosen.rows.known))


def _features(spec: Spec, seen: Scene) -> tuple[Player, ...]:
    """The rows of the map: features, or families of them where there are too many to sample or to read."""
    rows = seen.chosen.rows
    groups = (
        {name: (name,) for name in rows.features}
        if len(rows.features) <= FEATURES
        else registry.families(spec.features)
    )
    return tuple(
        Player(
            name=title,
            past=tuple(rows.features.index(name) for name in names),
            known=tuple(rows.known.index(name) for name in names if name in rows.known),
        )
        for title, names in groups.items()
    )


def _explanation(
    seen: Scene, solved: Attribution, names: tuple[str, ...], by_lag_L: Floats, began: float, method: str
) -> Explanation:
    """The players as the features of an Explanation; they have no value of their own."""
    chosen = seen.chosen
    return Explanation(
        method=method,
        features=names,
        steps=chosen.rows.steps,
        symbol_N=(chosen.rows.symbols[seen.symbol],) * len(chosen),
        cutoff_N=chosen.cutoff_N,
        values_NHF=solved.values_NPH.transpose(0, 2, 1),
        base_H=solved.base_H,
        data_NF=np.full((len(chosen), len(names)), np.nan),
        forecast_NH=solved.forecast_NH,
        by_lag_L=by_lag_L,
        seconds=time.perf_counter() - began,
        additivity_error=additivity_error(solved.values_NPH, solved.base_H, solved.forecast_NH),
    )
