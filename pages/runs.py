"""Runs: everything that was trained, in one table; a click opens a run, the box before it offers the rest."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.storage.runs import Summary


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.language import tr, tr_n
    from ui import cache, layout, messages, runs_table, session, takeaway

    layout.open_page("Runs")
    takeaway.draw_import()
    summaries = cache.summaries()
    if not summaries:
        messages.empty(tr("There is no run yet."), "Runs")
        return
    st.caption(
        tr_n(
            "{count} run on this machine, of all visitors. Click a run to open it; tick the box before it to download "
            "or delete it.",
            "{count} runs on this machine, of all visitors. Click a run to open it; tick the box before it to download "
            "or delete it.",
            len(summaries),
        )
    )
    chosen = runs_table.draw(summaries)
    if chosen.cells and not (clicked := summaries[chosen.cells[0][0]]).problem:
        session.choose_run(clicked.id)
        st.switch_page("pages/forecast.py", query_params={"run": clicked.id})
    for at in {*chosen.rows, *(cell[0] for cell in chosen.cells)}:
        draw_run(summaries[at])


def draw_run(summary: "Summary") -> None:
    """One run with its verdict and its buttons."""
    import streamlit as st

    from core.language import tr
    from core.storage import visitors
    from ui import cache, markdown, names, session, takeaway

    with st.container(border=True):
        text, open_, take, delete = st.columns([5, 1, 2, 1.1], vertical_alignment="center")
        title = summary.id if summary.problem else names.summary(summary)
        text.markdown(
            f"**{markdown.escape(title)}**  \n{markdown.escape(summary.problem or summary.verdict)}  \n"
            f":gray[{summary.id}]"
        )
        if not summary.problem and open_.button(tr("Open"), key=f"open-{summary.id}", width="stretch"):
            session.choose_run(summary.id)
            st.switch_page("pages/forecast.py", query_params={"run": summary.id})
        allowed = visitors.may_delete(session.visitor(), summary.id, cache.RUNS)
        with take:
            takeaway.draw(summary.id, damaged=bool(summary.problem))
        if delete.button(
            tr("Delete"),
            key=f"drop-{summary.id}",
            width="stretch",
            disabled=not allowed,
            help=None if allowed else tr("Another visitor trained this run; only they may delete it"),
        ):
            confirm(summary.id)


def confirm(run_id: str) -> None:
    """Ask before a run is deleted."""
    import streamlit as st

    from core.language import tr

    @st.dialog(tr("Delete this run?"))
    def ask() -> None:
        st.markdown(tr("The run {run} and its files will be gone. Download it first if you may need it.", run=run_id))
        if st.button(tr("Delete it"), type="primary", key="delete-for-good", on_click=delete_run, args=(run_id,)):
            st.rerun()  # the dialog closes

    ask()


def delete_run(run_id: str) -> None:
    """Delete a run, unless somebody else has trained it meanwhile."""
    from core.storage import runs, visitors
    from ui import cache, session

    if visitors.may_delete(session.visitor(), run_id, cache.RUNS):
        runs.delete(run_id, cache.RUNS)
    if session.run_id() == run_id:
        session.choose_run(None)


if __name__ == "__main__":
    main()
