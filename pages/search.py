"""Search: let trials find the settings of least validation error; the test split is not read."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from core.language import mark, tr
    from ui import cache, layout, markdown, messages, names, session
    from ui.search import drives, result, settings

    layout.open_page(
        "Search",
        mark("Many recipes are tried on training and validation rows alone, and each counts as an experiment."),
    )
    shown, form = st.columns([3, 2], gap="medium")  # on a phone the chart comes first
    with form:
        try:
            spec = session.recipe()
            series = cache.frame(spec.data, session.upload())
            st.markdown(f"**{tr('New search')}** · {markdown.escape(names.recipe(spec, names.step_of(series)))}")
            chosen = settings.choose(spec)
            if st.button(
                tr("Start the search"), type="primary", icon=":material/play_arrow:", key="search-start",
                width="stretch",
            ):  # fmt: skip
                upload = session.upload() if spec.data.source == "file" else None
                with st.spinner(tr("Checking the recipe …")):
                    st.session_state[result.CHOSEN] = drives.begin(spec, series, chosen, upload)
                st.rerun()
        except CoreError as problem:
            messages.error(problem)
    with shown:
        study = result.choose()
        if study is None:
            messages.info(tr("There is no search yet. Its trials will appear here as they end."))
        else:
            result.draw(study)
    if study is not None:
        result.draw_details(study)


if __name__ == "__main__":
    main()
