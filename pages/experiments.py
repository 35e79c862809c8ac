"""Experiments: every training of a task, what the best is worth, and how often the test period was evaluated."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.charts.evaluation import experiments as dots
    from core.evaluation.experiments.record import group_by_task
    from core.language import mark, tr
    from ui import cache, charts, layout, messages, session
    from ui.evaluate import experiments

    layout.open_page(
        "Experiments",
        mark("Of many experiments, some look good by luck. Every training counts here, even after its run is deleted."),
    )
    log = experiments.read()
    for name, problem in log.damaged:
        messages.warning(
            tr("The log entry {name} cannot be read and is left out: {problem}", name=name, problem=problem)
        )
    tasks = {task.key: task for task in group_by_task(log.evaluations)}
    if not tasks:
        messages.empty(tr("There is no experiment yet."), "Experiments")
        return
    shown, keys = log.of_run(session.run_id() or ""), list(tasks)
    key = st.selectbox(
        tr("Task"),
        keys,
        index=keys.index(shown.task_key) if shown else 0,
        format_func=experiments.title,
        key="task",
        help=tr("What is forecast, on which series; experiments of one task differ in their recipes"),
    )
    task = tasks[key]
    comparison = experiments.compare(task)
    saved = frozenset(summary.id for summary in cache.summaries() if not summary.problem)
    experiments.draw_conclusion(task, comparison)
    experiments.draw_trials(task)
    chart = dots.compute(task, comparison, saved)
    caption = f"{chart.caption} {tr('Click a dot to open its run.')}"
    clicked = charts.select_point(dots.draw(chart), caption, "experiments")
    if clicked in saved:
        session.choose_run(clicked)
        st.switch_page("pages/evaluate.py")
    st.subheader(tr("How often was the test period evaluated?"))
    evaluations = dots.compute_evaluations(task)
    charts.show(dots.draw_evaluations(evaluations), evaluations.caption, "evaluations")
    st.caption(tr(experiments.NO_E_VALUES))
    st.subheader(tr("Leaderboard"))
    experiments.draw_leaderboard(task, comparison, chart)


if __name__ == "__main__":
    main()
