"""A scenario: sliders on the newest window of a run and the forecast that follows; partial dependence."""

from dataclasses import replace
from functools import partial, reduce

import pandas as pd
import streamlit as st

from core.charts.explanation import counterfactual as comparison
from core.charts.explanation import partial_dependence
from core.charts.forecast import past_forecasts
from core.charts.text import number, one_step, several_steps, steps
from core.datasets import availability
from core.datasets.windows import anchored
from core.errors import CoreError
from core.explain import counterfactual
from core.explain.counterfactual import Context, Perturbation
from core.explain.partial_dependence import PartialDependence
from core.language import mark, shown, tr
from core.storage import runs
from core.types import Run
from ui import cache, charts, markdown, messages, names, verdict, widgets
from ui.explain import importance

REACH = 4.0  # standard deviations that a slider reaches
UNITS = {"deviations": mark("Standard deviations"), "values": mark("Values")}


def load(run: Run, symbol: str) -> Context:
    """The newest window of a symbol with the network that forecasts it, shared by all visitors. Raises CoreError."""
    with st.spinner(tr("Opening the network …")):
        return _load(run.id, runs.fingerprint(run.id, cache.RUNS), symbol)


@st.cache_resource(show_spinner=False, max_entries=4)
def _load(run_id: str, stamp: str, symbol: str) -> Context:
    return counterfactual.build_context(cache.run(run_id), cache.prepared(run_id), symbol)


@st.cache_data(show_spinner=False, max_entries=32)
def _unchanged(run_id: str, stamp: str, symbol: str) -> pd.DataFrame:
    return counterfactual.predict(_load(run_id, stamp, symbol), Perturbation())


@st.cache_resource(show_spinner=False, max_entries=32)
def _dependence(run_id: str, stamp: str, symbol: str, feature: str, rows: int) -> PartialDependence:
    return counterfactual.compute_dependence(_load(run_id, stamp, symbol), cache.prepared(run_id), feature, rows)


def draw_missing(run: Run, context: Context) -> None:
    """Why there is no live forecast to change; nothing if there is one."""
    if not context.live:
        messages.info(
            tr(
                "{reason} This page changes the last window with a known outcome instead.",
                reason=shown(availability.why_no_live(run.spec, run.frame, context.symbol)),
            ),
            icon=":material/event_busy:",
        )


@st.fragment
def draw(run: Run, context: Context) -> None:
    """What to change, and the forecast with and without the change."""
    named = partial(names.feature, step=names.step(run))
    change = _choose_change(run, context)
    verdict.draw_badge(run)
    last_step = context.window.rows.steps[-1]
    past = past_forecasts.select_rows(run.forecast, run.spec.model.kind, context.symbol, last_step, ("test",))
    try:
        before = _unchanged(run.id, runs.fingerprint(run.id, cache.RUNS), context.symbol)
        after = counterfactual.predict(context, change)
    except CoreError as problem:
        messages.error(problem)
        return
    chart = comparison.compute(
        before, after, past, describe(run, context, change), names.unit(run), run.spec.bands.coverage
    )
    charts.show(comparison.draw(chart), chart.caption, "scenario")
    if beyond := counterfactual.outside_training_range(context, change):
        features = "; ".join(named(name) for name in beyond)
        messages.warning(
            tr("No training window has such a value of {features}: here the network extrapolates.", features=features)
        )
    words = [
        tr(
            "This is what the model would forecast, not what would really happen. Each feature is changed on its own; "
            "in reality they move together."
        )
    ]
    if anchored(run.spec):
        words.append(tr("Levels are still measured from the observed last value."))
    st.caption(" ".join(words))


def _choose_change(run: Run, context: Context) -> Perturbation:
    """The change in the widgets."""
    named, of_step = partial(names.feature, step=names.step(run)), names.unit(run)
    usual = next(iter(run.explanation.importance)) if run.explanation is not None else context.features[0]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    features = left.multiselect(
        tr("Features to change"),
        context.features,
        default=[usual],
        key="features",
        bind="query-params",
        format_func=named,
    )
    unit = right.segmented_control(
        tr("Sliders move"), list(UNITS), default="deviations", format_func=_unit, key="units", bind="query-params"
    )
    shift: dict[str, float] = {}
    value: dict[str, float] = {}
    columns = st.columns(3)
    for position, name in enumerate(features):
        with columns[position % 3]:
            if unit == "values":
                value |= _choose_value(context, name, named(name))
            else:
                shift |= _choose_shift(name, named(name))
    rows = columns[len(features) % 3].slider(
        tr("Newest {steps} to change", steps=several_steps(of_step)),
        1,
        len(context.raw_LF),
        1,
        key="newest",
        bind="query-params",
    )
    repeat = columns[(len(features) + 1) % 3].toggle(
        tr("Repeat the last {step}", step=one_step(of_step)),
        key="repeat",
        bind="query-params",
        help=tr(
            "As if the newest {step} had come twice: the window moves back by one {step}, and the oldest drops out",
            step=one_step(of_step),
        ),
    )
    return Perturbation(shift=shift, value=value, rows=int(rows), repeat=repeat)


def _choose_shift(name: str, label: str) -> dict[str, float]:
    """The standard deviations by which a slider moves a feature; empty at zero."""
    shift = st.slider(
        markdown.escape(label),
        -REACH,
        REACH,
        0.0,
        0.25,
        format=tr("%+.2f sd"),
        key=f"move-{name}",
        bind="query-params",
        help=tr("In recipes: {code}", code=names.code(name)),
    )
    return {name: shift} if shift else {}


def _choose_value(context: Context, name: str, label: str) -> dict[str, float]:
    """The value to which a slider sets a feature; empty at its own value."""
    f = context.features.index(name)
    own, low, high = (float(x) for x in (context.raw_LF[-1, f], context.lowest_F[f], context.highest_F[f]))
    low, high = min(low, own), max(high, own)
    span = high - low or abs(own) or 1.0
    low, high = (low, high) if low < high else (own - span, own + span)
    value = st.slider(
        markdown.escape(label),
        low,
        high,
        own,
        span / 200,
        format="%.4g",
        key=f"value-{name}",
        bind="query-params",
        help=tr("In recipes: {code}", code=names.code(name)),
    )
    return {name: value} if value != own else {}


def _unit(name: str) -> str:
    return tr(UNITS[name])


def describe(run: Run, context: Context, change: Perturbation) -> str:
    """The change in words; empty without one."""
    named, of_step = partial(names.feature, step=names.step(run)), names.unit(run)
    last_F = counterfactual.perturb(context, change)[-1]
    parts = [
        _describe_shift(named(name), by, float(last_F[context.features.index(name)]))
        for name, by in change.shift.items()
    ]
    parts += [
        tr("{feature} at {value}", feature=named(name), value=number(value)) for name, value in change.value.items()
    ]
    if parts and change.rows > 1:
        parts[-1] = tr("{change} (in the newest {steps})", change=parts[-1], steps=steps(change.rows, of_step))
    if change.repeat:
        parts.insert(0, tr("the last {step} repeated", step=one_step(of_step)))
    return reduce(lambda one, other: tr("{one} and {other}", one=one, other=other), parts) if parts else ""


def _describe_shift(feature: str, by: float, value: float) -> str:
    """One feature that was moved by standard deviations, and to what."""
    parts = {"feature": feature, "by": f"{abs(by):g}", "value": number(value)}
    if by > 0:
        return tr("{feature} {by} standard deviations up, at {value}", **parts)
    return tr("{feature} {by} standard deviations down, at {value}", **parts)


@st.fragment
def draw_dependence(run: Run, context: Context) -> None:
    """The forecast of many windows of the test split over the values of one feature."""
    st.subheader(tr("Over all values of a feature"))
    left, middle, right = st.columns(3)
    named = partial(names.feature, step=names.step(run))
    feature = left.selectbox(tr("Feature"), context.features, key="over", bind="query-params", format_func=named)
    rows = middle.slider(
        tr("Newest {steps} that take the value", steps=several_steps(names.unit(run))),
        1,
        len(context.raw_LF),
        1,
        key="over-newest",
        bind="query-params",
    )
    with right:
        step = widgets.choose_step(run)
    verdict.draw_badge(run)
    curves = _dependence(run.id, runs.fingerprint(run.id, cache.RUNS), context.symbol, feature, int(rows))
    chart = partial_dependence.compute(replace(curves, feature=named(feature)), importance.unit(run), step)
    charts.show(partial_dependence.draw(chart), chart.caption, "partial")
    st.caption(
        tr(
            "A thin line is one of {count} test windows with this feature set to other values (individual conditional "
            "expectation); the thick line is their mean (partial dependence).",
            count=len(curves.curve_NMH),
        )
    )
