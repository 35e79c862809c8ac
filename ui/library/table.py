"""The table of saved runs."""

import math
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from core.charts import text
from core.language import mark, tr
from core.storage.runs import Summary
from ui import names, session, verdict

COLOURS = {"good": "green", "bad": "red"}  # of a verdict by its tone; others are orange
DAMAGED = mark("Damaged")
STAR = "★"
HEIGHT, ROW = 440, 35  # px at most of the table, and of a row
KEY = "runs"


def draw(summaries: Sequence[Summary]) -> Any:
    """The runs; returns the selection: `rows` that are ticked, `cells` that were clicked as (row, column)."""
    own = frozenset(session.remembered().runs)
    colours = {words(summary): _colour(summary) for summary in summaries}
    with st.container(key=KEY):
        event: Any = st.dataframe(
            [_row(summary, own) for summary in summaries],
            hide_index=True,
            height=min(HEIGHT, ROW * (len(summaries) + 1) + 3),
            on_select="rerun",
            selection_mode=["multi-row", "single-cell"],
            key=key_of(summaries),
            alt=tr(
                "Table of runs: star, date, series, target, steps ahead, model, window, skill with its interval, "
                "verdict, loss curve, tags and note"
            ),
            column_config={
                "Star": st.column_config.TextColumn("★", width=40),
                "Date": st.column_config.DatetimeColumn(tr("Date"), format="YYYY-MM-DD HH:mm"),
                "Series": tr("Series"),
                "Target": tr("Target"),
                "Ahead": tr("Ahead"),
                "Model": tr("Model"),
                "Window": st.column_config.NumberColumn(tr("Window"), help=tr("Past steps that the model sees")),
                "Skill": st.column_config.NumberColumn(
                    tr("Skill"),
                    format="percent",
                    help=tr("1 − error / error of the best naive baseline, on the test split"),
                ),
                "Interval": st.column_config.TextColumn(tr("95 % interval"), help=tr("Of the skill")),
                "Verdict": st.column_config.MultiselectColumn(
                    tr("Verdict"), options=[*colours], color=[*colours.values()]
                ),
                "Loss": st.column_config.LineChartColumn(
                    tr("Loss"), width="small", help=tr("Validation loss during the training")
                ),
                "Tags": st.column_config.ListColumn(tr("Tags")),
                "Note": st.column_config.TextColumn(tr("Note"), width="medium"),
                "Yours": st.column_config.CheckboxColumn(
                    tr("Yours"), help=tr("You trained or imported it in this browser")
                ),
            },
        )
    return event.selection


def key_of(summaries: Sequence[Summary]) -> str:
    """The key of the table of these runs. Ticks are rows by number: other runs need another table, or a tick would
    stay where it is and mean another run."""
    return f"{KEY}-{zlib.crc32(' '.join(summary.id for summary in summaries).encode()):08x}"


def words(summary: Summary) -> str:
    """The first words of the verdict on a run, as everywhere else; or that it is damaged."""
    return tr(DAMAGED) if summary.problem else verdict.headline(summary.verdict, summary.tone)


def _colour(summary: Summary) -> str:
    return "gray" if summary.problem else COLOURS.get(summary.tone, "orange")


def _row(summary: Summary, own: frozenset[str]) -> dict[str, Any]:
    """One line; of a damaged run only its id is known."""
    return {
        "Star": STAR if summary.marks.star else "",
        "Date": datetime.fromisoformat(summary.created).replace(tzinfo=None) if summary.created else None,
        "Series": ", ".join(summary.symbols) or summary.id,
        "Target": names.aim(summary),
        "Ahead": summary.horizon or None,
        "Model": names.model(summary.model),
        "Window": summary.window or None,
        "Skill": summary.skill,
        "Interval": _interval(summary),
        "Verdict": [words(summary)],
        "Loss": list(summary.losses) if len(summary.losses) > 1 else None,
        "Tags": list(summary.marks.tags),
        "Note": summary.marks.note,
        "Yours": summary.id in own,
    }


def _interval(summary: Summary) -> str:
    low, high = summary.interval
    if not math.isfinite(high):
        return ""
    return tr("{least} to {most}", least=text.skill(low), most=text.skill(high)) if math.isfinite(low) else ""
