"""The frame around every page: title, menu, the run that the page is about, and old addresses."""

from typing import NoReturn

import streamlit as st

from core.errors import CoreError
from core.types import Run
from ui import cache, markdown, messages, names, session
from ui.jobs import registry, training

MENU = (
    ("app.py", "Home", ":material/home:"),
    ("pages/stories.py", "Stories", ":material/auto_stories:"),
    ("pages/data.py", "Data", ":material/database:"),
    ("pages/train.py", "Train", ":material/model_training:"),
    ("pages/forecast.py", "Forecast", ":material/timeline:"),
    ("pages/evaluate.py", "Evaluate", ":material/balance:"),
    ("pages/calibration.py", "Calibration", ":material/straighten:"),
    ("pages/trading.py", "Trading", ":material/candlestick_chart:"),
    ("pages/backtest.py", "Backtest", ":material/step:"),
    ("pages/experiments.py", "Experiments", ":material/science:"),
    ("pages/explain.py", "Explain", ":material/insights:"),
    ("pages/importance_methods.py", "Importance methods", ":material/compare:"),
    ("pages/scenario.py", "Scenario", ":material/tune:"),
    ("pages/network.py", "Network", ":material/memory:"),
    ("pages/runs.py", "Runs", ":material/folder:"),
    ("pages/glossary.py", "Glossary", ":material/menu_book:"),
)
GROUPS = {  # headings of the menu, by the page that begins a group
    "pages/data.py": "Set up",
    "pages/forecast.py": "Result",
    "pages/backtest.py": "Trust",
    "pages/explain.py": "Why",
    "pages/runs.py": "Library",
}
RENAMED = {  # query parameters of old addresses
    "whatif-symbol": "symbol",
    "inside-symbol": "symbol",
    "partial-step": "step",
    "beside": "feature",
}


def open_page(title: str, lead: str = "") -> None:
    """Draw the frame of the page called `title`; `lead` is the sentence under its heading."""
    st.set_page_config(page_title=f"{title} · Lookback", page_icon="🔭", layout="wide")
    training.open_finished()
    with st.sidebar:
        st.markdown("### :material/history: Lookback")
        run_id = session.run_id()
        query = {"run": run_id} if run_id else None
        for path, label, icon in MENU:
            if path in GROUPS:
                st.markdown(f":small[:gray[{GROUPS[path]}]]")
            st.page_link(path, label=label, icon=icon, query_params=query)
        _draw_activity()
    st.title(title)
    if lead:
        st.markdown(lead)


def open_run(title: str, lead: str = "") -> Run:
    """Draw the frame of a page about a run and return the run; without one, say what to do and stop the page."""
    open_page(title, lead)
    run_id = session.run_id()
    if run_id is None:
        messages.empty("There is no run yet. This is what the page will look like.", title)
        st.stop()
    try:
        run = cache.run(run_id)
    except CoreError as problem:
        draw_broken(problem)
        st.stop()
    draw_title(run)
    return run


def draw_title(run: Run) -> None:
    """One line that says which run this is."""
    window = run.spec.window.lookback
    st.caption(markdown.escape(f"Run {run.id} · {names.recipe(run.spec, names.step(run))}, window of {window}"))


def draw_broken(problem: CoreError) -> None:
    """Why a run cannot be opened, and the way to the others."""
    messages.error(problem)
    st.page_link("pages/runs.py", label="Choose another run", icon=":material/folder:")


def redirect(path: str) -> NoReturn:
    """Lead from the old address of a page to `path`, with the parameters of the address."""
    query = {RENAMED.get(name, name): st.query_params.get_all(name) for name in st.query_params}
    st.switch_page(path, query_params=query)


def _draw_activity() -> None:
    """Whether this visitor's training is under way, or that of somebody else."""
    under_way = registry.under_way(registry.TRAINING)
    if any(registry.is_mine(job_id) for job_id in under_way):
        st.caption("Your training is under way. You can leave this page.")
    elif under_way:
        st.caption("This machine is busy with another training; yours may have to wait.")
