"""Runs: everything that was trained; open, download or delete it."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from core.storage import runs
    from ui import cache, charts, layout, session

    layout.page("Runs", "Every finished training is a folder of JSON, Parquet and safetensors files on this machine.")
    found = cache.summaries()
    if not found:
        charts.empty("There is no run yet.", "app.py", "Run the demo")
        return
    shown = st.session_state.get("runs-shown", 10)
    for summary in found[:shown]:
        with st.container(border=True):
            text, open_, load, drop = st.columns([6, 1, 1.4, 1.1], vertical_alignment="center")
            mark = {"good": ":green-badge[skill]", "bad": ":red-badge[no skill]"}.get(
                summary.tone, ":orange-badge[no evidence]"
            )
            head = f"{summary.model.upper()} · {', '.join(summary.symbols)} · {summary.target} {summary.horizon}"
            text.markdown(
                f"**{charts.plain(head)}** {':red-badge[damaged]' if summary.problem else mark}  \n"
                f"{charts.summary_line(summary)}  \n:gray[{summary.id}]"
            )
            if not summary.problem and open_.button("Open", key=f"open-{summary.id}", width="stretch"):
                session.choose_run(summary.id)
                st.switch_page("pages/forecast.py")
            try:
                load.download_button(
                    "Download",
                    lambda name=summary.id: runs.pack(name, cache.RUNS),
                    f"run-{summary.id}.zip",
                    "application/zip",
                    key=f"load-{summary.id}",
                    width="stretch",
                    on_click="ignore",
                )
                if drop.button("Delete", key=f"drop-{summary.id}", width="stretch"):
                    confirm(summary.id)
            except CoreError as problem:
                charts.error(problem)
    if len(found) > shown and st.button(f"Show {len(found) - shown} more"):
        st.session_state["runs-shown"] = len(found)
        st.rerun()


def confirm(name: str) -> None:
    """Ask before a run is deleted."""
    import streamlit as st

    from core.storage import runs
    from ui import cache, session

    @st.dialog("Delete this run?")
    def ask() -> None:
        st.markdown(f"The run {name} and its files will be gone. Download it first if in doubt.")
        if st.button("Delete it", type="primary", key="delete-for-good"):
            runs.delete(name, cache.RUNS)
            if session.run_id() == name:
                session.choose_run(None)
            st.rerun()

    ask()


if __name__ == "__main__":
    main()
