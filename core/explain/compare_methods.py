"""Several ways to say what matters, side by side on one run: jobs that give Importances, and LightGBM's Explanation.

Axis letters: N windows, F features, K known features, P players, C columns of the trees.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.windows import Prepared
from core.events import Event, Progress, Stage
from core.explain import explainer, explanation, importance, permutation, tree_shap
from core.explain.importance import Importance
from core.explain.shapley import Player
from core.features import registry
from core.forecasting import forecast
from core.spec import MEDIAN
from core.training import retrain
from core.types import Explanation, Floats, Run, Windows

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

EXPLAINED = 64  # windows behind contributions
JUDGED = 400  # windows of the test part, evenly spaced, behind the rise of an error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """A run with the windows of the first symbol's test part on which errors are measured."""

    saved: Run
    prepared: Prepared
    net: "Network | Ensemble"
    judged: Windows
    groups: dict[str, tuple[str, ...]]

    @property
    def players(self) -> tuple[Player, ...]:
        rows = self.judged.rows
        return tuple(
            Player(
                name=name,
                past=tuple(rows.features.index(feature) for feature in members),
                known=tuple(rows.known.index(feature) for feature in members if feature in rows.known),
            )
            for name, members in self.groups.items()
        )


def quick(saved: Run, by_family: bool = False) -> Generator[Event, None, tuple[Importance, ...]]:
    """Every method that does not train the network again: shapley (that of the run where it has one), gradients,
    replaced, loss_permutation, gain and treeshap, of features or of families."""
    bench = _bench(saved, by_family)
    made = [(yield from _contributions(bench, "permutation")), (yield from _contributions(bench, "gradients"))]
    yield Stage(name="explain", text="Putting the mean in the place of each feature")
    made.append((yield from _replaced(bench)))
    yield Stage(name="explain", text="Exchanging each feature between windows")
    began, loss = time.perf_counter(), _loss(bench, bench.prepared, bench.net)
    rise_P = yield from permutation.permuted(loss, *_inputs(bench.judged), bench.players, saved.spec.seed)
    made.append(_errors(bench, "loss_permutation", rise_P, began))
    made += yield from _trees(bench)
    return tuple(made)


def ablation(saved: Run, by_family: bool = False) -> Generator[Event, None, Importance]:
    """The rise of the test error when the network is trained again without a feature (or family): the honest kind.

    Each training has the run's own recipe and seed, epochs and patience too; the feature is a constant in it, so that
    windows and test part stay the same. A level stays the anchor of the forecast where the recipe has it so. `by_lag`
    is without training: the rise when the mean stands in one row of every window. Raises TrainError.
    """
    began, bench, spec = time.perf_counter(), _bench(saved, by_family), saved.spec
    whole = _loss(bench, bench.prepared, bench.net)(*_inputs(bench.judged))
    players, rise = bench.players, []
    for number, player in enumerate(players):
        yield Stage(name="train", text=f"Training again without {player.name}, {number + 1} of {len(players)}")
        without = _without(bench.prepared, player)
        net = yield from retrain.train(spec, without, number, len(players))
        judged = replace(bench.judged, rows=without.splits.test.rows)
        rise.append(permutation.rise(_loss(bench, without, net)(*_inputs(judged)), whole))
    yield Stage(name="explain", text="Putting the mean in the place of each lag")
    mean_F, _ = _means(bench.prepared)
    lag_L = yield from permutation.replaced_by_lag(
        _loss(bench, bench.prepared, bench.net), *_inputs(bench.judged), mean_F
    )
    return replace(_errors(bench, "retrained", np.array(rise), began), by_lag=tuple(lag_L.tolist()))


def lightgbm(saved: Run) -> Generator[Event, None, tuple[Explanation, dict[str, float]]]:
    """TreeSHAP of a LightGBM on the run's own windows, and the share of each feature in the gain of its splits.

    It explains another model than the network. Of several symbols the first is explained, and which one it is counts as
    a feature called "symbol".
    """
    from core.baselines import boosting

    yield Stage(name="explain", text="Fitting LightGBM on the same windows")
    began, bench = time.perf_counter(), _bench(saved, False)
    spec, prepared, splits = saved.spec, bench.prepared, bench.prepared.splits
    fitted = boosting.fit(splits.train, splits.val, prepared.kind)
    chosen = explainer.scene(spec, prepared, bench.net, EXPLAINED, 1).chosen
    phi_NHC, base_H = boosting.contributions(fitted, chosen)
    link = _chance if prepared.kind.binary else prepared.kind.to_user
    phi_NHC, base_H, made_NH = tree_shap.rescaled(phi_NHC, base_H, base_H + phi_NHC.sum(axis=2), link)
    feature_C, span_C = boosting.columns(chosen.rows, chosen.lookback)
    names, data_NF = spec.features, prepared.raw_TF[chosen.cutoff_row_N]
    if len(chosen.rows.symbols) > 1:
        feature_C = np.where(feature_C < 0, len(names), feature_C)
        names, data_NF = (*names, "symbol"), np.column_stack([data_NF, np.full(len(chosen), np.nan)])
    values_NHF = tree_shap.by_feature(phi_NHC, feature_C, len(names))
    gain_C = boosting.gain(fitted)
    gain_F = tree_shap.by_feature(gain_C[None, None], feature_C, len(names))[0, 0] / (gain_C.sum() or 1.0)
    yield Progress(done=1, total=1)
    return Explanation(
        method="lightgbm",
        features=names,
        steps=chosen.rows.steps,
        symbol_N=(chosen.rows.symbols[0],) * len(chosen),
        cutoff_N=chosen.cutoff_N,
        values_NHF=values_NHF,
        base_H=base_H,
        data_NF=data_NF,
        forecast_NH=made_NH,
        by_lag_L=tree_shap.by_lag(phi_NHC, feature_C, span_C, len(names), chosen.lookback),
        additivity_error=explanation.additivity_error(values_NHF.transpose(0, 2, 1), base_H, made_NH),
        seconds=time.perf_counter() - began,
    ), dict(zip(names, gain_F.tolist(), strict=True))


def groups_of(features: tuple[str, ...], by_family: bool) -> dict[str, tuple[str, ...]]:
    """Family → its features, or each feature for itself."""
    return registry.families(features) if by_family else {name: (name,) for name in features}


# --- parts of them ---------------------------------------------------------------------------------------------------


def _bench(saved: Run, by_family: bool) -> _Bench:
    from core.training.trainer import reopen

    prepared, net = reopen(saved)
    test = prepared.splits.test
    test = test.take(np.flatnonzero(test.symbol_N == 0))
    return _Bench(
        saved=saved,
        prepared=prepared,
        judged=test.take(explanation.pick(len(test), JUDGED)),
        net=net,
        groups=groups_of(saved.spec.features, by_family),
    )


def _contributions(bench: _Bench, method: str) -> Generator[Event, None, Importance]:
    kept = bench.saved.explanation
    if kept is None or kept.method != method:
        yield Stage(name="explain", text="Sharing the forecasts out among the features")
        kept = yield from explainer.explain(bench.saved.spec, bench.prepared, bench.net, method, None, None, EXPLAINED)
    title = "shapley" if method == "permutation" else method
    return importance.of_explanation(explanation.grouped(kept, bench.groups), title, tuple(bench.groups))


def _replaced(bench: _Bench) -> Generator[Event, None, Importance]:
    began, loss = time.perf_counter(), _loss(bench, bench.prepared, bench.net)
    rise_P = yield from permutation.replaced(loss, *_inputs(bench.judged), bench.players, *_means(bench.prepared))
    return _errors(bench, "replaced", rise_P, began)


def _trees(bench: _Bench) -> Generator[Event, None, list[Importance]]:
    made, share = yield from lightgbm(bench.saved)
    names, count = tuple(bench.groups), len(made.symbol_N)
    groups = bench.groups | (
        {"symbol": ("symbol",)} if "symbol" in made.features[len(bench.saved.spec.features) :] else {}
    )
    gain = tuple(sum(share[feature] for feature in members) for members in bench.groups.values())
    return [
        Importance(method="gain", features=names, values=gain, windows=count, seconds=made.seconds),
        importance.of_explanation(explanation.grouped(made, groups), "treeshap", names),
    ]


def _loss(bench: _Bench, prepared: Prepared, net: "Network | Ensemble") -> permutation.Loss:
    """The mean squared error that the skill is about: score units over each symbol's spread of training labels."""
    kind, judged, s = prepared.kind, bench.judged, 0
    answer, symbol_N = forecast.network(net, kind.binary), judged.symbol_N
    y_NH = kind.to_score(kind.to_user(judged.y_NH))
    origin_N1 = judged.anchor_N[:, None] if prepared.anchored else np.zeros((len(judged), 1))
    scale_C, center_C = prepared.y_scaler.scale_SC[s], prepared.y_scaler.center_SC[s]

    def loss(x_NLF: Floats, known_NHK: Floats) -> float:
        made_NHO = answer(x_NLF, known_NHK, symbol_N)
        made_NH = made_NHO[:, :, 0] if kind.binary else made_NHO[:, :, MEDIAN] * scale_C + center_C + origin_N1
        return float(np.square((kind.to_score(kind.to_user(made_NH)) - y_NH) / prepared.score_SC[s]).mean())

    return loss


def _errors(bench: _Bench, method: str, rise_P: Floats, began: float) -> Importance:
    return Importance(
        method=method,
        features=tuple(bench.groups),
        values=tuple(rise_P.tolist()),
        windows=len(bench.judged),
        seconds=time.perf_counter() - began,
    )


def _inputs(judged: Windows) -> tuple[Floats, Floats]:
    return judged.x_NLF, judged.known_NHK


def _means(prepared: Prepared) -> tuple[Floats, Floats]:
    """The mean of each scaled feature over the training cutoffs: (F,) and (K,)."""
    train = prepared.splits.train
    own = train.take(np.flatnonzero(train.symbol_N == 0))
    at_N = (own if len(own) else train).cutoff_row_N
    mean_F: Floats = train.rows.x_TF[at_N].mean(axis=0)
    return mean_F, mean_F[[train.rows.features.index(name) for name in train.rows.known]]


def _without(prepared: Prepared, player: Player) -> Prepared:
    """The same windows with a player's columns constant in every row."""
    rows = prepared.splits.train.rows
    x_TF, known_TK = rows.x_TF.copy(), rows.known_TK.copy()
    x_TF[:, list(player.past)] = 0.0
    known_TK[:, list(player.known)] = 0.0
    return retrain.on(prepared, replace(rows, x_TF=x_TF, known_TK=known_TK))


def _chance(odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-odds))
