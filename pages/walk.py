"""Walk forward: the model trained anew for each of several stretches of time, and all its forecasts judged together."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from core.runs import walks
    from ui import cache, frame, show, state, walking

    frame.page("Walk forward", "One test part may have been luck. Here the model is trained anew for each of several "
               "stretches of time, and all its forecasts are judged together.")
    recipe = "The recipe of the Train page"
    sound = [summary.id for summary in cache.summaries() if not summary.problem]
    chosen = st.selectbox("What to train", [recipe, *sound], key="walk-source",
                          help="The recipe as it stands, or that of a saved run with its data")
    try:
        spec = state.recipe() if chosen == recipe else cache.run(chosen).spec
        series = cache.frame(spec.data, state.upload()) if chosen == recipe else cache.run(chosen).frame
        st.caption(show.plain(f"{spec.model.kind.upper()} on {', '.join(spec.data.symbols)}, "
                              f"{spec.target.kind.replace('_', ' ')} {spec.target.horizon} sessions ahead."))
        asked = walking.plan()
        walking.picture(spec, series, asked)
        if st.button("Start", type="primary", icon=":material/play_arrow:", key="walk-start"):
            st.session_state["walk"] = walking.start(spec, series, asked)
            st.rerun()
    except CoreError as problem:
        show.error(problem)
    found = walks.listed(cache.RUNS)
    if found:
        results({walking.label(line): line for line in found}, st.session_state.get("walk"))


def results(lines: dict, newest: str | None) -> None:
    """The walk that is looked at: its folds as they come, and what they say."""
    import streamlit as st

    from core.charts import folds as charts
    from core.errors import CoreError
    from ui import show, walking

    st.subheader("Walks")
    ids = [line.id for line in lines.values()]
    left, right = st.columns([6, 1], vertical_alignment="bottom")
    line = lines[left.selectbox("Walk", list(lines), index=ids.index(newest) if newest in ids else 0)]
    if right.button("Delete", key="walk-delete", width="stretch"):
        walking.delete(line.id)
        st.rerun()
    try:
        walking.follow(line)
        if not line.done:
            return
        made = walking.collected(line)
    except CoreError as problem:
        show.error(problem)
        return
    show.verdict(made.evaluation)
    if made.missing:
        missing = ", ".join(map(str, made.missing))
        st.warning(f"This speaks of {len(made.folds)} of {made.plan.folds} folds; without {missing}.",
                   icon=":material/warning:")
    left, right = st.columns(2)
    with left:
        st.subheader("Skill, fold by fold")
        skill = charts.skill(made)
        show.chart(charts.draw(skill), skill.says, "walk-skill")
    if made.evaluation.bands:
        with right:
            st.subheader("Does the band hold, fold by fold?")
            held = charts.coverage(made)
            show.chart(charts.draw(held), held.says, "walk-coverage")
    table(made)


def table(made) -> None:
    """Every fold as a row of numbers."""
    import pandas as pd
    import streamlit as st

    model = made.spec.model.kind
    with st.expander("All folds as numbers"):
        st.dataframe(pd.DataFrame([
            {"Fold": fold.fold, "From": fold.first, "To": fold.last, "Windows to learn from": fold.rows["train"],
             "Forecasts": fold.rows["test"], "Epochs": fold.epochs, "Skill": fold.skill, "Band holds": fold.coverage,
             f"RMSE ({made.evaluation.unit})": fold.scores[model]["rmse"], "Seconds": fold.seconds}
            for fold in made.folds]), hide_index=True)
        st.caption(f"All folds took {made.seconds:.0f} s one by one; skill is against "
                   f"{made.evaluation.verdict.reference.replace('_', ' ')}.")


if __name__ == "__main__":
    main()
