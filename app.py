"""Home: what this is, and one click to a finished run."""


def main() -> None:
    """Draw the page. Everything stands in here: worker processes import this file again."""
    import streamlit as st

    from core.errors import CoreError
    from core.spec import Spec
    from ui import cache, charts, jobs, layout, session
    from ui.summary import overview

    layout.page(
        "Lookback",
        "Train an LSTM on any time series, see its forecast, its error band and what drives it, "
        "and be told honestly **whether it knows anything at all**.",
    )
    job_id = session.job_id()
    busy = job_id is not None and not cache.queue().job(job_id).over
    left, right = st.columns([1, 3], vertical_alignment="center")
    if left.button("Run the demo", type="primary", icon=":material/play_arrow:", width="stretch", disabled=busy):
        try:
            job_id = cache.train(Spec(), cache.frame(Spec().data, None))
            session.set_job(job_id)
            st.rerun()
        except CoreError as problem:
            charts.error(problem)
    right.markdown(
        "Forecasts the **volatility of the S&P 500 over the next five sessions** from twenty years of real "
        "data that came with the app. It takes about half a minute."
    )
    if job_id is not None:
        job = jobs.follow(job_id)
        if not job.over:
            st.stop()
    name = session.run_id()
    if name is None:
        st.info(
            "Nothing has been trained yet. Press the button, or bring your own series on the Data page.",
            icon=":material/info:",
        )
        return
    try:
        overview(cache.run(name))
    except CoreError as problem:
        charts.error(problem)
        st.page_link("pages/runs.py", label="Choose another run", icon=":material/folder:")


if __name__ == "__main__":
    main()
