"""The next training of a run on all data to date, and the line of trainings."""

from dataclasses import replace

import pytest

from core.data import frame as frames
from core.errors import DataError
from core.spec import Split
from core.tracking import retrain
from tests.conftest import market


def test_shares_stay_and_the_last_day_goes(finished):
    ended = replace(finished, spec=replace(finished.spec, data=replace(finished.spec.data, end="2017-01-01")))
    spec = retrain.recipe(ended)
    assert spec == finished.spec and spec.data.end is None


def test_rows_and_dates_become_the_shares_that_they_were(finished):
    rows = Split(train=330, val=90, calib=60, test=120)
    spec = retrain.recipe(replace(finished, spec=replace(finished.spec, split=rows)))
    assert (spec.split.train, spec.split.val, spec.split.calib, spec.split.test) == (0.55, 0.15, 0.1, 0.2)


def test_nothing_newer_is_no_reason_to_train(finished, frame):
    with pytest.raises(DataError, match="no newer rows"):
        retrain.check_newer(finished, frame)
    retrain.check_newer(finished, frames.build({"A": market(rows=601)}))


def test_the_line_of_trainings():
    parents = {"a": "", "b": "a", "c": "b", "d": "b", "x": "", "loop": "loop"}
    assert retrain.chain("b", parents) == ("a", "b", "d")  # what continues it last
    assert retrain.chain("c", parents) == ("a", "b", "c")
    assert retrain.chain("x", parents) == ("x",) and retrain.chain("loop", parents) == ("loop",)
    assert retrain.chain("c", {"c": "b"}) == ("b", "c")  # of a run that the log does not have
