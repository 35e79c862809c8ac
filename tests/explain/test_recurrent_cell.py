"""Gates of a run's network: inputs and states equal torch's, and lead to the network's forecast."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data import frame as frames
from core.datasets.windows import prepare_saved
from core.errors import SpecError
from core.events import Progress, Stage
from core.explain import recurrent_cell
from core.models import inference, registry
from core.models.ensemble import Ensemble
from core.storage import runs
from core.training import trainer
from tests.explain.untrained import untrained

LEVEL = {"target__kind": "close", "features": ["column:close", "return"]}
VARIANTS = [
    {},
    {"model__kind": "gru", "model__layers": 2},
    {"model__kind": "slstm", "model__layers": 2, "model__bidirectional": True},
    {"model__kind": "rnn", "model__norm": "reversible"},
    {"model__bidirectional": True, "model__layers": 2},
    {"model__norm_layer": "layer", "model__residual": True, "model__layers": 2},
    {"model__norm_layer": "batch"},
    {"model__symbols": "embedded"},
    {"model__symbols": "separate", "train__ensemble": 2},
    {"train__ensemble": 3},
]


def record_call(module, run):
    """The inputs and outputs of `module` in its first call while `run` runs."""
    calls = []
    hook = module.register_forward_hook(lambda _, inputs, outputs: calls.append((inputs, outputs)))
    with torch.inference_mode():
        run()
    hook.remove()
    return calls[0]


@pytest.fixture(scope="module")
def two(bars):
    """Two symbols."""
    return frames.build({"A": bars(), "B": bars(seed=1)})


@pytest.mark.parametrize("values", VARIANTS, ids=str)
def test_inputs_and_states_of_every_network_equal_those_of_torch(finished, recipe, two, values):
    run = untrained(finished, recipe, two, **LEVEL, data__symbols=["A", "B"], **values)
    prepared, net = prepare_saved(run), trainer.restore(run.spec, run.weights, 2)
    assert recurrent_cell.count_networks(run) == run.spec.train.ensemble
    test = prepared.splits.test
    n = int(np.flatnonzero(test.symbol_N == 1)[5])
    x, known = (
        torch.from_numpy(np.ascontiguousarray(part))
        for part in (test.x_NLF[n : n + 1], test.known_NHK[n : n + 1, None])
    )
    for member in range(recurrent_cell.count_networks(run)):
        inspection = recurrent_cell.inspect(run, prepared, "B", test.cutoff_N[n], member)
        position = 2 * member + 1 if run.spec.model.symbols == "separate" else member
        network = list(net.members)[position] if isinstance(net, Ensemble) else net
        (x_BLI,), (state_BLV, _) = record_call(
            network.encoder.cell, lambda network=network: network(x, known, torch.tensor([1]))
        )
        np.testing.assert_allclose(inspection.x_LI, x_BLI[0], atol=1e-5)
        np.testing.assert_allclose(inspection.gates.output_LV, state_BLV[0], atol=1e-5)


def test_the_head_turns_the_last_state_into_the_forecast(finished):
    prepared = prepare_saved(finished)
    cutoff = recurrent_cell.cutoffs(prepared, "A")[-1]
    inspection, live = recurrent_cell.inspect(finished, prepared, "A", cutoff), prepared.splits.live
    weights = finished.weights
    state_V = inspection.gates.output_LV[-1]
    heads = [weights[f"{head}.weight"] @ state_V + weights[f"{head}.bias"] for head in ("head", "mean_head")]
    raw = np.concatenate(heads)
    net = trainer.restore(finished.spec, registry.without_mixture(finished.weights), 1)
    np.testing.assert_allclose(raw[None, None], inference.compute_outputs(net, live.x_NLF, live.known_NHK), atol=1e-5)
    assert cutoff == live.cutoff_N[0] == inspection.time_L[-1]


def test_the_window_has_the_units_of_its_features(finished):
    prepared = prepare_saved(finished)
    cutoff = recurrent_cell.cutoffs(prepared, "A")[0]
    inspection = recurrent_cell.inspect(finished, prepared, "A", cutoff)
    return_T = np.log(frames.select_symbol(finished.frame, "A")["close"]).diff()
    f = inspection.features.index("return")
    np.testing.assert_allclose(inspection.raw_LF[:, f], return_T.loc[inspection.time_L].to_numpy(), atol=1e-9)
    assert len(inspection.time_L) == finished.spec.window.lookback


def test_a_saved_run_has_the_same_states(finished, tmp_path):
    runs.save(finished, tmp_path)
    loaded = runs.load(finished.id, tmp_path)
    prepared = prepare_saved(loaded)
    cutoff = recurrent_cell.cutoffs(prepared, "A")[3]
    first, second = (recurrent_cell.inspect(run, prepared, "A", cutoff).gates.output_LV for run in (finished, loaded))
    np.testing.assert_array_equal(first, second)


def test_weights_saved_under_their_old_names_are_found(finished):
    old = replace(finished, weights={name.removeprefix("encoder."): value for name, value in finished.weights.items()})
    prepared = prepare_saved(finished)
    cutoff = recurrent_cell.cutoffs(prepared, "A")[0]
    np.testing.assert_array_equal(
        recurrent_cell.inspect(old, prepared, "A", cutoff).gates.output_LV,
        recurrent_cell.inspect(finished, prepared, "A", cutoff).gates.output_LV,
    )


def test_unknown_symbols_cutoffs_networks_and_models_without_gates_raise_errors(finished, finish):
    prepared = prepare_saved(finished)
    cutoff = recurrent_cell.cutoffs(prepared, "A")[0]
    with pytest.raises(SpecError, match="has no symbol 'Z'; it has A"):
        recurrent_cell.cutoffs(prepared, "Z")
    with pytest.raises(SpecError, match="No forecast of A starts from 1999-01-01"):
        recurrent_cell.inspect(finished, prepared, "A", np.datetime64("1999-01-01"))
    with pytest.raises(SpecError, match="no network 2; it has 1"):
        recurrent_cell.inspect(finished, prepared, "A", cutoff, 1)
    linear = replace(finished, spec=replace(finished.spec, model=replace(finished.spec.model, kind="nlinear")))
    for request in (
        lambda: recurrent_cell.inspect(linear, prepared, "A", cutoff),
        lambda: finish(recurrent_cell.compute_memory(linear, "A")),
    ):
        with pytest.raises(SpecError, match="no cell to open in a nlinear model"):
            request()


def test_the_memory_of_the_model_and_of_untrained_cells(finished, finish):
    memory, events = finish(recurrent_cell.compute_memory(finished, "A"))
    assert list(memory.untrained) == ["rnn", "gru", "lstm", "slstm"]
    curves = np.array([memory.norm_L, *memory.untrained.values()])
    assert curves.shape == (5, 10) and (curves > 0).all() and np.isfinite(curves).all()
    assert (curves[1, 5:] < curves[1, 0] / 5).all()  # an untrained RNN forgets within a few steps
    assert (memory.windows, memory.seeds) == (16, 5)
    assert isinstance(events[0], Stage) and events[-1] == Progress(done=4, total=5)
    repeated, _ = finish(recurrent_cell.compute_memory(finished, "A"))
    np.testing.assert_array_equal(memory.untrained["gru"], repeated.untrained["gru"])


def test_a_model_that_ignores_its_input_has_no_memory(finished, finish):
    weights = {name: np.zeros_like(value) if "weight_ih" in name else value for name, value in finished.weights.items()}
    memory, _ = finish(recurrent_cell.compute_memory(replace(finished, weights=weights), "A"))
    assert not memory.norm_L.any()


def test_inspecting_a_window_does_not_import_torch(finished, tmp_path):
    runs.save(finished, tmp_path)
    code = (
        "import sys; from pathlib import Path; from core.explain import recurrent_cell; from core.storage import runs\n"
        "from core.datasets.windows import prepare_saved\n"
        f"run = runs.load({finished.id!r}, Path({str(tmp_path)!r})); prepared = prepare_saved(run)\n"
        "recurrent_cell.inspect(run, prepared, 'A', recurrent_cell.cutoffs(prepared, 'A')[-1])\n"
        "print('torch' in sys.modules)"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert process.stdout.split() == ["False"]
