"""Tries: everything that was tried on a question, what the best is worth, and how often the test period was seen."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.charts.evaluation import experiments as charts
    from core.evaluation.experiments.record import group_by_task
    from ui import cache, layout, session
    from ui import charts as show
    from ui.evaluate import experiments

    layout.page(
        "Tries",
        "Try often enough, and one of the tries will look good by luck. Every training is counted "
        "here, also when its run is deleted.",
    )
    found = experiments.read()
    for name, problem in found.damaged:
        st.warning(
            f"The entry {show.plain(name)} cannot be read and is left out: {show.plain(problem)}",
            icon=":material/warning:",
        )
    asked = {one.key: one for one in group_by_task(found.evaluations)}
    if not asked:
        show.empty("Nothing has been tried yet.", "app.py", "Run the demo")
        return
    look = found.of_run(session.run_id() or "")
    keys = list(asked)
    question = asked[
        st.selectbox(
            "Question",
            keys,
            index=keys.index(look.task_key) if look else 0,
            format_func=experiments.title,
            key="question",
        )
    ]
    made = experiments.compare(question)
    alive = frozenset(line.id for line in cache.summaries() if not line.problem)
    experiments.sentence(question, made)
    chart = charts.compute(question, made, alive)
    clicked = show.pick(charts.draw(chart), f"{chart.caption} A click on a dot opens its run.", "tries-chart")
    if clicked in alive:
        session.choose_run(clicked)
        st.switch_page("pages/evaluate.py")
    st.subheader("How often was the test period looked at?")
    looked = charts.compute_evaluations(question)
    show.chart(charts.draw_evaluations(looked), looked.caption, "looks")
    st.subheader("Leaderboard")
    experiments.leaderboard(question, made, chart)


if __name__ == "__main__":
    main()
