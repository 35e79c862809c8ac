"""Dates in the languages, orders, intervals and time zones of real files are read as the times that a person reads."""

import time
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.parsing import dates, month_names, short_years
from core.data.sources.files import read


def parse(*cells: str, **options: bool) -> dates.ParsedDates:
    return dates.parse(pd.Series(cells, dtype=object), **options)


SPELLINGS = {  # cells → the times that a person reads
    "Spanish": (["1 de enero de 2023", "2 de febrero de 2023"], ["2023-01-01", "2023-02-02"]),
    "German": (["31. Dezember 2022", "1. Januar 2023"], ["2022-12-31", "2023-01-01"]),
    "German, short": (["5. Mrz 2024", "6. Mär. 2024"], ["2024-03-05", "2024-03-06"]),
    "French": (["15 févr. 2024", "16 août 2024", "1er sept. 2024"], ["2024-02-15", "2024-08-16", "2024-09-01"]),
    "French without accents": (["15 fevr. 2024", "16 aout 2024"], ["2024-02-15", "2024-08-16"]),
    "Italian weekdays": (["martedì 5 marzo 2024", "mercoledì 6 marzo 2024"], ["2024-03-05", "2024-03-06"]),
    "a weekday that is a month, too": (["mar. 5 mars 2024", "mer. 6 mars 2024"], ["2024-03-05", "2024-03-06"]),
    "Portuguese": (["jan/23", "fev/23", "dez/23"], ["2023-01-01", "2023-02-01", "2023-12-01"]),
    "Dutch": (["1 mrt 2024", "2 mei 2024"], ["2024-03-01", "2024-05-02"]),
    "Polish": (["5 stycznia 2024", "6 lutego 2024"], ["2024-01-05", "2024-02-06"]),
    "Russian": (["5 января 2024 г.", "6 февраля 2024 г."], ["2024-01-05", "2024-02-06"]),
    "Hungarian": (["2024. január 15.", "2024. február 16."], ["2024-01-15", "2024-02-16"]),
    "Spanish month and year": (["ene-23", "FEB-23", "abr-23"], ["2023-01-01", "2023-02-01", "2023-04-01"]),
    "month and short year": (["Jan-10", "Feb-10", "Mar-10"], ["2010-01-01", "2010-02-01", "2010-03-01"]),
    "a long month with hyphens": (["11-August-2023", "1-September-2023"], ["2023-08-11", "2023-09-01"]),
    "month and year": (["Dec-2010", "JAN-2011"], ["2010-12-01", "2011-01-01"]),
    "ordinals": (["March 1st, 2024", "March 22nd, 2024"], ["2024-03-01", "2024-03-22"]),
    "SAS": (["15JAN2024:09:30:00", "15JAN2024:10:30:00"], ["2024-01-15 09:30", "2024-01-15 10:30"]),
    "Unix": (
        ["Wed Jan 31 20:19:24 UTC 2024", "Thu Feb  1 08:00:00 UTC 2024"],
        ["2024-01-31 20:19:24", "2024-02-01 08:00"],
    ),
    "a comma before the clock": (["31.12.2024, 09:30", "1.1.2025, 9:30"], ["2024-12-31 09:30", "2025-01-01 09:30"]),
    "Spanish half days": (["13/1/2024 9:30 a. m.", "13/1/2024 9:30 p. m."], ["2024-01-13 09:30", "2024-01-13 21:30"]),
    "year first, two digits": (["24.01.30", "24.01.31", "24.02.01"], ["2024-01-30", "2024-01-31", "2024-02-01"]),
    "digits": (["240130", "240131", "240201"], ["2024-01-30", "2024-01-31", "2024-02-01"]),
    "digits of hours": (["2024013123", "2024020100"], ["2024-01-31 23:00", "2024-02-01 00:00"]),
    "digits of seconds": (["20240131233000", "20240201000000"], ["2024-01-31 23:30", "2024-02-01"]),
    "short quarters": (["4Q19", "1Q20"], ["2019-10-01", "2020-01-01"]),
    "French quarters": (["T4 2019", "T1 2020"], ["2019-10-01", "2020-01-01"]),
    "Korean quarters": (["2019년 4분기", "2020년 1분기"], ["2019-10-01", "2020-01-01"]),
    "halves": (["2019H2", "H1 2020"], ["2019-07-01", "2020-01-01"]),
    "fiscal years": (["FY2019", "FY20"], ["2019-01-01", "2020-01-01"]),
    "seasons": (["2018/19", "2019/20", "2020/21"], ["2018-01-01", "2019-01-01", "2020-01-01"]),
    "months with a point": (["2023.01", "2023.10", "2023.11"], ["2023-01-01", "2023-10-01", "2023-11-01"]),
    "month, point, year": (["01.2023", "02.2023", "12.2023"], ["2023-01-01", "2023-02-01", "2023-12-01"]),
    "one in another order": (
        ["2024-01-01", "2024-01-02", "01/03/2024", "2024-01-04"],
        ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"],
    ),
    "months, no seasons": (["2011/11", "2011/12", "2012/01"], ["2011-11-01", "2011-12-01", "2012-01-01"]),
    "midnight after the day": (["2024-01-31 23:00", "2024-01-31 24:00"], ["2024-01-31 23:00", "2024-02-01"]),
    "intervals": (
        ["2024-01-01 00:00 - 2024-01-01 01:00", "2024-01-01 01:00 - 2024-01-01 02:00"],
        ["2024-01-01", "2024-01-01 01:00"],
    ),
    "intervals with points": (
        ["01.01.2024 23:00 - 02.01.2024 00:00 (CET/CEST)", "02.01.2024 00:00 - 02.01.2024 01:00 (CET/CEST)"],
        ["2024-01-01 23:00", "2024-01-02"],
    ),
    "intervals with a slash": (
        ["2024-01-01T00:00Z/2024-01-01T01:00Z", "2024-01-01T01:00Z/PT1H"],
        ["2024-01-01", "2024-01-01 01:00"],
    ),
    "weeks": (["2019-12-29 - 2020-01-04", "2020-01-05 - 2020-01-11"], ["2019-12-29", "2020-01-05"]),
    "a clock to a clock": (
        ["2024-01-01 00:00 - 01:00", "2024-01-01 01:00 - 02:00"],
        ["2024-01-01", "2024-01-01 01:00"],
    ),
    "a region": (
        ["2024-07-01 09:30:00 America/New_York", "2024-12-02 09:30:00 America/New_York"],
        ["2024-07-01 09:30", "2024-12-02 09:30"],
    ),
    "an abbreviation": (["2010-01-01 00:00 EST", "2010-01-01 01:00 EST"], ["2010-01-01", "2010-01-01 01:00"]),
    "a browser's": (
        [
            "Mon Jan 01 2024 09:00:00 GMT+0900 (Korean Standard Time)",
            "Mon Jan 01 2024 10:00:00 GMT+0900 (Korean Standard Time)",
        ],
        ["2024-01-01 09:00", "2024-01-01 10:00"],
    ),
}


@pytest.mark.parametrize("kind", SPELLINGS)
def test_a_spelling_is_read_as_a_person_reads_it(kind: str) -> None:
    cells, times = SPELLINGS[kind]
    parsed = parse(*cells)
    assert list(parsed.times) == list(map(pd.Timestamp, times))
    assert all(note.endswith(".") for note in parsed.notes)


@settings(max_examples=60, deadline=None)
@given(
    language=st.sampled_from(month_names.LANGUAGES),
    pattern=st.sampled_from(["d MMMM y", "d. MMM y", "MMMM y", "EEEE, d MMMM y", "dd-MMM-yyyy", "y MMM d", "LLLL y"]),
    first=st.dates(date(1950, 1, 1), date(2020, 1, 1)),
    step=st.integers(27, 31),
    upper=st.booleans(),
)
def test_dates_in_the_languages_of_europe_are_read_back(
    language: str, pattern: str, first: date, step: int, upper: bool
) -> None:
    days = [first + timedelta(days=step * at) for at in range(15)]
    texts = [format_date(day, pattern, language) for day in days]
    expected = [day if "d" in pattern else day.replace(day=1) for day in days]
    times = parse(*(text.upper() if upper and language != "tr" else text for text in texts)).times
    assert [None if pd.isna(at) else at.date() for at in times] == expected, texts


def test_a_word_for_two_months_is_read_with_a_note() -> None:
    parsed = parse("5 listopada 2024", "6 listopada 2024")
    assert list(parsed.times.dt.month) == [11, 11] and "it is Oct in Croatian" in parsed.notes[0]
    decided = parse("5 listopada 2024", "6 siječnja 2025")
    assert list(decided.times.dt.month) == [10, 1] and not decided.notes


def test_a_day_without_a_year_is_no_date() -> None:
    days = pd.date_range("2023-12-01", periods=60)
    assert parse(*(f"{day:%b-%d}" for day in days)).times.isna().all()
    months = pd.date_range("1999-01-01", periods=60, freq="MS")
    parsed = parse(*(f"{day:%b-%y}" for day in months))
    assert list(parsed.times) == list(months) and any(
        "Jan-99 was read as a month and a year" in x for x in parsed.notes
    )


HOURS_UTC = pd.date_range("2024-10-25", "2024-10-29", freq="h", tz="UTC", inclusive="left")
ZONES = {"Europe/Berlin": 1, "America/Santiago": -4, "Australia/Lord_Howe": 10.5}  # the offset without summer time
WAYS = {
    "offsets": lambda at: at.isoformat(),
    "short offsets": lambda at: f"{at:%d.%m.%Y %H:%M %z}",
    "names": lambda at: f"{at:%Y-%m-%d %H:%M} {at.tzname()}",
    "a region": lambda at: f"{at:%Y-%m-%d %H:%M:%S} {at.tz}",
    "intervals": lambda at: (
        f"{at:%d/%m/%Y %H:%M:%S} ({at.tzname()}) - {at + pd.Timedelta(hours=1):%d/%m/%Y %H:%M:%S} (X)"
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("newest_first", [False, True])
def test_no_row_of_a_doubled_hour_is_lost(way: str, newest_first: bool) -> None:
    local = HOURS_UTC.tz_convert("Europe/Berlin")
    rows = local[::-1] if newest_first else local
    cells = [WAYS[way](at).replace("(X)", f"({(at + pd.Timedelta(hours=1)).tzname()})") for at in rows]
    body = "".join(f"{cell};{at.value // 10**9}\n" for cell, at in zip(cells, rows, strict=True))
    tables, schema = read(f"MTU;load\n{body}".encode(), "x.csv")
    expected = HOURS_UTC.tz_localize(None) + pd.Timedelta(hours=1)  # the clock of winter
    assert list(tables["X"].index) == list(expected)
    assert tables["X"]["load"].tolist() == [at.value // 10**9 for at in HOURS_UTC]
    assert any("one clock, UTC+01:00" in note for note in schema.notes)


@pytest.mark.parametrize(
    ("heading", "zone", "offset"),
    [
        ("MTU (CET/CEST)", "Europe/Berlin", 1),
        ("Datum", "Europe/Berlin", 1),
        ("Settlement", "Europe/London", 0),
        ("Hour beginning", "America/Chicago", -6),
    ],
)
def test_a_doubled_hour_without_a_zone_is_that_at_which_summer_time_ends(heading: str, zone: str, offset: int) -> None:
    times = pd.date_range("2023-01-01", "2024-12-31", freq="15min", tz="UTC", inclusive="left").tz_convert(zone)
    column = pd.Series(times.strftime("%Y-%m-%d %H:%M"), dtype=object, name=heading)
    parsed = dates.parse(column)
    np.testing.assert_array_equal(np.diff(parsed.times), np.timedelta64(15, "m"))
    assert parsed.times.iloc[0] == times[0].tz_localize(None)  # in winter
    assert len(parsed.notes) == 1 and "so that no hour is doubled or missing" in parsed.notes[0]


def test_a_row_that_occurs_twice_at_another_hour_says_nothing_about_a_zone() -> None:
    cells = ["2024-10-27 01:00", "2024-10-27 05:00", "2024-10-27 05:00", "2024-10-27 06:00"]
    assert list(parse(*cells).times) == list(map(pd.Timestamp, cells)) and not parse(*cells).notes
    spring = ["2024-03-31 02:00", "2024-10-27 02:00", "2024-10-27 02:00", "2024-10-27 03:00"]  # no such hour in Berlin
    assert list(parse(*spring).times) == list(map(pd.Timestamp, spring))


@pytest.mark.parametrize("zone", ZONES)
def test_the_clock_of_winter_has_the_smallest_offset_and_even_steps(zone: str) -> None:
    times = pd.date_range("2023-01-01", "2024-12-31", freq="h", tz="UTC")
    parsed = parse(*(at.isoformat() for at in times.tz_convert(zone)))
    np.testing.assert_array_equal(parsed.times, times.tz_localize(None) + pd.Timedelta(hours=ZONES[zone]))


def test_sessions_and_days_stay_on_the_clock_of_their_place() -> None:
    new_york = pd.DatetimeIndex(
        [day + pd.Timedelta(hours=9.5 + at) for day in pd.bdate_range("2024-01-02", "2024-12-30") for at in range(7)]
    )
    for wall in (new_york, pd.date_range("2024-01-02", "2024-12-30")):
        local = wall.tz_localize("America/New_York")
        assert len({at.utcoffset() for at in local}) == 2
        parsed = parse(*map(str, local))
        assert list(parsed.times) == list(wall) and "the clock time of each row was kept" in parsed.notes[0]


def test_days_of_several_places_stay_days() -> None:
    days = pd.date_range("2024-01-02", periods=30)
    cells = [str(day.tz_localize(zone)) for zone in ("America/New_York", "Asia/Tokyo") for day in days]
    assert list(parse(*cells).times) == [*days, *days]


def test_typed_times_with_a_zone_keep_the_doubled_hour(tmp_path) -> None:
    table = pd.DataFrame({"t": HOURS_UTC.tz_convert("Europe/Berlin"), "load": np.arange(len(HOURS_UTC))})
    table.to_parquet(tmp_path / "x.parquet")
    tables, schema = read((tmp_path / "x.parquet").read_bytes(), "x.parquet")
    assert tables["X"]["load"].tolist() == list(range(len(HOURS_UTC)))
    assert list(tables["X"].index) == list(HOURS_UTC.tz_localize(None) + pd.Timedelta(hours=1))
    assert any("one clock, UTC+01:00" in note for note in schema.notes)


@pytest.mark.parametrize(
    ("first", "last", "freq"),
    [
        ("1955-01-01", "1956-03-01", "MS"),  # in the future, if it were 2055
        ("1967-01-01", "1970-06-01", "MS"),  # through 68, 69
        ("1998-06-01", "2001-06-01", "MS"),  # through 99, 00
        ("1920-01-01", "1960-01-01", "MS"),  # some of them not in the future
        ("2020-01-01", "2029-01-01", "MS"),  # plans
        ("2017-07-01", "2017-09-01", "D"),
    ],
)
@pytest.mark.parametrize("reverse", [False, True])
def test_years_of_two_digits_lie_in_the_past_and_in_order(first: str, last: str, freq: str, reverse: bool) -> None:
    days = pd.date_range(first, last, freq=freq)
    days = days[::-1] if reverse else days
    for form in ("%d.%m.%y", "%d-%b-%y", "%y/%m/%d", "%y%m%d"):
        parsed = parse(*(f"{day:{form}}" for day in days))
        assert list(parsed.times) == list(days), form
        century = sorted({days.min().year, days.max().year})
        assert any(f"were read as {' to '.join(map(str, century))}" in note for note in parsed.notes)


def test_the_century_does_not_depend_on_the_order_of_a_file_without_one() -> None:
    days = pd.Series(np.random.default_rng(0).permutation(pd.date_range("2001-01-01", "2024-12-31", freq="MS")))
    assert list(short_years.settle(days, 2026)) == list(days)
    assert list(short_years.settle(days + pd.DateOffset(years=100), 2026)) == list(days)


SWAPPED = pd.date_range("2022-01-01", periods=120)


@pytest.mark.parametrize(
    "write",
    [
        lambda day: f"{day:%d/%m/%Y}" if day.day > 12 else f"{day:%m/%d/%Y}",
        lambda day: f"{day:%m/%d/%Y}" if day.day > 12 else f"{day:%d/%m/%Y}",
        lambda day: f"{day:%d/%m/%Y}" if day.day > 12 else f"{day:%Y-%d-%m}",  # half of it typed by a workbook
        lambda day: f"{day:%d/%m/%Y}" if day.day > 12 else f"{day:%Y-%m-%d}",
    ],
)
def test_dates_in_two_orders_are_read_by_the_order_of_the_rows(write) -> None:
    parsed = parse(*map(write, SWAPPED))
    assert list(parsed.times) == list(SWAPPED)
    assert any("Check the dates" in note for note in parsed.notes)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("fecha,v\n03/01/2022,1.5\n04/01/2022,2.5\n", "2022-01-03"),
        ("Jour,Valeur\n03/01/2022,1.5\n04/01/2022,2.5\n", "2022-01-03"),
        ("date;v\n03/01/2022;1,5\n04/01/2022;2,5\n", "2022-01-03"),
        ("date;v\n03/01/2022;1.5\n04/01/2022;2.5\n", "2022-03-01"),
        ("date,data\n03/01/2022,1.5\n04/01/2022,2.5\n", "2022-03-01"),
        ("fecha;v\n01/11/2023;1,5\n01/12/2023;2,5\n02/01/2023;3,5\n", "2023-01-11"),  # the order says otherwise
    ],
)
def test_language_and_decimal_mark_decide_where_the_dates_do_not(text: str, first: str) -> None:
    tables, schema = read(text.encode(), "x.csv")
    assert tables["X"].index[0] == pd.Timestamp(first)
    assert any("can be read" in note for note in schema.notes)


def test_600000_dates_are_read_in_seconds() -> None:
    times = pd.date_range("2020-01-01", periods=600_000, freq="min")
    for form, limit in (("%Y-%m-%d %H:%M:%S", 2.0), ("%d.%m.%Y %H:%M", 5.0)):  # 0.4 and 1.3 where nothing else runs
        column = pd.Series(times.strftime(form), dtype=object)
        began = time.process_time()
        assert (dates.parse(column).times == times).all()
        assert time.process_time() - began < limit
