"""Signals earn the return of the next session and no other; costs, overlapping holdings and weights by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets.targets import TARGETS
from core.errors import SpecError
from core.evaluation.trading import performance, positions
from core.evaluation.trading.positions import Rules
from core.spec import Target
from core.types import Floats, Run

FREE = Rules(costs=0.0, slippage=0.0)
LEVEL_T = np.array([100.0, 110.0, 99.0, 99.0, 108.9, 98.01, 98.01])
RETURN_N = np.array([0.10, -0.10, 0.0, 0.10, -0.10, 0.0])


def traded(
    template: Run,
    kind: str,
    levels: dict[str, Floats],
    yhat: dict[str, Floats],
    horizon: int = 1,
    column: str = "close",
    freq: str = "B",
) -> Run:
    """A run whose model forecast `yhat` at the first sessions of each symbol's test split, one step at `horizon`."""
    frame = pd.concat(
        {
            name: pd.DataFrame(
                {column: level_T}, index=pd.date_range("2020-01-01", periods=len(level_T), freq=freq, name="time")
            )
            for name, level_T in levels.items()
        },
        axis=1,
        names=["symbol", "column"],
    )
    rows = [
        pd.DataFrame(
            {
                "model": "lstm",
                "part": "test",
                "symbol": name,
                "cutoff": frame.index[: len(yhat_N)],
                "step": horizon,
                "yhat": yhat_N,
            }
        )
        for name, yhat_N in yhat.items()
    ]
    forecast = pd.concat(rows, ignore_index=True).astype({"model": "category", "symbol": "category"})
    spec = replace(template.spec, target=Target(kind=kind, column=column, horizon=horizon))
    return replace(template, spec=spec, frame=frame, forecast=forecast)


def signal(kind: str, *values: Any) -> list[float]:
    position = TARGETS[kind].position
    assert position is not None
    return positions.signal(position, *values).tolist()


def test_a_signal_earns_the_next_return_by_hand(finished: Run) -> None:
    run = traded(finished, "log_return", {"A": LEVEL_T}, {"A": np.array([0.1, 0.1, -0.1, 0.0, -0.1, 0.1])})
    result = positions.build_book(run, Rules(costs=8.0, slippage=2.0))
    np.testing.assert_array_equal(result.time_N, run.frame.index[1:].to_numpy())
    np.testing.assert_array_equal(result.position_N, [1, 1, -1, 0, -1, 1])
    np.testing.assert_array_equal(result.turnover_N, [1, 0, 2, 1, 1, 2])
    cost = 0.001
    np.testing.assert_allclose(result.net_N, [0.1 - cost, -0.1, -2 * cost, -cost, 0.1 - cost, -2 * cost], atol=1e-12)
    np.testing.assert_allclose(result.hold_N, RETURN_N - [cost, 0, 0, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(positions.build_book(run, FREE).net_N, [0.1, -0.1, 0, 0, 0.1, 0], atol=1e-12)
    flat = positions.build_book(run, replace(FREE, short=False))
    np.testing.assert_array_equal(flat.position_N, [1, 1, 0, 0, 0, 1])


def test_perfect_foresight_earns_every_move(finished: Run) -> None:
    for kind, yhat_N in (
        ("log_return", np.log1p(RETURN_N)),
        ("close", LEVEL_T[1:]),
        ("column", LEVEL_T[1:]),
        ("mean_close", LEVEL_T[1:]),
        ("direction", 0.5 + RETURN_N),
    ):
        result = positions.build_book(traded(finished, kind, {"A": LEVEL_T}, {"A": yhat_N}), FREE)
        np.testing.assert_allclose(result.net_N, np.abs(RETURN_N), atol=1e-12)


def test_moves_within_the_threshold_are_not_traded() -> None:
    yhat_N, level_N = np.array([0.52, 0.58, 0.5, 0.41]), np.ones(4)
    assert signal("direction", yhat_N, level_N, Rules(threshold=0.05), 10.0) == [0, 1, 0, -1]
    assert positions.signal(
        TARGETS["close"].position, 100 + yhat_N, 100 * level_N, Rules(threshold=0.0051), 10.0
    ).tolist() == [1, 1, 0, 0]
    assert signal("log_return", -yhat_N, level_N, Rules(threshold=0.34), 10.0) == [-1, -1, -1, 0]


def test_a_forecast_of_volatility_scales_a_long_position_without_leverage(finished: Run) -> None:
    yhat_N = np.array([20.0, 10.0, 5.0, 40.0])
    assert signal("volatility", yhat_N, yhat_N, FREE, 10.0) == [0.5, 1.0, 1.0, 0.25]
    run = traded(finished, "volatility", {"A": LEVEL_T}, {"A": np.array([20.0, 10.0, 5.0, 40.0])})
    result = positions.build_book(run, replace(FREE, volatility=10.0))
    np.testing.assert_allclose(result.net_N, np.array([0.5, 1.0, 1.0, 0.25]) * RETURN_N[:4], atol=1e-12)


def test_the_default_volatility_is_that_before_the_test_split(finished: Run) -> None:
    run = traded(finished, "volatility", {"A": LEVEL_T}, {"A": np.full(6, 50.0)})
    late = run.forecast[run.forecast["cutoff"] >= run.frame.index[3]].reset_index(drop=True)
    square = np.mean(np.log1p(RETURN_N[:3]) ** 2)
    assert positions.past_volatility(replace(run, forecast=late)) == pytest.approx(100 * np.sqrt(252 * square))
    calm = positions.build_book(replace(run, forecast=late.assign(yhat=500.0)), FREE)
    assert calm.position_N[0] == pytest.approx(100 * np.sqrt(252 * square) / 500)
    assert positions.build_book(run, FREE).position_N[0] == 0  # from the first session on there is no past to go by
    assert positions.build_book(replace(run, forecast=late), FREE).position_N[0] == pytest.approx(1.0)


def test_signals_are_held_for_the_horizon_and_overlap(finished: Run) -> None:
    level_T = 100 * 1.01 ** np.arange(12)
    yhat_N = np.array([0.1, 0.1, 0.1, -0.1, -0.1, -0.1])
    result = positions.build_book(traded(finished, "log_return", {"A": level_T}, {"A": yhat_N}, horizon=3), FREE)
    np.testing.assert_allclose(result.position_N, [1 / 3, 2 / 3, 1, 1 / 3, -1 / 3, -1])
    np.testing.assert_allclose(result.turnover_N, [1 / 3, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 2 / 3])
    assert result.holding == 3


def test_a_session_without_a_forecast_adds_nothing(finished: Run) -> None:
    run = traded(finished, "log_return", {"A": LEVEL_T}, {"A": np.full(6, 0.1)})
    holed = replace(run, forecast=run.forecast.drop(index=2).reset_index(drop=True))
    np.testing.assert_array_equal(positions.build_book(holed, FREE).position_N, [1, 1, 0, 1, 1, 1])


def test_symbols_have_equal_weights(finished: Run) -> None:
    run = traded(
        finished,
        "log_return",
        {"A": LEVEL_T, "B": np.r_[LEVEL_T[:3], np.nan, LEVEL_T[4:]]},
        {"A": np.full(6, 0.1), "B": np.full(3, -0.1)},
    )
    result = positions.build_book(run, FREE)
    # B has no price in the fourth session: it keeps its position until the fifth and earns nothing in between.
    np.testing.assert_array_equal(result.position_N, [0, 0, 0, 0, 0.5, 0.5])
    np.testing.assert_allclose(result.net_N, (RETURN_N + np.array([-0.1, 0.1, 0, -0.1, 0, 0])) / 2, atol=1e-12)


def test_buy_and_hold_of_several_symbols_buys_once(finished: Run) -> None:
    """The value is the mean of the symbols' prices in units of the first: no winner is sold to buy a loser."""
    levels = {"A": np.array([100.0, 200, 400, 800, 400]), "B": np.array([100.0, 50, 25, 25, 50])}
    run = traded(finished, "log_return", levels, {name: np.full(4, 0.1) for name in levels})
    hold_N = positions.build_book(run, replace(FREE, costs=10.0)).hold_N
    value_T = (levels["A"] + levels["B"])[1:] / 200
    np.testing.assert_allclose(np.cumprod(1 + positions.build_book(run, FREE).hold_N), value_T, rtol=1e-12)
    assert hold_N[0] == pytest.approx(value_T[0] - 1 - 0.001)  # costs are paid once


@settings(max_examples=12)
@given(
    st.integers(0, 49),
    st.integers(0, 1000),
    st.sampled_from(["log_return", "close", "direction", "volatility"]),
    st.integers(1, 8),
)
def test_positions_depend_on_nothing_later(finished: Run, at: int, seed: int, kind: str, horizon: int) -> None:
    rng = np.random.default_rng(seed)
    level_T = 100 * np.exp(rng.normal(0, 0.02, 60).cumsum())
    yhat_N = {
        "log_return": rng.normal(0, 0.02, 50),
        "close": level_T[:50] * np.exp(rng.normal(0, 0.02, 50)),
        "direction": rng.random(50),
        "volatility": rng.uniform(5, 40, 50),
    }[kind]
    other_T, other_N = level_T.copy(), yhat_N.copy()
    other_T[at + 1 :] *= np.exp(rng.normal(0, 0.1, 59 - at).cumsum())
    other_N[at + 1 :] = rng.permutation(other_N[at + 1 :])
    rules = Rules(threshold=0.001, volatility=15.0)
    one, two = (
        positions.build_book(traded(finished, kind, {"A": a}, {"A": b}, horizon), rules)
        for a, b in ((level_T, yhat_N), (other_T, other_N))
    )
    np.testing.assert_array_equal(one.position_N[: at + 1], two.position_N[: at + 1])
    np.testing.assert_array_equal(one.net_N[:at], two.net_N[:at])


def test_targets_without_a_signal_say_why(finished: Run) -> None:
    fall = traded(finished, "max_drawdown", {"A": LEVEL_T}, {"A": np.full(6, 5.0)})
    assert "not whether it ends higher or lower" in (positions.explain_no_signal(fall) or "")
    below = traded(finished, "column", {"A": LEVEL_T - 99.0}, {"A": LEVEL_T[1:]}, column="load")
    assert positions.explain_no_signal(below) == (
        "'load' of A is zero or below in 4 of 7 sessions, so it has no returns: it gives no signal."
    )
    with pytest.raises(SpecError, match="gives no signal"):
        positions.build_book(fall, FREE)
    assert positions.net_returns(fall).empty
    load = traded(finished, "column", {"A": LEVEL_T}, {"A": LEVEL_T[1:]}, column="load")
    assert positions.explain_no_signal(load) is None and not positions.is_priced(load)
    assert positions.net_returns(load).empty
    with pytest.raises(SpecError, match="no forecast 9 sessions ahead"):
        positions.build_book(load, FREE, step=9)


@pytest.mark.parametrize(
    "values", [{"costs": -1.0}, {"slippage": float("nan")}, {"threshold": float("inf")}, {"volatility": 0.0}]
)
def test_impossible_rules_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(SpecError, match="must be"):
        Rules(**values)  # type: ignore[arg-type]


def test_hours_are_counted_to_a_year(finished: Run) -> None:
    hours = traded(finished, "close", {"A": np.tile(LEVEL_T, 8)}, {"A": np.tile(LEVEL_T, 8)[1:]}, freq="7h")
    assert positions.build_book(hours, FREE).per_year == pytest.approx(365.25 * 24 / 7)


def test_a_finished_run_is_traded_whole(finished: Run) -> None:
    result = positions.build_book(finished, Rules())
    test = finished.forecast[(finished.forecast["part"] == "test") & (finished.forecast["model"] == "lstm")]
    assert len(result.net_N) == len(test) == finished.rows["test"]
    assert result.time_N[0] > test["cutoff"].min() and result.holding == 5
    np.testing.assert_array_equal(positions.net_returns(finished).to_numpy(), result.net_N)
    assert np.isfinite(performance.measure(result.net_N, result.per_year, holding=5, experiments=4).deflated)
    assert positions.build_book(finished, Rules(), model="ewma").net_N.shape == result.net_N.shape
