"""Data: choose a bundled series, fetch tickers, or bring a file; look at it before training."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from core.language import tr
    from ui import cache, layout, markdown, messages, session
    from ui.data import calendar, covariates, quality, sources

    layout.open_page("Data")
    try:
        with st.container():  # suggestions and notes come and go in it, and move no box that is being typed into
            chosen = sources.choose()
        if chosen is None:
            st.stop()
        data, upload = chosen
        picture = st.container()  # the series is seen before what is joined to it
        data = covariates.choose(data)
        series = cache.frame(data, upload)
        data = calendar.choose(data, series)
    except CoreError as problem:
        messages.error(problem)
        st.stop()
    sources.keep(data, upload, series)
    notes, observed = sources.describe(series)
    for note in (*series.attrs.get("notes", []), *notes):
        messages.info(note)
    with picture:
        quality.draw_level(series)
    quality.draw_findings(observed)
    with picture, st.container(horizontal=True, vertical_alignment="center"):
        st.page_link("pages/train.py", label=tr("Train a model on it"), icon=":material/arrow_forward:")
        listed = markdown.escape(", ".join(session.recipe().data.symbols))
        st.caption(tr("Chosen for training: {symbols}.", symbols=listed))


if __name__ == "__main__":
    main()
