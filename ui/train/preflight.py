"""The parts of a series and the labels in it, drawn before anything is trained."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from core.charts.data import correlation, feature_availability
from core.charts.data import series as charts
from core.data.frame import symbols
from core.datasets import leakage, lookahead_check, split, windows
from core.datasets.availability import compute_availability
from core.errors import CoreError
from core.features import lookahead
from core.spec import Data, Model, Spec, Target, Train
from core.spec.fields import fields_of
from core.types import SymbolAvailability
from ui import cache
from ui import charts as show

LOSS = 0.05  # share of the sessions from which their loss is drawn


@st.cache_data(show_spinner=False, max_entries=16)
def _prospect(spec: Spec, digest: str, _series: pd.DataFrame) -> dict:
    # Keyed by our own digest: streamlit would look at a sample of a long frame only.
    full = windows.resolve(spec, _series)
    made = windows.prepare(full, _series)
    counts = {part: len(getattr(made.splits, part)) for part in split.SPLITS}
    rows = made.splits.train.rows
    x_TF = rows.x_TF[: int(made.splits.train.cutoff_row_N.max()) + 1]
    return {
        "counts": counts,
        "bounds": made.bounds,
        "alarms": leakage.find_target_copies(made),
        "redundancy": correlation.compute(rows.features, x_TF),
        "label": made.kind.to_user(rows.y_TH[:, -1]),
        "unit": made.kind.unit,
        "binary": made.kind.binary,
        "known": len(rows.known),
        "steps": len(rows.steps),
        "features": len(rows.features),
        "column": full.target.column,
    }


def prospect(spec: Spec, series: pd.DataFrame) -> dict:
    """What a training of this recipe would work on. Raises what it would raise: DataError, FeatureError, SpecError."""
    # Of the model only the level matters here: turning any other of its settings must not prepare everything again.
    heeded = replace(spec, model=Model(norm=spec.model.norm), train=Train())
    return _prospect(heeded, cache.digest(series), series)


def picture(spec: Spec, series: pd.DataFrame) -> None:
    """The series with its parts, the histogram of its labels, and how large the model would be."""
    try:
        made = prospect(spec, series)
    except CoreError as problem:
        show.error(problem)
        return
    bounds = made["bounds"]
    index = bounds.index
    spans = {
        part: (index[bounds.start[part]], index[min(bounds.end[part], len(index)) - 1])
        for part in split.SPLITS
        if bounds.end[part] > bounds.start[part]
    }
    left, right = st.columns([2, 1])
    with left:
        level = charts.compute_level(series, symbols(series)[0], made["column"], spans)
        show.chart(charts.draw_level(level), level.caption, "parts")
    with right:
        labels = charts.compute_labels(made["label"], unit=made["unit"], binary=made["binary"])
        show.chart(charts.draw_labels(labels, height=320), labels.caption, "labels")
    counts = made["counts"]
    st.caption(
        f"{counts['train']:,} windows to learn from, {counts['val']:,} to decide when to stop, "
        f"{counts['calib']:,} to set the band, {counts['test']:,} to be judged by."
    )
    if made["features"] > 1:
        with st.expander("Which features say the same"):
            chart = made["redundancy"]
            show.chart(correlation.draw(chart), chart.caption, "redundancy")


@st.cache_data(show_spinner=False, max_entries=16)
def _coverage(spec: Spec, digest: str, _series: pd.DataFrame) -> tuple[SymbolAvailability, ...]:
    return compute_availability(windows.resolve(spec, _series), _series)


def reaches(spec: Spec, series: pd.DataFrame) -> None:
    """The sessions that short features cost, drawn where more than a twentieth is lost. Raises as `prospect` does."""
    for found in _coverage(spec, cache.digest(series), series):
        if found.incomplete > LOSS * found.total:
            made = feature_availability.compute(found)
            show.chart(feature_availability.draw(made), made.caption, f"reach-{found.symbol}")


@st.cache_data(show_spinner="Checking that no feature looks ahead …", max_entries=16)
def _checked(
    features: tuple[str, ...], target: Target, data: Data, digest: str, _series: pd.DataFrame
) -> dict[str, int]:
    return lookahead_check.find(Spec(features=features, target=target, data=data), _series)


def passed(spec: Spec, series: pd.DataFrame) -> Spec:
    """The list of features that were found not to look ahead; or, where some do and the person overrides the check,
    the recipe with its override. Raises FeatureError naming them where nobody did."""
    full = windows.resolve(spec, series)
    ahead = _checked(full.features, full.target, full.data, cache.digest(series), series)
    if ahead:
        asked = dict(fields_of(spec))["allow_lookahead"]
        if not st.checkbox(asked.label, value=spec.allow_lookahead, key="override", help=asked.help):
            raise lookahead.lookahead_error(ahead)
        st.warning(
            show.plain(f"{', '.join(ahead)}: known too late to be used. This run will not be believed."),
            icon=":material/warning:",
        )
        return replace(spec, allow_lookahead=True)
    with st.expander(f"None of {len(full.features)} features looks ahead", icon=":material/verified:"):
        st.caption("Each was computed again on shortened and on changed data, and its past stayed the same.")
        st.markdown("  \n".join(f":green-badge[:material/check: passed] {show.plain(name)}" for name in full.features))
    return replace(spec, allow_lookahead=False)


def doubts(spec: Spec, series: pd.DataFrame) -> bool:
    """Show what short features cost, and every feature that seems to know the future; True while the person has not
    answered for these. Raises as a training would."""
    reaches(spec, series)
    alarms = prospect(spec, series)["alarms"]
    for alarm in alarms:
        st.warning(f"**{show.plain(alarm.name.capitalize())}.** {show.plain(alarm.text)}", icon=":material/warning:")
    if not alarms or spec.allow_lookahead:
        return False
    return not st.checkbox("I know when these values became known: train all the same", key=f"answered-{spec.id}")
