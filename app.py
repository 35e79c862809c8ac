"""Home: what this is, and one click to a finished run."""


def main() -> None:
    """Draw the page. All imports are in here: worker processes import this file too."""
    import streamlit as st

    from core.errors import CoreError
    from core.spec import Spec
    from ui import cache, layout, messages, session, summary
    from ui.jobs import progress, training

    layout.open_page(
        "Lookback",
        "Train an LSTM on any time series. See its forecast, its prediction interval and what drives it, and an "
        "honest verdict on **whether it knows anything at all**.",
    )
    left, right = st.columns([1, 3], vertical_alignment="center")
    if left.button(
        "Run the demo", type="primary", icon=":material/play_arrow:", width="stretch", disabled=training.busy()
    ):
        try:
            training.start(Spec(), cache.frame(Spec().data, None))
            st.rerun()
        except CoreError as problem:
            messages.error(problem)
    right.markdown(
        "Forecasts the **volatility of the S&P 500 over the next five sessions** from twenty years of bundled "
        "real data. It takes about half a minute."
    )
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
