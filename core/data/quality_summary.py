"""The findings about a frame in a few sentences: one per kind of issue, the worst first."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.data.missing_rows import GAP_STEPS
from core.data.quality import OUTLIER_DEVIATIONS, STALE_ROWS, Issue
from core.data.wording import format_time, plural

WORST_FIRST = ("nonpositive", "split", "constant", "missing", "gap", "outlier", "stale", "absent")
SERIOUS = {"nonpositive", "split", "constant", "missing", "gap"}  # the others are often in the nature of the series
MAX_NAMES = 6  # columns or symbols that a sentence names
TITLES = {
    "nonpositive": "zero or negative",
    "split": "suspected split",
    "constant": "constant",
    "missing": "missing",
    "gap": "gap",
    "outlier": "outlier",
    "stale": "unchanged",
    "absent": "missing day",
}
UNITS = {"split": "day", "gap": "gap", "stale": "period", "absent": "day"}  # what an issue counts; other kinds: rows
PREDICATES = {
    "nonpositive": "are zero or negative",
    "split": "jump like an unadjusted split",
    "constant": "have one value in every row and carry no information",
    "missing": "have missing values",
    "gap": f"have gaps longer than {GAP_STEPS} typical steps",
    "outlier": f"jump by more than {OUTLIER_DEVIATIONS:g} robust standard deviations",
    "stale": f"do not change for {STALE_ROWS} rows or more",
    "absent": "have no row on days that should have one",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """All issues of one kind, the largest first, and one sentence about them."""

    kind: str
    text: str
    issues: tuple[Issue, ...]

    @property
    def serious(self) -> bool:
        """Whether it should be dealt with before training."""
        return self.kind in SERIOUS


def summarise(issues: Sequence[Issue]) -> tuple[Finding, ...]:
    """Return one finding for each kind of issue, the worst first; the summaries of kind "rows" are left out."""
    one_symbol = len({issue.symbol for issue in issues}) == 1
    findings = []
    for kind in WORST_FIRST:
        group = sorted((issue for issue in issues if issue.kind == kind), key=lambda issue: -issue.count)
        if group:
            text = group[0].text if len(group) == 1 else _sentence(kind, group, one_symbol)
            findings.append(Finding(kind=kind, text=text, issues=tuple(group)))
    return tuple(findings)


def issue_rows(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Return every issue as one row of a table for the screen, with its first 20 dates."""
    return [
        {
            "finding": TITLES[issue.kind],
            "symbol": issue.symbol,
            "column": issue.column or "all",
            "how often": _count(issue),
            "when (the first 20)": ", ".join(format_time(time) for time in issue.times[:20]),
            "in words": issue.text,
        }
        for finding in findings
        for issue in finding.issues
    ]


def _sentence(kind: str, issues: list[Issue], one_symbol: bool) -> str:
    columns = any(issue.column for issue in issues) and (one_symbol or any(issue.column != "close" for issue in issues))
    names = [
        _name(issue, one_symbol, columns) + ("" if kind == "constant" else f" ({_count(issue)})") for issue in issues
    ]
    more = f" and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ""
    subject = plural(len(issues), "column" if columns else "symbol")
    return f"{subject} {PREDICATES[kind]}: {', '.join(names[:MAX_NAMES])}{more}."


def _name(issue: Issue, one_symbol: bool, columns: bool) -> str:
    if not columns or issue.column is None:
        return issue.symbol
    return issue.column if one_symbol else f"{issue.symbol} {issue.column}"


def _count(issue: Issue) -> str:
    return plural(issue.count, UNITS.get(issue.kind, "row"))
