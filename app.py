"""Home: what this is, and one click to a finished run."""

from typing import Literal


def main() -> None:
    """Draw the page. All imports are in here: worker processes import this file too."""
    import streamlit as st

    from core.data.sources import samples
    from core.errors import CoreError
    from core.spec import with_values
    from ui import cache, layout, messages, session, summary
    from ui.jobs import progress, training

    layout.open_page(
        "Lookback",
        "Train an LSTM on any time series. See its forecast, its prediction interval and what drives it, and an "
        "honest verdict on **whether it knows anything at all**.",
    )
    demos = (
        (
            "Run the demo",
            samples.recipe("GLUCOSE"),
            "**Where there is something to know**: blood glucose over the next hour, from six weeks of readings every "
            "five minutes.",
        ),
        (
            "Run the illusion",
            with_values(samples.recipe("SP500"), {"target.kind": "close", "target.horizon": 1}),
            "**Where there only seems to be**: tomorrow's close of the S&P 500, forecast with an R² above .99.",
        ),
    )
    for label, recipe, text in demos:
        left, right = st.columns([1, 3], vertical_alignment="center")
        kind: Literal["primary", "secondary"] = "primary" if label == demos[0][0] else "secondary"
        if left.button(label, type=kind, icon=":material/play_arrow:", width="stretch", disabled=training.busy()):
            try:
                training.start(recipe, cache.frame(recipe.data, None))
                st.rerun()
            except CoreError as problem:
                messages.error(problem)
        right.markdown(text)
    job = training.mine()
    if job is not None:
        progress.follow(job)
        if not job.over:
            st.stop()
    run_id = session.run_id()
    if run_id is None:
        st.info(
            "Nothing has been trained yet. Run the demo, or bring your own series on the Data page.",
            icon=":material/info:",
        )
        return
    try:
        summary.draw(cache.run(run_id))
    except CoreError as problem:
        layout.draw_broken(problem)


if __name__ == "__main__":
    main()
