"""The quality report in few sentences: alike findings of several columns as one, the worst first."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.data.quality import GAP_STEPS, ODD, STALE_ROWS, Issue, many, stamp

WORST_FIRST = ("nonpositive", "split", "constant", "missing", "gap", "outlier", "stale", "absent")
SERIOUS = {"nonpositive", "split", "constant", "missing", "gap"}  # the others are often how the series simply is
NAMED = 6  # columns named in a sentence
TITLES = {
    "nonpositive": "zero or negative",
    "split": "suspected split",
    "constant": "constant",
    "missing": "missing",
    "gap": "gap",
    "outlier": "outlier",
    "stale": "stands still",
    "absent": "absent session",
}
COUNTED = {
    "split": ("day", "days"),
    "gap": ("gap", "gaps"),
    "stale": ("stretch", "stretches"),
    "absent": ("day", "days"),
}  # anything else: rows
SEVERAL = {
    "nonpositive": "are zero or negative",
    "split": "jump as in a split that is not adjusted for",
    "constant": "have one value in every row and say nothing",
    "missing": "have missing values",
    "gap": f"have gaps longer than {GAP_STEPS} typical steps",
    "outlier": f"jump by more than {ODD:g} robust deviations",
    "stale": f"stand still for {STALE_ROWS} rows or more",
    "absent": "have no row on days on which they should",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong in one way, in one sentence, and the issues behind it, the largest first."""

    kind: str
    text: str
    issues: tuple[Issue, ...]

    @property
    def serious(self) -> bool:
        """Whether a person should act on it before training."""
        return self.kind in SERIOUS


def joined(issues: Sequence[Issue]) -> tuple[Finding, ...]:
    """One finding for each kind of complaint that there is, the worst first; summaries are left out."""
    alone = len({issue.symbol for issue in issues}) == 1
    found = []
    for kind in WORST_FIRST:
        alike = sorted((issue for issue in issues if issue.kind == kind), key=lambda issue: -issue.count)
        if alike:
            text = alike[0].text if len(alike) == 1 else _together(kind, alike, alone)
            found.append(Finding(kind=kind, text=text, issues=tuple(alike)))
    return tuple(found)


def table(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Every issue as one row of words for a table, with its first 20 dates."""
    return [
        {
            "finding": TITLES[issue.kind],
            "symbol": issue.symbol,
            "column": issue.column or "all",
            "how often": _count(issue),
            "when (the first 20)": ", ".join(stamp(time) for time in issue.times[:20]),
            "in words": issue.text,
        }
        for finding in findings
        for issue in finding.issues
    ]


def _together(kind: str, alike: list[Issue], alone: bool) -> str:
    columns = any(issue.column for issue in alike) and (alone or any(issue.column != "close" for issue in alike))
    names = [_name(issue, alone, columns) + ("" if kind == "constant" else f" ({_count(issue)})") for issue in alike]
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f"{len(alike):,} {'columns' if columns else 'symbols'} {SEVERAL[kind]}: {', '.join(names[:NAMED])}{more}."


def _name(issue: Issue, alone: bool, columns: bool) -> str:
    if not columns or issue.column is None:
        return issue.symbol
    return issue.column if alone else f"{issue.symbol} {issue.column}"


def _count(issue: Issue) -> str:
    return many(issue.count, *COUNTED.get(issue.kind, ("row", "rows")))
