import copy

import numpy as np

from core.charts import text
from core.features import naming


def test_numbers_and_counts():
    assert [text.number(v) for v in (28.0788, -0.51234, 2506.85, 3_442_870_000, -0.0, float("nan"))] == [
        "28.08",
        "−0.5123",
        "2,507",
        "3.443 billion",
        "0",
        "undefined",
    ]
    assert (text.percent(0.8842), text.short_percent(0.9)) == ("88.4%", "90%")
    assert (text.pluralize(1, "forecast"), text.pluralize(1002, "forecast")) == ("1 forecast", "1,002 forecasts")


def test_amounts_have_only_units_that_read_well():
    assert text.amount(28.0788, "% a year") == "28.08 % a year"
    assert text.amount(0.51, "probability of a rise") == "51.0%"
    assert text.amount(1555.2, "price") == "1,555"


def test_times_are_no_finer_than_needed():
    times = np.array(["2018-12-31", "2018-12-31T10:30"], dtype="M8[ns]")
    assert text.iso(times) == ("2018-12-31", "2018-12-31T10:30")
    assert text.day(times[1]) == "2018-12-31 10:30"
    assert (np.array(text.iso(times), dtype=times.dtype) == times).all()  # a click identifies its window


def test_names_are_truncated_before_they_are_escaped():
    assert text.escape("<b>&") == "&lt;b&gt;&amp;"
    assert text.escape("&" * 40, 4) == "&amp;&amp;&amp;…"
    assert (text.the_model("ewma"), text.the_model("last_value"), text.model_name("other")) == (
        "EWMA volatility",
        "the last value",
        "other",
    )


def test_a_minus_is_no_hyphen_and_a_skill_far_below_zero_is_a_multiple():
    shares = (0.101, -0.02, 0.0, -0.0001, float("nan"))
    assert [text.signed_percent(v) for v in shares] == ["+10.1%", "−2.0%", "0.0%", "0.0%", "undefined"]
    assert [text.skill(v) for v in (0.1, -0.5, -117.0)] == ["+10.0%", "−50.0%", "118 × error"]
    assert [text.magnitude(v) for v in (3e-7, 0.0, -2e-16)] == ["3 × 10⁻⁷", "0", "−2 × 10⁻¹⁶"]


def test_a_unit_says_what_a_step_is_called():
    unit = text.Unit("sales", "month")
    assert f"{unit}" == "sales" and copy.deepcopy(unit).step == "month"
    assert (text.lead_time(1, unit), text.lead_time(3, unit), text.lead_time(3)) == (
        "1 month ahead",
        "3 months ahead",
        "3 steps ahead",
    )
    assert (text.step_axis(unit), text.lag_axis("price")) == ("months ahead", "lag in steps (1 = the latest)")


def test_a_tooltip_has_the_name_and_the_code():
    assert text.tooltip(naming.name("rsi:14", "day")) == "Relative strength index, 14 days (rsi:14)"
    assert text.tooltip("momentum") == "momentum" and "<" not in text.tooltip(naming.name("column:<b>"))
