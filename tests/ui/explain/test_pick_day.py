"""A day is picked in a box, by buttons, by the address; what is no day is answered in words."""

from datetime import date

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import checked, text
from ui.explain import pick_day

DAYS = np.array(["2020-01-02", "2020-01-03", "2020-01-06"], dtype="M8[ns]")
HALF_HOURS = np.array(["2020-01-02T10:00", "2020-01-02T10:30", "2020-01-03T10:00"], dtype="M8[ns]")


def script(times):
    import numpy as np
    import streamlit as st

    from ui.explain import pick_day

    st.session_state["picked"] = pick_day.draw(np.array(times, dtype="M8[ns]"), "a", "Day")


def page(times, day=None):
    app = AppTest.from_function(script, args=([str(time) for time in times],))
    if day is not None:
        app.query_params["day"] = day
    return checked(app.run())


def picked(app):
    """What is picked, which the address says as well once the visitor has chosen."""
    chosen = checked(app).session_state["picked"]
    assert app.query_params.get("day", chosen) in (chosen, [chosen])  # a list until the page sets it
    return chosen


def test_the_latest_day_is_picked_first_and_buttons_go_through_the_days():
    app = page(DAYS)
    assert picked(app) == "2020-01-06" and app.date_input[0].value == date(2020, 1, 6)
    back, on = app.button
    assert (back.disabled, on.disabled) == (False, True)
    assert picked(app.button(key="a-previous").click().run()) == "2020-01-03"
    assert app.date_input[0].value == date(2020, 1, 3)
    assert picked(app.button(key="a-previous").click().run()) == "2020-01-02"
    assert app.button(key="a-previous").disabled
    assert picked(app.button(key="a-next").click().run()) == "2020-01-03"
    assert app.query_params["day"] in ("2020-01-03", ["2020-01-03"])


def test_buttons_answer_to_the_arrow_keys():
    assert [button.proto.shortcut for button in page(DAYS).button] == ["left", "right"]


def test_a_day_in_the_box_is_the_last_forecast_before_it():
    app = page(DAYS)
    assert picked(app.date_input[0].set_value(date(2020, 1, 5)).run()) == "2020-01-03"
    assert app.date_input[0].value == date(2020, 1, 3)  # the box says what is shown
    assert picked(app.button(key="a-next").click().run()) == "2020-01-06"
    assert picked(app.date_input[0].set_value(date(2020, 1, 2)).run()) == "2020-01-02"


def test_the_address_opens_its_day():
    app = page(DAYS, "2020-01-03")
    assert picked(app) == "2020-01-03" and not app.info


@pytest.mark.parametrize(
    ("day", "shown", "says"),
    [
        ("2020-01-05", "2020-01-03", "no forecast from 2020-01-05"),
        ("1999-01-05", "2020-01-02", "no forecast from 1999-01-05"),
        ("2020-02-31", "2020-01-06", "is no day"),
        ("now", "2020-01-06", "is no day"),
        ("99999999-01-01", "2020-01-06", "is no day"),
        ("<b>x</b>", "2020-01-06", "is no day"),
    ],
)
def test_a_bad_day_in_the_address_is_answered_in_words(day, shown, says):
    app = page(DAYS, day)
    assert checked(app).session_state["picked"] == shown
    assert says in text(app) and len(app.info) == 1
    assert picked(app.button(key="a-previous" if shown == "2020-01-06" else "a-next").click().run()) != shown
    assert not app.info


def test_within_a_day_there_is_a_box_for_the_time():
    app = page(HALF_HOURS, "2020-01-02T10:00")
    assert picked(app) == "2020-01-02T10:00" and app.selectbox[0].options == ["10:00", "10:30"]
    assert picked(app.selectbox[0].set_value("2020-01-02T10:30").run()) == "2020-01-02T10:30"
    assert picked(app.button(key="a-next").click().run()) == "2020-01-03T10:00"
    assert app.selectbox[0].options == ["10:00"]
    assert pick_day.find(HALF_HOURS, "2020-01-02") == (1, "")  # a day has several times: its last one


def test_a_page_of_days_has_no_box_for_the_time():
    assert not page(DAYS).selectbox
