"""Train: what to forecast, from which features, with which model; then watch it learn."""


def main() -> None:
    """Draw the page."""
    import dataclasses

    import streamlit as st

    from core.data.frame import columns
    from core.errors import CoreError
    from core.spec import with_values
    from ui import cache, charts, jobs, layout, session, widgets
    from ui.data import covariates
    from ui.train import features as picker
    from ui.train import interrupted, lr_finder, model_size, preflight, settings

    layout.page(
        "Train",
        "Choose what to forecast and how. Training runs in a process of its own: this page may be closed meanwhile.",
    )
    covariates.settle()
    spec = session.recipe()
    symbols = charts.plain(", ".join(spec.data.symbols))
    st.markdown(f"Series: **{symbols}**")
    st.page_link("pages/data.py", label="Choose another series", icon=":material/database:")
    try:
        series = cache.frame(spec.data, session.upload())
        names = columns(series)
        target = widgets.target(spec, names)
        features = picker.features(spec, target, series)
        with st.container(border=True):
            said = settings.model(spec, target)
            large = st.container()
            with st.container(horizontal=True):
                pressed = st.button("Train", type="primary", icon=":material/play_arrow:")
                search = st.button(
                    "Find a learning rate",
                    icon=":material/troubleshoot:",
                    help="A few seconds of training with rising rates; the loss falls fastest at the one to choose",
                )
            found = st.container()
        aim = {f"target.{name}": value for name, value in dataclasses.asdict(target).items()}
        wanted = with_values(spec, said | aim | {"features": features})
        session.set_recipe(wanted)  # a look at another page must not lose what was chosen
        wanted = preflight.passed(wanted, series)
        doubted = preflight.doubts(wanted, series)  # what is wrong is said here, before a process is troubled
        large.markdown(model_size.sentence(wanted, series))
        with found:
            lr_finder.panel(wanted, series, search)
        if pressed and not doubted:
            session.set_job(cache.train(wanted, series))
            st.rerun()
    except CoreError as problem:
        charts.error(problem)
        wanted, series = None, None

    job_id = session.job_id()
    if job_id is not None:
        job = jobs.follow(job_id)
        if job.status == "done" and job.result_id:
            run = cache.run(job.result_id)
            charts.verdict(run.evaluation)
            jobs.told(run)
            st.page_link(
                "pages/forecast.py",
                label="See the forecast",
                icon=":material/arrow_forward:",
                query_params={"run": job.result_id},
            )
    if job_id is None or cache.queue().job(job_id).over:
        interrupted.offer()
    if wanted is not None and series is not None:
        preflight.picture(wanted, series)


if __name__ == "__main__":
    main()
