"""Home: three doors, the last run on one line, two stories, and what is not told."""

from dataclasses import replace

import pytest

from core.jobs.job import Job
from core.storage import runs
from tests.pages.conftest import IdleQueue, opened, plain, press, text, turn
from ui import cache
from ui.home import about
from ui.jobs import registry


def labels(app):
    return [button.label for button in app.button]


def test_a_newcomer_sees_doors_stories_and_limits(idle):
    app = opened("")
    assert labels(app) == ["Run the demo", "Bring a file"]
    assert app.text_input(key="door-ticker").label == "Ticker or name"
    links = [link.proto.label for link in app.get("page_link")]
    assert {title for _, title, _, _ in about.STORIES} <= set(links)
    assert all(plain(limit) in text(app) for limit in about.LIMITS)
    assert not any(button.disabled for button in app.button)


def test_the_ticker_door_leads_to_data_with_the_symbol(idle, monkeypatch):
    from ui.data import tickers

    asked = []
    monkeypatch.setattr(tickers, "_search", lambda market, typed: asked.append((market.source, typed)))
    app = opened("")
    app.text_input(key="door-ticker").set_value("AAPL").run()
    assert app.title[0].value == "Data"
    assert asked == [("yahoo", "AAPL")]
    assert app.session_state["source"] == "yahoo" and app.session_state["single"]
    assert turn(app, "").title[0].value == "Lookback"  # and the way back is open


def test_the_file_door_leads_to_the_upload(idle):
    app = press(opened(""), "Bring a file")
    assert app.title[0].value == "Data"
    assert "The file stays on this machine" in text(app)


def test_somebody_elses_training_disables_no_door(monkeypatch, idle):
    job = Job(id="1", title="Training LSTM on A", status="running", events=(), created=0.0)
    monkeypatch.setattr(cache, "queue", lambda: IdleQueue(job))
    registry._entries()["1"] = registry.Entry(kind=registry.TRAINING, subject=(), owners={"somebody else"})
    app = opened("")
    assert not any(button.disabled for button in app.button)
    assert "Training LSTM on A" not in text(app)


def test_the_visitors_training_shows_its_progress(monkeypatch, idle):
    job = Job(id="1", title="Training LSTM on A", status="running", events=(), created=0.0)
    monkeypatch.setattr(cache, "queue", lambda: IdleQueue(job))
    registry._entries()["1"] = registry.Entry(kind=registry.TRAINING, subject=(), owners={"me"})
    app = opened("", visitor="me")
    assert "Training LSTM on A" in text(app) and "Cancel" in labels(app)


@pytest.mark.parametrize(
    ("tone", "text", "badge"),
    [
        ("good", "Evidence of skill: 3 % better.", "Evidence of skill"),
        ("none", "Some skill, but a simpler model has more: ridge.", "Some skill, but a simpler model has more"),
        ("none", "No evidence of skill: 1 % better.", "No evidence of skill"),
        ("bad", "No skill: worse.", "No skill"),
        ("bad", "", "No skill"),  # of another version, without a text
    ],
)
def test_the_last_run_is_one_line_with_its_verdict(idle, finished, tone, text, badge):
    verdict = replace(finished.evaluation.verdict, tone=tone, text=text)
    runs.save(replace(finished, evaluation=replace(finished.evaluation, verdict=verdict)), cache.RUNS)
    app = opened("")
    line = next(plain(element.value) for element in app.markdown if "Where you left off" in element.value)
    assert "LSTM on A" in line and line.endswith(f": {badge}]")
    assert "sparkline" in [chart.key for chart in app.get("plotly_chart")]


def test_to_continue_is_to_see_the_forecast(saved):
    assert press(opened(""), "Continue").title[0].value == "Forecast"


@pytest.mark.parametrize("page", ["forecast", "evaluate", "calibration", "trading", "explain", "network", "runs"])
def test_an_empty_page_shows_an_example_and_starts_the_demo(idle, page):
    app = opened(page)
    assert [chart.key for chart in app.get("plotly_chart")] == ["example"]
    press(app, "Run the demo")
    assert len(idle.submitted) == 1
    assert app.title[0].value == "Lookback"  # where the progress is


def test_home_is_the_same_after_a_look_at_another_page(idle):
    assert labels(turn(opened("stories"), "")) == ["Run the demo", "Bring a file"]
