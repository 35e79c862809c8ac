"""With a dead zone every cutoff of the test split is forecast and traded; only scores leave the small moves out."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import backtest
from core.charts.forecast import past_forecasts
from core.data import frame as frames
from core.evaluation import residuals
from core.evaluation.backtest.plan import Plan
from core.evaluation.experiments import record
from core.evaluation.trading import positions
from core.evaluation.trading.positions import Rules
from core.spec import Spec
from core.types import Evaluation, Floats, Run

ZONE = 0.01  # about two moves in three of the sample market lie inside
DIRECTION = {"target__kind": "direction", "target__dead_zone": ZONE, "features": ["return", "log_range"]}
ROWS = 600  # of the sample market


@pytest.fixture(scope="module")
def tables(bars: Callable[..., pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {"A": bars(), "B": bars(seed=1)}


@pytest.fixture(scope="module", params=[1, 2])
def run(
    request: pytest.FixtureRequest,
    train_run: Callable[..., Run],
    recipe: Callable[..., Spec],
    tables: dict[str, pd.DataFrame],
) -> Run:
    """A run of two symbols, one and two steps ahead."""
    return train_run(recipe(target__horizon=request.param, data__symbols=["A", "B"], **DIRECTION), **tables)


def of_model(forecast: pd.DataFrame, model: str = "lstm") -> pd.DataFrame:
    return forecast[(forecast["part"] == "test") & (forecast["model"] == model)]


def moves(rows: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> Floats:
    """The move behind each row, as a share of the price at the cutoff."""
    levels = [tables[str(name)]["close"] for name in rows["symbol"]]
    pairs = zip(levels, rows["cutoff"], rows["time"], strict=True)
    return np.array([level[time] / level[cutoff] - 1 for level, cutoff, time in pairs])


def scored_by_hand(rows: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> tuple[Floats, Floats]:
    """(outcomes, probabilities) of the cutoffs whose moves are at least the dead zone at every step."""
    move_N, key = moves(rows, tables), [rows["symbol"].astype(str), rows["cutoff"]]
    large = pd.Series(np.abs(move_N) >= ZONE, index=rows.index).groupby(key).transform("all").to_numpy()
    return (move_N[large] > 0).astype(float), rows["yhat"].to_numpy()[large]


def assert_scored_by_hand(evaluation: Evaluation, forecast: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> None:
    error = {}
    for name, scores in evaluation.scores.items():
        y_N, yhat_N = scored_by_hand(of_model(forecast, name), tables)
        error[name] = float(np.sqrt(np.mean((yhat_N - y_N) ** 2)))
        hit_N = np.where(yhat_N == 0.5, 0.5, (yhat_N > 0.5) == (y_N > 0.5))
        expected = {
            "mae": np.mean(np.abs(yhat_N - y_N)),
            "rmse": error[name],
            "brier": error[name] ** 2,
            "hit_rate": hit_N.mean(),
        }
        assert {key: scores[key] for key in expected} == pytest.approx(expected, rel=1e-12)
    verdict = evaluation.verdict
    assert verdict.skill == pytest.approx(1 - error["lstm"] / error[verdict.reference], rel=1e-9)


def test_every_cutoff_of_the_test_split_is_forecast(run: Run, tables: dict[str, pd.DataFrame]) -> None:
    times, horizon = tables["A"].index, run.spec.target.horizon
    for name in run.evaluation.scores:
        for symbol in tables:
            rows = of_model(run.forecast, name)
            cutoffs = rows.loc[rows["symbol"] == symbol, "cutoff"]
            assert list(cutoffs) == list(np.repeat(times[479 : ROWS - horizon], horizon))
    past = run.forecast[run.forecast["part"] != "live"]
    assert past["yhat"].notna().all()
    assert past.loc[past["part"] != "test", "y"].notna().all()


def test_outcomes_are_those_of_large_moves_alone(run: Run, tables: dict[str, pd.DataFrame]) -> None:
    rows = of_model(run.forecast)
    y_N, _ = scored_by_hand(rows, tables)
    np.testing.assert_array_equal(rows["y"].dropna(), y_N)
    horizon = run.spec.target.horizon
    assert run.rows["test"] == len(y_N) // horizon < len(rows) // horizon


def test_the_strategy_is_flat_by_its_threshold_alone(run: Run, tables: dict[str, pd.DataFrame]) -> None:
    horizon = run.spec.target.horizon
    rows = of_model(run.forecast)
    rows = rows[rows["step"] == horizon]
    threshold = float(np.quantile(np.abs(rows["yhat"] - 0.5), 0.3))
    signal_N = np.where(np.abs(rows["yhat"] - 0.5) > threshold, np.sign(rows["yhat"] - 0.5), 0.0)
    by_symbol = [signal_N[(rows["symbol"] == name).to_numpy()] for name in tables]
    held = [sum(np.pad(one, (k, 0))[: len(one)] for k in range(horizon)) / horizon for one in by_symbol]
    book = positions.build_book(run, Rules(threshold=threshold))
    np.testing.assert_allclose(book.position_N, sum(held) / 2, atol=1e-12)
    small_N = np.abs(moves(rows, tables)) < ZONE
    assert (signal_N[small_N] != 0).mean() > 0.5 and (signal_N[~small_N] == 0).any()
    np.testing.assert_array_equal(record.of_run(run).return_T, positions.net_returns(run))
    assert len(record.of_run(run).return_T) == ROWS - horizon - 479


def test_a_position_does_not_depend_on_the_size_of_the_next_move(
    train_run: Callable[..., Run], recipe: Callable[..., Spec], tables: dict[str, pd.DataFrame]
) -> None:
    held = []
    for move in (0.001, 0.05):
        table = tables["A"].copy()
        table.iloc[-1, table.columns.get_loc("close")] = table["close"].iloc[-2] * (1 + move)
        book = positions.build_book(train_run(recipe(target__horizon=1, **DIRECTION), A=table), Rules())
        held.append(book.position_N)
    np.testing.assert_array_equal(*held)
    assert held[0][-1] != 0


def test_scores_are_those_of_large_moves_alone(run: Run, tables: dict[str, pd.DataFrame]) -> None:
    assert_scored_by_hand(run.evaluation, run.forecast, tables)
    y_N, yhat_N = scored_by_hand(of_model(run.forecast), tables)
    loss_N = np.mean(((yhat_N - y_N) ** 2).reshape(-1, run.spec.target.horizon), axis=1)
    np.testing.assert_allclose(record.of_run(run).loss_N, loss_N, rtol=1e-12)


def test_charts_of_past_forecasts_show_large_moves_alone(run: Run, tables: dict[str, pd.DataFrame]) -> None:
    rows, horizon = of_model(run.forecast), run.spec.target.horizon
    y_N, yhat_N = scored_by_hand(rows[rows["symbol"] == "B"], tables)
    track = past_forecasts.compute(run.forecast, "lstm", "B", horizon, unit="", binary=True)
    np.testing.assert_array_equal(track.y_N, y_N[horizon - 1 :: horizon])
    np.testing.assert_array_equal(track.yhat_N, yhat_N[horizon - 1 :: horizon])
    np.testing.assert_array_equal(residuals.compute(run, "B", horizon).error_N, track.yhat_N - track.y_N)


@pytest.mark.parametrize("horizon", [1, 2])
def test_a_backtest_forecasts_every_cutoff_and_scores_large_moves_alone(
    horizon: int, recipe: Callable[..., Spec], finish: Callable[..., Any], tables: dict[str, pd.DataFrame]
) -> None:
    spec, plan = recipe(target__horizon=horizon, **DIRECTION), Plan(folds=2, stride=80, val=0.2, calib=0.2)
    frame = frames.build({"A": tables["A"]})
    result = finish(backtest.run(spec, frame, plan))[0]
    rows = of_model(result.forecast)
    cutoffs = tables["A"].index[ROWS - 160 - horizon : ROWS - horizon]
    assert list(rows["cutoff"]) == list(np.repeat(cutoffs, horizon))
    assert rows["yhat"].notna().all()
    assert_scored_by_hand(result.evaluation, result.forecast, tables)
    for fold, part in zip(result.folds, (rows.iloc[: 80 * horizon], rows.iloc[80 * horizon :]), strict=True):
        y_N, yhat_N = scored_by_hand(part, tables)
        assert fold.scores["lstm"]["mae"] == pytest.approx(np.mean(np.abs(yhat_N - y_N)), rel=1e-12)
        assert fold.rows["test"] == len(y_N) // horizon
