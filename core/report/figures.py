"""The charts of a report, each with its title and its caption, in the order in which they stand there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import text, thinning
from core.charts.data import series
from core.charts.evaluation import interval_coverage, scatter, scores
from core.charts.explanation import beeswarm, importance
from core.charts.forecast import fan, forecast_history, past_forecasts
from core.charts.training import loss
from core.data.frame import symbols
from core.datasets.split import SPLITS
from core.datasets.targets import TARGETS
from core.datasets.windows import Prepared
from core.language import tr
from core.report import names
from core.types import Ints, Run

MOST_SYMBOLS = 4  # whose forecasts are drawn; with more, a report would be slow to open and large
POINTS = 800  # of a line: about as many as a chart has pixels
DOTS = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A figure, light, with its title and the sentence that says what it shows; `section` is one of the report."""

    key: str
    section: str
    title: str
    figure: go.Figure
    caption: str


def draw(run: Run, prepared: Prepared) -> tuple[Chart, ...]:
    """Every chart of the report of a run; `prepared` are its windows. Long lines keep their extremes."""
    charts = (
        *_forecasts(run),
        *_data(run, prepared),
        *_errors(run),
        *_intervals(run),
        *_importances(run),
        _learning(run),
    )
    for chart in charts:
        lighten(chart.figure)
    return charts


def lighten(figure: go.Figure, limit: int = POINTS) -> go.Figure:
    """`figure` itself, with at most `limit` points in each of its lines and edges of areas, and short times."""
    for trace in figure.data:
        if trace.type != "scatter" or trace.y is None:
            continue
        values = {name: getattr(trace, name) for name in ("x", "y", "text", "customdata")}
        listed = {name: value for name, value in values.items() if not isinstance(value, str) and value is not None}
        if "customdata" not in str(trace.hovertemplate):  # for clicks, which lead nowhere in a file
            listed.pop("customdata", None)
            trace.customdata = None
        at = _points(trace, limit)
        changes: dict[str, Any] = {
            name: np.asarray(value)[at] for name, value in listed.items() if len(value) == len(trace.y)
        }
        if "x" in changes and changes["x"].dtype.kind == "M":
            changes["x"] = text.iso(changes["x"])
        trace.update(changes)
    return figure


def _points(trace: Any, limit: int) -> Ints:
    """The positions of the points of a trace that are drawn."""
    count = len(trace.y)
    if "lines" not in (trace.mode or ""):
        return thinning.thin_evenly(count, DOTS)
    if trace.fill != "toself":
        return thinning.thin(np.asarray(trace.y, dtype=float), limit)
    there = thinning.thin_evenly(count // 2, limit)  # its other edge leads back
    return np.concatenate([there, count - 1 - there[::-1]])


def shown_symbols(run: Run) -> tuple[str, ...]:
    """The symbols whose forecasts the report draws: all of them if there are few."""
    return symbols(run.frame)[:MOST_SYMBOLS]


def _forecasts(run: Run) -> Iterator[Chart]:
    kind, model, step = TARGETS[run.spec.target.kind], run.spec.model.kind, _last_step(run)
    about: dict[str, Any] = {"unit": names.unit(run), "coverage": run.spec.bands.coverage, "binary": kind.binary}
    for number, symbol in enumerate(shown_symbols(run)):
        live = fan.compute(run.forecast, model, symbol, step, joint=run.spec.bands.joint, level=kind.level, **about)
        past = forecast_history.compute(run.forecast, model, symbol, step, **about)
        yield _chart(
            f"fan-{number}", "forecast", _of(run, tr("The latest forecast"), symbol), fan.draw(live), live.caption
        )
        title = _of(run, tr("Every forecast of the test split"), symbol)
        yield _chart(f"history-{number}", "forecast", title, forecast_history.draw(past), past.caption)


def _data(run: Run, prepared: Prepared) -> Iterator[Chart]:
    index, bounds, column = prepared.bounds.index, prepared.bounds, str(run.spec.target.column)
    spans = {
        name: (index[bounds.start[name]], index[min(bounds.end[name], len(index)) - 1])
        for name in SPLITS
        if bounds.end[name] > bounds.start[name]
    }
    for number, symbol in enumerate(shown_symbols(run)):
        level = series.compute_level(run.frame, symbol, column, spans)
        title = _of(run, tr("The series and its splits"), symbol)
        yield _chart(f"series-{number}", "data", title, series.draw_level(level, height=280), level.caption)


def _errors(run: Run) -> Iterator[Chart]:
    evaluation, model = names.evaluation(run), run.spec.model.kind
    skill, by_step = scores.compute_skill(evaluation, model), scores.compute_by_step(evaluation, model)
    yield _chart("skill", "scores", tr("Skill against baselines"), scores.draw_skill(skill), skill.caption)
    yield _chart("by-step", "scores", tr("Error by lead time"), scores.draw_by_step(by_step), by_step.caption)


def _intervals(run: Run) -> Iterator[Chart]:
    kind, step = TARGETS[run.spec.target.kind], _last_step(run)
    for number, symbol in enumerate(shown_symbols(run)):
        track = past_forecasts.of_run(run, symbol, step, names.unit(run))
        if kind.binary:
            reliability = scatter.compute_reliability(track)
            title = _of(run, tr("Reliability of the probabilities"), symbol)
            figure = scatter.draw_reliability(reliability, height=320)
            yield _chart(f"reliability-{number}", "intervals", title, figure, reliability.caption)
            continue
        rolling, points = interval_coverage.compute_rolling(track), scatter.compute(track)
        title = _of(run, tr("Coverage of the band"), symbol)
        yield _chart(f"coverage-{number}", "intervals", title, interval_coverage.draw_rolling(rolling), rolling.caption)
        title = _of(run, tr("Forecast and outcome"), symbol)
        yield _chart(f"scatter-{number}", "intervals", title, scatter.draw(points, height=320), points.caption)
    if run.evaluation.bands and run.forecast["step"].nunique() > 1:
        by_step = interval_coverage.compute_by_step(names.evaluation(run))
        figure = interval_coverage.draw_by_step(by_step)
        yield _chart("coverage-by-step", "intervals", tr("Coverage by step"), figure, by_step.caption)


def _importances(run: Run) -> Iterator[Chart]:
    if run.explanation is None:
        return
    explanation, unit = names.features_of(run, run.explanation), names.contribution_unit(run)
    bars, lags = importance.compute(explanation, unit, None, None), importance.compute_lags(explanation, unit)
    swarm = beeswarm.compute(explanation, unit, None)
    yield _chart("importance", "importances", tr("Which features matter"), importance.draw(bars), bars.caption)
    yield _chart("lags", "importances", tr("How far back it looks"), importance.draw_lags(lags), lags.caption)
    title = tr("Which values raise or lower the forecast")
    yield _chart("beeswarm", "importances", title, beeswarm.draw(swarm), swarm.caption)


def _learning(run: Run) -> Chart:
    curve = loss.compute(run.history, run.spec.train.unit)
    return _chart("learning", "recipe", tr("Learning curve"), loss.draw(curve), curve.caption)


def _chart(key: str, section: str, title: str, figure: go.Figure, caption: str) -> Chart:
    return Chart(key=key, section=section, title=title, figure=figure, caption=caption)


def _of(run: Run, title: str, symbol: str) -> str:
    """The title, with the symbol if the run has several."""
    return f"{title}: {symbol}" if len(symbols(run.frame)) > 1 else title


def _last_step(run: Run) -> int:
    return int(pd.Series(run.forecast["step"]).max())


def times_of(prepared: Prepared) -> dict[str, tuple[np.datetime64, np.datetime64]]:
    """The first and the last cutoff of each split that has windows."""
    windows = {name: getattr(prepared.splits, name) for name in SPLITS}
    return {name: (part.cutoff_N.min(), part.cutoff_N.max()) for name, part in windows.items() if len(part)}
