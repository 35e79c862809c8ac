"""The refresh of saved runs on the screen: a worker looks at their newest data, the server logs what came of it."""

from datetime import UTC, datetime

import streamlit as st

from core.errors import CoreError, words
from core.language import mark, message, tr, tr_n
from core.storage import leases
from core.storage.forecast_log import FOLDER
from core.tracking import refresh
from core.tracking.refresh import Refreshed
from ui import cache, markdown, messages, session
from ui.jobs import progress, registry

SUBJECT, LEASE = ("refresh",), "refresh"
PROBLEM = "refresh-problem"  # what went wrong at the last click
FAILED = mark("Not refreshed")


def draw(key: str) -> None:
    """The button that starts a refresh, its progress while it runs, and what came of the last one."""
    if problem := st.session_state.pop(PROBLEM, None):
        messages.error(problem)
    job = registry.find(registry.REFRESH, SUBJECT)
    busy = job is not None and not job.over
    st.button(
        tr("Refresh"),
        type="primary",
        icon=":material/refresh:",
        key=key,
        disabled=busy,
        on_click=start,
        help=tr(
            "Loads the newest data of every saved run, scores the forecasts whose outcomes are in them, and forecasts "
            "what comes next. Runs of a file look at the series that you uploaded last."
        ),
    )
    if job is not None and (busy or job.status == "failed"):
        progress.follow(job)
    _draw_last()


def start() -> None:
    """Start a refresh; one that is under way here is that one. One of another server is named, and nothing starts."""
    try:
        lease = leases.acquire(
            cache.RUNS / FOLDER,
            LEASE,
            message("The track record is being refreshed already, in another server. Look again in a minute."),
            share=True,
        )
        registry.start(
            refresh.refresh,
            cache.RUNS,
            cache.DOWNLOADS,
            None,
            session.upload(),
            kind=registry.REFRESH,
            subject=SUBJECT,
            title=message("Refreshing the track record"),
            on_result=keep,
            lease=lease,
        )
    except CoreError as problem:
        st.session_state[PROBLEM] = words(problem)


def keep(refreshed: Refreshed) -> str:
    """Log what a refresh found, in the server."""
    refresh.keep(refreshed, cache.RUNS)
    _last()[str(cache.RUNS)] = (datetime.now(UTC), refreshed)
    return "refresh"


def _draw_last() -> None:
    """What the last refresh of this server did, and what failed."""
    if str(cache.RUNS) not in _last():
        return
    at, refreshed = _last()[str(cache.RUNS)]
    st.caption(tr("{time} UTC: {summary}", time=f"{at:%H:%M}", summary=markdown.escape(refreshed.summary)))
    for failure in refreshed.failed:
        words = tr_n(
            "{what}, of {count} run: {why}",
            "{what}, of {count} runs: {why}",
            len(failure.runs),
            what=failure.what,
            why=failure.why,
        )
        messages.alarm(FAILED, words)
    if refreshed.waiting:
        st.caption(
            tr_n(
                "{count} run of a file waits for newer rows: upload a newer file on the Data page, then refresh.",
                "{count} runs of files wait for newer rows: upload a newer file on the Data page, then refresh.",
                len(refreshed.waiting),
            )
        )


@st.cache_resource(show_spinner=False)
def _last() -> dict[str, tuple[datetime, Refreshed]]:
    return {}
