"""Alike findings become one sentence, and the worst stands first."""

import numpy as np
import pandas as pd

from core.data.frame import build
from core.data.quality import Issue, report
from core.data.quality_summary import WORST_FIRST, joined, table

DAY = pd.Timestamp("2024-01-02")


def issue(symbol: str, column: str | None, kind: str, count: int) -> Issue:
    return Issue(symbol=symbol, column=column, kind=kind, count=count, text=f"{symbol} {column} {kind}.", times=(DAY,))


def test_several_columns_share_a_sentence_and_the_largest_is_named_first() -> None:
    found = joined([issue("E", name, "outlier", count) for name, count in (("a", 1), ("b", 12), ("c", 5))])
    assert [one.text for one in found] == [
        "3 columns jump by more than 8 robust deviations: b (12 rows), c (5 rows), a (1 row)."
    ]
    many = joined([issue("E", str(at), "stale", 9 - at) for at in range(9)])
    assert many[0].text.endswith("4 (5 stretches), 5 (4 stretches) and 3 more.")


def test_several_symbols_are_told_apart() -> None:
    gaps = joined([issue("A", None, "gap", 2), issue("B", None, "gap", 1)])
    assert gaps[0].text == "2 symbols have gaps longer than 5 typical steps: A (2 gaps), B (1 gap)."
    close = joined([issue("A", "close", "split", 2), issue("B", "close", "split", 1)])
    assert close[0].text == "2 symbols jump as in a split that is not adjusted for: A (2 days), B (1 day)."
    flat = joined([issue("A", "x", "constant", 1), issue("B", "y", "constant", 1)])
    assert flat[0].text == "2 columns have one value in every row and say nothing: A x, B y."


def test_the_worst_stands_first_and_a_single_one_keeps_its_words() -> None:
    kinds = ["rows", "absent", *reversed(WORST_FIRST[:-1])]
    found = joined([issue("A", "close", kind, 1) for kind in kinds])
    assert tuple(one.kind for one in found) == WORST_FIRST
    assert found[0].text == "A close nonpositive."
    assert [one.kind for one in found if one.serious] == ["nonpositive", "split", "constant", "missing", "gap"]


def test_the_table_has_a_row_for_each_issue_with_its_dates() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=60), "y": rng.normal(size=60)}, index=pd.date_range("2024", periods=60))
    frame.iloc[3:40, :] = np.nan
    frame.iloc[3:40, 1] = 5.0
    rows = table(joined(report(build({"A": frame}))))
    missing = next(row for row in rows if row["finding"] == "missing")
    assert (missing["symbol"], missing["column"], missing["how often"]) == ("A", "x", "37 rows")
    assert missing["when (the first 20)"].startswith("2024-01-04, 2024-01-05")
    assert missing["when (the first 20)"].count("2024") == 20
    assert joined([]) == () and table(()) == []
