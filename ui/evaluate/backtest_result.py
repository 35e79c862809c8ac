"""A walk forward that is looked at: its folds as they come, and what they say together."""

import pandas as pd
import streamlit as st

from core.charts.evaluation import backtest_folds as charts
from core.errors import CoreError
from core.evaluation.backtest.result import Backtest
from core.storage.backtests import Summary
from ui import charts as show
from ui.evaluate import backtest


def draw(lines: dict[str, Summary], newest: str | None) -> None:
    """Choose among walks, `newest` at first, and draw the chosen one."""
    st.subheader("Walks")
    ids = [line.id for line in lines.values()]
    left, right = st.columns([6, 1], vertical_alignment="bottom")
    line = lines[left.selectbox("Walk", list(lines), index=ids.index(newest) if newest in ids else 0)]
    st.session_state["walk"] = line.id  # the labels change as folds come; the choice stays
    if right.button("Delete", key="walk-delete", width="stretch"):
        backtest.delete(line.id)
        st.rerun()
    try:
        backtest.follow(line)
        if line.finished:
            _judged(backtest.collected(line))
    except CoreError as problem:
        show.error(problem)


def _judged(made: Backtest) -> None:
    show.verdict(made.evaluation)
    if made.missing:
        st.warning(
            f"This speaks of {len(made.folds)} of {made.plan.folds} folds; not there: "
            f"{', '.join(map(str, made.missing))}.",
            icon=":material/warning:",
        )
    left, right = st.columns(2)
    with left:
        st.subheader("Skill, fold by fold")
        skill = charts.compute_skill(made)
        show.chart(charts.draw_by_fold(skill), skill.caption, "walk-skill")
    if made.evaluation.bands:
        with right:
            st.subheader("Does the band hold, fold by fold?")
            held = charts.compute_coverage(made)
            show.chart(charts.draw_by_fold(held), held.caption, "walk-coverage")
    with st.expander("All folds as numbers"):
        st.dataframe(_table(made), hide_index=True)
        st.caption(
            f"All folds took {made.seconds:.0f} s one by one; skill is against "
            f"{made.evaluation.verdict.reference.replace('_', ' ')}."
        )


def _table(made: Backtest) -> pd.DataFrame:
    model = made.spec.model.kind
    return pd.DataFrame(
        [
            {
                "Fold": fold.fold,
                "From": fold.first,
                "To": fold.last,
                "Windows to learn from": fold.rows["train"],
                "Forecasts": fold.rows["test"],
                "Epochs": fold.epochs,
                "Skill": fold.skill,
                "Band holds": fold.coverage,
                f"RMSE ({made.evaluation.unit})": fold.scores[model]["rmse"],
                "Seconds": fold.seconds,
            }
            for fold in made.folds
        ]
    )
