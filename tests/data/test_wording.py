"""Counts, times and ages in messages."""

import pandas as pd
import pytest

from core.data.wording import both, format_age, format_time, listing, plural, quote, quote_all, reworded
from core.language import message, shown, use


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "a moment ago"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (3 * 3600, "3 hours ago"),
        (2.9 * 86400, "2 days ago"),
    ],
)
def test_an_age_is_put_in_words(seconds: float, words: str) -> None:
    assert format_age(seconds) == words


def test_counts_times_and_names() -> None:
    assert plural(1, "row") == "1 row" and plural(1200, "row") == "1,200 rows"
    assert format_time(pd.Timestamp("2018-12-31")) == "2018-12-31"
    assert format_time(pd.Timestamp("2018-12-31 10:30")) == "2018-12-31 10:30"
    assert quote("x" * 99) == repr("x" * 30) and quote_all([]) == "nothing" and quote_all("abc", 2) == "'a', 'b'"


def test_lists_are_words_in_the_language_of_the_screen() -> None:
    parts = [message("{column} ({reason})", column=name, reason=message("text")) for name in ("'a'", "'b'")]
    assert listing(parts) == "'a' (text), 'b' (text)" and listing([]) == "nothing"
    assert both(["open"]) == "open" and both(["open, high", "low"]) == "open, high and low"
    with use("ko"):
        assert shown(listing(parts)) == "'a'(텍스트), 'b'(텍스트)" and shown(listing([])) == "없음"
        assert shown(listing(f"column_{number}" for number in range(20_000))).endswith(", column_19999")


def test_other_english_for_the_same_thing_changes_no_other_language() -> None:
    said = message("The rows were not in order of time; they were sorted.")
    short = reworded(said, str(said)[:-1])
    assert not short.endswith(".") and reworded("plain.", "plain") == "plain"
    with use("ko"):
        assert shown(short) == shown(said) == "행이 시간순이 아니어서 정렬했습니다."
