"""A run opened: what is inside adds up to the forecast that the network gives."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data import frame as frames
from core.datasets import windows as preparing
from core.errors import SpecError
from core.events import Progress, Stage
from core.explain import recurrent_cell
from core.models import inference
from core.models.ensemble import Ensemble
from core.storage import runs
from core.training import trainer

VARIANTS = [
    {},
    {"model__kind": "gru", "model__layers": 2},
    {"model__kind": "rnn", "model__norm": "reversible"},
    {"model__bidirectional": True, "model__layers": 2},
    {"model__norm_layer": "layer", "model__residual": True, "model__layers": 2},
    {"model__norm_layer": "batch"},
    {"model__symbols": "embedded"},
    {"model__symbols": "separate", "train__ensemble": 2},
    {"train__ensemble": 3},
]


def untrained(finished, recipe, frame, **values):
    """A run with the network that these settings make, its weights of the first day."""
    level = {"target__kind": "close", "features": ["column:close", "return"]}
    spec = preparing.resolve(recipe(**level | values), frame)
    each = len(frame.columns.unique("symbol")) if spec.model.symbols == "separate" else 1
    count = len(frame.columns.unique("symbol")) if spec.model.symbols == "embedded" else None
    nets = [trainer.fresh(spec, seed, count) for seed in range(each * spec.train.ensemble)]
    net = nets[0] if len(nets) == 1 else Ensemble(nets, each)
    prepared = preparing.prepare(spec, frame)
    return replace(
        finished,
        spec=spec,
        frame=frame,
        state=prepared.x_scaler.state("x") | prepared.y_scaler.state("y"),
        weights={name: value.numpy() for name, value in net.state_dict().items()},
    )


def heard(module, ask):
    """What `module` is given and what it answers while `ask` is at work."""
    seen = []
    hook = module.register_forward_hook(lambda _, given, made: seen.append((given, made)))
    with torch.inference_mode():
        ask()
    hook.remove()
    return seen[0]


@pytest.fixture(scope="module")
def two(bars):
    """Two symbols."""
    return frames.build({"A": bars(), "B": bars(seed=1)})


@pytest.mark.parametrize("values", VARIANTS, ids=str)
def test_the_inside_of_every_network_is_what_torch_reads_out(finished, recipe, two, values):
    run = untrained(finished, recipe, two, data__symbols=["A", "B"], **values)
    prepared, net = recurrent_cell.prepare(run), trainer.restore(run.spec, run.weights, 2)
    assert recurrent_cell.networks(run) == run.spec.train.ensemble
    test = prepared.splits.test
    n = int(np.flatnonzero(test.symbol_N == 1)[5])
    x, known = (
        torch.from_numpy(np.ascontiguousarray(part))
        for part in (test.x_NLF[n : n + 1], test.known_NHK[n : n + 1, None])
    )
    for member in range(recurrent_cell.networks(run)):
        opened = recurrent_cell.look(run, prepared, "B", test.cutoff_N[n], member)
        of_symbol = 2 * member + 1 if run.spec.model.symbols == "separate" else member
        one = list(net.members)[of_symbol] if isinstance(net, Ensemble) else net
        (x_BLI,), (state_BLV, _) = heard(one.encoder.cell, lambda one=one: one(x, known, torch.tensor([1])))
        np.testing.assert_allclose(opened.x_LI, x_BLI[0], atol=1e-5)
        np.testing.assert_allclose(opened.gates.output_LV, state_BLV[0], atol=1e-5)


def test_the_last_state_and_the_head_make_the_forecast(finished):
    prepared = recurrent_cell.prepare(finished)
    at = recurrent_cell.cutoffs(prepared, "A")[-1]
    opened, live = recurrent_cell.look(finished, prepared, "A", at), prepared.splits.live
    weights = finished.weights
    raw = weights["head.weight"] @ opened.gates.output_LV[-1] + weights["head.bias"]
    net = trainer.restore(finished.spec, finished.weights, 1)
    np.testing.assert_allclose(raw[None, None], inference.outputs(net, live.x_NLF, live.known_NHK), atol=1e-5)
    assert at == live.cutoff_N[0] == opened.time_L[-1]


def test_the_window_is_shown_in_the_units_of_its_features(finished):
    prepared = recurrent_cell.prepare(finished)
    at = recurrent_cell.cutoffs(prepared, "A")[0]
    opened = recurrent_cell.look(finished, prepared, "A", at)
    moved_T = np.log(frames.of_symbol(finished.frame, "A")["close"]).diff()
    where = opened.features.index("return")
    np.testing.assert_allclose(opened.raw_LF[:, where], moved_T.loc[opened.time_L].to_numpy(), atol=1e-9)
    assert len(opened.time_L) == finished.spec.window.lookback


def test_a_saved_run_is_opened_as_it_was(finished, tmp_path):
    runs.save(finished, tmp_path)
    again = runs.load(finished.id, tmp_path)
    prepared = recurrent_cell.prepare(again)
    at = recurrent_cell.cutoffs(prepared, "A")[3]
    first, second = (recurrent_cell.look(run, prepared, "A", at).gates.output_LV for run in (finished, again))
    np.testing.assert_array_equal(first, second)


def test_weights_that_were_saved_under_their_old_names_are_found(finished):
    old = replace(finished, weights={name.removeprefix("encoder."): value for name, value in finished.weights.items()})
    prepared = recurrent_cell.prepare(finished)
    at = recurrent_cell.cutoffs(prepared, "A")[0]
    np.testing.assert_array_equal(
        recurrent_cell.look(old, prepared, "A", at).gates.output_LV,
        recurrent_cell.look(finished, prepared, "A", at).gates.output_LV,
    )


def test_what_there_is_not_is_refused_in_words(finished, finish):
    prepared = recurrent_cell.prepare(finished)
    at = recurrent_cell.cutoffs(prepared, "A")[0]
    with pytest.raises(SpecError, match="has no symbol 'Z'; it has A"):
        recurrent_cell.cutoffs(prepared, "Z")
    with pytest.raises(SpecError, match="No forecast of A starts from 1999-01-01"):
        recurrent_cell.look(finished, prepared, "A", np.datetime64("1999-01-01"))
    with pytest.raises(SpecError, match="no network 2; it has 1"):
        recurrent_cell.look(finished, prepared, "A", at, 1)
    linear = replace(finished, spec=replace(finished.spec, model=replace(finished.spec.model, kind="nlinear")))
    for ask in (
        lambda: recurrent_cell.look(linear, prepared, "A", at),
        lambda: finish(recurrent_cell.memory(linear, "A")),
    ):
        with pytest.raises(SpecError, match="no cell to open in a nlinear model"):
            ask()


def test_the_memory_stands_beside_untrained_cells(finished, finish):
    made, events = finish(recurrent_cell.memory(finished, "A"))
    assert list(made.untrained) == ["rnn", "gru", "lstm"]
    curves = np.array([made.norm_L, *made.untrained.values()])
    assert curves.shape == (4, 10) and (curves > 0).all() and np.isfinite(curves).all()
    assert (curves[1, 5:] < curves[1, 0] / 5).all()  # an untrained RNN forgets within a few days
    assert (made.windows, made.seeds) == (16, 5)
    assert isinstance(events[0], Stage) and events[-1] == Progress(done=3, total=4)
    again, _ = finish(recurrent_cell.memory(finished, "A"))
    np.testing.assert_array_equal(made.untrained["gru"], again.untrained["gru"])


def test_a_model_that_hears_nothing_has_no_memory(finished, finish):
    deaf = {name: np.zeros_like(value) if "weight_ih" in name else value for name, value in finished.weights.items()}
    made, _ = finish(recurrent_cell.memory(replace(finished, weights=deaf), "A"))
    assert not made.norm_L.any()


def test_opening_a_window_loads_no_torch(finished, tmp_path):
    runs.save(finished, tmp_path)
    code = (
        "import sys; from pathlib import Path; from core.explain import recurrent_cell; from core.storage import runs\n"
        f"run = runs.load({finished.id!r}, Path({str(tmp_path)!r})); prepared = recurrent_cell.prepare(run)\n"
        "recurrent_cell.look(run, prepared, 'A', recurrent_cell.cutoffs(prepared, 'A')[-1])\n"
        "print('torch' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["False"]
