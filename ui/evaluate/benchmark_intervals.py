"""The benchmark intervals that a run's prediction interval is compared with, computed once for each run."""

import pandas as pd
import streamlit as st

from core.intervals import benchmarks
from core.language import tr
from core.types import Run


def load(run: Run) -> pd.DataFrame:
    """The table of core.intervals.benchmarks for a saved run. Raises what preparing its data would raise."""
    with st.spinner(tr("Computing the benchmark intervals …")):
        return _load(run.id, run.data_digest, run)


@st.cache_data(show_spinner=False, max_entries=8)
def _load(run_id: str, digest: str, _run: Run) -> pd.DataFrame:
    return benchmarks.of_run(_run)
