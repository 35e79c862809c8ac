"""The first look at a series: its level with what is odd marked on it, and what to know before training."""

import pandas as pd
import streamlit as st

from core.charts.data import quality_marks
from core.charts.data import series as charts
from core.data import quality
from core.data import quality_summary as joining
from core.data.frame import columns, symbols
from core.errors import CoreError
from ui import cache
from ui import charts as show

IN_SIGHT = 4  # sentences; the others are in the table


def picture(series: pd.DataFrame) -> None:
    """The level of one symbol over time, with its outliers, gaps and other oddities; the legend hides a kind."""
    names, at = symbols(series), columns(series)
    cells = iter(st.columns(2))
    symbol = next(cells).selectbox("Symbol", names, key="look-symbol") if len(names) > 1 else names[0]
    column = (
        next(cells).selectbox("Column", at, index=at.index("close") if "close" in at else 0, key="look-column")
        if len(at) > 1
        else at[0]
    )
    made = charts.compute_level(series, symbol, column, marks=_odd(series, symbol, column))
    show.chart(charts.draw_level(made), made.caption, "level")


def findings(series: pd.DataFrame) -> None:
    """What is to be known before training: a few sentences, the worst first; every date in a table folded away."""
    try:
        found = joining.summarise(_report(series))
    except CoreError as problem:
        show.error(problem)
        return
    if not found:
        st.success("No holes, no long gaps, no flat stretches, no impossible prices.", icon=":material/check_circle:")
        return
    for finding in found[:IN_SIGHT]:
        if finding.serious:
            st.warning(show.plain(finding.text), icon=":material/search:")
        else:
            st.info(show.plain(finding.text), icon=":material/info:")
    rest = len(found) - IN_SIGHT
    with st.expander(
        f"All findings with their dates, {rest} more among them" if rest > 0 else "All findings with their dates"
    ):
        st.dataframe(joining.issue_rows(found), hide_index=True, width="stretch")


def _odd(series: pd.DataFrame, symbol: str, column: str) -> list[quality_marks.Marks]:
    try:
        found = _report(series)
    except CoreError:  # `findings` says it in words
        return []
    values = series[symbol, column]
    return [
        quality_marks.place(values, issue.kind, issue.count, issue.times, issue.ends)
        for issue in found
        if issue.symbol == symbol
        and issue.column in (None, column)
        and issue.kind in quality_marks.MARK_STYLES
        and values.notna().any()
    ]


def _report(series: pd.DataFrame) -> tuple[quality.Issue, ...]:
    return _kept(cache.digest(series), series)


@st.cache_data(show_spinner="Looking at the series …", ttl=600, max_entries=16)
def _kept(mark: str, _series: pd.DataFrame) -> tuple[quality.Issue, ...]:
    return quality.find_issues(_series)
