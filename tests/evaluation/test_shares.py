"""The sentence on what a combined forecast is made of."""

from core.evaluation.shares import describe_shares


def test_shares_are_listed_from_the_largest_and_the_rest_is_the_mean():
    assert describe_shares({}, "LSTM") is None
    sentence = describe_shares({"network": 0.31, "ridge": 0.69}, "LSTM")
    assert sentence.startswith("The forecast is 69% ridge regression and 31% LSTM, the shares")
    sentence = describe_shares({"network": 0.2, "nlinear": 0.5, "ridge": 0.003}, "GRU")
    assert "50% NLinear, 30% the mean of the training split and 20% GRU" in sentence and "ridge" not in sentence


def test_a_network_without_a_part_is_named():
    assert "The LSTM has no part in it" in describe_shares({"network": 0.0, "ridge": 1.0}, "LSTM")


def test_naive_rules_have_their_names():
    for name, words in {"last_value": "the last value", "window_mean": "the mean of the window"}.items():
        assert f"60% LSTM and 40% {words}, the" in describe_shares({"network": 0.6, name: 0.4}, "LSTM")
