"""What one visitor has chosen: recipe, uploaded series, run and cutoff. Only plain values live in the session."""

import secrets
from urllib.parse import urlencode

import streamlit as st

from core import spec as specs
from core.spec import Spec
from ui import cache


def visitor() -> str:
    """The random id of this visitor, who owns the jobs that they start."""
    return st.session_state.setdefault("visitor", secrets.token_hex(8))


def recipe() -> Spec:
    """The recipe as last edited; the demo's at first."""
    values = st.session_state.get("recipe")
    return specs.from_dict(values) if values else Spec()


def set_recipe(spec: Spec) -> None:
    """Make this the recipe of the pages."""
    st.session_state["recipe"] = specs.to_dict(spec)


def upload() -> str | None:
    """The digest of the uploaded series; None without one."""
    return st.session_state.get("upload")


def set_upload(digest: str) -> None:
    """Make the series with this digest the uploaded one."""
    st.session_state["upload"] = digest


def opened() -> str | None:
    """The run in the address, else the one last chosen; None if nobody chose any."""
    return st.query_params.get("run") or st.session_state.get("run")


def run_id() -> str | None:
    """The run to show: the opened one, else the newest that can be opened."""
    chosen = opened()
    if chosen:
        st.session_state["run"] = chosen
        return chosen
    sound = [summary.id for summary in cache.summaries() if not summary.problem]
    return sound[0] if sound else None


def choose_run(run_id: str | None) -> None:
    """Show this run from now on; None for the newest."""
    st.session_state.pop("run", None)
    st.query_params.pop("run", None)
    if run_id:
        st.session_state["run"] = run_id
        st.query_params["run"] = run_id


def cutoff() -> str | None:
    """The ISO cutoff of the forecast last clicked, else the one in the address."""
    return st.session_state.get("day") or st.query_params.get("day")


def choose_cutoff(cutoff: str) -> None:
    """Explain the forecast made at this ISO cutoff from now on."""
    st.session_state["day"] = cutoff


def address() -> str | None:
    """The address that shows this view again; None if the page shows no run."""
    run, url = st.session_state.get("run"), st.context.url
    if not run or not url:
        return None
    query = {name: st.query_params.get_all(name) for name in st.query_params} | {"run": [run]}
    if day := st.session_state.get("day"):
        query["day"] = [day]
    return f"{url.split('?')[0]}?{urlencode(query, doseq=True)}"
