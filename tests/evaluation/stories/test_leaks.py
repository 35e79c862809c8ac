"""Each mistake moves the number for the reason that the story gives, and no training can make one."""

import ast
import itertools
import time

import numpy as np
import pytest

from core.data import frame as frames
from core.data.sources import samples
from core.datasets import windows
from core.evaluation.stories import leaks
from core.evaluation.stories.leaks import CHANGE, LEVEL, Leaks
from tests.test_architecture import belongs_to, imports, modules

SPEC = samples.recipe("SP500")
STORY = "core.evaluation.stories"


@pytest.fixture(scope="module")
def series():
    return frames.build({"SP500": samples.load("SP500")})


@pytest.fixture(scope="module")
def measure(series):
    return lambda learns, **made: leaks.measure(SPEC, series, Leaks(**made), learns)


def test_done_honestly_the_model_has_no_skill_and_shares_no_outcome(measure):
    honest = measure(CHANGE)
    assert honest.ratio > 1 and honest.shared == 0


@pytest.mark.parametrize(("mistake", "learns"), [("split", CHANGE), ("indicator", CHANGE), ("scaler", LEVEL)])
def test_each_mistake_alone_makes_the_error_smaller_for_the_wrong_reason(measure, mistake, learns):
    assert measure(learns, **{mistake: True}).ratio < 0.9 * measure(learns).ratio


def test_together_they_promise_more_than_any_of_them_alone(measure):
    together = measure(CHANGE, scaler=True, split=True, indicator=True)
    alone = [measure(CHANGE, **{name: True}) for name in ("scaler", "split", "indicator")]
    assert together.ratio < min(trial.ratio for trial in alone)
    assert together.r2 > max(trial.r2 for trial in alone)


def test_a_leaking_scaler_is_harmless_to_a_change(measure):
    assert measure(CHANGE, scaler=True).error == pytest.approx(measure(CHANGE).error, rel=1e-6)


def test_a_scaler_of_training_rows_does_not_know_the_later_highs(measure):
    honest, leaked = measure(LEVEL), measure(LEVEL, scaler=True)
    assert honest.highest < 1600 < 2500 < leaked.highest  # the index was below 1,600 until 2013


def test_a_shuffled_split_has_taught_the_outcomes_of_the_test(measure):
    assert measure(CHANGE, split=True).shared > 0.9


def test_shared_outcomes_are_counted():
    train_N, test_M = np.array([100, 200]), np.array([95, 90, 109, 110, 150, 200])
    assert leaks.share_of_taught(train_N, test_M) == pytest.approx(3 / 6)  # 95, 109 and 200 are within nine rows


def test_the_checks_of_every_run_notice_the_indicator(series):
    defence = leaks.check_indicator(SPEC, series)
    assert leaks.INDICATOR in defence.refusal and "looks ahead" in defence.refusal
    assert [alarm.feature for alarm in defence.alarms] == [leaks.INDICATOR]


def test_the_honest_split_is_that_of_every_run(series):
    spec = windows.resolve(leaks.recipe(SPEC, False, CHANGE), series)
    prepared = windows.prepare(spec, series)
    assert leaks.measure(SPEC, series, Leaks(), CHANGE).count == len(prepared.splits.test)


def test_every_combination_answers_in_time_and_again_with_the_same_number(measure):
    for learns, made in itertools.product((CHANGE, LEVEL), itertools.product((False, True), repeat=3)):
        mistakes = dict(zip(("scaler", "split", "indicator"), made, strict=True))
        began = time.process_time()
        first = measure(learns, **mistakes)
        assert time.process_time() - began < 0.6
        assert measure(learns, **mistakes) == first


def test_only_the_stories_reach_the_mistakes():
    allowed = (STORY, "core.charts.evaluation.stories", "ui.stories")
    users = {name for name in modules() if any(belongs_to(used, STORY) for used in imports(name))}
    assert {name for name in users if not any(belongs_to(name, place) for place in allowed)} == set()


def test_the_tests_would_see_an_import_from_training():
    names = {name for name in modules() if any(belongs_to(used, STORY) for used in imports(name))}
    assert "ui.stories.illusion" in names
    source = modules()["core.evaluation.stories.leaks"].read_text()
    assert "Nothing that trains a run may import this module" in ast.get_docstring(ast.parse(source))
