"""The track record of one run: what its forecasts were worth after they were made, and whether the model drifts."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from core.charts import text
from core.charts.text import Unit
from core.charts.track import live_forecasts, running
from core.datasets.targets import TARGETS
from core.evaluation.track import score
from core.evaluation.track.score import TrackRecord
from core.language import mark, tr, tr_n
from core.storage import forecast_log
from ui import cache, charts, glossary, markdown, messages, names, session, verdict
from ui.verdict import Metric

DRIFTED = mark("Drifted")


def draw(track: TrackRecord) -> None:
    """The warning if the model drifts, the figures, the forecasts with their outcomes, and the two running charts."""
    _draw_drift(track)
    symbol, step = _choose(track)
    chart = live_forecasts.compute(track, symbol, step, unit(track))
    charts.show(live_forecasts.draw(chart), chart.caption, "track-forecasts")
    _draw_figures(track)
    _draw_afterwards(track)
    figures = []
    if not math.isnan(track.model.nominal):
        coverage = running.compute_coverage(track)
        figures.append((mark("Coverage so far"), running.draw_coverage(coverage), coverage.caption))
    bet = running.compute_drift(track)
    figures.append((mark("A bet on drift"), running.draw_drift(bet), bet.caption))
    charts.show_titled(figures, "track")


def unit(track: TrackRecord) -> Unit:
    """The unit of the forecasts, which knows what a step is called as long as the run is saved."""
    if session.can_be_opened(track.model.run):
        return names.unit(cache.run(track.model.run))
    target = track.model.recipe["target"]
    kind = TARGETS.get(str(target["kind"]))
    return Unit("" if kind is None else str(target["column"] or "") if kind.named_by_column else kind.unit)


def table(tracks: tuple[TrackRecord, ...]) -> pd.DataFrame:
    """One line for each run."""
    now = forecast_log.now()
    return pd.DataFrame(
        [
            {
                tr("Run"): title,
                tr("Forecasts"): len(track.cutoff_N),
                tr("Scored"): int(track.scored_N.sum()),
                tr("Coverage"): track.coverage,
                tr("Nominal"): track.model.nominal,
                tr("Skill"): track.skill,
                tr("Skill on the test split"): track.model.skill,
                tr("E-value"): track.drift.e_value,
                tr("Drifted"): track.drift.flag,
                tr("Days since training"): score.age(track.model, now),
            }
            for track, title in zip(tracks, _titles(tracks), strict=True)
        ]
    )


def draw_all(tracks: tuple[TrackRecord, ...]) -> None:
    """All runs together, and one line for each."""
    together = score.total(tracks)
    st.markdown(
        markdown.escape(
            tr_n(
                "{count} live forecast waits for its outcome.",
                "{count} live forecasts wait for their outcome.",
                together.forecasts,
            )
            if not together.scored
            else tr(
                "{scored} of {count} live forecasts are scored: skill {skill}, coverage {coverage} where {nominal} was "
                "promised; {drifted} of {runs} models drifted.",
                scored=f"{together.scored:,}",
                count=f"{together.forecasts:,}",
                skill=text.skill(together.skill),
                coverage=text.percent(together.coverage),
                nominal=text.percent(together.nominal),
                drifted=together.drifted,
                runs=together.runs,
            )
        )
    )
    shares = (tr("Coverage"), tr("Nominal"), tr("Skill"), tr("Skill on the test split"))
    st.dataframe(
        table(tracks),
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(name, format="percent") for name in shares}
        | {tr("E-value"): st.column_config.NumberColumn(tr("E-value"), format="%.3g")},
        alt=tr("Table of all runs with live forecasts: counts, coverage, skill, drift and age"),
    )


def _titles(tracks: tuple[TrackRecord, ...]) -> list[str]:
    from ui.track import log

    return [log.title(track) for track in tracks]


def _draw_drift(track: TrackRecord) -> None:
    """One sentence on whether the model is still what its test split promised."""
    drift, count = track.drift, int(track.scored_N.sum())
    if not count:
        messages.info(
            tr("No outcome has come yet: refresh when there are newer data."), icon=":material/hourglass_top:"
        )
        return
    if drift.since is None:
        words = tr("Errors and coverage are in line with the test split.")
        st.markdown(f"{verdict.badge('good', tr('No sign of drift'))} :small[{markdown.escape(words)}]")
        return
    parts = {"since": text.day(drift.since), "worth": text.number(drift.e_value)}
    if drift.by_coverage:
        words = tr(
            "The coverage is no longer what the test split promised: detected on {since}, e-value {worth}. "
            "Retrain the model on all data to date.",
            **parts,
        )
    else:
        words = tr(
            "Errors are larger than the test split promised: detected on {since}, e-value {worth}. "
            "Retrain the model on all data to date.",
            **parts,
        )
    messages.alarm(DRIFTED, words)


def _draw_figures(track: TrackRecord) -> None:
    """The figures in one row, each with what the test split promised below it."""
    model = track.model
    promised = tr("{value} on the test split", value=text.skill(model.skill))
    explain = tr("{explanation} Here over all live forecasts with an outcome.", explanation=glossary.explain("skill"))
    row = [Metric(tr("Skill since training"), text.skill(track.skill), explain, promised)]
    if not math.isnan(model.nominal):
        below = tr("{value} on the test split", value=text.percent(model.coverage))
        label = tr("{coverage} band covers", coverage=text.short_percent(model.nominal))
        row.append(Metric(label, text.percent(track.coverage), glossary.explain("coverage"), below))
    ratio = math.sqrt(track.loss / model.loss) if model.loss > 0 else math.nan
    row.append(
        Metric(
            tr("Relative error"),
            tr("{times} ×", times=text.number(ratio)),
            tr("Root mean squared error since the training, over that of the test split"),
        )
    )
    waiting = tr_n("{count} waits", "{count} wait", int((~track.settled_N).sum()))
    scored = tr("Live forecasts whose outcome has come, and those that wait for theirs")
    row.append(Metric(tr("Scored forecasts"), f"{int(track.scored_N.sum()):,}", scored, waiting))
    days = score.age(model, forecast_log.now())
    row.append(
        Metric(
            tr("Age of the model"),
            tr_n("{count} day", "{count} days", days),
            tr("Since it was trained; its data end on {last}", last=text.day(np.datetime64(model.last))),
            tr_n("{count} session scored", "{count} sessions scored", len(track.session_T)),
        )
    )
    verdict.draw_row(row)


def _draw_afterwards(track: TrackRecord) -> None:
    """How many forecasts were logged only after the time that they are about."""
    late = len(track.ahead_N) - int(track.ahead_N.sum())
    if late:
        st.caption(
            tr_n(
                "{count} forecast was logged after the time that it is about had passed: its outcome was not in the "
                "data then, but known to the world. Such forecasts of old data show the workings rather than "
                "foresight.",
                "{count} forecasts were logged after the times that they are about had passed: their outcomes were not "
                "in the data then, but known to the world. Such forecasts of old data show the workings rather than "
                "foresight.",
                late,
            )
        )


def _choose(track: TrackRecord) -> tuple[str, int]:
    """The symbol and the step to draw; no box where there is one only."""
    model = track.model
    boxes = [box for box in (len(model.symbols) > 1, len(model.steps) > 1) if box]
    columns = iter(st.columns(2) if boxes else ())
    symbol, step = model.symbols[0], model.steps[0]
    if len(model.symbols) > 1:
        symbol = next(columns).selectbox(tr("Symbol"), model.symbols, key="track-symbol")
    if len(model.steps) > 1:
        label = names.steps_ahead(getattr(unit(track), "step", "step"))
        step = next(columns).selectbox(label, model.steps, key="track-step")
    return symbol, step
