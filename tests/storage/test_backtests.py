"""A backtest is on disk fold by fold, opens with the same numbers, and never has half a fold."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import RunError
from core.evaluation.backtest.plan import Plan
from core.evaluation.backtest.result import FoldResult
from core.events import Epoch
from core.language import message, shown, use
from core.spec import Spec
from core.storage import backtests, runs
from core.types import Alarm, History

PLAN = Plan(folds=3, stride=60, window="rolling", embargo=2)


def result(fold: int = 1, skill: float = 0.25) -> FoldResult:
    days = pd.bdate_range("2015-01-01", periods=4)
    table = pd.DataFrame(
        {"part": "test", "symbol": "A", "cutoff": days, "step": 5, "q50": [0.1, 0.2, np.nan, 1 / 3], "last_value": 2.0}
    )
    epoch = Epoch(epoch=1, epochs=3, train_loss=0.5, val_loss=0.6, lr=1e-3, seconds=0.1, eta=0.2)
    return FoldResult(
        fold=fold,
        folds=3,
        table=table,
        rows={"train": 9, "val": 5, "calib": 0, "test": 4},
        skill=skill,
        history=History(epochs=(epoch,), best_epoch=1, seconds=0.1, device="cpu"),
        naive_mae_S=np.array([np.nan]),
        scale_SC=np.array([[0.1 + 0.2]]),
        seconds=1.5,
        left_out={"arima": "too slow"},
        alarms=(Alarm(name="look-ahead", text="it does", feature="dpo"),),
    )


@pytest.fixture
def created(tmp_path, frame) -> str:
    return backtests.create(Spec(), PLAN, frame, tmp_path)


def test_a_backtest_opens_as_it_was_saved(created, tmp_path, frame) -> None:
    assert backtests.load(created, tmp_path).results == ()
    assert backtests.save_fold(created, tmp_path, result(3)) == created
    backtests.save_fold(created, tmp_path, result(1))
    loaded = backtests.load(created, tmp_path)
    assert (loaded.spec, loaded.plan, backtests.finished_folds(created, tmp_path)) == (Spec(), PLAN, (1, 3))
    pd.testing.assert_frame_equal(loaded.frame, frame, check_exact=True, check_freq=False)
    first, expected = loaded.results[0], result(1)
    pd.testing.assert_frame_equal(first.table, expected.table, check_exact=True)
    np.testing.assert_array_equal(first.scale_SC, expected.scale_SC)
    assert (first.history, first.rows, first.skill, first.seconds) == (expected.history, expected.rows, 0.25, 1.5)
    assert np.isnan(first.naive_mae_S).all() and (first.alarms, first.left_out) == (expected.alarms, expected.left_out)


def test_the_sentences_of_a_fold_are_said_in_the_language_of_the_screen(created, tmp_path) -> None:
    reason = message("It has no forecast for {missing} of {windows} windows.", missing=3, windows=10)
    backtests.save_fold(created, tmp_path, replace(result(), left_out={"ridge": reason}))
    (loaded,) = backtests.load(created, tmp_path).results
    assert loaded.left_out == {"ridge": "It has no forecast for 3 of 10 windows."}
    with use("ko"):
        assert shown(loaded.left_out["ridge"]) == "윈도우 10개 중 3개에 대한 예측이 없습니다."


def test_a_retrained_fold_replaces_the_older_one(created, tmp_path) -> None:
    for skill in (0.1, 0.2):
        backtests.save_fold(created, tmp_path, result(2, skill))
    assert [fold.skill for fold in backtests.load(created, tmp_path).results] == [0.2]


def test_a_full_disk_leaves_no_half_fold(created, tmp_path, monkeypatch) -> None:
    def full(*_, **__) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(pd.DataFrame, "to_parquet", full)
        with pytest.raises(RunError, match="No space left"):
            backtests.save_fold(created, tmp_path, result())
    assert backtests.finished_folds(created, tmp_path) == ()
    assert [path.name for path in (tmp_path / backtests.FOLDER / created).iterdir() if path.name.startswith(".")] == []


def test_backtests_are_listed_newest_first_apart_from_runs_and_can_be_deleted(created, tmp_path, frame) -> None:
    second = backtests.create(Spec(), PLAN, frame, tmp_path)
    assert [line.id for line in backtests.list_all(tmp_path)] == sorted([created, second], reverse=True)
    assert runs.list_all(tmp_path) == ()
    backtests.delete(created, tmp_path)
    assert [line.id for line in backtests.list_all(tmp_path)] == [second]
    with pytest.raises(RunError, match="no backtest called"):
        backtests.save_fold(created, tmp_path, result())


@pytest.mark.parametrize("name", ["../../etc", "", "20200101-000000-00000000"])
def test_only_names_of_backtests_are_looked_up(name, tmp_path) -> None:
    with pytest.raises(RunError, match="There is no backtest called"):
        backtests.load(name, tmp_path)


def test_a_damaged_backtest_is_named(created, tmp_path) -> None:
    (tmp_path / backtests.FOLDER / created / "data.parquet").write_bytes(b"nonsense")
    with pytest.raises(RunError, match=f"{created} is damaged"):
        backtests.load(created, tmp_path)
    (tmp_path / backtests.FOLDER / created / "walk.json").write_text("{}")
    assert backtests.list_all(tmp_path) == ()
