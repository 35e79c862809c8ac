"""Files of headlines: columns and zones are inferred, unreadable files refused, stored headlines unchanged."""

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.news.headlines import Headlines, load, read, save
from core.errors import DataError

ROWS = [("2024-01-30 09:15", "Profit beats estimates"), ("2024-01-31 17:30", "Shares, though, fall")]
FRAME = pd.DataFrame({"date": pd.to_datetime([at for at, _ in ROWS]), "headline": [text for _, text in ROWS]})


def read_text(text: str) -> Headlines:
    return read(text.encode(), "news.csv")


def bytes_of(kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "excel":
        FRAME.to_excel(buffer, index=False)
    elif kind == "parquet":
        FRAME.to_parquet(buffer, index=False)
    else:
        FRAME.to_csv(buffer, index=False, sep="\t" if kind == "tsv" else ",")
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["csv", "tsv", "excel", "parquet"])
def test_all_file_formats_give_the_same_headlines(kind: str) -> None:
    table = read(bytes_of(kind), "news").table
    assert table["time"].tolist() == [pd.Timestamp(at) for at, _ in ROWS]
    assert table["text"].tolist() == [text for _, text in ROWS] and table["clock"].tolist() == [True, True]
    assert list(table.columns) == ["time", "clock", "text"] and table["time"].dtype == "datetime64[ns]"


def test_the_longest_texts_are_the_headlines_and_the_oldest_comes_first() -> None:
    rows = (
        "id,when,source,link,words,n\n7,2024-02-01,Big wire,https://example.org/a-very-long-address-of-a-page,"
        "Sales rise in China,3\n8,2024-01-31,Big wire,https://example.org/another-long-address,Sales fall,4\n"
    )
    table = read_text(rows).table
    assert table["text"].tolist() == ["Sales fall", "Sales rise in China"] and not table["clock"].any()
    named = read_text(
        "date,body,Headline\n2024-01-31,a very very long text,Short\n2024-02-01,one more long text,Shorter\n"
    )
    assert named.table["text"].tolist() == ["Short", "Shorter"]
    assert "The headlines are in the column 'Headline'." in named.notes


def test_times_with_a_zone_are_converted_to_utc() -> None:
    table = read_text(
        "date,text\n2024-01-30 09:15:00-05:00,A b\n2024-01-30 09:15:00+09:00,C d\n"
        "2024-01-30T09:15:00Z,E f\n2024-01-30 00:00:00+0530,G h\n2024-01-30,I j\n"
    ).table
    assert dict(zip(table["text"], table["time"].dt.strftime("%d %H:%M"), strict=True)) == {
        "A b": "30 14:15",
        "C d": "30 00:15",
        "E f": "30 09:15",
        "G h": "29 18:30",
        "I j": "30 00:00",
    }
    assert str(table["time"].dt.tz) == "UTC"
    assert set(table["text"][~table["clock"]]) == {"G h", "I j"}  # midnight is a day, not a time of day


def test_rss_dates_and_seconds_since_1970_have_a_zone() -> None:
    rss = read_text('date,title\n"Tue, 30 Jan 2024 09:15:00 GMT",A b\n"Wed, 31 Jan 2024 09:15:00 +0100",C d\n').table
    assert rss["time"].tolist() == [pd.Timestamp("2024-01-30 09:15", tz="UTC"), pd.Timestamp("2024-01-31 08:15Z")]
    epoch = read_text("timestamp,title\n1706606100,A b\n1706692500,C d\n").table
    assert epoch["time"].tolist() == [pd.Timestamp("2024-01-30 09:15", tz="UTC"), pd.Timestamp("2024-01-31 09:15Z")]


def test_the_zone_of_a_parquet_column_is_used() -> None:
    buffer = io.BytesIO()
    FRAME.assign(date=FRAME["date"].dt.tz_localize("Asia/Seoul")).to_parquet(buffer)
    assert read(buffer.getvalue(), "x").table["time"].iloc[0] == pd.Timestamp("2024-01-30 00:15", tz="UTC")


def test_a_separate_column_of_clock_times_is_added() -> None:
    table = read_text("date,time,news\n2024-01-30,09:15,A b\n2024-01-31,17:30,C d\n").table
    assert table["time"].tolist() == [pd.Timestamp(at) for at, _ in ROWS] and table["clock"].all()


def test_scores_of_a_file_are_taken_as_they_are() -> None:
    both = read_text("date,headline,Sentiment\n2024-01-30,Good news,-3.5\n2024-01-31,Bad news,\n2024-02-01,No news,2\n")
    assert both.table["score"].tolist() == [-3.5, 2.0] and both.table["text"].tolist() == ["Good news", "No news"]
    assert any("taken as they are" in note for note in both.notes) and any(
        "Rows without" in note and ": 1" in note for note in both.notes
    )
    alone = read_text("date;tone\n30.01.2024;0,25\n31.01.2024;-0,5\n").table
    assert alone["score"].tolist() == [0.25, -0.5] and alone["text"].tolist() == ["", ""]


def test_labels_in_words_are_not_scores() -> None:
    assert "score" not in read_text("date,headline,sentiment\n2024-01-30,A b,positive\n2024-01-31,C d,negative\n").table


def test_several_symbols_are_noted() -> None:
    news = read_text("date,stock,headline\n2024-01-30,A,One rises\n2024-01-31,B,One falls\n2024-02-01,A,One rises\n")
    assert any("'stock' has 2 different entries" in note for note in news.notes)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("a,b\nx y,z w\n", "no date column"),
        (
            "date,headline\n2024-01-30,A b\nsoon,C d\nlater,E f\n2024-01-31,G h\n2024-02-01,I j\n",
            "Row 3 says 'soon' where a date belongs (1 more row",
        ),
        (
            "date,headline\n2024-01-30 09:15Z,A b\n2024-01-30 10:00,C d\n",
            "Row 3 says '2024-01-30 10:00' without a time",
        ),
        ("date,headline\n2024-01-30,\n2024-01-31,\n", "neither"),
        ("date,score,headline\n2024-01-30,1,A, b\n", "Row 2 of 'news.csv' has 4 cells where the header has 3"),
        ("date,a,b\n2024-01-30,1,2\n2024-01-31,3,4\n", "neither a column of texts nor exactly one column of scores"),
        ("date,headline\n2024-01-30,A b\n2261-01-31,C d\n", "Row 3 says '2261-01-31'; headlines are dated within"),
        ("2024-01-30,Profit beats estimates\n2024-01-31,Shares fall\n", "has no header"),
    ],
)
def test_unreadable_files_are_refused(text: str, why: str) -> None:
    with pytest.raises(DataError, match=re.escape(why)):
        read_text(text)


def test_scores_that_most_rows_lack_are_refused() -> None:
    numbered = set(np.linspace(0, 1999, 200).astype(int))  # the sampled rows have numbers only
    rows = "".join(f"2024-01-30,{'0.5' if at in numbered else 'none given'}\n" for at in range(2000))
    with pytest.raises(DataError, match="has scores in some rows and no numbers in most"):
        read_text("date,score\n" + rows)


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                [
                    "2024-01-30",
                    "2024-01-30 09:15Z",
                    "31.12.2023 10:00",
                    "",
                    "Profit up",
                    "1,5",
                    "-3",
                    "nan",
                    "12:30",
                    '"',
                    "1706606100",
                    "9999-12-31",
                    "score",
                ]
            ),
            min_size=1,
            max_size=4,
        ),
        max_size=6,
    ),
    st.sampled_from([",", ";", "\t"]),
)
def test_any_table_is_read_or_raises_a_data_error(rows: list[list[str]], separator: str) -> None:
    text = "\n".join(separator.join(row) for row in [["date", "headline", "score"], *rows])
    try:
        table = read_text(text).table
    except DataError:
        return
    assert len(table) and table["time"].is_monotonic_increasing and table["time"].notna().all()


def test_stored_headlines_come_back_unchanged(tmp_path: Path) -> None:
    for news in (
        read_text("date,headline\n2024-01-30,A b\n2024-01-31 10:00,C d\n"),
        read_text("date,headline,score\n2024-01-30 09:00Z,A b,1\n2024-01-31 10:00Z,C d,-1\n"),
    ):
        name = save(news, tmp_path)
        pd.testing.assert_frame_equal(load(name, tmp_path).table, news.table)
        assert load(name, tmp_path).until is None and save(news, tmp_path) == name
    assert len(list(tmp_path.iterdir())) == 2
    later = Headlines(table=news.table, until=pd.Timestamp("2024-02-03 12:00", tz="UTC"))
    assert load(save(later, tmp_path), tmp_path).until == later.until


def test_other_headlines_have_another_digest(tmp_path: Path) -> None:
    table = read_text("date,headline,score\n2024-01-30 09:00,A b,1\n2024-01-31 10:00,C d,-1\n").table
    others = [
        table,
        table.assign(text=["A", "b C d"]),
        table.assign(score=[1.0, -2.0]),
        table.assign(clock=[True, False]),
        table.assign(time=table["time"] + pd.Timedelta(1)),
        table.assign(time=table["time"].dt.tz_localize("UTC")),
        table.drop(columns="score"),
    ]
    assert len({save(Headlines(table=one), tmp_path) for one in others}) == len(others)


@pytest.mark.parametrize("name", ["../secret", "0" * 16, "0" * 15, ""])
def test_missing_headlines_are_reported(tmp_path: Path, name: str) -> None:
    (tmp_path.parent / "secret.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match="no longer there"):
        load(name, tmp_path)


def test_damaged_and_foreign_files_are_reported(tmp_path: Path) -> None:
    (tmp_path / f"{'0' * 16}.parquet").write_bytes(b"PAR1 broken")
    pd.DataFrame({"time": np.arange(3.0)}).to_parquet(tmp_path / f"{'1' * 16}.parquet")
    for digit in "01":
        with pytest.raises(DataError, match="damaged"):
            load(digit * 16, tmp_path)
