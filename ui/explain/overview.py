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
from core.data.frame import symbols
from core.explain import overview
from core.explain.explanation import sum_groups
from core.explain.grouping import ImportanceSummary
from core.explain.overview import FeatureLagImportance, Overview
from core.features import registry
from core.types import Explanation, Run
from ui import charts, markdown, messages, names, verdict
from ui.explain import importance
from ui.jobs import results

VIEWS = {
    "time": "Through time",
    "regime": "By volatility",
    "step": "By step",
    "value": "One feature's values",
    "lag": "Features and lags",
    "width": "What widens the band",
}
OWN_BAND = ("auto", "cqr", "gaussian")  # interval methods that start from the network's own band
STRONGEST = "the strongest interaction"


@st.fragment
def draw(run: Run, step: int, by_family: bool = False) -> None:
    """The views to choose from; none is computed before it is chosen."""
    view = st.segmented_control(
        "Across many forecasts", list(VIEWS), format_func=_title, key="overview", bind="query-params"
    )
    if view is None:
        return
    verdict.draw_badge(run)
    if view in ("time", "regime", "width"):
        _draw_survey(run, view, by_family)
    elif view == "lag":
        _draw_lags(run, by_family)
    elif run.explanation is None:
        messages.info("This view needs an explanation, and this run was saved without one. Train it again to have one.")
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
    return VIEWS[view]


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
        _draw_view(run, survey, view, survey.families if by_family else names.features_of(run, survey.features))
        st.caption(_describe(run, survey, view))
    results.offer(
        run,
        "wider",
        "Explain them again" if survey else f"Explain {overview.WINDOWS} forecasts of the whole sample",
        f"Explaining forecasts of run {run.id}",
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
        f"Shapley values of {survey.windows} forecasts of {survey.symbol}, evenly spaced over all splits, against "
        f"{survey.backgrounds} training windows; {max(1, round(survey.seconds))} s."
    ]
    if run.forecast["step"].nunique() > 1:
        notes.append("Mean over all steps.")
    if view == "regime":
        notes.append(
            f"Low and high volatility: thirds of these forecasts by the volatility of the 22 {names.step(run)}s before."
        )
    if view == "width":
        notes.append(_describe_band(run, survey))
    return markdown.escape(" ".join(notes))


def _describe_band(run: Run, survey: Overview) -> str:
    """Which band's width is explained."""
    width = f"The width is that of the network's own {survey.level:.0%} band, upper minus lower quantile"
    if run.spec.bands.method in OWN_BAND:
        return f"{width}, before calibration."
    return f"{width}; the band that this run draws ({run.spec.bands.method}) has another width."


def _draw_values(run: Run, explanation: Explanation, step: int, by_family: bool) -> None:
    """One feature's contributions over its values, in the colours of another."""
    left, right = st.columns(2)
    named = partial(names.feature, step=names.step(run))
    features = list(explanation.importance)
    feature = left.selectbox("Feature", features, key="value-of", bind="query-params", format_func=named)
    others = [STRONGEST, *(name for name in features if name != feature)]
    other = right.selectbox("Coloured by", others, key="value-by", bind="query-params", format_func=named)
    coloured = None if other == STRONGEST else named(other)
    chart = dependence.compute(
        names.features_of(run, explanation), importance.unit(run), step, named(feature), coloured
    )
    _show(chart, dependence.draw, importance.of_symbol(run, chart.caption, explanation.symbol_N[0]), "overview-value")
    if by_family:
        st.caption("A family has no value of its own; this view is always by feature.")


def _draw_lags(run: Run, by_family: bool) -> None:
    """The feature × lag attributions of the explanation, else those that a worker computes."""
    stored = None if run.explanation is None else run.explanation.by_cell_LF
    cells: FeatureLagImportance | None
    if stored is not None:
        cells = FeatureLagImportance(features=run.spec.features, by_cell_LF=stored)
    else:
        cells = results.read(run, "cells", FeatureLagImportance)
    if cells is None:
        st.markdown("The attributions by feature and lag are computed now, in a worker. That takes a few seconds.")
        results.offer(
            run,
            "cells",
            "Compute feature × lag attributions",
            f"Features and lags of run {run.id}",
            overview.compute_feature_lags,
            at_once=True,
        )
        return
    features, by_cell_LF = cells.features, cells.by_cell_LF
    if by_family:
        families = registry.families(features)
        columns = [[features.index(name) for name in members] for members in families.values()]
        features, by_cell_LF = tuple(families), sum_groups(by_cell_LF, columns)
    shown = names.feature_names(run, features)
    chart = feature_lag_map.compute(shown, by_cell_LF, importance.unit(run))
    symbol = run.explanation.symbol_N[0] if run.explanation and stored is not None else symbols(run.frame)[0]
    charts.show(feature_lag_map.draw(chart), importance.of_symbol(run, chart.caption, symbol), "overview-lag")
    family = " A family's cell is the sum over its features." if by_family else ""
    st.caption(f"Expected gradients of up to 16 windows, mean over steps.{family}")
