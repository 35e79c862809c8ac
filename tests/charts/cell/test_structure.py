"""The picture of a network: layers with their sizes, weights, and shares that add up to one."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from core.charts.cell import structure
from core.models import registry
from core.models.ensemble import Ensemble
from core.spec import with_values
from core.training import trainer


def of(finished, shares=None, **values):
    spec = with_values(finished.spec, {path.replace("__", "."): value for path, value in values.items()})
    nets = [trainer.build_untrained(spec, seed) for seed in range(spec.train.ensemble)]
    net = nets[0] if len(nets) == 1 else Ensemble(nets)
    evaluation = replace(finished.evaluation, shares=shares or {})
    weights = {name: value.numpy() for name, value in net.state_dict().items()}
    return structure.compute(replace(finished, spec=spec, evaluation=evaluation, weights=weights), "")


def test_layers_and_weights_are_those_of_the_run(finished):
    chart = of(finished, model__hidden=5, model__layers=2)
    spec = finished.spec
    lookback, features = spec.window.lookback, len(spec.features)
    assert [layer.title for layer in chart.layers] == ["inputs", "LSTM", "linear layer", "forecast"]
    assert [layer.numbers for layer in chart.layers] == [lookback * features, 5, 8, 1]
    assert chart.layers[1].size == "2 × 5 units" and f"{lookback} steps of {features} features" in chart.caption
    own = registry.without_mixture(finished.weights)
    assert of(finished).weights == sum(np.size(value) for value in own.values())
    assert "for 5 steps ahead, by " in chart.caption  # one number for the five days, not one for each
    assert f"{chart.weights:,} weights" in chart.caption and "share" not in chart.caption


def test_an_ensemble_counts_its_networks_and_a_linear_kind_has_no_units(finished):
    assert of(finished, train__ensemble=3).caption.startswith("3 LSTM networks read")
    assert "units" not in of(finished, model__kind="nlinear").layers[1].size
    assert of(finished, model__kind="gru", model__bidirectional=True, model__hidden=4).layers[1].numbers == 8


@pytest.mark.parametrize("rest", [0.0, 0.1])
def test_shares_fill_one_bar(finished, rest):
    chart = of(finished, {"network": 0.4, "ridge": 0.6 - rest})
    assert next(iter(chart.shares)) == "LSTM" and sum(chart.shares.values()) == pytest.approx(1)
    assert "40%" in chart.caption and len(chart.shares) == (3 if rest else 2)
    bars = structure.draw(chart).data[1:]
    edges = [(bar.base[0], bar.base[0] + bar.x[0]) for bar in bars]
    assert edges[0][0] == pytest.approx(-0.5) and edges[-1][1] == pytest.approx(0.5)
    assert all(left[1] == pytest.approx(right[0]) for left, right in itertools.pairwise(edges))
