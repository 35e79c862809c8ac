"""The watch list on the screen: the button that puts a run on it, and a card for each run."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from core.charts import text
from core.charts.forecast import past_forecasts, sparkline
from core.charts.forecast.sparkline import Sparkline
from core.charts.text import Unit
from core.datasets.targets import TARGETS
from core.errors import CoreError, words
from core.evaluation.track.score import TrackRecord
from core.explain.local import ForecastRevision
from core.language import mark, tr
from core.storage import runs, watch_list
from core.tracking.advance import Revisions
from core.tracking.refresh import REVISIONS
from core.types import Run
from ui import cache, charts, markdown, messages, names, verdict
from ui.track import log

PROBLEM = "watch-problem"
ACROSS = 3  # cards in a row
NAMED = 2  # features that a card names as the reasons of a change
ACTUAL = {"good": mark("Evidence of skill"), "bad": mark("No skill"), "none": mark("No evidence of skill")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a card shows of the first symbol of a run, at its last step: the latest outcomes and the newest forecast."""

    title: str
    unit: Unit
    line: Sparkline
    tone: str
    coverage: float  # nominal
    lo: float
    hi: float
    revision: ForecastRevision | None  # None if nothing is known of the forecast before
    reasons: tuple[str, ...]  # the names of its features, the largest contribution first


def draw_button(run_id: str) -> None:
    """Puts a run on the watch list, or takes it off."""
    watched = run_id in watch_list.load(cache.RUNS)
    st.button(
        tr("Stop watching") if watched else tr("Watch"),
        icon=":material/visibility_off:" if watched else ":material/visibility:",
        key=f"watch-{run_id}",
        on_click=_toggle,
        args=(run_id, not watched),
        help=tr("Puts the run on the watch list of this machine: a card with its latest forecast"),
    )
    if problem := st.session_state.pop(PROBLEM, None):
        messages.error(problem)


def draw_cards(run_ids: tuple[str, ...]) -> None:
    """A card for each watched run, the one added last at first."""
    newest_first = run_ids[::-1]
    for at in range(0, len(newest_first), ACROSS):
        for column, run_id in zip(st.columns(ACROSS), newest_first[at : at + ACROSS], strict=False):
            with column, st.container(border=True, height="stretch"):
                _draw_card(run_id)


def _draw_card(run_id: str) -> None:
    try:
        card = _card(run_id, runs.fingerprint(run_id, cache.RUNS), _stamp(run_id))
    except CoreError as problem:
        messages.error(problem)
        draw_button(run_id)
        return
    st.markdown(f"**{markdown.escape(card.title)}**")
    charts.show_picture(sparkline.draw(card.line), tr("The latest outcomes and the forecast."), f"line-{run_id}")
    for sentence in (_forecast(card), _change(card)):
        st.markdown(markdown.escape(sentence))
    st.markdown(" ".join(_badges(card, log.of_run(run_id))))
    with st.container(horizontal=True):
        if st.button(tr("Open"), key=f"open-{run_id}", icon=":material/arrow_forward:"):
            st.switch_page("pages/track_record.py", query_params={"run": run_id})
        draw_button(run_id)


def _forecast(card: Card) -> str:
    """The newest forecast and its interval, in a sentence."""
    if not len(card.line.time_H):
        return tr("There is no live forecast: the newest window has a gap.")
    parts = {
        "day": text.day(card.line.time_H[-1].astype("M8[s]")),
        "value": text.amount(float(card.line.yhat_H[-1]), card.unit),
    }
    if not np.isfinite(card.lo):
        return tr("{value} for {day}", **parts)
    return tr(
        "{value} for {day}, {coverage} interval {lo} to {hi}",
        **parts,
        coverage=text.short_percent(card.coverage),
        lo=text.number(card.lo),
        hi=text.number(card.hi),
    )


def _change(card: Card) -> str:
    """How the forecast changed since the one before, and why."""
    revision = card.revision
    if revision is None:
        return tr("How it changed since the forecast before is known after the next refresh.")
    change = float(revision.forecast_H[-1] - revision.previous_H[-1])
    reasons = "; ".join(card.reasons)  # names have commas
    parts = {"by": text.number(abs(change)), "day": text.day(revision.previous.astype("M8[s]")), "reasons": reasons}
    if change == 0:
        return tr("Unchanged since the forecast of {day}.", **parts)
    if change > 0:
        return tr("Up {by} since the forecast of {day}, mostly by {reasons}.", **parts)
    return tr("Down {by} since the forecast of {day}, mostly by {reasons}.", **parts)


def _badges(card: Card, track: TrackRecord | None) -> list[str]:
    """The verdict on the run, and whether it drifts."""
    badges = [verdict.badge(card.tone, tr(ACTUAL.get(card.tone, ACTUAL["none"])))]
    if track is not None and track.drift.since is not None:
        badges.append(verdict.badge("bad", tr("Drifted since {day}", day=text.day(track.drift.since.astype("M8[D]")))))
    return badges


def _toggle(run_id: str, watch: bool) -> None:
    try:
        (watch_list.add if watch else watch_list.remove)(run_id, cache.RUNS)
    except CoreError as problem:
        st.session_state[PROBLEM] = words(problem)


def _stamp(run_id: str) -> tuple[int, str]:
    """What changes when the log has more of a run."""
    track = log.of_run(run_id)
    if track is None or not len(track.cutoff_N):
        return 0, ""
    return int(track.settled_N.sum()), str(track.cutoff_N[-1])


@st.cache_resource(show_spinner=False, max_entries=256)
def _card(run_id: str, fingerprint: str, stamp: tuple[int, str]) -> Card:
    run, track = runs.load(run_id, cache.RUNS), log.of_run(run_id)
    stored = sparkline.compute(run.forecast, run.spec.model.kind, level=TARGETS[run.spec.target.kind].level)
    symbol = str(run.forecast["symbol"].cat.categories[0])
    line, lo, hi = (stored, *_stored_interval(run, symbol)) if track is None else _newer(track, symbol, stored)
    revision = _revision(run_id, symbol, line)
    return Card(
        title=names.of_run(run),
        unit=names.unit(run),
        line=line,
        tone=run.evaluation.verdict.tone,
        coverage=run.spec.bands.coverage,
        lo=lo,
        hi=hi,
        revision=revision,
        reasons=_reasons(run, revision),
    )


def _newer(track: TrackRecord, symbol: str, stored: Sparkline) -> tuple[Sparkline, float, float]:
    """The line with the outcomes and the newest forecast of the log."""
    own_N = np.array([name == symbol for name in track.symbol_N], dtype=bool)
    done_N = own_N & track.scored_N
    time_N, y_N = track.time_NH[done_N, -1], track.y_NH[done_N, -1]
    line = Sparkline(
        time_M=np.concatenate([stored.time_M, time_N])[-sparkline.SHOWN :],
        y_M=np.concatenate([stored.y_M, y_N])[-sparkline.SHOWN :],
        time_H=stored.time_H,
        yhat_H=stored.yhat_H,
    )
    if not own_N.any():
        return line, np.nan, np.nan
    last = int(np.flatnonzero(own_N)[-1])
    newest = Sparkline(time_M=line.time_M, y_M=line.y_M, time_H=track.time_NH[last], yhat_H=track.yhat_NH[last])
    return newest, float(track.lo_NH[last, -1]), float(track.hi_NH[last, -1])


def _stored_interval(run: Run, symbol: str) -> tuple[float, float]:
    """The interval of the live forecast that a run was saved with, at its last step."""
    live = past_forecasts.select_rows(
        run.forecast, run.spec.model.kind, symbol, int(run.forecast["step"].max()), ("live",)
    )
    last: pd.DataFrame = live.tail(1)
    return (float(last["lo"].iloc[0]), float(last["hi"].iloc[0])) if len(last) else (np.nan, np.nan)


def _revision(run_id: str, symbol: str, line: Sparkline) -> ForecastRevision | None:
    """Why the newest forecast differs from the one before, if a refresh has found out."""
    try:
        known = runs.load_record(run_id, REVISIONS, Revisions, cache.RUNS)
    except CoreError:
        return None
    revisions = [one for one in known.symbols if one.symbol == symbol] if known else []
    return next((one for one in revisions if len(line.time_H) and one.cutoff < line.time_H[0]), None)


def _reasons(run: Run, revision: ForecastRevision | None) -> tuple[str, ...]:
    """The features that changed the forecast most in the direction of its change."""
    if revision is None:
        return ()
    change = float(revision.forecast_H[-1] - revision.previous_H[-1])
    value_P = revision.values_PH[:, -1] * np.sign(change)
    spoken = names.feature_names(run, revision.names)
    order = [int(p) for p in np.argsort(-value_P, kind="stable")[:NAMED] if value_P[p] > 0]
    return tuple(_spoken(spoken[p]) for p in order)


def _spoken(name: str) -> str:
    """The name of a feature inside a sentence; the last value is no feature of the catalogue."""
    return tr(name) if name == "last value" else str(name)
