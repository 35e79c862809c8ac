"""The local explanation of one forecast: its revision, its window by cell and by time segment, similar windows."""

from dataclasses import replace

import numpy as np
import streamlit as st

from core.charts.explanation import forecast_revision, similar_windows, time_segments, window_attribution
from core.charts.text import magnitude, percent
from core.errors import CoreError
from core.explain import local
from core.explain import time_segments as segments
from core.explain.explainer import BACKGROUNDS
from core.explain.local import LocalExplanation, TimeSegments
from core.language import mark, message, tr
from core.types import Run
from ui import cache, charts, messages, names, verdict
from ui.explain import importance, pick_forecast
from ui.jobs import results

VIEWS = {
    "revision": mark("Change since the forecast before"),
    "window": mark("Features and lags"),
    "segments": mark("Time segments"),
    "similar": mark("Similar windows"),
}


@st.fragment
def draw(run: Run, step: int, by_family: bool) -> None:
    """The forecast to click on, its waterfall and further views: a click redraws these and nothing else."""
    symbol, cutoff = pick_forecast.draw(run, step, by_family)
    view = st.segmented_control(
        tr("More on this forecast"), list(VIEWS), format_func=_title, key="local", bind="query-params"
    )
    if view == "revision":
        _draw_revision(run, step, symbol, cutoff)
    elif view == "window":
        _draw_window(run, symbol, cutoff)
    elif view == "segments":
        _draw_segments(run, step, symbol, cutoff)
    elif view == "similar":
        _draw_similar(run, step, symbol, cutoff)


def _title(view: str) -> str:
    return tr(VIEWS[view])


def _draw_revision(run: Run, step: int, symbol: str, cutoff: str) -> None:
    """Which features changed the forecast since the one before."""
    explanation = _explain(run, symbol, cutoff)
    if explanation is None:
        return
    verdict.draw_badge(run)
    if explanation.revision is None:
        messages.info(
            tr(
                "There is no forecast within the {max_steps_back} steps before to compare with.",
                max_steps_back=local.MAX_STEPS_BACK,
            )
        )
        return
    revision = replace(explanation.revision, names=names.feature_names(run, explanation.revision.names))
    change = forecast_revision.compute(revision, names.unit(run), step)
    charts.show(forecast_revision.draw(change), change.caption, "revision")


def _draw_window(run: Run, symbol: str, cutoff: str) -> None:
    """What each feature contributed at each lag of the window."""
    explanation = _explain(run, symbol, cutoff)
    if explanation is None:
        return
    verdict.draw_badge(run)
    cells = window_attribution.compute(names.features_of(run, explanation), importance.unit(run))
    charts.show(window_attribution.draw(cells), cells.caption, "window-cells")
    parts = {"count": BACKGROUNDS, "gap": percent(explanation.additivity_error)}
    if run.forecast["step"].nunique() > 1:
        words = tr(
            "Expected gradients against {count} training windows, summed over all steps. They add up to the forecast "
            "within {gap} of its distance from the average.",
            **parts,
        )
    else:
        words = tr(
            "Expected gradients against {count} training windows. They add up to the forecast within {gap} of its "
            "distance from the average.",
            **parts,
        )
    st.caption(words)


def _draw_segments(run: Run, step: int, symbol: str, cutoff: str) -> None:
    """Which time segment of the window the forecast came from, and which feature in it; from a worker."""
    explanation = results.get(
        TimeSegments,
        run,
        symbol,
        cutoff,
        message("Time segments of the forecast of {cutoff}", cutoff=cutoff),
        segments.compute,
        symbol,
        cutoff,
    )
    if explanation is None:
        return
    verdict.draw_badge(run)
    by_family = set(explanation.features) != set(run.spec.features)
    left, right = st.columns(2)
    with left:
        bars = time_segments.compute(explanation, importance.unit(run), step)
        charts.show(time_segments.draw(bars), bars.caption, "segments")
    with right:
        named = importance.in_words(explanation) if by_family else names.features_of(run, explanation)
        cells = time_segments.compute_map(named, importance.unit(run), step)
        charts.show(time_segments.draw_map(cells), cells.caption, "segment-features")
    st.caption(_describe_segments(explanation, by_family))


def _describe_segments(explanation: TimeSegments, by_family: bool) -> str:
    """How the segments were explained, and how nearly their parts add up."""
    parts = {
        "count": len(explanation.segments.features),
        "windows": BACKGROUNDS,
        "gap": magnitude(explanation.segments.additivity_error),
        "inner": magnitude(explanation.segment_features.additivity_error),
    }
    if by_family:
        return tr(
            "Shapley values of {count} segments over all coalitions, against {windows} training windows. They add up "
            "to the forecast within {gap} of its distance from the average, the families in them within {inner}. Each "
            "column of the map adds up to its bar.",
            **parts,
        )
    return tr(
        "Shapley values of {count} segments over all coalitions, against {windows} training windows. They add up to "
        "the forecast within {gap} of its distance from the average, the features in them within {inner}. Each column "
        "of the map adds up to its bar.",
        **parts,
    )


def _draw_similar(run: Run, step: int, symbol: str, cutoff: str) -> None:
    """The most similar windows of the training split, and what followed them."""
    try:
        prepared = cache.prepared(run.id)
    except CoreError as problem:
        messages.error(problem)
        return
    verdict.draw_badge(run)
    chart = similar_windows.compute(prepared, symbol, np.datetime64(cutoff), step, names.unit(run))
    charts.show(similar_windows.draw(chart), chart.caption, "similar")


def _explain(run: Run, symbol: str, cutoff: str) -> LocalExplanation | None:
    return results.get(
        LocalExplanation,
        run,
        symbol,
        cutoff,
        message("Local explanation of the forecast of {cutoff}", cutoff=cutoff),
        local.compute,
        symbol,
        cutoff,
    )
