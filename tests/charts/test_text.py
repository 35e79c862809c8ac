import numpy as np

from core.charts import text


def test_numbers_read_as_a_person_writes_them():
    assert [text.number(v) for v in (28.0788, -0.51234, 2506.85, 3_442_870_000, -0.0, float("nan"))] == [
        "28.08",
        "−0.5123",
        "2,507",
        "3.443 billion",
        "0",
        "undefined",
    ]
    assert (text.percent(0.8842), text.level(0.9), text.counted(1, "forecast")) == ("88.4%", "90%", "1 forecast")


def test_amount_carries_only_units_that_read_well():
    assert text.amount(28.0788, "% a year") == "28.08 % a year"
    assert text.amount(0.51, "probability of a rise") == "51.0%"
    assert text.amount(1555.2, "price") == "1,555"


def test_times_are_no_finer_than_needed():
    times = np.array(["2018-12-31", "2018-12-31T10:30"], dtype="M8[ns]")
    assert text.iso(times) == ("2018-12-31", "2018-12-31T10:30")
    assert text.day(times[1]) == "2018-12-31 10:30"
    assert (np.array(text.iso(times), dtype=times.dtype) == times).all()  # a click finds its window again


def test_names_are_cut_before_they_are_escaped():
    assert text.safe("<b>&") == "&lt;b&gt;&amp;"
    assert text.safe("&" * 40, 4) == "&amp;&amp;&amp;…"
    assert (text.rule("ewma"), text.rule("last_value"), text.model("other")) == ("EWMA", "the last value", "other")
