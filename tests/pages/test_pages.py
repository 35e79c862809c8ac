"""Every page, empty and with a run: it draws, says what to do, and takes bad input without losing anything."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st

from core.data.frame import digest as digest_of
from core.data.load import from_csv
from core.data.sources.uploads import save
from core.datasets.windows import resolve
from core.events import Checkpoint
from core.features.registry import CATALOGUE
from core.spec import Data, Spec, Target, from_dict, to_dict, with_values
from core.storage import checkpoints, runs
from core.types import CHECKPOINT_FORMAT
from tests.pages.conftest import ROOT, opened, text
from ui import cache

HEAVY = ("torch", "shap", "arch", "statsmodels", "lightgbm", "optuna", "yfinance")


def test_home_offers_the_demo_when_there_is_nothing(idle):
    app = opened("")
    assert app.button[0].label == "Run the demo"
    assert "Nothing has been trained yet" in text(app)


def test_the_demo_button_submits_the_default_recipe(idle):
    app = opened("")
    app.button[0].click().run()
    (function, spec, frame, _), named = idle.submitted[0]
    assert function.__module__ == "core.pipeline"
    assert (spec.data, spec.target.kind, spec.target.horizon) == (Spec().data, "volatility", 5)
    assert len(frame) == 5031
    assert named["on_result"].func is cache._finish


@pytest.mark.parametrize("page", ["forecast", "evaluate", "calibration", "explain"])
def test_a_page_without_a_run_says_what_to_do(idle, page):
    assert "There is no run yet" in text(opened(page))


def test_families_stand_in_for_their_features(saved):
    app = opened("explain")
    app.toggle(key="by-family").set_value(True).run()
    assert not app.exception
    assert "volatility moves the forecast most" in text(app) or "price moves the forecast most" in text(app)
    assert "undefined" not in text(app)


@pytest.mark.parametrize(("page", "charts"), [("", 2), ("forecast", 3), ("evaluate", 10), ("explain", 5)])
def test_a_page_with_a_run_shows_verdict_and_charts_each_with_a_sentence(saved, page, charts):
    app = opened(page)
    assert saved.evaluation.verdict.text[:20] in text(app).replace("\\", "")
    assert len(app.get("plotly_chart")) == charts
    assert len(app.caption) >= charts


def test_a_run_without_a_live_forecast_says_what_is_missing(idle, finished):
    frame = finished.frame.copy()
    frame.loc[frame.index[-1], ("A", "volume")] = np.nan
    past = finished.forecast[finished.forecast["part"] != "live"]
    runs.save(replace(finished, frame=frame, data_digest=digest_of(frame), forecast=past), cache.RUNS)
    app = opened("forecast")
    said = text(app).replace("\\", "")
    assert "There is no live forecast of A: " in said and f"the latest on {frame.index[-1]:%Y-%m-%d}" in said
    assert "The forecast as numbers" not in [box.label for box in app.expander]


def test_runs_lists_the_run_and_a_damaged_one(saved):
    (cache.RUNS / saved.id / "forecast.parquet").unlink()
    app = opened("runs")
    assert "damaged" in text(app)
    assert "forecast" in text(app)
    assert "The run" in text(opened("evaluate")) or "There is no run yet" in text(opened("evaluate"))


def test_a_run_with_a_missing_file_is_named_and_the_page_stays_usable(saved):
    (cache.RUNS / saved.id / "weights.safetensors").unlink()
    app = opened("")
    app.session_state["run"] = saved.id
    app.switch_page("pages/evaluate.py").run()
    assert not app.exception
    assert "weights.safetensors is missing" in text(app).replace("\\", "")


def press_train(app):
    next(button for button in app.button if button.label == "Train").click().run()


def test_train_submits_what_the_form_says(idle):
    app = opened("train")
    app.number_input(key="knob-window.lookback").set_value(30)
    app.number_input(key="knob-model.hidden").set_value(16)
    press_train(app)
    (_, spec, *_), _ = idle.submitted[0]
    assert (spec.window.lookback, spec.model.hidden) == (30, 16)
    assert spec.features == (
        "return",
        "abs_return",
        "log_range",
        "log_range_mean:5",
        "log_range_mean:22",
        "volume_change",
        "negative_return",
    )


def test_what_was_checked_for_look_ahead_is_listed_and_a_cheat_is_named(idle, monkeypatch):
    app = opened("train")
    assert "None of 7 features looks ahead" in [expander.label for expander in app.expander]
    assert "passed] negative_return" in text(app).replace("\\", "")
    shifted = replace(CATALOGUE["return"], function=lambda inputs, _: inputs["level"].shift(-3), rows=lambda _: 0)
    monkeypatch.setitem(CATALOGUE, "return", shifted)
    st.cache_data.clear()
    app.run()
    assert "1 feature looks ahead: return (by 3 rows or more)" in text(app).replace("\\", "")
    press_train(app)
    assert idle.submitted == []
    app.checkbox(key="override").check().run()
    assert "known too late to be used" in text(app)
    press_train(app)
    (_, spec, *_), _ = idle.submitted[0]
    assert spec.allow_lookahead


def test_a_training_that_stands_still_goes_on_or_is_forgotten(idle):
    spec = resolve(with_values(Spec(), {"model.hidden": 16}), cache.frame(Spec().data, None))
    digest = digest_of(cache.frame(Spec().data, None))
    state = {"format": CHECKPOINT_FORMAT, "epoch": 12, "member": 1}
    kept = Checkpoint(arrays={"net/a": np.zeros(2, np.float32)}, state=state)
    checkpoints.save(kept, spec, digest, None, cache.RUNS)
    app = opened("train")
    assert "stands still after epoch 12" in text(app)
    name = checkpoints.key(spec, digest)
    app.button(key=f"resume-{name}").click().run()
    (_, sent, _, resume), _ = idle.submitted[0]
    assert sent == spec and resume.state == state
    assert from_dict(app.session_state["recipe"]) == spec and app.number_input(key="knob-model.hidden").value == 16
    app.button(key=f"discard-{name}").click().run()
    assert "stands still" not in text(app) and checkpoints.list_all(cache.RUNS) == ()


def test_a_direction_has_a_dead_zone(idle):
    app = opened("train")
    app.selectbox(key="target-kind").set_value("direction").run()
    app.number_input(key="knob-target.dead_zone").set_value(0.002).run()
    press_train(app)
    assert idle.submitted[0][0][1].target.dead_zone == 0.002


@pytest.mark.parametrize("kind", ["close", "log_return", "direction", "column"])
def test_train_offers_features_that_suit_the_target(idle, kind):
    app = opened("train")
    app.selectbox(key="target-kind").set_value(kind).run()
    assert not app.exception
    press_train(app)
    (_, spec, *_), _ = idle.submitted[0]
    assert spec.target.kind == kind
    assert spec.features


def test_a_window_too_long_for_the_series_is_refused_with_numbers_and_the_form_keeps_its_values(idle):
    rows = "\n".join(f"2024-01-{d:02d},{d * 7 % 11}" for d in range(1, 31))
    frame = from_csv(f"date,load\n{rows}".encode(), "load.csv", "LOAD")
    app = opened("")
    app.session_state["upload"] = save(frame, cache.FETCHED / "uploads")
    recipe = Spec(data=Data(source="file", symbols=("LOAD",)), target=Target(kind="column", column="load", horizon=2))
    app.session_state["recipe"] = to_dict(recipe)
    app.switch_page("pages/train.py").run()
    app.number_input(key="knob-model.hidden").set_value(17)
    press_train(app)
    assert idle.submitted == []
    assert "20 usable rows" in text(app)
    assert "lookback 60" in text(app)
    assert app.number_input(key="knob-model.hidden").value == 17


@pytest.mark.parametrize("name", ["GLUCOSE", "SST", "COMMITS", "WTI", "AAPL"])
def test_every_kind_of_bundled_series_can_be_looked_at_and_chosen(idle, name):
    app = opened("data")
    app.selectbox(key="sample").set_value(name).run()
    assert not app.exception
    assert name in text(app)
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert name in text(app)
    assert not app.error


def test_an_unknown_ticker_form_is_refused_in_words(idle):
    app = opened("data")
    app.segmented_control(key="source").set_value("Ticker").run()
    app.text_input(key="ticker").set_value("NO/SUCH").run()
    assert not app.exception
    assert "NO/SUCH" in text(app)


def test_the_first_page_imports_nothing_heavy():
    code = (
        "import json, sys; from streamlit.testing.v1 import AppTest; from ui import cache\n"
        "cache.queue = lambda: type('Idle', (), {'jobs': lambda self: ()})()\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=60).run()\n"
        "assert not app.exception, app.exception\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(made.stdout.splitlines()[-1]) == []
