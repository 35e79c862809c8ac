"""Past covariates: series, files and news are joined on the Data page and reach the features of the Train page."""

import re

import pandas as pd

from core.spec import Spec, from_dict
from tests.pages.conftest import captions, errors, opened, plain, text, turn


def test_a_series_from_the_list_is_joined_with_an_editable_lag(idle):
    app = opened("data")
    app.selectbox(key="join-pick").set_value("sample:WTI").run()
    assert not app.exception
    assert known_after(app, "macro.WTI") == "1 day" and "1986-01-02" in text(app)
    app.number_input(key="lag-sample:WTI").set_value(4).run()
    app.run()
    assert known_after(app, "macro.WTI") == "4 days"
    assert recipe(app).data.join == ("sample:WTI@4",)
    assert not turn(app, "train").error
    turn(app, "data")
    app.button(key="drop-join-sample:WTI").click().run()
    assert recipe(app).data.join == () and "macro.WTI" not in text(app)


def test_a_column_of_a_file_costs_steps_that_are_shown_before_training(idle):
    days = pd.bdate_range("2014-01-02", "2018-12-31")
    vix = "date,vix\n" + "\n".join(f"{day:%Y-%m-%d},{10 + i % 9}" for i, day in enumerate(days))
    app = opened("data")
    app.file_uploader(key="join-file").upload("vix.csv", vix.encode(), "text/csv").run()
    next(button for button in app.button if button.label == "Join it").click().run()
    assert not app.exception
    assert known_after(app, "macro.vix") == "1 day" and "2014-01-02" in text(app)
    turn(app, "train")
    assert "macro.vix" in captions(app)["availability-SP500"] and not app.error


def test_headlines_are_joined(idle):
    news = "time,headline\n2003-01-06 10:00,Profit surges\n2018-12-28 12:00,Shares plunge\n"
    app = opened("data")
    app.file_uploader(key="join-news").upload("news.csv", news.encode(), "text/csv").run()
    next(button for button in app.button if button.label == "Join 2 headlines").click().run()
    assert not app.exception
    assert "News of the uploaded file" in text(app)
    assert recipe(app).data.join[0].startswith("news:")


def test_a_join_is_not_lost_if_the_page_is_left_before_it_was_loaded(idle):
    app = opened("data")
    app.session_state["joined"] = ["sample:WTI@1"]  # chosen, and not yet drawn
    assert not turn(app, "train").error
    assert recipe(app).data.join == ("sample:WTI@1",)
    assert "macro.WTI" in text(app)


def test_what_is_no_ticker_is_refused_and_the_page_goes_on(idle):
    app = opened("data")
    app.text_input(key="join-ticker").set_value("NO/SUCH").run()
    assert not app.exception
    assert "NO/SUCH" in errors(app)[0] and recipe(app).data.join == ()


def recipe(app):
    if "recipe" not in app.session_state or app.session_state["recipe"] is None:
        return Spec()
    return from_dict(app.session_state["recipe"])


def known_after(app, column: str) -> str:
    """The release lag in the note about a joined column."""
    (note,) = [plain(box.value) for box in app.info if f"{column}, from" in plain(box.value)]
    return re.search(r"\d+ days?", note)[0]


def test_a_series_of_fred_is_listed_with_its_lag_and_joined_by_name() -> None:
    from ui.data import covariates

    assert covariates._list_title("fred:UNRATE") == "US unemployment (FRED)"
    assert covariates.LAGS["fred:UNRATE"] == 45 and covariates.LAGS["yahoo:^VIX"] == 1
