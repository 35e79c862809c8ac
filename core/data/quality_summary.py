"""The findings about a frame in a few sentences: one per kind of issue, the worst first."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.data.jumps import OUTLIER_DEVIATIONS
from core.data.missing_rows import GAP_STEPS
from core.data.quality import STALE_ROWS, Issue
from core.data.wording import format_time, listing, plural
from core.language import mark, message, shown, tr

WORST_FIRST = ("nonpositive", "split", "constant", "missing", "gap", "outlier", "stale", "absent")
SERIOUS = {"nonpositive", "split", "constant", "missing", "gap"}  # the others are often in the nature of the series
MAX_NAMES = 6  # columns or symbols that a sentence names
TITLES = {
    "nonpositive": mark("zero or negative"),
    "split": mark("suspected split"),
    "constant": mark("constant"),
    "missing": mark("missing"),
    "gap": mark("gap"),
    "outlier": mark("outlier"),
    "stale": mark("unchanged"),
    "absent": mark("missing day"),
}
UNITS = {"split": "day", "gap": "gap", "stale": "period", "absent": "day"}  # what an issue counts; else rows
SENTENCES = {
    "nonpositive": mark("{subject} are zero or negative: {names}."),
    "split": mark("{subject} jump like an unadjusted split: {names}."),
    "constant": mark("{subject} have one value in every row and carry no information: {names}."),
    "missing": mark("{subject} have missing values: {names}."),
    "gap": mark("{subject} have gaps longer than {steps} typical steps: {names}."),
    "outlier": mark("{subject} jump by more than {deviations} robust standard deviations: {names}."),
    "stale": mark("{subject} do not change for {rows} rows or more: {names}."),
    "absent": mark("{subject} have no row on days that should have one: {names}."),
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
    """Return every issue as one row of a table in the language of the screen, with its first 20 dates."""
    return [
        {
            tr("finding"): tr(TITLES[issue.kind]),
            tr("symbol"): issue.symbol,
            tr("column"): issue.column or tr("all"),
            tr("how often"): shown(_count(issue)),
            tr("when (the first 20)"): ", ".join(format_time(time) for time in issue.times[:20]),
            tr("in words"): shown(issue.text),
        }
        for finding in findings
        for issue in finding.issues
    ]


def _sentence(kind: str, issues: list[Issue], one_symbol: bool) -> str:
    columns = any(issue.column for issue in issues) and (one_symbol or any(issue.column != "close" for issue in issues))
    names = [
        _name(issue, one_symbol, columns)
        if kind == "constant"
        else message("{name} ({count})", name=_name(issue, one_symbol, columns), count=_count(issue))
        for issue in issues
    ]
    listed, more = listing(names[:MAX_NAMES]), len(names) - MAX_NAMES
    return message(
        SENTENCES[kind],
        subject=plural(len(issues), "column") if columns else plural(len(issues), "symbol"),
        names=message("{words} and {more} more", words=listed, more=f"{more:,}") if more > 0 else listed,
        steps=GAP_STEPS,
        deviations=f"{OUTLIER_DEVIATIONS:g}",
        rows=STALE_ROWS,
    )


def _name(issue: Issue, one_symbol: bool, columns: bool) -> str:
    if not columns or issue.column is None:
        return issue.symbol
    return issue.column if one_symbol else f"{issue.symbol} {issue.column}"


def _count(issue: Issue) -> str:
    return plural(issue.count, UNITS.get(issue.kind, "row"))
