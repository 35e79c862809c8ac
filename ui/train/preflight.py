"""Before anything is trained: checks for look-ahead and leakage, the splits of the series and its labels."""

from dataclasses import replace

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.data import correlation, feature_availability
from core.charts.data import series as levels
from core.data.frame import symbols
from core.datasets import leakage, lookahead_check, split, windows
from core.datasets.availability import compute_availability
from core.errors import CoreError
from core.features import lookahead
from core.language import tr
from core.spec import Data, Model, Spec, Target, Train
from core.spec.fields import fields_of
from core.types import SymbolAvailability
from ui import cache, charts, messages, names

HEIGHT = 300  # pixels of a chart
LOSS = 0.05  # share of lost steps from which the loss is drawn


def prepare(spec: Spec, series: pd.DataFrame) -> dict:
    """What a training of this recipe would work on. Raises what it would raise: DataError, FeatureError, SpecError."""
    # Only the level of the model matters here: other settings of it must not prepare everything again.
    relevant = replace(spec, model=Model(norm=spec.model.norm), train=Train())
    return _prepare(relevant, cache.digest(series), series)


@st.cache_data(show_spinner=False, max_entries=16)
def _prepare(spec: Spec, digest: str, _series: pd.DataFrame) -> dict:
    # Keyed by our own digest: of a long frame streamlit would hash a sample only.
    full = windows.resolve(spec, _series)
    prepared = windows.prepare(full, _series)
    rows = prepared.splits.train.rows
    x_TF = rows.x_TF[: int(prepared.splits.train.cutoff_row_N.max()) + 1]
    return {
        "counts": {name: len(getattr(prepared.splits, name)) for name in split.SPLITS},
        "bounds": prepared.bounds,
        "alarms": leakage.find_target_copies(prepared),
        "correlation": correlation.compute(rows.features, x_TF),
        "label": prepared.kind.to_user(rows.y_TH[:, -1]),
        "unit": prepared.kind.unit,
        "binary": prepared.kind.binary,
        "known": len(rows.known),
        "steps": len(rows.steps),
        "features": len(rows.features),
        "column": full.target.column,
        "lookback": full.window.lookback,
    }


def draw(spec: Spec, series: pd.DataFrame, splits: DeltaGenerator, histogram: DeltaGenerator) -> None:
    """The series with its splits and the histogram of its labels in their places, how many windows there are, and which
    features are alike."""
    try:
        prospect = prepare(spec, series)
    except CoreError as problem:
        messages.error(problem)
        return
    bounds = prospect["bounds"]
    index = bounds.index
    spans = {
        name: (index[bounds.start[name]], index[min(bounds.end[name], len(index)) - 1])
        for name in split.SPLITS
        if bounds.end[name] > bounds.start[name]
    }
    with splits:
        level = levels.compute_level(series, symbols(series)[0], prospect["column"], spans)
        charts.show(levels.draw_level(level, height=HEIGHT), level.caption, "splits")
    with histogram:
        labels = levels.compute_labels(prospect["label"], unit=prospect["unit"], binary=prospect["binary"])
        charts.show(levels.draw_labels(labels, height=HEIGHT), labels.caption, "labels")
    counts = prospect["counts"]
    st.caption(
        tr(
            "{train} windows for training, {val} for early stopping, {calib} to calibrate the band, {test} for the "
            "test; each holds {rows} rows.",
            **{name: f"{count:,}" for name, count in counts.items()},
            rows=prospect["lookback"],
        )
    )
    if prospect["features"] > 1:
        _draw_correlation(_named(prospect["correlation"], names.step_of(series)))


def _named(chart: correlation.FeatureCorrelation, step: str) -> correlation.FeatureCorrelation:
    """The chart with the names of its features in the language of the screen, which the shared cache does not hold."""
    groups = tuple(tuple(names.feature(code, step) for code in group) for group in chart.groups)
    return replace(chart, features=tuple(names.feature(code, step) for code in chart.features), groups=groups)


@st.fragment
def _draw_correlation(chart: correlation.FeatureCorrelation) -> None:
    """Which features are alike, in a panel that draws nothing while it is closed."""
    panel = st.expander(tr("Which features are correlated"), key="correlated-open", on_change="rerun")
    if panel.open:
        with panel:
            charts.show(correlation.draw(chart), chart.caption, "correlation")


def check_lookahead(spec: Spec, series: pd.DataFrame) -> Spec:
    """Show the features that do not look ahead. If some do and the visitor allows it, return the recipe with that
    permission; raise FeatureError naming them if nobody does."""
    full, noun = windows.resolve(spec, series), names.step_of(series)
    with st.spinner(tr("Checking that no feature looks ahead …")):
        ahead = _check_lookahead(full.features, full.target, full.data, cache.digest(series), series)
    if ahead:
        field = dict(fields_of(spec))["allow_lookahead"]
        label, help_ = tr(field.label), tr(field.help)
        if not st.checkbox(label, value=spec.allow_lookahead, key="allow-lookahead", help=help_):
            raise lookahead.lookahead_error(ahead)
        features = "; ".join(names.feature(name, noun) for name in ahead)
        messages.warning(
            tr("Not known in time: {features}. The verdict on this run will not be good.", features=features)
        )
        return replace(spec, allow_lookahead=True)
    title = tr("None of {count} features looks ahead", count=len(full.features))
    with st.expander(title, icon=":material/verified:"):
        st.caption(tr("Each was recomputed on shortened and on altered data, and its past stayed the same."))
        badge = f":green-badge[:material/check: {tr('passed')}]"
        passed = [f"{badge} {names.with_code(name, noun)}" for name in full.features]
        st.markdown("  \n".join(passed))
    return replace(spec, allow_lookahead=False)


@st.cache_data(show_spinner=False, max_entries=16)
def _check_lookahead(
    features: tuple[str, ...], target: Target, data: Data, digest: str, _series: pd.DataFrame
) -> dict[str, int]:
    return lookahead_check.find(Spec(features=features, target=target, data=data), _series)


def check_leakage(spec: Spec, series: pd.DataFrame) -> bool:
    """Show what short features cost and every feature that seems to know the future; True until the visitor has
    answered for those. Raises as a training would."""
    step = names.step_of(series)
    for availability in _availability(spec, cache.digest(series), series):
        if availability.incomplete > LOSS * availability.total:
            chart = feature_availability.compute(availability)
            chart = replace(chart, features=tuple(names.feature(code, step) for code in chart.features))
            charts.show(feature_availability.draw(chart), chart.caption, f"availability-{availability.symbol}")
    alarms = prepare(spec, series)["alarms"]
    for alarm in alarms:
        messages.alarm(alarm.name, alarm.text)
    if not alarms or spec.allow_lookahead:
        return False
    answer = tr("I know when these values became known; train anyway")
    return not st.checkbox(answer, key=f"answered-{spec.id}")


@st.cache_data(show_spinner=False, max_entries=16)
def _availability(spec: Spec, digest: str, _series: pd.DataFrame) -> tuple[SymbolAvailability, ...]:
    return compute_availability(windows.resolve(spec, _series), _series)
