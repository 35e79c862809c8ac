"""Track record: what the live forecasts of a run, and of all, were worth after their outcomes came."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.language import mark, tr
    from ui import layout, messages, session
    from ui.track import lineage, log, record, refreshing, watching

    layout.open_page(
        "Track record", mark("Every live forecast is logged before its outcome is known, and scored when it comes.")
    )
    left, right = st.columns([5, 2], vertical_alignment="bottom")
    state, tracks = log.read()
    with right:
        refreshing.draw("track-refresh")
    if not tracks:
        left.empty()
        messages.empty(tr("No live forecast is logged yet. Every training logs its first one."), "Track record")
        log.draw_state(state)
        return
    by_run = {track.model.run: track for track in tracks}
    shown = session.run_id()
    options = list(by_run)
    chosen = left.selectbox(
        tr("Model"),
        options,
        index=options.index(shown) if shown in by_run else 0,
        format_func=log.label,
        key=f"track-{shown}",
        help=tr("Runs with logged forecasts, the newest first; deleted ones keep their record"),
    )
    track = by_run[chosen]
    record.draw(track)
    with st.container(horizontal=True, vertical_alignment="center"):
        watching.draw_button(chosen)
        lineage.draw(track, tracks)
    st.subheader(tr("All runs"))
    record.draw_all(tracks)
    log.draw_state(state)


if __name__ == "__main__":
    main()
