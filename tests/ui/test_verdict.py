"""The verdict on the screen: its interval, its hits, its alarms and the picture of a forecast that repeats."""

from dataclasses import replace

from core.storage import runs
from core.types import Alarm
from tests.pages.conftest import captions, opened
from ui import cache


def test_a_verdict_shows_its_interval_its_hits_and_the_repetition_that_it_names(idle, finished):
    tests = {"hit_rate": 0.571, "hit_low": 0.5, "hit_high": 0.64, "majority_share": 0.539}
    verdict = replace(finished.evaluation.verdict, interval=(-0.101, 0.202), tests=tests)
    alarm = Alarm(name="copies yesterday", text="It follows the last value.")
    evaluation = replace(finished.evaluation, verdict=verdict, alarms=(alarm,))
    runs.save(replace(finished, evaluation=evaluation), cache.RUNS)
    app = opened("evaluate")
    shown = {metric.label: (metric.value, metric.delta) for metric in app.metric}
    assert shown["Skill"][1] == "−10.1% to +20.2%"
    assert shown["Hit rate"] == ("57.1%", "always the same direction: 53.9%")
    assert shown["p-value of hits"][0] == "undefined"
    assert {"persistence", "persistence-lags"} <= {*captions(app)}
    assert [box for box in app.warning if "It follows the last value" in box.value]


def test_an_interval_without_a_lower_bound_says_at_most(idle, finished):
    verdict = replace(finished.evaluation.verdict, interval=(float("nan"), 0.202))
    runs.save(replace(finished, evaluation=replace(finished.evaluation, verdict=verdict)), cache.RUNS)
    shown = {metric.label: metric.delta for metric in opened("evaluate").metric}
    assert shown["Skill"] == "at most +20.2%"
