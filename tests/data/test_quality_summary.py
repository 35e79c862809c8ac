"""Issues of the same kind become one sentence, and the worst kind comes first."""

import numpy as np
import pandas as pd

from core.data.frame import build
from core.data.quality import Issue, find_issues
from core.data.quality_summary import WORST_FIRST, issue_rows, summarise

DAY = pd.Timestamp("2024-01-02")


def issue(symbol: str, column: str | None, kind: str, count: int) -> Issue:
    return Issue(symbol=symbol, column=column, kind=kind, count=count, text=f"{symbol} {column} {kind}.", times=(DAY,))


def test_columns_share_a_sentence_and_the_largest_is_named_first() -> None:
    findings = summarise([issue("E", name, "outlier", count) for name, count in (("a", 1), ("b", 12), ("c", 5))])
    (outliers,) = findings
    assert outliers.text.startswith("3 columns") and outliers.text.endswith(": b (12 rows), c (5 rows), a (1 row).")
    many = summarise([issue("E", str(at), "stale", 9 - at) for at in range(9)])
    assert many[0].text.endswith("4 (5 periods), 5 (4 periods) and 3 more.")


def test_symbols_are_told_apart() -> None:
    gaps = summarise([issue("A", None, "gap", 2), issue("B", None, "gap", 1)])
    assert gaps[0].text.startswith("2 symbols") and gaps[0].text.endswith("5 typical steps: A (2 gaps), B (1 gap).")
    close = summarise([issue("A", "close", "split", 2), issue("B", "close", "split", 1)])
    assert close[0].text.startswith("2 symbols") and close[0].text.endswith(": A (2 days), B (1 day).")
    flat = summarise([issue("A", "x", "constant", 1), issue("B", "y", "constant", 1)])
    assert flat[0].text.startswith("2 columns") and flat[0].text.endswith(": A x, B y.")


def test_the_worst_comes_first_and_a_single_issue_keeps_its_text() -> None:
    kinds = ["rows", "absent", *reversed(WORST_FIRST[:-1])]
    findings = summarise([issue("A", "close", kind, 1) for kind in kinds])
    assert tuple(finding.kind for finding in findings) == WORST_FIRST
    assert findings[0].text == "A close nonpositive."
    assert [finding.kind for finding in findings if finding.serious] == [
        "nonpositive",
        "split",
        "constant",
        "missing",
        "gap",
    ]


def test_the_table_has_a_row_for_each_issue_with_its_dates() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=60), "y": rng.normal(size=60)}, index=pd.date_range("2024", periods=60))
    frame.iloc[3:40, :] = np.nan
    frame.iloc[3:40, 1] = 5.0
    rows = issue_rows(summarise(find_issues(build({"A": frame}))))
    missing = next(row for row in rows if row["finding"] == "missing")
    assert (missing["symbol"], missing["column"], missing["how often"]) == ("A", "x", "37 rows")
    assert missing["when (the first 20)"].startswith("2024-01-04, 2024-01-05")
    assert missing["when (the first 20)"].count("2024") == 20
    assert summarise([]) == () and issue_rows(()) == []
