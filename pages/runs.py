"""Runs: everything that was trained; open, download or delete it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.storage.runs import Summary

BADGES = {"good": ":green-badge[skill]", "bad": ":red-badge[no skill]"}
FIRST = 10  # runs that are listed at first


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from ui import cache, layout, messages

    layout.open_page(
        "Runs", "Every finished training is a folder on this machine: JSON, Parquet and safetensors files."
    )
    summaries = cache.summaries()
    if not summaries:
        messages.empty("There is no run yet.", "Runs")
        return
    shown = st.session_state.get("runs-shown", FIRST)
    for summary in summaries[:shown]:
        draw_run(summary)
    if len(summaries) > shown and st.button(f"Show {len(summaries) - shown} more"):
        st.session_state["runs-shown"] = len(summaries)
        st.rerun()


def draw_run(summary: "Summary") -> None:
    """One run with its verdict and its three buttons."""
    import streamlit as st

    from core.errors import CoreError
    from core.storage import runs
    from ui import cache, markdown, messages, names, session

    with st.container(border=True):
        text, open_, download, delete = st.columns([6, 1, 1.4, 1.1], vertical_alignment="center")
        badge = ":red-badge[damaged]" if summary.problem else BADGES.get(summary.tone, ":orange-badge[no evidence]")
        text.markdown(
            f"**{markdown.escape(names.summary(summary))}** {badge}  \n"
            f"{markdown.escape(summary.problem or summary.verdict)}  \n:gray[{summary.id}]"
        )
        if not summary.problem and open_.button("Open", key=f"open-{summary.id}", width="stretch"):
            session.choose_run(summary.id)
            st.switch_page("pages/forecast.py")
        try:
            download.download_button(
                "Download",
                lambda: runs.pack(summary.id, cache.RUNS),
                f"run-{summary.id}.zip",
                "application/zip",
                key=f"load-{summary.id}",
                width="stretch",
                on_click="ignore",
            )
            if delete.button("Delete", key=f"drop-{summary.id}", width="stretch"):
                confirm(summary.id)
        except CoreError as problem:
            messages.error(problem)


def confirm(run_id: str) -> None:
    """Ask before a run is deleted."""
    import streamlit as st

    from core.storage import runs
    from ui import cache, session

    @st.dialog("Delete this run?")
    def ask() -> None:
        st.markdown(f"The run {run_id} and its files will be gone. Download it first if you may need it.")
        if st.button("Delete it", type="primary", key="delete-for-good"):
            runs.delete(run_id, cache.RUNS)
            if session.run_id() == run_id:
                session.choose_run(None)
            st.rerun()

    ask()


if __name__ == "__main__":
    main()
