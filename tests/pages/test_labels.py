"""A model of shuffled labels carries the plain label on every view that explains it; one of the true labels nowhere."""

import numpy as np
import pandas as pd
import pytest

from core.explain.importance import Importance
from core.storage import runs
from tests.pages.conftest import opened, text
from ui import cache

NOTHING = "Describes the model, which knows nothing"
PAGES = ("explain", "importance_methods", "network", "scenario")
FORECAST = "Forecast"  # the one chart of Home that explains nothing
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

    def make(shuffled):
        table = pd.DataFrame({"signal": signal_T, "load": rng.permutation(load_T) if shuffled else load_T}, index=index)
        return train_run(recipe(**TINY, target__column="load", train__epochs=10), A=table)

    return make


def views(app):
    """Every chart of the page as (the heading or choice of views that it stands under, whether the label stands between
    the two)."""
    found, heading, labelled = [], "", False
    for element in elements(app.main):
        if element.type in ("title", "subheader", "button_group"):
            heading, labelled = element.label if element.type == "button_group" else element.value, False
        elif element.type == "caption" and NOTHING in element.value:
            labelled = True
        elif element.type == "plotly_chart":
            found.append((heading, labelled))
    return found


def elements(block):
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from elements(child)
        else:
            yield child


def refusals(app):
    """The boxes that say what went wrong; a verdict without skill is another red box."""
    return [box.value for box in app.error if box.icon == ":material/error:"]


def seen(app, looks):
    """Every chart on every page, one after the other, with these wider looks and closer ones at a day.

    And every word.
    """
    found, words = [view for view in views(app) if view[0] != FORECAST], [text(app)]
    for page in PAGES:
        for wider, closer in looks if page == "explain" else ((None, None),):
            app.session_state["wider"], app.session_state["closer"] = wider, closer
            app.switch_page(f"pages/{page}.py").run()
            assert not app.exception and not refusals(app)
            found += views(app)
            words.append(text(app))
    return found, "\n".join(words)


def compared(saved):
    """What the Agreement page shows, worked out by two methods."""
    names = saved.spec.features
    return tuple(
        Importance(method=method, features=names, values=tuple(range(len(names))), windows=1)
        for method in ("shapley", "gradients")
    )


@pytest.mark.parametrize("shuffled", [True, False])
def test_the_label_stands_on_every_view_of_a_model_of_shuffled_labels_alone(queue, trained, shuffled):
    saved = runs.save(trained(shuffled), cache.RUNS)
    assert (saved.evaluation.verdict.tone == "good") is not shuffled
    runs.save_record(saved.id, "agreement-features", compared(saved), cache.RUNS)
    looks = (("step", "since"), ("lag", "window"), ("value", "similar"))
    found, words = seen(opened(""), looks if shuffled else looks[1:2])
    assert len(found) >= (34 if shuffled else 21) and {heading for heading, _ in found} >= {
        "What drives it",
        "Which features matter",
        "How far back it looks",
        "A wider look",
        "One day",
        "A closer look at this forecast",
        "Agreement",
        "Units in the order of",
        "Sliders move",
        "Which methods rank alike",
        "How far back it remembers",
        "Over all values of a feature",
    }
    assert [heading for heading, labelled in found if labelled is not shuffled] == []
    assert (NOTHING in words) is shuffled
