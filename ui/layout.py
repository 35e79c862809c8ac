"""The frame around every page: title, menu, the run that the page is about, and old addresses."""

from typing import NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import CoreError, JobError
from core.language import mark, tr
from core.types import Run
from ui import boxes, cache, language, late_requests, markdown, messages, names, page_style, session
from ui.jobs import activity, ahead, training

MENU = (
    ("app.py", mark("Home"), ":material/home:"),
    ("pages/stories.py", mark("Stories"), ":material/auto_stories:"),
    ("pages/data.py", mark("Data"), ":material/database:"),
    ("pages/train.py", mark("Train"), ":material/model_training:"),
    ("pages/search.py", mark("Search"), ":material/search_insights:"),
    ("pages/forecast.py", mark("Forecast"), ":material/timeline:"),
    ("pages/evaluate.py", mark("Evaluate"), ":material/balance:"),
    ("pages/calibration.py", mark("Calibration"), ":material/straighten:"),
    ("pages/trading.py", mark("Trading"), ":material/candlestick_chart:"),
    ("pages/backtest.py", mark("Backtest"), ":material/step:"),
    ("pages/track_record.py", mark("Track record"), ":material/fact_check:"),
    ("pages/experiments.py", mark("Experiments"), ":material/science:"),
    ("pages/explain.py", mark("Explain"), ":material/insights:"),
    ("pages/importance_methods.py", mark("Importance methods"), ":material/compare:"),
    ("pages/scenario.py", mark("Scenario"), ":material/tune:"),
    ("pages/network.py", mark("Network"), ":material/memory:"),
    ("pages/watch_list.py", mark("Watch list"), ":material/visibility:"),
    ("pages/runs.py", mark("Runs"), ":material/folder:"),
    ("pages/compare.py", mark("Compare"), ":material/compare_arrows:"),
    ("pages/glossary.py", mark("Glossary"), ":material/menu_book:"),
)
SWITCHED = 10  # runs in the switcher
GROUPS = {  # headings of the menu, by the page that begins a group
    "pages/data.py": mark("Set up"),
    "pages/forecast.py": mark("Result"),
    "pages/backtest.py": mark("Trust"),
    "pages/explain.py": mark("Why"),
    "pages/watch_list.py": mark("Library"),
}
RENAMED = {  # query parameters of old addresses
    "whatif-symbol": "symbol",
    "inside-symbol": "symbol",
    "partial-step": "step",
    "beside": "feature",
}


def open_page(title: str, lead: str = "") -> DeltaGenerator:
    """Draw the frame of the page called `title`; `lead` is the sentence under its heading, both marked for translation.
    Returns the line of the heading, which has room for more."""
    late_requests.drop()
    language.use()
    st.set_page_config(page_title=f"{tr(title)} · Lookback", page_icon="🔭", layout="wide")
    page_style.draw()
    _check_settings()
    training.open_finished()
    with st.sidebar:
        st.markdown("### :material/history: Lookback")
        run_id = session.run_id()
        query = {"run": run_id} if run_id and session.can_be_opened(run_id) else None
        _draw_switcher(run_id)
        activity.draw()
        for path, label, icon in MENU:
            if path == "pages/trading.py" and not _can_be_traded(run_id):
                continue
            if path in GROUPS:
                st.markdown(f":small[:gray[{tr(GROUPS[path])}]]")
            st.page_link(path, label=tr(label), icon=icon, query_params=query)
        language.draw_switch()
        session.keep_cookie()
    ahead.begin()
    head = st.container(horizontal=True, vertical_alignment="bottom", key=page_style.HEAD)
    head.title(tr(title), anchor=False, width="content")
    if lead:
        st.markdown(tr(lead))
    return head


def _check_settings() -> None:
    """Stop every page of a server whose settings cannot be read, before anybody counts on them."""
    try:
        cache.quotas()
    except JobError as problem:
        messages.error(problem)
        st.stop()


def open_run(title: str, lead: str = "") -> Run:
    """Draw the frame of a page about a run and return the run; without one, say what to do and stop the page."""
    head = open_page(title, lead)
    run = open_chosen()
    if run is None:
        damaged = session.newest_damaged()
        if damaged is None:
            messages.empty(tr("You have trained nothing yet. This is what the page will look like."), title)
        else:
            parts = {"run": damaged.id, "problem": damaged.problem}
            messages.error(
                tr(
                    "Your run {run} cannot be opened. {problem} Restore the file from a copy, or train it again.",
                    **parts,
                )
            )
        st.page_link("pages/runs.py", label=tr("Open a run of the library"), icon=":material/folder:")
        st.stop()
    with head:
        draw_title(run)
    return run


def open_chosen() -> Run | None:
    """The run that the pages are about; None without one. One that the visitor opened and that is damaged stops the
    page, which says so; of those that nobody named, the next sound one is shown below that sentence."""
    while (run_id := session.run_id()) is not None:
        try:
            return cache.run(run_id)
        except CoreError as problem:
            draw_broken(problem)
            if session.opened() or session.can_be_opened(run_id):
                session.choose_run(None)  # the next page is about another run
                st.stop()
    return None


def draw_title(run: Run) -> None:
    """One line that says which run this is."""
    parts = {"run": run.id, "recipe": names.of_run(run), "window": run.spec.window.lookback}
    st.caption(markdown.escape(tr("Run {run} · {recipe}, window of {window}", **parts)))


def draw_broken(problem: CoreError) -> None:
    """Why a run cannot be opened, and the way to the others."""
    messages.error(problem)
    st.page_link("pages/runs.py", label=tr("Choose another run"), icon=":material/folder:")


def redirect(path: str) -> NoReturn:
    """Lead from the old address of a page to `path`, with the parameters of the address."""
    query = {RENAMED.get(name, name): st.query_params.get_all(name) for name in st.query_params}
    st.switch_page(path, query_params=query)


def _draw_switcher(shown: str | None) -> None:
    """The visitor's last runs, the newest first, and the one that they opened, to choose the run of the pages from."""
    runs = session.own_runs(SWITCHED)
    if shown is not None and shown not in runs and session.can_be_opened(shown):
        runs = [shown, *runs]
    if not runs:
        return
    key = f"switch-{shown}"  # a new box for another run: what a browser says of the one before is no choice
    st.selectbox(
        tr("Run"),
        runs,
        index=runs.index(shown) if shown in runs else None,
        format_func=_label,
        key=key,
        on_change=_switch,
        args=(key,),
        placeholder=tr("Choose a run"),
        help=tr("What the pages below Result, Trust and Why are about; all runs are in the library"),
    )


def _can_be_traded(run_id: str | None) -> bool:
    """Whether the run is about prices; a page about trading is no page for others."""
    if run_id is None or not session.can_be_opened(run_id):
        return True
    line = cache.summary(run_id)
    return names.are_prices(line.source, line.symbols, (line.column or "close",))


def _switch(key: str) -> None:
    if run_id := boxes.held(key):
        session.choose_run(run_id)


def _label(run_id: str) -> str:
    """With the id, since two options of one label would be one option."""
    return f"{names.summary(cache.summary(run_id))} · {run_id}"
