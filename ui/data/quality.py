"""The quality of a series: its prices or level with anomalies marked on it, and what to know before training."""

import pandas as pd
import streamlit as st

from core.charts.data import candles, quality_marks
from core.charts.data import series as levels
from core.data import quality, quality_summary
from core.data.frame import columns, symbols
from core.datasets import seasons
from core.datasets.split import compute_bounds
from core.errors import CoreError
from core.language import shown, tr
from core.spec import Split
from ui import cache, charts, messages, session

CANDLES = "candles"  # in the box of columns, instead of a column
HEIGHT = 340  # pixels of the chart
VISIBLE = 4  # findings; the others are in the table


def draw_level(series: pd.DataFrame) -> None:
    """The prices of one symbol as candlesticks, or one column as a line, with outliers, gaps and other anomalies."""
    names, choices = symbols(series), columns(series)
    picture = st.container()
    cells = iter(st.columns(2))
    symbol = next(cells).selectbox(tr("Symbol"), names, key="level-symbol") if len(names) > 1 else names[0]
    options = (CANDLES, *choices) if candles.suit(choices) else choices
    column, usual = options[0], options.index("close") if options[0] != CANDLES and "close" in options else 0
    if len(options) > 1:
        column = next(cells).selectbox(tr("Column"), options, index=usual, key="level-column", format_func=_title)
    if column == CANDLES:
        column = "close"
        prices = candles.compute(series, symbol, marks=_marks(series, symbol, column))
        figure, caption = candles.draw(prices, height=HEIGHT), prices.caption
    else:
        level = levels.compute_level(series, symbol, column, marks=_marks(series, symbol, column))
        figure, caption = levels.draw_level(level, height=HEIGHT), level.caption
    with picture:
        charts.show(figure, caption, "level")
    if text := _describe_seasons(cache.digest(series), series, symbol, column, session.recipe().split):
        st.caption(shown(text))


def draw_findings(series: pd.DataFrame) -> None:
    """What to know before training: a few sentences, the worst first; every date in a folded table."""
    try:
        findings = quality_summary.summarise(_report(series))
    except CoreError as problem:
        messages.error(problem)
        return
    if not findings:
        st.success(tr("No holes, no long gaps, no flat periods, no impossible prices."), icon=":material/check_circle:")
        return
    for finding in findings[:VISIBLE]:
        if finding.serious:
            messages.warning(finding.text, icon=":material/search:")
        else:
            messages.info(finding.text)
    more = len(findings) - VISIBLE
    title = tr("All findings with their dates")
    if more > 0:
        title = tr("All findings with their dates ({count} more)", count=more)
    with st.expander(title):
        st.dataframe(quality_summary.issue_rows(findings), hide_index=True, width="stretch")


def _title(column: str) -> str:
    return ", ".join(candles.COLUMNS) if column == CANDLES else column


def _marks(series: pd.DataFrame, symbol: str, column: str) -> list[quality_marks.Marks]:
    try:
        issues = _report(series)
    except CoreError:  # `draw_findings` shows it
        return []
    values = series[symbol, column]
    return [
        quality_marks.place(values, issue.kind, issue.count, issue.times, issue.ends)
        for issue in issues
        if issue.symbol == symbol
        and issue.column in (None, column)
        and issue.kind in quality_marks.MARK_STYLES
        and values.notna().any()
    ]


def _report(series: pd.DataFrame) -> tuple[quality.Issue, ...]:
    with st.spinner(tr("Checking the series …")):
        return _compute_report(cache.digest(series), series)


@st.cache_data(show_spinner=False, ttl=600, max_entries=64)
def _describe_seasons(digest: str, _series: pd.DataFrame, symbol: str, column: str, split: Split) -> str:
    """One sentence on the seasons of the training rows; empty if the splits do not fit the series."""
    try:
        end = compute_bounds(split, pd.DatetimeIndex(_series.index)).end["train"]
    except CoreError:
        return ""
    values = _series[symbol, column].iloc[:end].dropna()
    return seasons.describe(seasons.find(values.to_numpy(dtype=float), values.index.to_numpy()))


@st.cache_data(show_spinner=False, ttl=600, max_entries=16)
def _compute_report(digest: str, _series: pd.DataFrame) -> tuple[quality.Issue, ...]:
    return quality.find_issues(_series)
