"""Selection weights of trained networks: of a planted series, on disk, in a comparison, next to torch's."""

import numpy as np
import pytest

from core.data import frame as frames
from core.datasets.windows import prepare_saved
from core.errors import SpecError
from core.explain import compare_methods, explainer, recurrent_cell, selection
from core.models import inference
from core.storage import runs
from core.training import trainer
from tests.explain.conftest import RANDOM_WALK
from tests.explain.untrained import untrained


@pytest.fixture(scope="module")
def selected(bars, recipe, train_run):
    """A run whose next return is nine tenths of one of four columns."""
    rng = np.random.default_rng(1)
    signal_T, *noise = rng.normal(size=(4, 700))
    return_T = 0.01 * np.concatenate([[0.0], 0.9 * signal_T[:-1] + 0.3 * rng.normal(size=699)])
    columns = {f"noise{n}": noise_T for n, noise_T in enumerate(noise)}
    table = bars(700, return_T=return_T).assign(signal=signal_T, **columns)
    features = ["column:noise0", "column:noise1", "column:signal", "column:noise2"]
    return train_run(
        recipe(**RANDOM_WALK, model__kind="tft", model__hidden=16, train__epochs=20, features=features), A=table
    )


def test_the_planted_column_has_the_largest_weight(selected, finish):
    results = finish(compare_methods.compute(selected))[0]
    by_method = {result.method: result for result in results}
    weights = by_method["selection"]
    assert next(iter(weights.importance)) == next(iter(by_method["shapley"].importance)) == "column:signal"
    assert sum(weights.values) == pytest.approx(1.0) and min(weights.values) >= 0
    assert weights.importance["column:signal"] > 1.5 / 4
    families = finish(compare_methods.compute(selected, True))[0]
    assert sum(next(r for r in families if r.method == "selection").values) == pytest.approx(1.0)


def test_explanations_add_up(selected, finish):
    explanation = finish(explainer.compute(selected, "permutation"))[0]
    assert explanation.additivity_error < 1e-6
    assert next(iter(explanation.importance)) == "column:signal"


def test_a_run_from_disk_has_the_same_forecasts_and_weights(selected, tmp_path):
    runs.save(selected, tmp_path)
    loaded = runs.load(selected.id, tmp_path)
    answers, shown = [], []
    for run in (selected, loaded):
        prepared = prepare_saved(run)
        test, net = prepared.splits.test, trainer.restore(run.spec, run.weights, 1)
        answers.append(inference.compute_outputs(net, test.x_NLF, test.known_NHK))
        cutoff = recurrent_cell.cutoffs(prepared, "A")[3]
        shown.append(selection.inspect(run, prepared, "A", cutoff).weight_LF)
        np.testing.assert_allclose(inference.weigh_inputs(net, test.x_NLF[3:4])[0][0], shown[-1], atol=1e-5)
    np.testing.assert_array_equal(*answers)
    np.testing.assert_array_equal(*shown)


@pytest.mark.parametrize(
    "values",
    [
        {"model__norm": "reversible", "target__kind": "close", "features": ["column:close", "return"]},
        {"model__symbols": "embedded"},
        {"model__symbols": "separate", "train__ensemble": 2},
    ],
    ids=str,
)
def test_weights_without_torch_equal_those_of_the_network(finished, recipe, bars, values):
    two = frames.build({"A": bars(), "B": bars(seed=1)})
    run = untrained(finished, recipe, two, model__kind="tft", data__symbols=["A", "B"], **values)
    prepared, net = prepare_saved(run), trainer.restore(run.spec, run.weights, 2)
    test = prepared.splits.test
    n = int(np.flatnonzero(test.symbol_N == 1)[5])
    networks = [
        selection.inspect(run, prepared, "B", test.cutoff_N[n], member) for member in range(run.spec.train.ensemble)
    ]
    expected = inference.weigh_inputs(net, test.x_NLF[n : n + 1], 1)[0][0]
    np.testing.assert_allclose(np.mean([each.weight_LF for each in networks], axis=0), expected, atol=1e-5)
    assert networks[0].features == run.spec.features and networks[0].time_L[-1] == test.cutoff_N[n]


def test_a_model_that_weighs_no_inputs_is_refused(finished):
    prepared = prepare_saved(finished)
    with pytest.raises(SpecError, match="A lstm model does not weigh its inputs"):
        selection.inspect(finished, prepared, "A", recurrent_cell.cutoffs(prepared, "A")[0])
