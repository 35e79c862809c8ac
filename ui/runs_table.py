"""The table of all saved runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from core.language import mark, tr
from core.storage.runs import Summary
from ui import names, session

VERDICTS = {
    "good": (mark("Evidence of skill"), "green"),
    "none": (mark("No evidence"), "orange"),
    "bad": (mark("No skill"), "red"),
}
DAMAGED = (mark("Damaged"), "gray")
HEIGHT, ROW = 520, 35  # px at most of the table, and of a row


def draw(summaries: Sequence[Summary]) -> Any:
    """The runs; returns the selection: `rows` that are ticked, `cells` that were clicked as (row, column)."""
    own = frozenset(session.remembered().runs)
    colours = dict([*VERDICTS.values(), DAMAGED])
    event: Any = st.dataframe(
        [_row(summary, own) for summary in summaries],
        hide_index=True,
        height=min(HEIGHT, ROW * (len(summaries) + 1) + 3),
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        key="runs",
        alt=tr("Table of all runs: date, series, target, steps ahead, model, skill and verdict"),
        column_config={
            "Date": st.column_config.DatetimeColumn(tr("Date"), format="YYYY-MM-DD HH:mm"),
            "Series": tr("Series"),
            "Target": tr("Target"),
            "Ahead": tr("Ahead"),
            "Model": tr("Model"),
            "Skill": st.column_config.NumberColumn(
                tr("Skill"),
                format="percent",
                help=tr("1 − error / error of the best naive baseline, on the test split"),
            ),
            "Verdict": st.column_config.MultiselectColumn(
                tr("Verdict"), options=[*colours], color=[*colours.values()], format_func=tr
            ),
            "Yours": st.column_config.CheckboxColumn(
                tr("Yours"), help=tr("You trained or imported it in this browser")
            ),
        },
    )
    return event.selection


def _row(summary: Summary, own: frozenset[str]) -> dict[str, Any]:
    """One line; of a damaged run only its id is known."""
    verdict, _ = DAMAGED if summary.problem else VERDICTS.get(summary.tone, VERDICTS["none"])
    return {
        "Date": datetime.fromisoformat(summary.created).replace(tzinfo=None) if summary.created else None,
        "Series": ", ".join(summary.symbols) or summary.id,
        "Target": names.aim(summary),
        "Ahead": summary.horizon or None,
        "Model": names.model(summary.model),
        "Skill": summary.skill,
        "Verdict": [verdict],
        "Yours": summary.id in own,
    }
