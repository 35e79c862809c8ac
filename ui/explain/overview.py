"""The explanation overview: through time, by volatility, step and lag, one feature's values, the interval's width."""

from collections.abc import Callable
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.charts.explanation import (
    dependence,
    feature_lag_map,
    importance_by_regime,
    importance_by_step,
    importance_over_time,
    interval_width,
)
from core.charts.text import percent, steps
from core.data.frame import symbols
from core.evaluation.calibration import VOLATILITY_WINDOW
from core.explain import overview
from core.explain.explanation import sum_groups
from core.explain.grouping import ImportanceSummary
from core.explain.overview import FeatureLagImportance, Overview
from core.features import registry
from core.language import mark, message, tr
from core.types import Explanation, Run
from ui import charts, markdown, messages, names, verdict
from ui.explain import importance
from ui.jobs import results

VIEWS = {
    "time": mark("Through time"),
    "regime": mark("By volatility"),
    "step": mark("By step"),
    "value": mark("One feature's values"),
    "lag": mark("Features and lags"),
    "width": mark("What widens the band"),
}
OWN_BAND = ("auto", "cqr", "gaussian")  # interval methods that start from the network's own band
STRONGEST = mark("the strongest interaction")


@st.fragment
def draw(run: Run, step: int, by_family: bool = False) -> None:
    """The views to choose from; none is computed before it is chosen."""
    view = st.segmented_control(
        tr("Across many forecasts"), list(VIEWS), format_func=_title, key="overview", bind="query-params"
    )
    if view is None:
        return
    verdict.draw_badge(run)
    if view in ("time", "regime", "width"):
        _draw_survey(run, view, by_family)
    elif view == "lag":
        _draw_lags(run, by_family)
    elif run.explanation is None:
        messages.info(
            tr("This view needs an explanation, and this run was saved without one. Train it again to have one.")
        )
    elif view == "step":
        explanation = (
            importance.of_families(run, run.explanation) if by_family else names.features_of(run, run.explanation)
        )
        chart = importance_by_step.compute(explanation, importance.unit(run))
        _show(
            chart,
            importance_by_step.draw,
            importance.of_symbol(run, chart.caption, explanation.symbol_N[0]),
            "overview-step",
        )
    else:
        _draw_values(run, run.explanation, step, by_family)


def _title(view: str) -> str:
    return tr(VIEWS[view])


def _show(chart: Any, draw: Callable[[Any], go.Figure], caption: str, key: str) -> None:
    """The chart, or its caption alone if it has nothing to draw."""
    if chart.drawable:
        charts.show(draw(chart), caption, key)
    else:
        messages.info(caption)


def _draw_survey(run: Run, view: str, by_family: bool) -> None:
    """A view of the survey of the whole sample, and the job that computes it; without a band, why."""
    if view == "width" and (reason := overview.why_no_width(run.spec)):
        messages.info(reason)
        return
    survey: Overview | None = results.read(run, "wider", Overview)
    if survey is not None:
        groups = importance.in_words(survey.families) if by_family else names.features_of(run, survey.features)
        _draw_view(run, survey, view, groups)
        st.caption(_describe(run, survey, view))
    results.offer(
        run,
        "wider",
        tr("Explain them again")
        if survey
        else tr("Explain {count} forecasts of the whole sample", count=overview.WINDOWS),
        message("Explaining forecasts of run {run}", run=run.id),
        overview.compute,
    )


def _draw_view(run: Run, survey: Overview, view: str, groups: ImportanceSummary) -> None:
    unit = importance.unit(run)
    if view == "time":
        over_time = importance_over_time.compute(groups, unit)
        charts.show(importance_over_time.draw(over_time), over_time.caption, "overview-time")
    elif view == "regime":
        by_regime = importance_by_regime.compute(groups, unit)
        _show(by_regime, importance_by_regime.draw, by_regime.caption, "overview-regime")
    elif groups.width_F is not None:
        width = interval_width.compute(groups, groups.width_F, survey.level, survey.windows, unit)
        charts.show(interval_width.draw(width), width.caption, "overview-width")


def _describe(run: Run, survey: Overview, view: str) -> str:
    """How the survey was computed, and what its groups mean."""
    notes = [
        tr(
            "Shapley values of {count} forecasts of {symbol}, evenly spaced over all splits, against {backgrounds} "
            "training windows; {seconds} s.",
            count=survey.windows,
            symbol=survey.symbol,
            backgrounds=survey.backgrounds,
            seconds=max(1, round(survey.seconds)),
        )
    ]
    if run.forecast["step"].nunique() > 1:
        notes.append(tr("Mean over all steps."))
    if view == "regime":
        notes.append(
            tr(
                "Low and high volatility: thirds of these forecasts by the volatility of the {steps} before.",
                steps=steps(VOLATILITY_WINDOW, names.unit(run)),
            )
        )
    if view == "width":
        notes.append(_describe_band(run, survey))
    return markdown.escape(" ".join(notes))


def _describe_band(run: Run, survey: Overview) -> str:
    """Which band's width is explained."""
    level = percent(survey.level, 0)
    if run.spec.bands.method in OWN_BAND:
        return tr(
            "The width is that of the network's own {level} band, upper minus lower quantile, before calibration.",
            level=level,
        )
    return tr(
        "The width is that of the network's own {level} band, upper minus lower quantile; the band that this run draws "
        "({method}) has another width.",
        level=level,
        method=run.spec.bands.method,
    )


def _draw_values(run: Run, explanation: Explanation, step: int, by_family: bool) -> None:
    """One feature's contributions over its values, in the colours of another."""
    left, right = st.columns(2)
    named = partial(names.feature, step=names.step(run))
    features = list(explanation.importance)
    feature = left.selectbox(tr("Feature"), features, key="value-of", bind="query-params", format_func=named)
    others = [STRONGEST, *(name for name in features if name != feature)]
    other = right.selectbox(
        tr("Coloured by"),
        others,
        key="value-by",
        bind="query-params",
        format_func=partial(_colour, step=names.step(run)),
    )
    coloured = None if other == STRONGEST else named(other)
    chart = dependence.compute(
        names.features_of(run, explanation), importance.unit(run), step, named(feature), coloured
    )
    _show(chart, dependence.draw, importance.of_symbol(run, chart.caption, explanation.symbol_N[0]), "overview-value")
    if by_family:
        st.caption(tr("A family has no value of its own; this view is always by feature."))


def _colour(name: str, step: str) -> str:
    return tr(name) if name == STRONGEST else names.feature(name, step)


def _draw_lags(run: Run, by_family: bool) -> None:
    """The feature × lag attributions of the explanation, else those that a worker computes."""
    stored = None if run.explanation is None else run.explanation.by_cell_LF
    cells: FeatureLagImportance | None
    if stored is not None:
        cells = FeatureLagImportance(features=run.spec.features, by_cell_LF=stored)
    else:
        cells = results.read(run, "cells", FeatureLagImportance)
    if cells is None:
        st.markdown(tr("The attributions by feature and lag are computed now, in a worker. That takes a few seconds."))
        results.offer(
            run,
            "cells",
            tr("Compute feature × lag attributions"),
            message("Features and lags of run {run}", run=run.id),
            overview.compute_feature_lags,
            at_once=True,
        )
        return
    features, by_cell_LF = cells.features, cells.by_cell_LF
    if by_family:
        families = registry.families(features)
        columns = [[features.index(name) for name in members] for members in families.values()]
        features, by_cell_LF = tuple(map(tr, families)), sum_groups(by_cell_LF, columns)
    chart = feature_lag_map.compute(names.feature_names(run, features), by_cell_LF, importance.unit(run))
    symbol = run.explanation.symbol_N[0] if run.explanation and stored is not None else symbols(run.frame)[0]
    charts.show(feature_lag_map.draw(chart), importance.of_symbol(run, chart.caption, symbol), "overview-lag")
    words = [tr("Expected gradients of up to 16 windows, mean over steps.")]
    if by_family:
        words.append(tr("A family's cell is the sum over its features."))
    st.caption(" ".join(words))
