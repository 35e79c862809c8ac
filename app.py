"""Home: what this is and what it will not tell, three doors, and the run that one click trains."""


def main() -> None:
    """Draw the page. All imports are in here: worker processes import this file too."""
    import streamlit as st

    from core.language import tr
    from ui import layout, session
    from ui.home import about, doors
    from ui.jobs import progress, training

    layout.open_page("Lookback")
    run_id, job = session.run_id(), training.mine()
    if run_id is None and (job is None or job.over):
        st.markdown(
            tr(
                "Train an LSTM on any time series. See its forecast, its prediction interval and what drives it, and "
                "an honest verdict on **whether it knows anything at all**."
            )
        )
        doors.draw()
        if job is not None:
            progress.follow(job)
        about.draw()
        return
    doors.draw_compact()
    about.draw_compact()
    if job is not None:
        progress.follow(job)
    if run_id is None:
        return
    run = layout.open_chosen()
    if run is None:
        return
    from ui import summary  # with the charts, which the first page does not wait for
    from ui.home import last_run

    last_run.draw(run)
    summary.draw(run)


if __name__ == "__main__":
    main()
