"""Every word on every page reads as people write it: no code names, no marks of code, no commands, real minus signs."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.storage import runs
from tests.pages.conftest import captions, elements, opened, plain, text
from tests.pages.drawn import strings
from ui import cache

PAGES = ("", "forecast", "evaluate", "calibration", "trading", "backtest", "experiments", "explain", "scenario")
PAGES += ("importance_methods", "network", "runs", "glossary", "train")
UNREADABLE = {
    "the code of a feature": re.compile(
        r"\b(?:column|change|known|rsi|ta|log_range_mean|log_volatility|volume_change|return|momentum):\w"
        r"|\b(?:abs_return|negative_return|log_range|volume_change|log_range_mean|month_sin|year_cos)\b"
    ),
    "a mark of code": re.compile("`"),
    "a p-value of zero": re.compile(r"\b0\.000\b|p [<=] \."),
    "a command": re.compile(r"--\w|python -m"),
    "the hyphen for a minus": re.compile(r"(?<![\w.–-])-\d"),
    "the key of a model": re.compile(r"\b(?:SEGMENT|TRANSFORMER|NLINEAR|DLINEAR|SLSTM)\b"),
}
IN_FIGURES = {"name", "text", "ticktext"}  # what a figure writes; the code of a feature may stand in its tooltips


@pytest.fixture(scope="module")
def monthly(train_run, recipe):
    """A run of monthly sales, whose level no market decides."""
    times = pd.date_range("2000-01-01", periods=200, freq="MS", name="time")
    sales_T = 100 + 20 * np.sin(np.arange(200) / 6 * np.pi) + np.random.default_rng(0).normal(size=200)
    table = pd.DataFrame({"sales": sales_T, "visitors": 10 * sales_T[::-1]}, index=times)
    values = {"target__kind": "column", "target__column": "sales", "target__horizon": 3, "window__lookback": 12}
    return train_run(recipe(**values, train__epochs=2, model__kind="segment", model__segment=4), A=table)


@pytest.fixture(scope="module")
def rises(train_run, recipe, bars):
    """A run of the direction of two symbols."""
    values = {"target__kind": "direction", "target__horizon": 2, "train__epochs": 2, "data__symbols": ["A", "B"]}
    return train_run(recipe(**values), A=bars(400), B=bars(400, seed=1))


@pytest.fixture(params=["volatility", "direction", "levels of a month"])
def run(request, queue, finished, monthly, rises):
    """A saved run of each kind."""
    return runs.save({"volatility": finished, "direction": rises}.get(request.param, monthly), cache.RUNS)


def without_code(markdown):
    """Markdown without what it marks as code, and without the addresses of its links."""
    return re.sub(r"(?<!\\)`[^`]*`", "", markdown)


def words(app):
    """Every string on the screen."""
    yield from without_code("\n".join(text_of(app))).splitlines()
    for metric in app.metric:
        yield from (metric.label, metric.value, metric.delta)
    for box in (*app.selectbox, *app.multiselect):
        yield from (box.label, *(option for option in box.options))
    yield from (button.label for button in app.button)
    for chart in app.get("plotly_chart"):
        yield from strings(json.loads(chart.proto.spec), IN_FIGURES)


def text_of(app):
    boxes = (*app.markdown, *app.caption, *app.error, *app.warning, *app.info, *app.success, *app.subheader)
    return [str(part.value).replace("\\`", "'") for part in boxes]


@pytest.mark.parametrize("page", PAGES)
def test_every_word_on_the_screen_reads_as_people_write_it(run, page):
    app = opened(page)
    shown = [plain(word) for word in words(app) if word]
    assert len(shown) > 5
    found = {(why, word) for why, pattern in UNREADABLE.items() for word in shown if pattern.search(word)}
    assert found == set()


def test_the_patterns_find_what_they_are_for():
    bad = {
        "the code of a feature": "log_range_mean:5 moves the forecast most",
        "a mark of code": "the formula `x`",
        "a p-value of zero": "0.000",
        "a command": "To use them: --set data.known_future=a",
        "the hyphen for a minus": "-10.1% to +20.2%",
        "the key of a model": "the SEGMENT's error",
    }
    assert {why for why, pattern in UNREADABLE.items() if pattern.search(bad[why])} == UNREADABLE.keys()


def test_steps_are_called_by_the_frequency_of_the_series(idle, finished, monthly):
    runs.save(monthly, cache.RUNS)
    app = opened("forecast")
    assert "3 months ahead" in captions(app)["fan"] and "steps ahead" not in text(app)
    assert app.select_slider(key="step").label == "Months ahead"
    runs.save(finished, cache.RUNS)
    assert "(5 days ahead)" in captions(opened("forecast", run=finished.id))["fan"]


def test_a_column_is_its_own_unit(idle, monthly):
    runs.save(monthly, cache.RUNS)
    app = opened("forecast")
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert spec["layout"]["yaxis"]["title"]["text"] == "sales"
    assert "units of the column" not in text(opened("explain"))


def test_a_feature_has_its_name_on_the_screen_and_its_code_in_the_tooltip(saved):
    app = opened("explain")
    bars = json.loads(next(c for c in app.get("plotly_chart") if "importance" in c.proto.id).proto.spec)
    names = bars["layout"]["yaxis"]["ticktext"]
    assert "Mean daily range, 5 days" in names
    assert "Mean daily range, 5 days (log_range_mean:5)" in bars["data"][0]["customdata"]


def test_the_verdict_is_one_line_above_the_main_chart_and_in_full_below_it(saved):
    for page in ("forecast", "evaluate", "calibration"):
        app = opened(page)
        kinds = [element.type for element in elements(app.main)]
        chip = next(e for e in app.markdown if "-badge[" in e.value)
        assert "\n" not in chip.value and any("LSTM on A" in plain(line.value) for line in app.caption)
        assert len(app.success) + len(app.error) + len(app.warning) >= 1  # in full, folded
        assert kinds.index("plotly_chart") < max(n for n, e in enumerate(elements(app.main)) if e.type in BOXES)


BOXES = ("success", "error", "warning")


def test_the_chip_says_how_many_times_a_large_error_is(idle, finished):
    verdict = replace(finished.evaluation.verdict, skill=-1.5, tone="bad", text="No skill: worse.", p_value=0.0001)
    runs.save(replace(finished, evaluation=replace(finished.evaluation, verdict=verdict)), cache.RUNS)
    chip = plain(next(e for e in opened("forecast").markdown if "-badge[" in e.value).value)
    assert "No skill" in chip and "is 2.5 times that of" in chip and "(p < 0.001)" in chip
