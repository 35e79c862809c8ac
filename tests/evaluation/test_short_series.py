"""A run on a short series says how few windows it had; a run on a long one says nothing."""

import numpy as np
import pandas as pd

from core import pipeline
from core.data import frame as frames
from core.evaluation.short_series import describe_short
from core.spec import Spec, with_values
from core.storage import as_json


def test_air_passengers_length_trains_by_default_and_says_what_it_cannot_show(finish):
    """144 months, twelve ahead: refused before."""
    at = np.arange(144)
    index = pd.date_range("1949-01-01", periods=144, freq="MS", name="time")
    value = 120 * np.exp(at / 100) * (1 + 0.1 * np.sin(at * np.pi / 6)) + np.random.default_rng(0).normal(size=144)
    frame = frames.build({"A": pd.DataFrame({"x": value}, index=index)})
    target = {"target.kind": "column", "target.column": "x", "target.horizon": 12}
    short = {"train.epochs": 2, "train.device": "cpu"}
    run, _ = finish(pipeline.run(with_values(Spec(), {"data.symbols": ["A"], **target, **short}), frame))
    sentence = describe_short(run)
    assert sentence is not None and "144 rows" in sentence and "validation windows that also chose" in sentence
    assert f"{run.rows['test']} to test on" in sentence and sentence in as_json.of_run(run)["notes"]
    assert (run.forecast["part"] == "live").sum() >= 12


def test_a_long_series_has_no_such_sentence(finish, frame, recipe):
    run, _ = finish(pipeline.run(recipe(train__epochs=1), frame))
    assert len(frame) > 300 and describe_short(run) is None
