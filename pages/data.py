"""Data: choose a bundled series, fetch tickers, or bring a file; look at it before anything is trained."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from ui import cache, charts, layout, session
    from ui.data import covariates, quality, sources

    layout.page("Data", "Choose a series. Everything after this page works on what is chosen here.")
    place = st.segmented_control("Where from", sources.NAMES, default=sources.current(), key="source")
    try:
        chosen = sources.choose(place or sources.current())
        if chosen is None:
            st.stop()
        data, upload = chosen
        data = covariates.choose(data)
        series = cache.frame(data, upload)
    except CoreError as problem:
        charts.error(problem)
        st.stop()
    sources.keep(data, upload, series)
    for note in series.attrs.get("notes", []):
        st.info(charts.plain(note))
    quality.picture(series)
    quality.findings(series)
    st.page_link("pages/train.py", label="Train a model on it", icon=":material/arrow_forward:")
    st.caption(f"Chosen for training: {charts.plain(', '.join(session.recipe().data.symbols))}.")


if __name__ == "__main__":
    main()
