"""Fracast, an optional pretrained baseline: next to a stand-in with its interface, and the package itself if there."""

import importlib.util
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.baselines import fracast, registry
from core.datasets import windows
from core.errors import DataError
from core.spec import Spec
from core.types import Floats
from tests.baselines.test_seasonal_decomposition import prepare
from tests.test_threads import blas_threads

Recipe = Callable[..., Spec]
WALK_T = 1e6 + np.cumsum(np.random.default_rng(0).normal(size=400))


class StandIn:
    """Forecasts the mean of the newest three values, with quantiles around it whose mean is a tenth higher."""

    seen: list[int] = []  # noqa: RUF012  the lengths of all contexts

    @classmethod
    def from_pretrained(cls, **options: str) -> "StandIn":
        assert options == {"device": "cpu", "weights": "fp32"}
        return cls()

    def forecast(self, context: Floats, *, horizon: int) -> Floats:
        self.seen.append(len(context))
        quantile_Q = np.linspace(-1, 1, 9) + 0.1
        path_K = np.float32(context)[-3:].mean() + np.arange(horizon, dtype=np.float32)
        return path_K[:, None] + quantile_Q


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> type[StandIn]:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name == "fracast" else find(name))
    monkeypatch.setitem(sys.modules, "fracast", SimpleNamespace(FracastModel=StandIn))
    StandIn.seen = []
    return StandIn


def test_each_window_is_forecast_from_its_own_past(recipe: Recipe, stand_in: type[StandIn]) -> None:
    prepared = prepare(recipe, 3, A=WALK_T, B=2 * WALK_T)
    test = prepared.splits.test
    yhat_NH = registry.fit(fracast.FRACAST, prepared)(test)
    assert {*test.symbol_N} == {0, 1}
    for n in (0, len(test) // 2, len(test) - 1):
        row = test.cutoff_row_N[n]
        own = WALK_T if test.symbol_N[n] == 0 else 2 * WALK_T
        t = int(np.flatnonzero(own == test.rows.level_T[row])[0])
        expected_H = own[t - 2 : t + 1].mean() + 0.1 + np.arange(3)
        np.testing.assert_allclose(yhat_NH[n], expected_H, rtol=0, atol=1e-4)  # float32 alone errs by .06 at a million
    assert min(stand_in.seen) > 200 and max(stand_in.seen) <= 400


def test_no_more_rows_than_the_model_sees(
    recipe: Recipe, stand_in: type[StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fracast, "CONTEXT", 50)
    prepared = prepare(recipe, 1, A=WALK_T)
    registry.fit(fracast.FRACAST, prepared)(prepared.splits.test)
    assert {*stand_in.seen} == {50}


def test_it_takes_part_only_where_the_recipe_asks(recipe: Recipe, stand_in: type[StandIn]) -> None:
    prepared = prepare(recipe, 3, A=WALK_T)
    without, wanted = (
        registry.forecasts(recipe(baselines__pretrained=asked), prepared, ("val", "test")) for asked in (False, True)
    )
    assert "fracast" not in without.by_baseline.keys() | without.left_out.keys()
    assert np.isfinite(wanted.by_baseline["fracast"]["test"]).all()
    assert wanted.by_baseline.keys() - without.by_baseline.keys() == {"fracast"}
    assert not fracast.FRACAST.naive and "perhaps on this series" in registry.phrase("fracast")


def test_too_many_windows_and_a_missing_package_are_reasons(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepare(recipe, 3, A=WALK_T)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    left_out = registry.forecasts(recipe(baselines__pretrained=True), prepared, ("test",)).left_out
    assert left_out["fracast"] == "Fracast is not installed. Install it with: pip install --no-deps fracast."
    parts = (prepared.splits.val, prepared.splits.calib, prepared.splits.test)
    monkeypatch.setattr(fracast, "MOST", sum(map(len, parts)) - 1)
    with pytest.raises(DataError, match=r"at most \d+ windows; the validation, calibration and test splits have \d+"):
        fracast.fit(prepared)


def test_it_forecasts_on_one_thread(recipe: Recipe, stand_in: type[StandIn], monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    seen: set[int] = set()
    original = StandIn.forecast

    def watched(self: StandIn, context: Floats, *, horizon: int) -> Floats:
        seen.update({torch.get_num_threads(), *blas_threads()})
        return original(self, context, horizon=horizon)

    monkeypatch.setattr(StandIn, "forecast", watched)
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        prepared = prepare(recipe, 3, A=WALK_T)
        registry.fit(fracast.FRACAST, prepared)(prepared.splits.test)
        assert seen == {1} and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


def test_the_package_forecasts_a_season_and_asks_no_network(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fracast")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)  # an import of it fails
    noise_T = 0.1 * np.random.default_rng(0).normal(size=400)
    prepared = prepare(recipe, 6, A=100 + 5 * np.sin(2 * np.pi * np.arange(400) / 24) + noise_T)
    test: windows.Windows | Any = prepared.splits.test
    error_NH = registry.fit(fracast.FRACAST, prepared)(test) - test.y_NH
    last_NH = registry.fit(registry.BASELINES["last_value"], prepared)(test) - test.y_NH
    assert np.sqrt(np.mean(error_NH**2)) < 0.5 * np.sqrt(np.mean(last_NH**2))
