"""Runs: everything that was trained, in one table; a click opens a run, ticks offer the rest."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from core.language import tr, tr_n
    from core.storage import runs
    from ui import cache, layout, messages, session, takeaway
    from ui.library import filters, selection, table

    layout.open_page("Runs")
    takeaway.draw_import()
    selection.draw_undo()
    try:
        summaries = runs.list_all(cache.RUNS)
    except CoreError as problem:
        messages.error(problem)
        return
    selection.draw_gone(summaries)
    if not summaries:
        messages.empty(tr("There is no run yet."), "Runs")
        return
    st.caption(
        tr_n(
            "{count} run on this machine, of all visitors. Click a run to open it; tick the box before it to download, "
            "mark or delete it, and of two to four to compare them.",
            "{count} runs on this machine, of all visitors. Click a run to open it; tick the box before it to "
            "download, mark or delete it, and of two to four to compare them.",
            len(summaries),
        )
    )
    shown = filters.choose(summaries)
    if not shown:
        messages.info(tr("No run matches. Take a word out of the search, or choose other filters."))
        return
    if len(shown) < len(summaries):
        st.caption(tr("{shown} of {count} runs", shown=f"{len(shown):,}", count=f"{len(summaries):,}"))
    event = table.draw(shown)
    clicked = [shown[cell[0]] for cell in event.cells if cell[0] < len(shown)]
    if clicked and not clicked[0].problem:
        session.choose_run(clicked[0].id)
        st.switch_page("pages/forecast.py", query_params={"run": clicked[0].id})
    ticked = [shown[at] for at in event.rows if at < len(shown)] or clicked
    if ticked:
        tags = {tag for summary in summaries for tag in summary.marks.tags}
        selection.draw(ticked, sorted(tags))


if __name__ == "__main__":
    main()
