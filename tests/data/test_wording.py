"""Counts, times and ages in messages."""

import pandas as pd
import pytest

from core.data.wording import format_age, format_time, plural, quote, quote_all


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
    assert plural(1, "entry", "entries") == "1 entry" and plural(2, "entry", "entries") == "2 entries"
    assert format_time(pd.Timestamp("2018-12-31")) == "2018-12-31"
    assert format_time(pd.Timestamp("2018-12-31 10:30")) == "2018-12-31 10:30"
    assert quote("x" * 99) == repr("x" * 30) and quote_all([]) == "nothing" and quote_all("abc", 2) == "'a', 'b'"
