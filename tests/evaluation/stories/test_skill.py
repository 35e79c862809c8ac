"""The story of skill: its numbers are those of the product, and they go away where they should."""

import time

import numpy as np
import pandas as pd
import pytest

from core.data import frame as frames
from core.data.sources import samples
from core.evaluation.stories import next_day, skill
from core.evaluation.stories.skill import MODEL, Source
from core.spec import Spec, with_values

TWO = Source(name="two", features=("column:sunspots",), lookback=2)
CYCLE = Source(name="cycle", features=("column:sunspots",), lookback=11)


@pytest.fixture(scope="module")
def sun():
    return samples.recipe("SUNSPOTS"), frames.build({"SUNSPOTS": samples.load("SUNSPOTS")})


@pytest.fixture(scope="module")
def story(sun):
    return skill.compute(*sun, (TWO, CYCLE))


def test_the_bundled_story_shows_evidence_of_skill(story):
    assert story.verdict.tone == "good" and story.verdict.skill > 0.3
    assert story.verdict.interval[0] > 0
    assert story.error_H[MODEL][-1] < min(error[-1] for name, error in story.error_H.items() if name != MODEL)


def test_the_skill_goes_away_with_the_order_of_the_outcomes(story):
    assert len(story.shuffled_S) == skill.SHUFFLES
    assert abs(np.median(story.shuffled_S)) < 0.1 and story.shuffled_S.max() < story.verdict.skill / 2


def test_a_whole_cycle_tells_more_than_two_years(story):
    assert story.by_source["cycle"] > story.by_source["two"] > 0


def test_a_random_walk_has_no_skill_to_tell_of():
    walk = np.random.default_rng(3).normal(size=600).cumsum() + 100
    table = pd.DataFrame({"value": walk}, index=pd.date_range("2020-01-01", periods=600, name="time"))
    spec = with_values(
        Spec(),
        {
            "target.kind": "column",
            "target.column": "value",
            "target.horizon": 2,
            "features": ("column:value",),
            "window.lookback": 10,
        },
    )
    story = skill.compute(spec, frames.build({"WALK": table}), ())
    assert story.verdict.tone != "good" and story.by_source == {}


def test_the_story_takes_a_second_and_repeats(sun, story):
    began = time.process_time()
    again = skill.compute(*sun, (TWO, CYCLE))
    assert time.process_time() - began < 1.5
    assert again.verdict == story.verdict and (again.shuffled_S == story.shuffled_S).all()


def test_the_next_close_has_an_r2_near_one_and_no_skill():
    story = next_day.compute(samples.recipe("SP500"), frames.build({"SP500": samples.load("SP500")}))
    assert story.r2 > 0.99 and story.naive_r2 > 0.99
    assert abs(story.skill) < 0.01 and story.p_value > 0.05
    assert story.alarm is not None and story.alarm.name == "copies yesterday"
    assert max(story.correlation, key=story.correlation.get) == -1
