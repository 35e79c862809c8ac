"""Compare: two to four runs of one target on the test cutoffs that they share."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from core.language import mark, tr
    from ui import cache, layout, messages
    from ui.compare import choice, panels

    layout.open_page(
        "Compare", mark("Two to four runs of one target, on the test cutoffs that they share: is one really better?")
    )
    summaries = tuple(summary for summary in cache.summaries() if not summary.problem)
    if len(summaries) < 2:
        messages.empty(tr("A comparison takes two runs of one target, and there are not that many yet."), "Compare")
        return
    try:
        run_ids = choice.choose(summaries)
        if len(run_ids) < 2:
            messages.info(tr("Choose two to four runs in the box, or tick them in the table of the Runs page."))
            st.page_link("pages/runs.py", label=tr("All runs"), icon=":material/folder:")
            return
        comparison = cache.comparison(tuple(run_ids))
        runs = [cache.run(run_id) for run_id in run_ids]
    except CoreError as problem:
        messages.error(problem)
        return
    panels.draw_sentence(comparison)
    panels.draw_forecasts(comparison, runs)
    st.subheader(tr("Scores"))
    panels.draw_scores(comparison, runs)
    st.subheader(tr("What differs between the recipes"))
    panels.draw_recipes(comparison)
    panels.draw_training(comparison, runs)
    st.subheader(tr("What drives it"))
    panels.draw_importances(comparison, runs)
    panels.draw_notes(comparison, runs)


if __name__ == "__main__":
    main()
