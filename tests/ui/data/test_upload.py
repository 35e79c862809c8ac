"""An uploaded file: read without a click, corrected in boxes, refused with an error that loses nothing."""

import io

import openpyxl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.data.frame import columns, symbols
from core.data.sources import uploads
from core.jobs.quotas import MB, Quotas
from ui import cache

ETT = b"date,HUFL,OT\n2016-07-01 00:00:00,5.5,30.5\n2016-07-01 01:00:00,5.75,27.75\n2016-07-01 02:00:00,5,27\n"
LONG = "date,name,v\n" + "".join(f"0{day}/02/2024,{who},{day}\n" for day in range(1, 7) for who in "AB")


def page() -> None:
    import streamlit as st

    from ui.data import upload

    chosen = upload.choose()
    if chosen:
        st.session_state["shown"] = [*chosen[0].symbols, chosen[1], upload.target()]


@pytest.fixture
def app(tmp_path, monkeypatch) -> AppTest:
    monkeypatch.setattr(cache, "DOWNLOADS", tmp_path)
    st.cache_data.clear()
    return AppTest.from_function(page, default_timeout=30).run()


def give(app: AppTest, content: bytes, name: str = "mine.csv") -> AppTest:
    app.file_uploader[0].set_value((name, content, "text/csv"))
    app.run()
    assert not app.exception, app.exception
    return app


def box(app: AppTest, label: str):
    return next(widget for widget in (*app.selectbox, *app.multiselect) if widget.label == label)


def shown(app: AppTest):
    *names, digest, target = app.session_state["shown"]
    stored = uploads.load(digest, cache.DOWNLOADS / "uploads")
    assert list(symbols(stored)) == names
    return stored, target


def test_without_a_file_the_page_says_what_happens_to_one(app):
    assert len(app.info) == 1


def test_a_file_beyond_the_quota_is_not_read(app, monkeypatch):
    monkeypatch.setattr(cache, "quotas", lambda: Quotas(upload_mb=(len(ETT) - 1) / MB))
    assert "this server takes files of up to" in give(app, ETT).error[0].value and "shown" not in app.session_state
    monkeypatch.setattr(cache, "quotas", lambda: Quotas(upload_mb=len(ETT) / MB))
    assert not app.run().error and "shown" in app.session_state


def test_a_good_file_needs_no_click(app):
    stored, target = shown(give(app, ETT, "ETTh1.csv"))
    assert (symbols(stored), columns(stored), target) == (("ETTH1",), ("OT", "HUFL"), "OT")
    assert any("date" in note.value for note in app.caption)


def test_the_boxes_correct_the_guess(app):
    give(app, ETT)
    box(app, "To forecast").set_value("HUFL").run()
    box(app, "Leave out").set_value(["OT"]).run()
    stored, target = shown(app)
    assert (columns(stored), target) == (("HUFL",), "HUFL") and not app.exception


PLAN = "date,promo,price,sales\n" + "".join(
    f"2024-{1 + day // 28:02d}-{1 + day % 28:02d},{day % 2},{day % 3},{'' if day > 80 else day % 7 + 1.5}\n"
    for day in range(84)
)


def test_the_main_value_is_forecast_and_a_plan_is_preselected(app):
    assert shown(give(app, PLAN.encode()))[1] == "sales"
    assert "**Forecasts sales, the next 3 days.**" in [text.value for text in app.markdown]
    assert box(app, "Known in the future").value == ["promo", "price"]
    assert box(app, "To forecast").value == "sales"
    assert "To forecast" not in [widget.label for widget in app.expander[0].selectbox]
    box(app, "To forecast").set_value("price").run()
    assert "**Forecasts price, the next 5 days.**" in [text.value for text in app.markdown]


def test_series_and_day_first_can_be_chosen(app):
    stored, _ = shown(give(app, LONG.encode()))
    assert symbols(stored) == ("A", "B") and stored.index[-1].month == 6
    assert app.caption  # a note on the order of day and month
    box(app, "Dates are written").set_value("day first, like 31/07/2017").run()
    assert {time.month for time in shown(app)[0].index} == {2}
    box(app, "Series are named in").set_value("").run()
    assert not app.exception and "6" in app.error[0].value


def test_a_bad_file_is_one_error_and_loses_nothing(app):
    give(app, ETT)
    before = app.session_state["shown"]
    give(app, b"date,v\n2024-01-30,1\nsoon,2\n2024-02-01,3\n", "bad.csv")
    assert len(app.error) == 1 and "'soon'" in app.error[0].value and "3" in app.error[0].value
    assert app.session_state["shown"] == before
    give(app, ETT)
    assert not app.error and app.session_state["shown"] == before


def test_encoding_header_row_and_missing_numbers_can_be_corrected(app):
    days = "".join(f"2024-01-{day:02d},{day},{-5 if day % 4 else day}\n" for day in range(1, 25))
    give(app, ("날짜,값,b\n" + days).encode("cp949"))
    assert box(app, "Encoding").value == "cp949" and columns(shown(app)[0])[0] == "값"
    box(app, "Encoding").set_value("gb18030").run()
    assert not app.exception and not app.error and columns(shown(app)[0])[0] != "값"
    box(app, "Encoding").set_value("cp949").run()
    app.number_input[0].set_value(2).run()  # its cells become the names
    assert not app.exception
    app.number_input[0].set_value(0).run()
    box(app, "Numbers that mean missing").set_value(["-5"]).run()
    assert shown(app)[0].isna().to_numpy().sum() == 18 and not app.error
    box(app, "Numbers that mean missing").set_value(["nothing"]).run()
    assert "-999" in app.error[0].value and not app.exception


def test_a_file_that_cannot_be_read_shows_its_boxes_at_once(app):
    give(app, b"a,b\n1,2\n3,4\n", "x.csv")
    assert app.error and app.expander[0].proto.expanded and box(app, "Encoding").value == "utf-8"


def test_another_sheet_can_be_chosen_and_the_preview_shows_it(app):
    book = openpyxl.Workbook()
    for title, factor in (("one", 1), ("two", 10)):
        sheet = book.create_sheet(title)
        sheet.append(["date", "v"])
        for day in range(1, 9):
            sheet.append([f"2024-01-0{day}", factor * day])
    buffer = io.BytesIO()
    book.save(buffer)
    give(app, buffer.getvalue(), "x.xlsx")
    assert app.dataframe[0].value["v"].tolist()[:2] == [1, 2]
    box(app, "Sheet").set_value("two").run()
    assert app.dataframe[0].value["v"].tolist()[:2] == [10, 20] and shown(app)[0].iloc[0, 0] == 10
