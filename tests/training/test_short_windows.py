"""Training on windows shorter than the lookback: padding changes no answer, and whole windows train as before."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core import pipeline
from core.data import frame as frames
from core.datasets import windows
from core.explain import explainer
from core.models.network import Network
from core.spec import Spec, with_values
from core.training import batches, epoch, lr_finder, trainer
from core.types import Rows, Windows
from tests.training.precision import WITH_BFLOAT16

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
Finish = Callable[..., Any]
LOOKBACK, SHORTEST = 10, 3


@pytest.fixture(scope="module")
def young(bars: Bars) -> pd.DataFrame:
    """A long series with a hole, and three that began shortly before the training split ends."""
    long = bars()
    long.loc[long.index[150], "close"] = np.nan
    return frames.build(
        {
            "A": long,
            **{
                name: bars(seed=s).iloc[330 - rows :]
                for s, (name, rows) in enumerate({"B": 8, "C": 9, "D": 30}.items(), start=1)
            },
        }
    )


@pytest.fixture(scope="module")
def spec(recipe: Recipe) -> Spec:
    return recipe(
        data__symbols=list("ABCD"),
        target__kind="close",
        target__horizon=2,
        window__min_length=SHORTEST,
        features=["column:close", "log_range", "weekday"],
        model__symbols="embedded",
    )


def prepare(spec: Spec, frame: pd.DataFrame, **values: Any) -> tuple[Spec, windows.Prepared]:
    """The resolved recipe with other values, and its windows."""
    spec = windows.resolve(with_values(spec, {path.replace("__", "."): v for path, v in values.items()}), frame)
    return spec, windows.prepare(spec, frame)


def answer_unpadded(net: Network, data: batches.Tensors, row: int, begin: int) -> torch.Tensor:
    """The outputs for the rows from `begin` to the cutoff `row`, unpadded: (H, O)."""
    known = data.known_TK[row + data.steps_H][None, None]
    return net(data.x_TF[None, begin : row + 1], known, data.symbol_T[[row]])[0, 0]


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn", "slstm", "transformer"])
def test_short_and_whole_windows_in_a_batch_answer_as_if_unpadded(spec: Spec, young: pd.DataFrame, kind: str) -> None:
    resolved, prepared = prepare(spec, young, model__kind=kind, train__supervision="window", model__layers=2)
    train, net = prepared.splits.train, trainer.build_untrained(resolved, 0, 4).eval()
    data = batches.build_tensors(train, prepared, "cpu")
    assert train.length_N is not None
    picked = np.concatenate([np.flatnonzero(train.length_N < LOOKBACK), [50, 200]])
    batch = batches.gather(data, torch.from_numpy(train.cutoff_row_N[picked]), 1)
    assert batch.length_B is not None
    np.testing.assert_array_equal(batch.length_B, train.length_N[picked])
    np.testing.assert_array_equal(batch.x_BTF, train.x_NLF[picked])
    assert batch.weight_BS.all()
    x_BTF = batch.x_BTF.clone().requires_grad_()
    answer = net(x_BTF, batch.known_BSHK, batch.symbol_B, batch.length_B)
    for b, n in enumerate(picked):
        row, length = int(train.cutoff_row_N[n]), int(train.length_N[n])
        torch.testing.assert_close(
            answer[b, 0], answer_unpadded(net, data, row, row - length + 1), atol=1e-6, rtol=1e-5
        )
    answer.square().sum().backward()
    assert x_BTF.grad is not None
    real = torch.arange(LOOKBACK) >= LOOKBACK - batch.length_B[:, None]
    assert not x_BTF.grad[~real].any()
    assert x_BTF.grad[real].abs().sum(dim=1).min() > 0


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn", "slstm"])
def test_at_every_step_a_state_depends_on_its_run_only(spec: Spec, young: pd.DataFrame, kind: str) -> None:
    resolved, prepared = prepare(spec, young, model__kind=kind)
    train, net = prepared.splits.train, trainer.build_untrained(resolved, 0, 4).eval()
    plan = epoch.build_plan(resolved, prepared, "cpu")
    assert plan.count == LOOKBACK and train.length_N is not None
    length = dict(zip(train.cutoff_row_N.tolist(), train.length_N.tolist(), strict=True))
    covered = set()
    with torch.inference_mode():
        for last_B in batches.draw_epoch(train, plan.count, plan.size, np.random.default_rng(0), "cpu"):
            batch = batches.gather(plan.train, last_B, plan.count)
            answer = epoch.forward(plan, net, batch)
            assert torch.isfinite(answer).all()
            for b, s in batch.weight_BS.nonzero().tolist():
                row = int(last_B[b]) - plan.count + 1 + s
                covered.add(row)
                if length[row] < LOOKBACK:
                    expected = answer_unpadded(net, plan.train, row, row - length[row] + 1)
                    torch.testing.assert_close(answer[b, s], expected, atol=1e-6, rtol=1e-5)
    assert covered == set(length)


def test_a_batch_of_whole_windows_is_not_packed(spec: Spec, young: pd.DataFrame) -> None:
    resolved, prepared = prepare(spec, young)
    plan = epoch.build_plan(resolved, prepared, "cpu")
    assert batches.gather(plan.train, torch.tensor([60, 120]), plan.count).length_B is None
    assert batches.gather(plan.train, torch.tensor([60, 12]), plan.count).length_B is not None
    assert all(batches.gather(plan.val, last, cutoffs).length_B is None for cutoffs, last in plan.val_chunks)
    assert plan.val.length_T is None


@st.composite
def draw_runs(draw: st.DrawFn) -> Windows:
    """One or two symbols with holes, and all or some of the cutoffs that have at least `shortest` rows."""
    lookback = draw(st.integers(2, 9))
    shortest = draw(st.integers(2, lookback))
    source, keep = np.random.default_rng(draw(st.integers(0, 999))), draw(st.sampled_from([1.0, 0.6]))
    x, symbol, cutoffs, lengths = [], [], [], []
    for s in range(draw(st.integers(1, 2))):
        whole = np.append(source.random(draw(st.integers(shortest, 70))) > 0.06, [False, False])  # two lie ahead
        whole[:shortest] = True
        run = 0
        for row, there in enumerate(whole, start=len(x)):
            run = run + 1 if there else 0
            if run >= shortest and (run == shortest or source.random() < keep):
                cutoffs.append(row)
                lengths.append(min(run, lookback))
        x += np.where(whole, 1.0, np.nan).tolist()
        symbol += [s] * len(whole)
    x_TF = np.array(x, dtype=np.float32)[:, None]
    rows = Rows(
        x_TF=x_TF,
        known_TK=x_TF[:, :0],
        y_TH=np.zeros_like(x_TF),
        level_T=np.zeros(len(x)),
        time_T=np.arange(len(x)).astype("M8[D]"),
        symbol_T=np.array(symbol),
        label_end_T=np.arange(len(x)) + 1,
        symbols=("A", "B"),
        features=("x",),
        known=(),
        steps=(1,),
    )
    return Windows(rows=rows, lookback=lookback, cutoff_row_N=np.array(cutoffs), length_N=np.array(lengths))


@given(draw_runs(), st.booleans(), st.integers(1, 20), st.integers(0, 9))
def test_an_epoch_covers_every_cutoff_with_its_rows_and_no_hole(
    drawn: Windows, every: bool, size: int, seed: int
) -> None:
    count = batches.chunk_length(drawn, every)
    run_T = batches._run_lengths(drawn)
    valid = torch.zeros(len(run_T))
    valid[drawn.cutoff_row_N] = 1
    data = batches.Tensors(
        x_TF=torch.from_numpy(drawn.rows.x_TF),
        known_TK=torch.from_numpy(drawn.rows.known_TK),
        y_TH=torch.arange(len(run_T))[:, None],
        valid_T=valid,
        symbol_T=torch.from_numpy(drawn.rows.symbol_T),
        steps_H=torch.tensor([1]),
        lookback=drawn.lookback,
        length_T=torch.from_numpy(run_T),
    )
    length = dict(zip(drawn.cutoff_row_N.tolist(), drawn.length_N.tolist(), strict=True))
    covered = []
    for last_B in batches.draw_epoch(drawn, count, size, np.random.default_rng(seed), "cpu"):
        batch = batches.gather(data, last_B, count)
        span = batch.x_BTF.shape[1]
        real_B = torch.full_like(last_B, span) if batch.length_B is None else batch.length_B
        assert (batch.weight_BS.sum(dim=1) > 0).all()
        for b, real in enumerate(real_B.tolist()):
            assert (batch.x_BTF[b, span - real :] == 1).all()  # no hole, and nothing of another symbol
            for s in batch.weight_BS[b].nonzero()[:, 0].tolist():
                row, rows = int(batch.y_BSH[b, s, 0]), real - (count - 1 - s)
                assert row == int(last_B[b]) - (count - 1 - s)
                covered.append(row)
                assert rows == length[row] if length[row] < drawn.lookback else rows >= drawn.lookback
    assert set(covered) == set(length)
    assert every or sorted(covered) == sorted(length)


@pytest.mark.parametrize("supervision", ["every_step", "window"])
def test_a_minimum_length_of_the_whole_window_trains_to_the_same_bits(
    recipe: Recipe, bars: Bars, finish: Finish, supervision: str
) -> None:
    table = bars()
    table.loc[table.index[150], "close"] = np.nan
    frame = frames.build({"A": table, "B": bars(seed=1).iloc[250:]})
    plain = recipe(data__symbols=["A", "B"], model__dropout=0.2, train__supervision=supervision)
    whole, same, shorter = (
        finish(trainer.train(*prepare(plain, frame, window__min_length=n)))[0] for n in (None, 10, 3)
    )
    whole_weights, same_weights, shorter_weights = (trained.net.state_dict() for trained in (whole, same, shorter))
    assert all(torch.equal(value, same_weights[name]) for name, value in whole_weights.items())
    assert not all(torch.equal(value, shorter_weights[name]) for name, value in whole_weights.items())


@pytest.mark.parametrize(
    "values",
    [
        {"model__kind": "transformer"},
        {"model__kind": "gru", "model__norm_layer": "batch"},
        {"model__bidirectional": True},
        {"model__norm": "reversible"},
        pytest.param({"train__precision": "bf16"}, marks=WITH_BFLOAT16),
    ],
)
def test_every_kind_that_takes_short_windows_learns_from_them(
    spec: Spec, young: pd.DataFrame, finish: Finish, values: dict[str, Any]
) -> None:
    resolved, prepared = prepare(spec, young, train__epochs=6, train__learning_rate=0.01, **values)
    losses = [epoch.train_loss for epoch in finish(trainer.train(resolved, prepared))[0].history.epochs]
    assert losses[-1] < losses[0]


def test_young_symbols_are_learned_forecast_and_explained(spec: Spec, young: pd.DataFrame, finish: Finish) -> None:
    resolved, prepared = prepare(spec, young)
    train = prepared.splits.train
    assert np.bincount(train.symbol_N).tolist() == [320, 3, 4, 25]
    run = finish(pipeline.run(resolved, young))[0]
    assert run.rows["train"] == len(train)
    assert set(run.forecast.loc[run.forecast["part"] == "test", "symbol"]) == set("ABCD")
    explanation = finish(explainer.compute(run, symbol="B", limit=4))[0]
    assert set(explanation.symbol_N) == {"B"} and explanation.additivity_error < 1e-3
    assert next(lr_finder.find_rate(resolved, prepared)).done == 1
