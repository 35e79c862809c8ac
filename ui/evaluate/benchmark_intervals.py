"""The bands that a run's band is held against, computed once a run."""

import pandas as pd
import streamlit as st

from core.intervals import benchmarks
from core.types import Run


@st.cache_data(show_spinner="Drawing the bands of GARCH and of history …", max_entries=8)
def _rivals(run_id: str, digest: str, _run: Run) -> pd.DataFrame:
    return benchmarks.of_run(_run)


def rivals(run: Run) -> pd.DataFrame:
    """The table of core.intervals.benchmarks for a saved run. Raises what preparing its data would raise."""
    return _rivals(run.id, run.data_digest, run)
