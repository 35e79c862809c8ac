"""The Evaluate page of several symbols: what it shows of the chosen one is that one's."""

import json

import numpy as np
import pytest

from core.storage import runs
from tests.pages.conftest import checked, opened
from ui import cache


@pytest.fixture(scope="module")
def two(recipe, bars, train_run):
    """A finished run of two symbols, the second ten times as volatile."""
    calm, wild = (np.random.default_rng(seed).normal(0, size, 600) for seed, size in ((0, 0.005), (1, 0.05)))
    spec = recipe(data__symbols=["A", "B"], target__kind="log_return", target__horizon=2, train__epochs=1)
    return train_run(spec, A=bars(600, return_T=calm), B=bars(600, return_T=wild))


def errors(app) -> str:
    """The data of the chart of errors by step."""
    (chart,) = (chart for chart in app.get("plotly_chart") if "by-step" in chart.proto.id)
    return json.loads(chart.proto.spec)["data"][0]["y"]


def test_error_by_step_is_that_of_the_chosen_symbol(idle, two):
    run = runs.save(two, cache.RUNS)
    app = opened("evaluate", run=run.id)
    test = run.forecast[(run.forecast["part"] == "test") & (run.forecast["model"] == "lstm")]
    for symbol in ("A", "B"):
        app.selectbox(key="symbol").set_value(symbol).run()
        checked(app)
        own = test[test["symbol"] == symbol]
        rmse_H = ((own["y"] - own["yhat"]) ** 2).groupby(own["step"]).mean() ** 0.5
        assert errors(app) == pytest.approx(rmse_H.tolist())
        assert f"Error by lead time, {symbol}" in [header.value for header in app.subheader]


def test_all_scores_say_what_they_are_and_undefined_ones_are_a_dash(idle, two):
    app = opened("evaluate", run=runs.save(two, cache.RUNS).id)
    (table,) = (frame for frame in app.dataframe if "rank_ic" in frame.value.columns)
    columns = json.loads(table.proto.columns)
    assert columns["rank_ic"]["label"] == "rank_ic ↑" and "order the symbols" in columns["rank_ic"]["help"]
    assert np.isnan(table.value.loc["last value", "ic"])  # no change for each symbol
    assert "–" in table.proto.arrow_data.styler.display_values.decode("utf-8", "ignore")
