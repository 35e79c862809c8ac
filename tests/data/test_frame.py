"""The contract of a frame: how tables become frames, what is refused, and how frames are read."""

import numpy as np
import pandas as pd
import pytest

from core.data.frame import build, check, clip, column_name, columns, digest, select_symbol, symbols
from core.errors import DataError

DAYS = pd.date_range("2024-01-01", periods=6)


def table(days: pd.DatetimeIndex = DAYS, **columns_: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns_ or {"close": np.arange(len(days), dtype=float)}, index=days)


def test_build_sorts_rows_converts_to_float_and_keeps_the_last_of_equal_times() -> None:
    days = pd.DatetimeIndex(["2024-01-03", "2024-01-01", "2024-01-03"])
    frame = build({"A": pd.DataFrame({"Close": [1, 2, 3]}, index=days)})
    check(frame)
    assert list(frame.index) == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-03")]
    assert frame[("A", "close")].tolist() == [2.0, 3.0]
    assert frame.index.dtype == "datetime64[ns]" and frame.columns.names == ["symbol", "column"]


def test_symbols_share_the_union_of_times_and_keep_their_own_rows() -> None:
    frame = build({"B": table(DAYS[:4]), "A": table(DAYS[2:], close=[1, 2, 3, 4], Volume=[5, 6, 7, 8])})
    assert len(frame) == 6 and symbols(frame) == ("B", "A") and columns(frame) == ("close",)
    assert list(select_symbol(frame, "B").index) == list(DAYS[:4])
    of_a = select_symbol(frame, "A")
    assert list(of_a.index) == list(DAYS[2:]) and list(of_a.columns) == ["close", "volume"]
    assert of_a.columns.name is None


def test_a_time_zone_is_dropped_and_the_wall_clock_kept() -> None:
    frame = build({"A": table(DAYS.tz_localize("America/New_York"))})
    assert list(frame.index) == list(DAYS)


def test_empty_rows_are_dropped_and_missing_values_stay() -> None:
    frame = build({"A": table(DAYS[:3], a=[1, np.nan, 3], b=[np.nan, np.nan, 3])})
    assert list(frame.index) == [DAYS[0], DAYS[2]] and np.isnan(frame[("A", "b")].iloc[0])


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({}, "No series was given"),
        ({"A": pd.DataFrame({"close": [1.0]})}, "needs an index of times; got RangeIndex"),
        ({"A": table(pd.DatetimeIndex(["2024-01-01", None]))}, "1 row without a time"),
        ({"A": table(close=[np.nan] * 6)}, "has no value"),
        ({"A": table(name=["x"] * 6)}, "not numbers: name"),
        ({"A": table(close=[1.0] * 6, Close=[1.0] * 6)}, "two columns called 'close'"),
        ({"A": table(close=[np.inf] * 6)}, "infinite"),
        ({"A": table(pd.date_range("1500-01-01", periods=2, unit="s"))}, "outside the years 1678"),
    ],
)
def test_build_refuses_invalid_tables(bad: dict[str, pd.DataFrame], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        build(bad)


def test_check_refuses_frames_that_break_the_contract() -> None:
    good = build({"A": table(), "B": table()})
    without_values = good.copy()
    without_values["B"] = np.nan
    broken = {
        "called 'time'": good.rename_axis(index="date"),
        "without a time zone": good.tz_localize("UTC"),
        "levels symbol and column": good["A"],
        "empty": good.iloc[:0],
        "sorted and unique": good.iloc[::-1],
        "64-bit floats": good.astype(np.float32),
        "B has no value": without_values,
    }
    for sentence, frame in broken.items():
        with pytest.raises(DataError, match=sentence):
            check(frame)


def test_an_unknown_symbol_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError, match=r"'C'.*A, B"):
        select_symbol(build({"A": table(), "B": table()}), "C")


def test_the_digest_depends_on_values_names_and_times_but_not_on_blocks() -> None:
    frame = build({"A": table(a=[1, 2, 3, 4, 5, np.nan], b=[0.0] * 6)})
    scattered = pd.concat([frame[[name]] for name in frame.columns], axis=1)
    scattered[("A", "b")] = -0.0
    assert digest(frame) == digest(scattered) == digest(frame.copy()) and len(digest(frame)) == 16
    assert int(digest(frame), 16) >= 0
    later, other, named = frame.shift(freq="D"), frame.copy(), frame.rename(columns={"b": "c"})
    other.iloc[0, 0] = np.nextafter(1.0, 2.0)
    assert len({digest(changed) for changed in (frame, later, other, named)}) == 4


def test_clip_is_inclusive_and_a_date_means_the_whole_day() -> None:
    hours = build({"A": table(pd.date_range("2024-01-01", periods=72, freq="h"))})
    assert len(clip(hours, "2024-01-02", "2024-01-02")) == 24
    assert len(clip(hours, None, None)) == 72
    assert clip(hours, "2024-01-03T22:00", None).index[0] == pd.Timestamp("2024-01-03 22:00")
    assert len(clip(table(), "2024-01-03", None)) == 4


def test_clip_names_the_range_of_a_symbol_without_rows_left() -> None:
    frame = build({"A": table(), "B": table(DAYS[4:])})
    with pytest.raises(DataError, match="B has no row from its start to 2024-01-03; it runs from 2024-01-05"):
        clip(frame, None, "2024-01-03")
    with pytest.raises(DataError, match="A has no row"):
        clip(frame, "2024-01-05", "2024-01-02")


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01", "01/02/2024", "2024-01-01T00:00+01:00", ""])
def test_clip_refuses_other_than_iso_dates(text: str) -> None:
    with pytest.raises(DataError, match=r"data\.start takes a date"):
        clip(build({"A": table()}), text, None)


def test_price_columns_are_lower_case_and_others_keep_their_names() -> None:
    assert [column_name(name) for name in ("Adj Close", " CLOSE ", "OT", "Date", "My Col")] == [
        "adj_close",
        "close",
        "OT",
        "date",
        "My Col",
    ]
