"""A wider look at what drives a model: through time, by volatility, step and lag, one feature's values, the band."""

from collections.abc import Callable
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
from ui import charts, job_results

VIEWS = {
    "time": "Through time",
    "regime": "In calm and storm",
    "step": "By step",
    "value": "One feature's values",
    "lag": "Features and lags",
    "width": "What widens the band",
}
OWN = ("auto", "cqr", "gaussian")  # methods whose band starts from the network's own
STRONGEST = "the strongest interaction"


@st.fragment
def draw(run: Run, step: int, by_family: bool = False) -> None:
    """The views to choose from; none is worked out before it is asked for."""
    chosen = st.segmented_control("A wider look", list(VIEWS), format_func=_title, key="wider", bind="query-params")
    if chosen is None:
        return
    charts.label(run)
    if chosen in ("time", "regime", "width"):
        _surveyed(run, chosen, by_family)
    elif chosen == "lag":
        _lags(run, by_family)
    elif run.explanation is None:
        st.info(
            charts.plain(
                f"This view needs the explanation of the run. Work it out again with: python -m core explain {run.id}"
            ),
            icon=":material/info:",
        )
    elif chosen == "step":
        explained = charts.in_families(run, run.explanation) if by_family else run.explanation
        made = importance_by_step.compute(explained, charts.explained_unit(run))
        _drawn(made, importance_by_step.draw, _of_symbol(run, made.caption, explained.symbol_N[0]), "wider-step")
    else:
        _values(run, run.explanation, step, by_family)


def _title(view: str) -> str:
    return VIEWS[view]


def _drawn(made: Any, draw: Callable[[Any], go.Figure], says: str, key: str) -> None:
    """The chart, or its sentence alone where there is nothing to draw."""
    if made.drawable:
        charts.chart(draw(made), says, key)
    else:
        st.info(charts.plain(says), icon=":material/info:")


def _of_symbol(run: Run, says: str, symbol: str) -> str:
    return f"For {symbol}: {says}" if run.forecast["symbol"].cat.categories.size > 1 else says


def _surveyed(run: Run, chosen: str, by_family: bool) -> None:
    """What the survey of the whole sample found, or the way to start it; where there is no band, why."""
    if chosen == "width" and (why := overview.why_no_width(run.spec)):
        st.info(why, icon=":material/info:")
        return
    found: Overview | None = job_results.read(run, "wider", Overview)
    if found is not None:
        _survey(run, found, chosen, found.families if by_family else found.features)
    job_results.offer(
        run,
        "wider",
        "Look again" if found else f"Look at {overview.WINDOWS} forecasts of the whole sample",
        f"A wider look at run {run.id}",
        overview.compute,
    )


def _survey(run: Run, found: Overview, chosen: str, view: ImportanceSummary) -> None:
    unit = charts.explained_unit(run)
    if chosen == "time":
        when = importance_over_time.compute(view, unit)
        charts.chart(importance_over_time.draw(when), when.caption, "wider-time")
    elif chosen == "regime":
        stormy = importance_by_regime.compute(view, unit)
        _drawn(stormy, importance_by_regime.draw, stormy.caption, "wider-regime")
    elif view.width_F is not None:
        wide = interval_width.compute(view, view.width_F, found.level, found.windows, unit)
        charts.chart(interval_width.draw(wide), wide.caption, "wider-width")
    notes = [
        f"Shapley values of {found.windows} forecasts of {found.symbol}, evenly spaced over all parts, against "
        f"{found.backgrounds} training windows; {max(1, round(found.seconds))} s."
    ]
    if len(run.forecast["step"].unique()) > 1:
        notes.append("A mean over all steps.")
    if chosen == "regime":
        notes.append("Calm and stormy are thirds of these forecasts by the volatility of the 22 sessions before each.")
    if chosen == "width":
        notes.append(_of_which_band(run, found))
    st.caption(charts.plain(" ".join(notes)))


def _of_which_band(run: Run, found: Overview) -> str:
    own = f"The width is that of the network's own {found.level:.0%} band, upper less lower quantile"
    if run.spec.bands.method in OWN:
        return f"{own}; the calibration that follows moves it by what errors of the past say."
    return f"{own}; the band that this run draws ({run.spec.bands.method}) has another width."


def _values(run: Run, explanation: Explanation, step: int, by_family: bool) -> None:
    """One feature's contributions over its values, in the colours of another."""
    left, right = st.columns(2)
    names = list(explanation.importance)
    feature = left.selectbox("Feature", names, key="value-of", bind="query-params")
    others = [STRONGEST, *(name for name in names if name != feature)]
    other = right.selectbox("Coloured by", others, key="value-by", bind="query-params")
    made = dependence.compute(
        explanation, charts.explained_unit(run), step, feature, None if other == STRONGEST else other
    )
    _drawn(made, dependence.draw, _of_symbol(run, made.caption, explanation.symbol_N[0]), "wider-value")
    if by_family:
        st.caption("A family has no value of its own, so this view is always by feature.")


def _lags(run: Run, by_family: bool) -> None:
    """The map of features and lags that the explanation holds, else one that a worker makes."""
    held = None if run.explanation is None else run.explanation.by_cell_LF
    found = (
        FeatureLagImportance(features=run.spec.features, by_cell_LF=held)
        if held is not None
        else job_results.read(run, "cells", FeatureLagImportance)
    )
    if found is None:
        st.info(
            "The explanation of this run does not hold features and lags together. They take seconds.",
            icon=":material/info:",
        )
        job_results.offer(
            run,
            "cells",
            "Look at features and lags",
            f"Features and lags of run {run.id}",
            overview.compute_feature_lags,
        )
        return
    names, by_cell_LF = found.features, found.by_cell_LF
    if by_family:
        families = registry.families(names)
        by_cell_LF = sum_groups(by_cell_LF, [[names.index(name) for name in members] for members in families.values()])
        names = tuple(families)
    made = feature_lag_map.compute(names, by_cell_LF, charts.explained_unit(run))
    symbol = run.explanation.symbol_N[0] if run.explanation and held is not None else symbols(run.frame)[0]
    charts.chart(feature_lag_map.draw(made), _of_symbol(run, made.caption, symbol), "wider-lag")
    family = " A family's cell is the sum of those of its features." if by_family else ""
    st.caption(f"Expected gradients of up to 16 windows, a mean over steps.{family}")
