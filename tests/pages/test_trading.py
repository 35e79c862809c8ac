"""The Trading page: curve, caption and controls; targets without a signal, and series that are no price, say so."""

from dataclasses import replace

import numpy as np

from core.spec import Target
from core.storage import experiment_log, runs
from core.types import Run, Verdict
from tests.pages.conftest import captions, elements, opened, text
from ui import cache

ADVICE = "This is a test on the past, not advice."


def of_kind(run: Run, kind: str, column: str = "close", tone: str = "none") -> Run:
    """The run as if it had another target: forecasts around what would leave the price as it is."""
    tilt = np.where(np.arange(len(run.forecast)) % 3 == 0, -1, 1)
    forecast = run.forecast.assign(
        yhat={"log_return": 0.01 * tilt, "direction": 0.5 + 0.1 * tilt, "max_drawdown": 5.0, "column": 100.0}[kind]
    )
    verdict = Verdict(text="Verdict.", tone=tone, skill=0.1, p_value=0.01, reference="last_value")
    return replace(
        run,
        spec=replace(run.spec, target=Target(kind=kind, column=column, horizon=5)),
        forecast=forecast,
        evaluation=replace(run.evaluation, verdict=verdict),
    )


def metrics(app) -> dict[str, str]:
    """Label → value; the deflated Sharpe ratio without the number of models."""
    return {metric.label.split(",")[0]: metric.value for metric in app.metric}


def test_without_a_run_it_says_what_to_do_and_that_it_is_no_advice(idle):
    words = text(opened("trading"))
    assert "You have trained nothing yet" in words and ADVICE in words


def test_a_forecast_of_volatility_scales_a_long_position(saved):
    app = opened("trading")
    before = captions(app)["equity"]
    assert "%" in before and ADVICE in text(app)
    assert "The position is" in text(app) and "of the capital was invested" in text(app)
    app.number_input(key="strategy-Target volatility, %").set_value(1.0).run()
    assert not app.exception
    assert captions(app)["equity"] != before


def test_the_default_of_models_tried_is_the_count_of_the_log_and_its_minimum(idle, finished):
    first = of_kind(finished, "log_return")
    second = replace(
        first,
        id="20200101-000001-0123abcd",
        spec=replace(first.spec, seed=7),
        forecast=first.forecast.assign(yhat=-first.forecast["yhat"]),
    )
    for run in (first, second):
        experiment_log.add(runs.save(run, cache.RUNS), cache.RUNS)
    tried = opened("trading").number_input(key="models-tried")
    assert (tried.value, tried.min) == (2, 2)


def test_costs_and_models_tried_lower_the_result(idle, finished):
    runs.save(of_kind(finished, "log_return"), cache.RUNS)
    app = opened("trading")
    assert "The model shows no skill" in text(app)
    assert "Long in" in text(app) and "held for 5 days" in text(app)
    free, alone = percentages(captions(app)["equity"])[0], percentages(metrics(app)["Deflated"])[0]
    app.number_input(key="strategy-Costs, bp").set_value(50.0)
    app.number_input(key="models-tried").set_value(40).run()
    assert not app.exception
    assert percentages(captions(app)["equity"])[0] < free and percentages(metrics(app)["Deflated"])[0] < alone
    app.selectbox(key="positions").set_value("long_flat").run()
    assert "short in 0%" in text(app)
    app.number_input(key="strategy-Minimum move, bp").set_value(500.0).run()
    assert not app.exception
    assert flat(app)


def percentages(words: str) -> list[float]:
    """Every percentage in a sentence."""
    parts = (part.split()[-1] for part in words.replace("−", "-").split("%")[:-1])
    return [float(part.lstrip("(")) for part in parts]


def rows(app):
    """The table of the strategy and of buy-and-hold."""
    return next(table.value for table in app.dataframe if "Sharpe ratio" in table.value.columns)


def flat(app) -> bool:
    """Whether the strategy never took a position."""
    varies = rows(app).loc["Strategy", "Volatility a year"] != "0.0%"
    return "Long in 0%, short in 0% and flat in 100%" in text(app) and not varies


def test_a_direction_is_traded_beyond_a_distance_from_even_odds(idle, finished):
    runs.save(of_kind(finished, "direction", tone="good"), cache.RUNS)
    app = opened("trading")
    assert "The model shows no skill" not in text(app) and not flat(app)
    app.number_input(key="strategy-Minimum distance from 50 %").set_value(20.0).run()
    assert flat(app)


def test_a_target_without_a_signal_says_why(idle, finished):
    runs.save(of_kind(finished, "max_drawdown"), cache.RUNS)
    app = opened("trading")
    assert len(app.info) == 1 and ADVICE in text(app)
    assert not captions(app)


def test_what_may_be_no_price_needs_a_confirmation(idle, finished):
    runs.save(of_kind(finished, "column", column="volume"), cache.RUNS)
    app = opened("trading")
    assert "'volume' of A is not known to be a price" in text(app)
    assert not captions(app)
    app.checkbox(key="is-price").check().run()
    assert not app.exception
    assert {*captions(app)} == {"equity"}


def test_the_page_leads_with_the_verdict_on_the_strategy_and_its_table(idle, finished):
    runs.save(of_kind(finished, "log_return", tone="good"), cache.RUNS)
    app = opened("trading")
    shown = [*elements(app.main)]
    chip = next(n for n, e in enumerate(shown) if e.type == "markdown" and "buy-and-hold" in e.value)
    box = next(n for n, e in enumerate(shown) if e.type == "success")  # that of the forecast
    table = next(n for n, e in enumerate(shown) if type(e).__name__ == "Dataframe")
    chart = next(n for n, e in enumerate(shown) if e.type == "plotly_chart")
    assert chip < chart < table < box
    assert "95 % interval of the difference from " in text(app)
    assert [*rows(app).index] == ["Strategy", "Buy-and-hold"]
