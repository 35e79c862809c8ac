"""What one visitor has chosen: recipe, uploaded series, run and job. Only plain values live in the session."""

from urllib.parse import urlencode

import streamlit as st

from core import spec as specs
from core.errors import CoreError
from core.spec import Spec
from ui import cache


def recipe() -> Spec:
    """The recipe as last edited; the demo's at first."""
    values = st.session_state.get("recipe")
    return specs.from_dict(values) if values else Spec()


def set_recipe(spec: Spec) -> None:
    st.session_state["recipe"] = specs.to_dict(spec)


def upload() -> str | None:
    """The digest of the uploaded series, if there is one."""
    return st.session_state.get("upload")


def set_upload(digest: str) -> None:
    st.session_state["upload"] = digest


def run_id() -> str | None:
    """The run to look at: the one in the address, else the one last chosen, else the newest that can be opened."""
    asked = st.query_params.get("run") or st.session_state.get("run")
    if asked:
        st.session_state["run"] = asked
        return asked
    sound = [summary.id for summary in cache.summaries() if not summary.problem]
    return sound[0] if sound else None


def address() -> str | None:
    """The address at which this page shows what it shows now; None where no run is looked at."""
    run, url = st.session_state.get("run"), st.context.url
    if not run or not url:
        return None
    asked = {name: st.query_params.get_all(name) for name in st.query_params} | {"run": [run]}
    if day := st.session_state.get("day"):
        asked["day"] = [day]
    return f"{url.split('?')[0]}?{urlencode(asked, doseq=True)}"


def choose_run(name: str | None) -> None:
    """Look at this run from now on; None for whichever is the newest."""
    st.session_state.pop("run", None)
    st.query_params.pop("run", None)
    if name:
        st.session_state["run"] = name
        st.query_params["run"] = name


def job_id() -> str | None:
    """The training to follow: this visitor's own, else one that is under way (after a reload, or in a second tab)."""
    queue, own = cache.queue(), st.session_state.get("job")
    try:
        if own and queue.job(own):
            return own
    except CoreError:
        st.session_state.pop("job")  # the server was started anew and knows nothing of it
    under_way = [job.id for job in queue.jobs() if not job.over and job.title.startswith(cache.TRAINING)]
    if under_way:
        st.session_state["job"] = under_way[0]  # from now on this visitor's too: its end is theirs to see
    return under_way[0] if under_way else None


def land() -> None:
    """When this visitor's training has ended well, turn to its run, once."""
    own = st.session_state.get("job")
    if not own or st.session_state.get("landed") == own:
        return
    try:
        job = cache.queue().job(own)
    except CoreError:
        return
    if job.status == "done" and job.result_id:
        st.session_state["landed"] = own
        choose_run(job.result_id)
        st.toast("The training is finished.")


def set_job(name: str | None) -> None:
    st.session_state["job"] = name
