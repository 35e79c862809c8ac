"""The Agreement page and the trust panel: a click works it out, it is kept with the run, and the label stays."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest

from core.explain import compare_methods, reliability
from core.explain.deletion_insertion import Curve
from core.explain.importance import Importance
from core.explain.reliability import NoiseProbe, Reliability, Spread
from core.spec import with_values
from core.storage import runs
from tests.pages.conftest import opened, text
from ui import cache
from ui.explain.reliability import _ranked

NOTHING = "Describes the model, which knows nothing"


@pytest.fixture
def spoken(idle, finished):
    """The run saved with this tone of its verdict."""

    def save(tone):
        verdict = replace(finished.evaluation.verdict, tone=tone)
        return runs.save(replace(finished, evaluation=replace(finished.evaluation, verdict=verdict)), cache.RUNS)

    return save


def plain(app):
    return text(app).replace("\\", "")


def test_a_click_compares_methods_and_keeps_what_they_say(spoken, queue):
    saved = spoken("none")
    app = opened("importance_methods")
    assert NOTHING in plain(app) and len(app.get("plotly_chart")) == 0
    app.button(key="kept-agreement-features").click().run()
    assert not app.exception and [*queue.titles.values()] == [compare_methods.compute]
    assert len(app.get("plotly_chart")) == 2 and "comes first for" in plain(app)
    kept = runs.load_record(saved.id, "agreement-features", tuple[Importance, ...], cache.RUNS)
    assert [one.method for one in kept] == ["shapley", "gradients", "replaced", "loss_permutation", "gain", "treeshap"]
    app.toggle(key="by-family").set_value(True).run()
    assert len(app.get("plotly_chart")) == 0
    app.button(key="kept-ablation-families").click().run()
    assert not app.exception and len(app.get("plotly_chart")) == 1
    assert "comes first for the one method that is here" in plain(app)


def test_a_damaged_file_says_so_and_can_be_worked_out_again(spoken, queue):
    saved = spoken("good")
    runs.save_record(saved.id, "agreement-features", {"importances": [{"method": "gain"}]}, cache.RUNS)
    app = opened("importance_methods")
    assert "agreement-features.json cannot be read" in plain(app) and NOTHING not in plain(app)
    assert "kept-agreement-features" in [button.key for button in app.button]


def test_the_trust_panel_checks_the_explanation(spoken, queue):
    saved = spoken("none")
    app = opened("explain")
    assert [metric.label for metric in app.metric][-2:] == ["Skill", "Adds up to within"]
    assert "Noise takes a training like that of the run and an explanation, about" in plain(app)
    app.button(key="kept-trust").click().run()
    assert not app.exception and [*queue.titles.values()] == [reliability.compute]
    assert "area under the curve is" in plain(app) and "they bring it back" in plain(app)
    assert "One network says nothing of stability" in plain(app)
    assert [metric.label for metric in app.metric][-2:] == ["Deletion, in order", "Insertion, in order"]
    assert runs.load_record(saved.id, "trust", Reliability, cache.RUNS).members == 1
    app.button(key="kept-noise").click().run()
    assert not app.exception and [*queue.titles.values()] == [reliability.compute, reliability.compute_noise_probe]
    found = runs.load_record(saved.id, "noise", NoiseProbe, cache.RUNS)
    assert app.metric[-1].label == "Rank of noise" and app.metric[-1].value == f"{found.rank} of 8"
    assert f"of 8: {'every feature' if not found.below else found.below[0]}" in plain(app)
    for page in ("importance_methods", "scenario"):
        assert f"rank of noise {found.rank} of 8." in plain(opened(page))


def test_checks_of_an_older_version_are_asked_again(spoken, queue):
    saved = spoken("good")
    runs.save_record(saved.id, "trust", {"additivity_error": 0.0, "deletion": {}, "members": 1}, cache.RUNS)
    app = opened("explain")
    assert "trust.json cannot be read. Work it out again" in plain(app)
    assert app.button(key="kept-trust").label == "Check it"


def test_networks_that_differ_have_bars_once_they_were_checked(idle, finished):
    saved = runs.save(replace(finished, spec=with_values(finished.spec, {"train.ensemble": 3})), cache.RUNS)
    app = opened("explain")
    assert "How far its 3 networks differ is drawn once" in plain(app)
    curve, names = Curve(counts=(0, 1), ordered=(0.0, 1.0), random=(0.0, 1.0)), finished.spec.features
    spread = Spread(
        steps=finished.explanation.steps,
        features=dict.fromkeys(names, (0.25, 0.5)),
        families=dict.fromkeys(compare_methods.group_features(names, True), (0.75, 1.0)),
    )
    found = Reliability(
        additivity_error=0.0, deletion=curve, insertion=curve, members=3, stability=0.5, same_first=2, spread=spread
    )
    runs.save_record(saved.id, "trust", found, cache.RUNS)
    app.run()
    assert "± one standard deviation over the 3 networks" in plain(app) and error_bars(app) == {0.25}
    app.toggle(key="by-family").set_value(True).run()
    assert not app.exception and error_bars(app) == {0.75}
    assert error_bars(app.switch_page("app.py").run()) == {0.5}  # on Home all steps together


def error_bars(app):
    """The lengths of the lines at the importance bars."""
    (drawn,) = [
        trace["error_x"]
        for chart in app.get("plotly_chart")
        for trace in json.loads(chart.proto.spec)["data"]
        if "error_x" in trace
    ]
    packed = drawn["array"]
    return {
        *(np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"]) if isinstance(packed, dict) else packed)
    }


@pytest.mark.parametrize(
    ("values", "noise", "says"),
    [
        ((3.0, 2.0), 1.0, "noise ranks 3rd of 3: every feature moves the forecast more than noise does."),
        (
            (3.0, 1.0),
            1.0,
            "noise ranks 2nd of 3: f1 moves the forecast no more than noise does, so what the charts say of it is",
        ),
        (
            tuple(range(20, 0, -1)),
            11.5,
            "noise ranks 10th of 21: f9, f10, f11, f12, f13, f14, f15, f16 and 3 others move",
        ),
        (tuple(range(20, 0, -1)), 0.5, "noise ranks 21st of 21: every"),
    ],
)
def test_what_the_rank_of_noise_says(values, noise, says):
    names = tuple(f"f{i}" for i in range(len(values)))
    assert says in _ranked(NoiseProbe(features=names, values=values, noise=noise))
