"""Every page, empty and with a run: it draws, says what to do, and takes bad input without losing anything."""

import json
import subprocess
import sys

import pytest

from core.storage import runs
from tests.pages.conftest import ROOT, captions, errors, opened, press, text, turn
from ui import cache
from ui.jobs import training
from ui.library import table

HEAVY = ("torch", "shap", "arch", "statsmodels", "lightgbm", "optuna", "yfinance")
RENAMED = {
    "walk": "Backtest",
    "tries": "Experiments",
    "agreement": "Importance methods",
    "whatif": "Scenario",
    "inside": "Network",
}


def test_home_offers_the_demo_when_there_is_nothing(idle):
    app = opened("")
    assert app.button[0].label == "Run the demo"
    assert "What it will not tell you" in text(app)


@pytest.mark.parametrize(
    ("page", "story", "button", "symbol", "kind", "horizon", "rows"),
    [
        ("", "", "Run the demo", "SUNSPOTS", "column", 3, 309),
        ("stories", "skill", "Run the demo", "SUNSPOTS", "column", 3, 309),
        ("stories", "illusion", "Train an LSTM on it", "SP500", "close", 1, 5031),
        ("forecast", "", "Run the demo", "SUNSPOTS", "column", 3, 309),
    ],
)
def test_a_demo_button_submits_a_bundled_series(idle, page, story, button, symbol, kind, horizon, rows):
    app = opened(page)
    press(app.segmented_control(key="story").set_value(story).run() if story else app, button)
    (function, spec, frame, _), named = idle.submitted[0]
    assert function.__module__ == "core.pipeline"
    assert (spec.data.source, spec.data.symbols) == ("sample", (symbol,))
    assert (spec.target.kind, spec.target.horizon, len(frame)) == (kind, horizon, rows)
    assert named["on_result"].args[1].func is training.save


@pytest.mark.parametrize("page", ["forecast", "evaluate", "calibration", "explain"])
def test_a_page_without_a_run_says_what_to_do(idle, page):
    assert "You have trained nothing yet" in text(opened(page))


def test_families_stand_in_for_their_features(saved):
    app = opened("explain")
    app.toggle(key="by-family").set_value(True).run()
    assert not app.exception
    caption = captions(app)["importance"]
    assert caption.startswith(("volatility", "price")) and "undefined" not in text(app)


@pytest.mark.parametrize(("page", "charts"), [("", 3), ("forecast", 3), ("evaluate", 9), ("explain", 5)])
def test_a_page_with_a_run_shows_verdict_and_charts_each_with_a_caption(saved, page, charts):
    app = opened(page)
    assert saved.evaluation.verdict.text[:20] in text(app)
    assert len(app.get("plotly_chart")) == charts
    below = {key: caption for key, caption in captions(app).items() if key != "sparkline"}  # a line says it all
    assert len(below) == charts - (page == "") and all(below.values())


def test_runs_lists_the_run_and_a_damaged_one(saved):
    (cache.RUNS / saved.id / "forecast.parquet").unlink()
    assert opened("runs").dataframe[0].value["Verdict"].to_list() == [["Damaged"]]
    selected = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app = opened("runs", **{table.key_of(runs.list_all(cache.RUNS)): selected})
    assert "forecast.parquet is missing" in text(app)
    assert f"Your run {saved.id} cannot be opened" in text(opened("evaluate"))


def test_a_run_with_a_missing_file_is_named_and_the_page_stays_usable(saved):
    (cache.RUNS / saved.id / "weights.safetensors").unlink()
    app = opened("evaluate", run=saved.id)
    assert "weights.safetensors" in errors(app)[0]


@pytest.mark.parametrize(("old", "title"), RENAMED.items())
def test_old_addresses_lead_to_the_new_pages(idle, old, title):
    assert turn(opened(""), old).title[0].value == title


def test_the_first_page_imports_nothing_heavy():
    code = (
        "import json, sys; from streamlit.testing.v1 import AppTest; from ui import cache\n"
        "cache.queue = lambda: type('Idle', (), {'jobs': lambda self: ()})()\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=60).run()\n"
        "assert not app.exception, app.exception\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(process.stdout.splitlines()[-1]) == []
