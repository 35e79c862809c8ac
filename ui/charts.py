"""Charts with their caption, numbers and link: the same on every page, in the visitor's theme.

The caption is also the text that a screen reader has in place of the chart.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.charts import export, themes
from core.language import current, shown, tr, use
from ui import markdown, session

SCALE = 2  # of a saved picture, in pixels for each on the screen


def show(figure: go.Figure, caption: str, key: str) -> None:
    """A figure, its caption, and a menu with its numbers and its link."""
    st.plotly_chart(_themed(figure), width="stretch", theme=None, key=key, config=_config(key), alt=shown(caption))
    _caption(figure, caption, key)


def show_picture(figure: go.Figure, alt: str, key: str) -> None:
    """A figure without caption, menu and tools: an example, or a line of a card that has its words next to it."""
    st.plotly_chart(
        _themed(figure), width="stretch", theme=None, key=key, config={"displayModeBar": False}, alt=shown(alt)
    )


def show_live(option: dict[str, Any], alt: str, key: str, height: int) -> None:
    """An Apache ECharts option whose numbers change while it is on the screen, so `alt` names what it shows only.

    A chart with another `alt` would be another chart, and would begin from nothing.
    """
    option = themes.dark_option(option) if _dark() else option
    st.echarts_chart(option, height=height, key=key, alt=shown(alt))


def show_titled(charts: Iterable[tuple[str, go.Figure, str]], prefix: str) -> None:
    """Charts of (title, figure, caption), two in a row, both as high as the higher one; an odd one at the end has the
    whole row. A title is a message: its English words are part of the key."""
    charts = list(charts)
    for number in range(0, len(charts), 2):
        level(*(figure for _, figure, _ in charts[number : number + 2]))
    for number, (title, figure, caption) in enumerate(charts):
        if number % 2 == 0:
            columns = st.columns(min(2, len(charts) - number))
        with columns[number % 2]:
            st.subheader(shown(title))
            show(figure, caption, f"{prefix}-{title}")


def level(*figures: go.Figure) -> None:
    """Give figures that stand side by side the height of the highest."""
    height = max(figure.layout.height for figure in figures)
    for figure in figures:
        figure.update_layout(height=height)


def select_point(figure: go.Figure, caption: str, key: str) -> str | None:
    """A figure whose points can be clicked; the customdata of the clicked point, or None."""
    event: Any = st.plotly_chart(
        _themed(figure),
        width="stretch",
        theme=None,
        key=key,
        config=_config(key),
        alt=shown(caption),
        on_select="rerun",
        selection_mode="points",
    )
    _caption(figure, caption, key)
    return _clicked(event)


def new_click(key: str) -> str | None:
    """The customdata of the point clicked since the figure `key` was drawn, for a figure that shows what was clicked.

    Until such a figure changes, Streamlit repeats a click with every later message; each counts once.
    """
    clicked, seen = _clicked(st.session_state.get(key)), f"clicked-{key}"
    before = st.session_state.get(seen)
    st.session_state[seen] = clicked
    return clicked if clicked != before else None


def _clicked(event: Any) -> str | None:
    """The customdata of the first clicked point; None without a click."""
    for point in event.selection.points if event else ():
        value = point.get("customdata")
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, str):
            return value
    return None


def _config(key: str) -> dict[str, Any]:
    """The tools of a chart. The camera saves a PNG; Streamlit passes no button on that would save an SVG."""
    return {
        "displaylogo": False,
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
        "toImageButtonOptions": {"format": "png", "scale": SCALE, "filename": f"lookback-{key}"},
    }


def _themed(figure: go.Figure) -> go.Figure:
    """The figure in the colours of the theme that the visitor sees."""
    return themes.in_dark(figure) if _dark() else figure


def _dark() -> bool:
    """Whether the visitor sees the dark theme; False until the browser has said so."""
    return st.context.theme.type == "dark"


def _caption(figure: go.Figure, caption: str, key: str) -> None:
    """The caption and, behind three dots, the numbers to download and the address that shows this view again."""
    with st.container(horizontal=True, wrap=False, key=f"under-{key}"):
        st.caption(markdown.escape(caption), width="stretch")
        with st.popover(":material/more_horiz:", help=tr("Numbers and link"), type="tertiary", key=f"more-{key}"):
            for label, content, ending in _files(figure, caption, key):
                st.download_button(
                    label,
                    content,
                    f"{key}.{ending}",
                    key=f"numbers-{key}" if ending == "csv" else f"{ending}-{key}",
                    on_click="ignore",
                    icon=":material/download:",
                )
            if address := session.address():
                st.caption(tr("Link to this view:"))
                st.code(address, language=None, wrap_lines=True)


def _files(figure: go.Figure, caption: str, key: str) -> tuple[tuple[str, Callable[[], Any], str], ...]:
    """What can be downloaded of a chart: label, content when it is asked for, and ending of the file."""
    page = partial(_page, figure, shown(caption), key, _dark(), current())
    return (
        (tr("Numbers of this chart (CSV)"), partial(export.to_csv, figure), "csv"),
        (tr("Numbers of this chart (Parquet)"), partial(export.to_parquet, figure), "parquet"),
        (tr("Chart to keep: HTML, saves PNG and SVG"), page, "html"),
    )


def _page(figure: go.Figure, caption: str, key: str, dark: bool, language: str) -> str:
    """The chart as a page that needs no server, in light and dark."""
    from core.report import html

    light = themes.in_light(figure) if dark else figure
    with use(language):
        return html.render_chart(html.Chart(key=key, section="", title=caption, figure=light, caption=caption))
