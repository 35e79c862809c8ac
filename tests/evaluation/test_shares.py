"""The sentences on what a combined forecast is made of."""

from dataclasses import replace

import pytest

from core.evaluation.shares import describe_shares
from core.spec import with_values


@pytest.fixture
def run_with(finished):
    """The small finished run with these shares, of a series whose level is no price if `column` says so."""

    def build(shares, column=None, **rows):
        target = {"target.kind": "column", "target.column": column} if column else {}
        spec = with_values(finished.spec, target)
        evaluation = replace(finished.evaluation, shares=shares)
        return replace(finished, spec=spec, evaluation=evaluation, rows=finished.rows | rows)

    return build


def test_shares_are_listed_from_the_largest_and_the_rest_is_the_mean(run_with):
    assert describe_shares(run_with({}), "LSTM") is None
    sentence = describe_shares(run_with({"network": 0.31, "ridge": 0.69}), "LSTM")
    assert sentence.startswith("The forecast is 69% ridge regression and 31% LSTM. The shares")
    sentence = describe_shares(run_with({"network": 0.2, "nlinear": 0.5, "ridge": 0.003}), "GRU")
    assert "50% NLinear, 30% the mean of the training split and 20% GRU" in sentence and "ridge" not in sentence


def test_a_network_without_a_part_is_named(run_with):
    assert "The LSTM has no part in it" in describe_shares(run_with({"network": 0.0, "ridge": 1.0}), "LSTM")


def test_linear_models_whose_errors_the_network_learned_are_named(run_with):
    run = run_with({"network": 0.4, "ridge": 0.6})
    run = replace(run, evaluation=replace(run.evaluation, skips={"nlinear": 0.25, "ridge": 0.7, "other": 0.001}))
    assert ". The LSTM learned what 25% NLinear and 70% ridge regression left unexplained. The" in describe_shares(
        run, "LSTM"
    )


def test_naive_rules_have_their_names(run_with):
    for name, words in {"last_value": "the last value", "window_mean": "the mean of the window"}.items():
        assert f"60% LSTM and 40% {words}. The" in describe_shares(run_with({"network": 0.6, name: 0.4}), "LSTM")


def test_shares_of_few_windows_are_not_called_the_best_ones(run_with):
    """They are drawn towards equal ones by H / n, n validation windows of H steps; see core.training.combination."""
    shares = {"network": 0.6, "ridge": 0.4}
    short = describe_shares(run_with(shares, column="load", val=11), "LSTM")
    assert "(here about 2)" in short and "towards equal ones of network and linear models" in short  # 11 / 5 steps
    long = describe_shares(run_with(shares, column="load", val=5000), "LSTM")
    assert "(here about 1,000)" in long
    assert "drawn a little towards equal ones" in describe_shares(run_with(shares, val=11), "LSTM")  # no plain level
    assert not any("best" in sentence for sentence in (short, long))
