"""A backtest: its folds as they end, and the verdict on all of them."""

import pandas as pd
import streamlit as st

from core.charts.evaluation import backtest_folds
from core.charts.text import unit_title
from core.errors import CoreError
from core.evaluation.backtest.result import Backtest
from core.language import tr
from core.storage.backtests import Summary
from ui import charts, messages, names, verdict
from ui.evaluate import backtest

CHOSEN = "backtest"  # the id of the backtest on the screen


def draw(lines: dict[str, Summary]) -> None:
    """Choose one of the backtests, the one started last at first, and draw it."""
    st.subheader(tr("Results"))
    ids, chosen = [line.id for line in lines.values()], st.session_state.get(CHOSEN)
    left, right = st.columns([6, 1], vertical_alignment="bottom")
    line = lines[left.selectbox(tr("Backtest"), list(lines), index=ids.index(chosen) if chosen in ids else 0)]
    st.session_state[CHOSEN] = line.id  # labels change as folds end; the choice stays
    try:
        if right.button(tr("Delete"), key="backtest-delete", width="stretch"):
            backtest.delete(line.id)
            st.rerun()
        backtest.follow(line)
        if line.finished:
            _draw_result(backtest.collect(line))
    except CoreError as problem:
        messages.error(problem)


def _draw_result(result: Backtest) -> None:
    verdict.draw(result.evaluation)
    verdict.draw_left_out(result.evaluation)
    if result.missing:
        missing = ", ".join(map(str, result.missing))
        messages.warning(
            tr(
                "Based on {done} of {count} folds; missing: {missing}.",
                done=len(result.folds),
                count=result.plan.folds,
                missing=missing,
            )
        )
    left, right = st.columns(2)
    with left:
        st.subheader(tr("Skill by fold"))
        skill = backtest_folds.compute_skill(result)
        charts.show(backtest_folds.draw_by_fold(skill), skill.caption, "backtest-skill")
    if result.evaluation.bands:
        with right:
            st.subheader(tr("Coverage by fold"))
            coverage = backtest_folds.compute_coverage(result)
            charts.show(backtest_folds.draw_by_fold(coverage), coverage.caption, "backtest-coverage")
    with st.expander(tr("All folds as numbers")):
        st.dataframe(_table(result), hide_index=True)
        st.caption(
            tr(
                "Skill is measured against the naive baseline that each fold's own validation split chooses. Training "
                "one fold after another takes {seconds} s.",
                seconds=f"{result.seconds:.0f}",
            )
        )


def _table(result: Backtest) -> pd.DataFrame:
    model, by_step = result.spec.model.kind, result.spec.train.unit == "step"
    return pd.DataFrame(
        [
            {
                tr("Fold"): fold.fold,
                tr("From"): fold.first,
                tr("To"): fold.last,
                tr("Training windows"): fold.rows["train"],
                tr("Forecasts"): fold.rows["test"],
                tr("Best step") if by_step else tr("Best epoch"): fold.steps if by_step else fold.epochs,
                tr("Skill"): fold.skill,
                tr("Reference"): names.baseline(fold.reference),
                tr("Coverage"): fold.coverage,
                tr("RMSE ({unit})", unit=unit_title(result.evaluation.unit)): fold.scores[model]["rmse"],
                tr("Seconds"): fold.seconds,
            }
            for fold in result.folds
        ]
    )
