"""Information coefficients next to an explicit loop over cutoffs with scipy."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.datasets.targets import TARGETS
from core.evaluation import cross_section
from core.forecasting.table import ForecastMatrix
from core.types import Floats

RNG = np.random.default_rng(0)


def matrix(y_CSH: Floats, **yhat_CSH: Floats) -> ForecastMatrix:
    """Cutoffs × symbols × steps as a table, symbol by symbol."""

    def rows(value_CSH: Floats) -> Floats:
        return value_CSH.transpose(1, 0, 2).reshape(-1, value_CSH.shape[2])

    cutoffs, symbols, steps = y_CSH.shape
    days = np.datetime64("2020-01-01", "ns") + np.arange(cutoffs) * np.timedelta64(1, "D")
    return ForecastMatrix(
        y_NH=rows(y_CSH),
        yhat_NH={name: rows(value_CSH) for name, value_CSH in yhat_CSH.items()},
        cutoff_N=np.tile(days, symbols),
        symbol_N=np.repeat(np.arange(symbols), cutoffs),
        symbols=tuple("ABCDEF"[:symbols]),
        steps=tuple(range(1, steps + 1)),
    )


def score(test: ForecastMatrix, kind: str) -> dict[str, float]:
    return cross_section.scores(test, "lstm", TARGETS[kind], cross_section.levels(test))


def test_ic_of_returns_is_the_mean_of_scipys_correlations() -> None:
    y_CSH = RNG.normal(size=(30, 6, 2))
    yhat_CSH = (0.3 * y_CSH + RNG.normal(size=y_CSH.shape)).round(1)  # some forecasts are equal
    result = score(matrix(y_CSH, lstm=yhat_CSH, last_value=0 * y_CSH), "log_return")
    pairs = [(y_CSH[c, :, h], yhat_CSH[c, :, h]) for c in range(30) for h in range(2)]
    rank = [stats.spearmanr(*pair).statistic for pair in pairs]
    assert result["ic"] == pytest.approx(np.mean([stats.pearsonr(*pair).statistic for pair in pairs]))
    assert result["rank_ic"] == pytest.approx(np.mean(rank))
    assert result["ic_positive"] == pytest.approx(np.mean(np.array(rank) > 0))


def test_levels_count_by_their_moves_so_that_prices_explain_nothing() -> None:
    level_CSH = np.array([1.0, 10, 100, 1000, 1e4, 1e5])[None, :, None] * np.exp(RNG.normal(size=(40, 6, 1)) / 10)
    move_CSH, guess_CSH = (RNG.normal(size=(40, 6, 2)) / 100 for _ in range(2))
    test = matrix(level_CSH * (1 + move_CSH), lstm=level_CSH * (1 + guess_CSH), last_value=level_CSH + 0 * move_CSH)
    returns = score(matrix(move_CSH, lstm=guess_CSH), "log_return")
    for kind in ("close", "column"):
        assert score(test, kind) == pytest.approx(returns)
    assert abs(returns["ic"]) < 0.2 < 0.9 < stats.pearsonr(test.y_NH[:, 0], test.yhat_NH["lstm"][:, 0]).statistic


def test_volatility_counts_as_it_is_scored() -> None:
    y_CSH = np.exp(RNG.normal(size=(20, 5, 1)))
    yhat_CSH = y_CSH * np.exp(RNG.normal(size=y_CSH.shape))
    expected = np.mean([stats.pearsonr(*np.log([y_CSH[c, :, 0], yhat_CSH[c, :, 0]])).statistic for c in range(20)])
    assert score(matrix(y_CSH, lstm=yhat_CSH), "volatility")["ic"] == pytest.approx(expected)


def test_symbols_may_miss_cutoffs() -> None:
    y_CSH = RNG.normal(size=(10, 4, 1))
    whole = matrix(y_CSH, lstm=y_CSH + RNG.normal(size=y_CSH.shape))
    kept_N = np.flatnonzero(~((whole.symbol_N == 3) | ((whole.symbol_N > 0) & (np.arange(40) % 10 == 4))))
    part = replace(
        whole,
        y_NH=whole.y_NH[kept_N],
        yhat_NH={"lstm": whole.yhat_NH["lstm"][kept_N]},
        cutoff_N=whole.cutoff_N[kept_N],
        symbol_N=whole.symbol_N[kept_N],
    )
    three = [stats.spearmanr(y_CSH[c, :3, 0], whole.yhat_NH["lstm"].reshape(4, 10)[:3, c]).statistic for c in range(10)]
    assert score(part, "log_return")["rank_ic"] == pytest.approx(np.mean(np.delete(three, 4)))


def test_what_does_not_vary_is_undefined_and_one_symbol_has_no_ic() -> None:
    y_CSH = RNG.normal(size=(10, 3, 2))
    flat = score(matrix(y_CSH, lstm=0 * y_CSH + 0.1), "log_return")
    assert list(flat) == ["ic", "rank_ic", "ic_positive"] and all(math.isnan(value) for value in flat.values())
    assert score(matrix(y_CSH[:, :1], lstm=y_CSH[:, :1]), "log_return") == {}
