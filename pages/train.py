"""Train: what to forecast, from which features, with which model; then watch it learn."""


def main() -> None:
    """Draw the page."""
    from dataclasses import replace

    import streamlit as st

    from core.data.frame import columns
    from core.errors import CoreError
    from core.spec import with_values
    from ui import cache, forms, frame, live, parts, picker, show, standing, state

    frame.page("Train", "Choose what to forecast and how. Training runs in a process of its own: this page may be "
               "closed meanwhile.")
    spec = state.recipe()
    symbols = show.plain(", ".join(spec.data.symbols))
    st.markdown(f"Series: **{symbols}**")
    st.page_link("pages/data.py", label="Choose another series", icon=":material/database:")
    try:
        series = cache.frame(spec.data, state.upload())
        names = columns(series)
        target = forms.target(spec, names)
        features = picker.features(spec, target, series)
        with st.form("recipe-form", border=True):
            said = forms.hyperparameters(spec)
            pressed = st.form_submit_button("Train", type="primary", icon=":material/play_arrow:")
        wanted = replace(with_values(spec, said), target=target, features=features)
        state.set_recipe(wanted)  # a look at another page must not lose what was chosen
        doubted = parts.doubts(wanted, series)  # what is wrong is said here, before a process is troubled
        if pressed and not doubted:
            state.set_job(cache.train(wanted, series))
            st.rerun()
    except CoreError as problem:
        show.error(problem)
        wanted, series = None, None

    job_id = state.job_id()
    if job_id is not None:
        job = live.follow(job_id)
        if job.status == "done" and job.result_id:
            show.verdict(cache.run(job.result_id).evaluation)
            st.page_link("pages/forecast.py", label="See the forecast", icon=":material/arrow_forward:",
                         query_params={"run": job.result_id})
    if job_id is None or cache.queue().job(job_id).over:
        standing.offer()
    if wanted is not None and series is not None:
        parts.picture(wanted, series)


if __name__ == "__main__":
    main()
