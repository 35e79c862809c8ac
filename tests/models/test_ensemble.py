"""Ensembles: the mean of their members, symbol by symbol, before and after saving."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

from core import pipeline
from core.forecasting import forecast
from core.models import registry
from core.models.ensemble import Ensemble
from core.models.inference import compute_gradient
from core.spec import Spec
from core.storage import runs

Recipe = Callable[..., Spec]
RNG = np.random.default_rng(0)
X, KNOWN = RNG.normal(size=(5, 6, 3)).astype(np.float32), np.zeros((5, 2, 0), dtype=np.float32)
SYMBOL = np.array([1, 0, 1, 0, 1])


def nets(recipe: Recipe, count: int, binary: bool = False, **values: object) -> list:
    spec = recipe(**values)
    return [registry.build(spec, features=3, known=0, steps=2, binary=binary, seed=i).eval() for i in range(count)]


def predict(net, binary: bool) -> np.ndarray:
    return forecast.network(net, binary)(X, KNOWN, SYMBOL)


@pytest.mark.parametrize(
    ("head", "binary"), [("quantiles", False), ("gaussian", False), ("point", False), ("quantiles", True)]
)
def test_an_ensemble_answers_with_the_mean_of_its_members(recipe: Recipe, head: str, binary: bool) -> None:
    members = nets(recipe, 3, binary, model__head=head)
    ensemble = predict(Ensemble(members), binary)
    np.testing.assert_allclose(
        ensemble, np.mean([predict(net, binary) for net in members], axis=0), rtol=2e-5, atol=2e-6
    )
    assert (np.diff(ensemble[..., :7], axis=-1) >= 0).all()


def test_each_symbol_is_answered_by_its_own_networks(recipe: Recipe) -> None:
    members = nets(recipe, 4)
    ensemble = predict(Ensemble(members, symbols=2), False)
    for s in (0, 1):
        own = np.mean([predict(net, False) for net in members[s::2]], axis=0)
        np.testing.assert_allclose(ensemble[s == SYMBOL], own[s == SYMBOL], rtol=1e-5, atol=1e-6)
    assert [len(one.members) for one in Ensemble(members, symbols=2).rounds()] == [2, 2]


def test_gradients_go_through_the_members(recipe: Recipe) -> None:
    members = nets(recipe, 2)
    ones = np.ones_like
    both = compute_gradient(Ensemble(members, symbols=2), X, KNOWN, ones, SYMBOL)[0]
    for s, net in enumerate(members):
        own = compute_gradient(net, X, KNOWN, ones, SYMBOL)[0]
        np.testing.assert_allclose(both[s == SYMBOL], own[s == SYMBOL], rtol=1e-5, atol=1e-7)


def test_states_of_unequal_sizes_are_not_read_piece_by_piece(recipe: Recipe) -> None:
    small, other, large = nets(recipe, 2), nets(recipe, 1)[0], nets(recipe, 1, model__hidden=5)[0]
    assert small[0].incremental == Ensemble([*small, other]).incremental
    assert not Ensemble([*small, large]).incremental


@pytest.mark.parametrize(("symbols", "count"), [("shared", 2), ("separate", 4)])
@pytest.mark.parametrize("own", [(), ("model.hidden=5 train.learning_rate=0.01", "model.hidden=3 model.layers=2")])
def test_a_saved_ensemble_answers_as_before(
    recipe: Recipe,
    bars: Callable[..., pd.DataFrame],
    train_run,
    tmp_path,
    symbols: str,
    count: int,
    own: tuple[str, ...],
) -> None:
    spec = recipe(
        data__symbols=["A", "B"],
        model__symbols=symbols,
        train__ensemble=2,
        train__member_settings=own,
        train__epochs=2,
        target__kind="log_return",
        target__horizon=2,
    )
    run = train_run(spec, A=bars(), B=bars(seed=1))
    assert {epoch.member for epoch in run.history.epochs} == set(range(1, count + 1))
    assert len(run.evaluation.members) == 2
    assert {"rmse", "skill"} <= {*run.evaluation.members[0]}
    saved = runs.load(runs.save(run, tmp_path).id, tmp_path)
    assert saved.evaluation.members == run.evaluation.members
    pd.testing.assert_frame_equal(pipeline.replay(saved), run.forecast)


def test_a_network_of_one_symbol_sees_no_other(recipe: Recipe, bars: Callable[..., pd.DataFrame], train_run) -> None:
    spec = recipe(
        data__symbols=["A", "B"],
        model__symbols="separate",
        train__epochs=2,
        model__norm="none",
        features=["return"],
        target__kind="log_return",
        target__horizon=1,
    )
    first = train_run(spec, A=bars(), B=bars(seed=1))
    other = train_run(spec, A=bars(), B=bars(seed=2))
    for name, value in first.weights.items():
        if name.startswith("members.0."):
            torch.testing.assert_close(torch.from_numpy(value), torch.from_numpy(other.weights[name]), rtol=0, atol=0)
    assert any(not np.array_equal(v, other.weights[n]) for n, v in first.weights.items() if n.startswith("members.1."))
