"""The Importance methods page and the reliability panel: quick work starts by itself, the rest by a click; results
are kept, the badge stays."""

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
from tests.pages.conftest import captions, checked, errors, opened, text, turn, widget_keys
from ui import cache
from ui.explain.reliability import describe_noise
from ui.verdict import NO_SKILL

METHODS = "compute-agreement-features"
RETRAIN = "compute-ablation-families"


@pytest.fixture
def judged(idle, finished):
    """The run saved with this tone of its verdict."""

    def save(tone):
        verdict = replace(finished.evaluation.verdict, tone=tone)
        return runs.save(replace(finished, evaluation=replace(finished.evaluation, verdict=verdict)), cache.RUNS)

    return save


def click(app, key):
    app.button(key=key).click().run()
    return checked(app)


def test_quick_methods_are_compared_without_a_click_and_kept(judged, queue):
    saved = judged("none")
    app = opened("importance_methods")
    assert NO_SKILL in text(app)
    assert [*queue.work.values()] == [compare_methods.compute]
    assert {*captions(app)} == {"methods", "methods-ranks"}
    kept = runs.load_record(saved.id, "agreement-features", tuple[Importance, ...], cache.RUNS)
    assert [importance.method for importance in kept] == [
        "shapley",
        "gradients",
        "replaced",
        "loss_permutation",
        "gain",
        "treeshap",
    ]
    queue.work.clear()
    checked(app.run())
    assert not queue.work  # once
    app.toggle(key="by-family").set_value(True).run()
    assert [*queue.work.values()] == [compare_methods.compute]
    click(app, RETRAIN)
    assert [*queue.work.values()] == [compare_methods.compute, compare_methods.compute_loco]  # by a click alone
    assert len(runs.load_record(saved.id, "ablation-families", Importance, cache.RUNS).features) > 1


def test_quick_work_that_fails_is_not_started_again_by_itself(judged, idle):
    judged("none")
    app = opened("importance_methods")
    assert len(idle.submitted) == 1 and METHODS in widget_keys(app)
    checked(app.run())
    assert len(idle.submitted) == 1


def test_a_damaged_file_is_named_and_can_be_computed_again(judged, idle):
    saved = judged("good")
    runs.save_record(saved.id, "agreement-features", {"importances": [{"method": "gain"}]}, cache.RUNS)
    app = opened("importance_methods")
    assert "agreement-features.json" in errors(app)[0] and NO_SKILL not in text(app)
    assert METHODS in widget_keys(app)


def test_the_reliability_panel_checks_the_explanation(judged, queue):
    saved = judged("none")
    app = opened("explain")
    assert [*queue.work.values()] == [reliability.compute]  # without a click: it is quick
    assert "reliability-deletion" in captions(app) and "One network cannot show stability" in text(app)
    assert [metric.label for metric in app.metric][-2:] == ["Deletion, in order", "Insertion, in order"]
    assert runs.load_record(saved.id, "trust", Reliability, cache.RUNS).members == 1
    click(app, "compute-noise")
    assert [*queue.work.values()] == [reliability.compute, reliability.compute_noise_probe]
    noise = runs.load_record(saved.id, "noise", NoiseProbe, cache.RUNS)
    assert app.metric[-1].label == "Rank of noise" and app.metric[-1].value == f"{noise.rank} of 8"
    assert describe_noise(noise, "day") in text(app)
    for page in ("importance_methods", "scenario"):
        assert f"rank of noise {noise.rank} of 8." in text(opened(page))


def test_a_long_check_waits_for_a_click(judged, queue, monkeypatch):
    judged("none")
    monkeypatch.setattr(reliability, "estimate_seconds", lambda run: 11.0)
    app = opened("explain")
    assert not queue.work and [metric.label for metric in app.metric][-2:] == ["Skill", "Additivity error"]
    click(app, "compute-trust")
    assert [*queue.work.values()] == [reliability.compute]


def test_checks_of_an_older_version_are_offered_again(judged, idle):
    saved = judged("good")
    runs.save_record(saved.id, "trust", {"additivity_error": 0.0, "deletion": {}, "members": 1}, cache.RUNS)
    app = opened("explain")
    assert [problem for problem in errors(app) if "trust.json" in problem]
    assert app.button(key="compute-trust").label == "Check it"


def test_an_ensemble_has_error_bars_once_it_was_checked(idle, finished):
    saved = runs.save(replace(finished, spec=with_values(finished.spec, {"train.ensemble": 3})), cache.RUNS)
    app = opened("explain")
    assert "Error bars over its 3 networks follow a check" in captions(app)["importance"]
    curve, names = Curve(counts=(0, 1), ordered=(0.0, 1.0), random=(0.0, 1.0)), finished.spec.features
    spread = Spread(
        steps=finished.explanation.steps,
        features=dict.fromkeys(names, (0.25, 0.5)),
        families=dict.fromkeys(compare_methods.group_features(names, True), (0.75, 1.0)),
    )
    checks = Reliability(
        additivity_error=0.0, deletion=curve, insertion=curve, members=3, stability=0.5, same_first=2, spread=spread
    )
    runs.save_record(saved.id, "trust", checks, cache.RUNS)
    app.run()
    assert "± one standard deviation over the 3 networks" in captions(app)["importance"] and error_bars(app) == {0.25}
    app.toggle(key="by-family").set_value(True).run()
    assert not app.exception and error_bars(app) == {0.75}
    assert error_bars(turn(app, "")) == {0.5}  # on Home, over all steps


def error_bars(app):
    """The lengths of the error bars of the importances."""
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
        ((3.0, 1.0), 1.0, "noise ranks 2nd of 3: f1 moves the forecast no more than noise does."),
        (
            tuple(range(20, 0, -1)),
            11.5,
            "noise ranks 10th of 21: f9; f10; f11; f12; f13; f14; f15; f16 and 3 others move",
        ),
        (tuple(range(20, 0, -1)), 0.5, "noise ranks 21st of 21: every"),
    ],
)
def test_what_the_rank_of_noise_means(values, noise, says):
    names = tuple(f"f{i}" for i in range(len(values)))
    assert says in describe_noise(NoiseProbe(features=names, values=values, noise=noise))  # of an earlier version


def test_several_draws_of_noise_say_how_sure_they_are():
    probe = NoiseProbe(
        features=("a", "b", "c"), values=(3.0, 2.0, 1.0), noise=1.5, rank_D=(2, 3, 4), exceeded=(0.0, 1 / 3, 2 / 3)
    )
    assert describe_noise(probe) == (
        "After retraining with features of pure noise, noise ranks 3rd of 4 (median; 2 to 4 in 3 draws): c moves the "
        "forecast no more than noise does. Do not interpret it. b moves it more than most draws of noise, but not than "
        "all."
    )
