"""The Trading page: curve, sentence and controls; targets without a signal, and series that are no price, say so."""

from dataclasses import replace

import numpy as np
import pytest

from core.spec import Target
from core.storage import experiment_log, runs
from core.types import Run, Verdict
from tests.pages.conftest import opened, text
from ui import cache

ADVICE = "This is a test on the past, not advice."


def of_kind(run: Run, kind: str, column: str = "close", tone: str = "none") -> Run:
    """The run as if it had been of another target: forecasts around what would leave the price as it is."""
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


def plain(app) -> str:
    return text(app).replace("\\", "")


def test_without_a_run_it_says_what_to_do_and_that_it_is_no_advice(idle):
    said = text(opened("trading"))
    assert "There is no run yet" in said and ADVICE in said


def test_a_forecast_of_volatility_scales_a_long_position(saved):
    app = opened("trading")
    assert len(app.get("plotly_chart")) == 1
    assert "After costs the strategy earned" in plain(app) and ADVICE in plain(app)
    assert "the smaller the higher the volatility forecast" in plain(app)
    assert "of the capital was at work" in plain(app)
    before = plain(app)
    app.number_input(key="strategy-Target volatility, %").set_value(1.0).run()
    assert not app.exception
    assert plain(app) != before


def test_the_tries_of_the_ledger_are_counted_and_no_fewer_can_be_said(idle, finished):
    first = of_kind(finished, "log_return")
    second = replace(
        first,
        id="20200101-000001-0123abcd",
        spec=replace(first.spec, seed=7),
        forecast=first.forecast.assign(yhat=-first.forecast["yhat"]),
    )
    for run in (first, second):
        experiment_log.add(runs.save(run, cache.RUNS), cache.RUNS)
    counted = opened("trading").number_input(key="tries")
    assert (counted.value, counted.min) == (2, 2)


def test_costs_and_tries_redraw_at_once_and_lower_what_is_earned(idle, finished):
    runs.save(of_kind(finished, "log_return"), cache.RUNS)
    app = opened("trading")
    assert "The model shows no skill" in plain(app)
    assert "Long in" in plain(app) and "held for 5 sessions" in plain(app)
    free, alone = earned(app), deflated(app)
    app.number_input(key="strategy-Costs, bp").set_value(50.0)
    app.number_input(key="tries").set_value(40).run()
    assert not app.exception
    assert earned(app) < free and deflated(app) < alone
    app.selectbox(key="positions").set_value("long_flat").run()
    assert "short in 0%" in plain(app)
    app.number_input(key="strategy-Least move, bp").set_value(500.0).run()
    assert not app.exception
    assert "The strategy never took a position" in plain(app)


def earned(app) -> float:
    return float(plain(app).split("the strategy earned ")[1].split("%")[0].replace("−", "-"))


def deflated(app) -> float:
    return float(next(m.value for m in app.metric if m.label.startswith("Deflated")).rstrip("%"))


def test_a_direction_is_acted_on_beyond_a_distance_from_even_odds(idle, finished):
    runs.save(of_kind(finished, "direction", tone="good"), cache.RUNS)
    app = opened("trading")
    assert "The model shows no skill" not in plain(app)
    app.number_input(key="strategy-Least distance from 50 %").set_value(20.0).run()
    assert "The strategy never took a position" in plain(app)


@pytest.mark.parametrize(("kind", "says"), [("max_drawdown", "it gives no signal")])
def test_a_target_without_a_signal_says_why(idle, finished, kind, says):
    runs.save(of_kind(finished, kind), cache.RUNS)
    app = opened("trading")
    assert says in plain(app) and ADVICE in plain(app)
    assert not app.get("plotly_chart")


def test_what_may_be_no_price_is_asked_for(idle, finished):
    runs.save(of_kind(finished, "column", column="volume"), cache.RUNS)
    app = opened("trading")
    assert "'volume' of A is not known to be a price" in plain(app)
    assert not app.get("plotly_chart")
    app.checkbox(key="is-price").check().run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 1
