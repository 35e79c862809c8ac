"""The frame around every page: title, menu, and a line about the training that is under way."""

import streamlit as st

from core.jobs.job import Job
from ui import cache, session

MENU = (
    ("app.py", "Home", ":material/home:"),
    ("pages/data.py", "Data", ":material/database:"),
    ("pages/train.py", "Train", ":material/model_training:"),
    ("pages/forecast.py", "Forecast", ":material/timeline:"),
    ("pages/evaluate.py", "Evaluate", ":material/balance:"),
    ("pages/calibration.py", "Calibration", ":material/straighten:"),
    ("pages/backtest.py", "Walk forward", ":material/step:"),
    ("pages/trading.py", "Trading", ":material/candlestick_chart:"),
    ("pages/experiments.py", "Tries", ":material/casino:"),
    ("pages/explain.py", "Explain", ":material/insights:"),
    ("pages/importance_methods.py", "Agreement", ":material/compare:"),
    ("pages/scenario.py", "What if", ":material/tune:"),
    ("pages/network.py", "Inside", ":material/memory:"),
    ("pages/runs.py", "Runs", ":material/folder:"),
)


def page(title: str, lead: str = "") -> None:
    """Set up the page called `title`; `lead` is the one sentence under its heading."""
    st.set_page_config(page_title=f"{title} · Lookback", page_icon="🔭", layout="wide")
    session.land()
    with st.sidebar:
        st.markdown("### :material/history: Lookback")
        run_id = session.run_id()
        query = {"run": run_id} if run_id else None
        for path, label, icon in MENU:
            st.page_link(path, label=label, icon=icon, query_params=query)
        _under_way(cache.queue().jobs())
    st.title(title)
    if lead:
        st.markdown(lead)


def _under_way(jobs: tuple[Job, ...]) -> None:
    if any(not job.over and job.title.startswith(cache.TRAINING) for job in jobs):
        st.caption("A training is under way. It goes on when this page is closed.")
