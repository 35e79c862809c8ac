"""A model of shuffled labels carries the badge on every view that explains it; one of the true labels nowhere."""

import numpy as np
import pandas as pd
import pytest

from core.explain.importance import Importance
from core.storage import runs
from tests.pages.conftest import elements, errors, opened, text, turn
from ui import cache
from ui.verdict import NO_SKILL

PAGES = ("explain", "importance_methods", "network", "scenario")
FORECASTS = ("Lookback", "Forecast")  # what stands above the charts of Home that explain nothing
TINY = {
    "target__kind": "column",
    "target__horizon": 1,
    "window__lookback": 8,
    "train__batch_size": 32,
    "train__learning_rate": 2e-2,
}


@pytest.fixture(scope="module")
def trained(train_run, recipe):
    """(shuffled or not) → a run on a load that yesterday's signal decides but for some noise."""
    rng = np.random.default_rng(3)
    signal_T = rng.normal(size=400)
    load_T = 10 + np.concatenate([[0.0], signal_T[:-1]]) + 0.5 * rng.normal(size=400)
    index = pd.bdate_range("2015-01-01", periods=400, name="time")

    def train(shuffled):
        table = pd.DataFrame({"signal": signal_T, "load": rng.permutation(load_T) if shuffled else load_T}, index=index)
        return train_run(recipe(**TINY, target__column="load", train__epochs=10), A=table)

    return train


def views(app):
    """Every chart of the page as (the heading or choice of views above it, whether the badge stands between)."""
    charts, heading, badge = [], "", False
    for element in elements(app.main):
        if element.type in ("title", "subheader", "button_group"):
            heading, badge = element.label if element.type == "button_group" else element.value, False
        elif element.type == "caption" and NO_SKILL in element.value:
            badge = True
        elif element.type == "plotly_chart":
            charts.append((heading, badge))
    return charts


def tour(app, choices):
    """Every chart on every page, with these (overview, local) views chosen on the Explain page; and every word."""
    charts, words = [view for view in views(app) if view[0] not in FORECASTS], [text(app)]
    for page in PAGES:
        for overview, local in choices if page == "explain" else ((None, None),):
            app.session_state["overview"], app.session_state["local"] = overview, local
            turn(app, page)
            assert not errors(app)
            charts += views(app)
            words.append(text(app))
    return charts, "\n".join(words)


def compared(saved):
    """What the Importance methods page shows, computed by two methods."""
    names = saved.spec.features
    return tuple(
        Importance(method=method, features=names, values=tuple(range(len(names))), windows=1)
        for method in ("shapley", "gradients")
    )


@pytest.mark.parametrize("shuffled", [True, False])
def test_every_view_of_a_model_of_shuffled_labels_has_the_badge(queue, trained, shuffled):
    saved = runs.save(trained(shuffled), cache.RUNS)
    assert (saved.evaluation.verdict.tone == "good") is not shuffled
    runs.save_record(saved.id, "agreement-features", compared(saved), cache.RUNS)
    choices = (("step", "revision"), ("lag", "window"), ("value", "similar"))
    charts, words = tour(opened(""), choices if shuffled else choices[1:2])
    assert len(charts) >= (34 if shuffled else 21) and {heading for heading, _ in charts} >= {
        "What drives it",
        "Which features matter",
        "How far back it looks",
        "Across many forecasts",
        "One forecast",
        "More on this forecast",
        "Importance methods",
        "Order the units by",
        "Sliders move",
        "Which methods rank alike",
        "How far back it remembers",
        "Over all values of a feature",
    }
    assert [heading for heading, badge in charts if badge is not shuffled] == []
    assert (NO_SKILL in words) is shuffled
