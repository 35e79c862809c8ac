"""Watch list: a card for each watched run with its latest forecast, how that changed, and why."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.language import mark, tr
    from core.storage import watch_list
    from ui import cache, layout, messages
    from ui.track import refreshing, watching

    layout.open_page("Watch list", mark("The latest forecast of each run that you watch, how it changed, and why."))
    watched = watch_list.load(cache.RUNS)
    if not watched:
        way = ("pages/runs.py", mark("Open a run of the library"))
        messages.empty(tr("No run is watched yet. Press “Watch” on the Forecast page of a run."), "Watch list", way)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        refreshing.draw("watch-refresh")
    watching.draw_cards(watched)


if __name__ == "__main__":
    main()
