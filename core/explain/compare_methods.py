"""Compares importance methods on one run, and leave-one-covariate-out by retraining: jobs that return Importances.

Axis letters: N windows, L lookback, F features, K known features, P players.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.windows import Prepared
from core.events import Event, Stage
from core.explain import error_importance, explainer
from core.explain.explanation import evenly_spaced, sum_by_group
from core.explain.game import Player, build_players
from core.explain.importance import Importance, from_explanation
from core.explain.predictor import build_predictor
from core.explain.tree_shap import compute as compute_tree_shap
from core.features import registry
from core.language import message
from core.models.kinds import MODELS
from core.training import retrain
from core.types import Floats, Run, Windows

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

CONTRIBUTION_WINDOWS = 64  # behind mean contributions
ERROR_WINDOWS = 400  # of the test split, evenly spaced, behind the rise of an error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setup:
    """A run opened for comparison; `windows` are those of the first symbol's test split on which errors are
    measured."""

    run: Run
    prepared: Prepared
    net: "Network | Ensemble"
    windows: Windows
    groups: dict[str, tuple[str, ...]]

    @property
    def players(self) -> tuple[Player, ...]:
        return build_players(self.windows.rows.features, self.windows.rows.known, self.groups)

    @property
    def arrays(self) -> tuple[Floats, Floats]:
        return self.windows.x_NLF, self.windows.known_NHK

    def loss(self) -> error_importance.Loss:
        return _loss(self.prepared, self.net, self.windows)


def compute(run: Run, by_family: bool = False) -> Generator[Event, None, tuple[Importance, ...]]:
    """Every importance method that needs no retraining of the network, by feature or by family: shapley (the run's own
    explanation if it has one), gradients, selection if the network weighs its inputs, replaced, loss_permutation, gain
    and treeshap; yields Stage and Progress."""
    setup = _open(run, by_family)
    results = [(yield from _contributions(setup, "permutation")), (yield from _contributions(setup, "gradients"))]
    if MODELS[run.spec.model.kind].selects_inputs:
        results.append(_selection(setup))
    yield Stage(name="explain", text=message("Replacing each feature by its mean"))
    began = time.perf_counter()
    rise_P = yield from error_importance.mean_ablation(
        setup.loss(), *setup.arrays, setup.players, *_training_means(setup.prepared)
    )
    results.append(_from_errors(setup, "replaced", rise_P, began))
    yield Stage(name="explain", text=message("Exchanging each feature between windows"))
    began = time.perf_counter()
    rise_P = yield from error_importance.permutation_importance(
        setup.loss(), *setup.arrays, setup.players, run.spec.seed
    )
    results.append(_from_errors(setup, "loss_permutation", rise_P, began))
    results += yield from _trees(setup)
    return tuple(results)


def compute_loco(run: Run, by_family: bool = False) -> Generator[Event, None, Importance]:
    """Leave-one-covariate-out: the rise of the test error when the network is retrained without a feature or family
    (Lei, G'Sell, Rinaldo, Tibshirani & Wasserman 2018); yields Stage and Progress.

    Each training uses the run's recipe, seed, epochs and patience. The feature becomes a constant, so that windows and
    test split stay the same; a level that anchors the forecast remains its anchor. `by_lag` needs no retraining: it is
    the rise when one row of every window is replaced by the means. Raises TrainError.
    """
    began, setup = time.perf_counter(), _open(run, by_family)
    error = setup.loss()(*setup.arrays)
    players, rises = setup.players, []
    for done, player in enumerate(players):
        number, count = done + 1, len(players)
        about = message("Retraining without {name}, {number} of {count}", name=player.name, number=number, count=count)
        yield Stage(name="train", text=about)
        prepared = _without(setup.prepared, player)
        net = yield from retrain.retrain(run.spec, prepared, done, len(players))
        windows = replace(setup.windows, rows=prepared.splits.test.rows)
        error_without = _loss(prepared, net, windows)(windows.x_NLF, windows.known_NHK)
        rises.append(error_importance.relative_rise(error_without, error))
    yield Stage(name="explain", text=message("Replacing each lag by the means"))
    mean_F, _ = _training_means(setup.prepared)
    lag_L = yield from error_importance.mean_ablation_by_lag(setup.loss(), *setup.arrays, mean_F)
    return replace(_from_errors(setup, "retrained", np.array(rises), began), by_lag=tuple(lag_L.tolist()))


def group_features(features: tuple[str, ...], by_family: bool) -> dict[str, tuple[str, ...]]:
    """Family → its features, or each feature as a group of its own."""
    return registry.families(features) if by_family else {name: (name,) for name in features}


# --- steps of a comparison -------------------------------------------------------------------------------------------


def _open(run: Run, by_family: bool) -> _Setup:
    from core.training.trainer import reopen

    prepared, net = reopen(run)
    test = prepared.splits.test
    test = test.take(np.flatnonzero(test.symbol_N == 0))
    return _Setup(
        run=run,
        prepared=prepared,
        net=net,
        windows=test.take(evenly_spaced(len(test), ERROR_WINDOWS)),
        groups=group_features(run.spec.features, by_family),
    )


def _contributions(setup: _Setup, method: str) -> Generator[Event, None, Importance]:
    explanation = setup.run.explanation
    if explanation is None or explanation.method != method:
        yield Stage(name="explain", text=message("Attributing the forecasts to the features"))
        explanation = yield from explainer.explain(
            setup.run.spec, setup.prepared, setup.net, method, None, None, CONTRIBUTION_WINDOWS
        )
    importance_method = "shapley" if method == "permutation" else method
    return from_explanation(sum_by_group(explanation, setup.groups), importance_method, tuple(setup.groups))


def _selection(setup: _Setup) -> Importance:
    """The weights of the network's own selection: means over windows and rows."""
    from core.models.inference import weigh_inputs

    began = time.perf_counter()
    mean_F = weigh_inputs(setup.net, setup.windows.x_NLF)[0].mean(axis=(0, 1), dtype=float)
    weight = dict(zip(setup.run.spec.features, mean_F.tolist(), strict=True))
    return Importance(
        method="selection",
        features=tuple(setup.groups),
        values=tuple(sum(weight[feature] for feature in members) for members in setup.groups.values()),
        windows=len(setup.windows),
        seconds=time.perf_counter() - began,
    )


def _trees(setup: _Setup) -> Generator[Event, None, list[Importance]]:
    explanation, gain = yield from compute_tree_shap(setup.run)
    names, groups = tuple(setup.groups), setup.groups
    if "symbol" in explanation.features[len(setup.run.spec.features) :]:
        groups = groups | {"symbol": ("symbol",)}
    return [
        Importance(
            method="gain",
            features=names,
            values=tuple(sum(gain[feature] for feature in members) for members in setup.groups.values()),
            windows=len(explanation.symbol_N),
            seconds=explanation.seconds,
        ),
        from_explanation(sum_by_group(explanation, groups), "treeshap", names),
    ]


def _loss(prepared: Prepared, net: "Network | Ensemble", windows: Windows) -> error_importance.Loss:
    """The mean squared error behind the skill: score units over the spread of the first symbol's training labels."""
    kind, predictor = prepared.kind, build_predictor(net, prepared, 0)
    y_NH = kind.to_score(kind.to_user(windows.y_NH))
    anchor_N1 = windows.anchor_N[:, None] if prepared.anchored else None

    def loss(x_NLF: Floats, known_NHK: Floats) -> float:
        forecast_NH = predictor.to_target_units(predictor.run(x_NLF, known_NHK), anchor=anchor_N1)
        return float(np.square((kind.to_score(forecast_NH) - y_NH) / prepared.score_SC[0]).mean())

    return loss


def _from_errors(setup: _Setup, method: str, rise_P: Floats, began: float) -> Importance:
    return Importance(
        method=method,
        features=tuple(setup.groups),
        values=tuple(rise_P.tolist()),
        windows=len(setup.windows),
        seconds=time.perf_counter() - began,
    )


def _training_means(prepared: Prepared) -> tuple[Floats, Floats]:
    """The mean of each scaled feature over the first symbol's training cutoffs: (F,) and (K,)."""
    train = prepared.splits.train
    of_symbol = train.take(np.flatnonzero(train.symbol_N == 0))
    row_N = (of_symbol if len(of_symbol) else train).cutoff_row_N
    mean_F: Floats = train.rows.x_TF[row_N].mean(axis=0)
    return mean_F, mean_F[[train.rows.features.index(name) for name in train.rows.known]]


def _without(prepared: Prepared, player: Player) -> Prepared:
    """The same windows with a player's columns constant in every row."""
    rows = prepared.splits.train.rows
    x_TF, known_TK = rows.x_TF.copy(), rows.known_TK.copy()
    x_TF[:, list(player.past)] = 0.0
    known_TK[:, list(player.known)] = 0.0
    return retrain.with_rows(prepared, replace(rows, x_TF=x_TF, known_TK=known_TK))
