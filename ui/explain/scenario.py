"""What if: sliders on the newest window of a run and the forecast that they give; partial dependence."""

import pandas as pd
import streamlit as st

from core.charts.explanation import counterfactual as charts
from core.charts.explanation import partial_dependence
from core.charts.forecast import past_forecasts
from core.charts.text import number
from core.datasets import availability
from core.datasets.targets import TARGETS
from core.datasets.windows import anchored
from core.errors import CoreError
from core.explain import counterfactual
from core.explain.counterfactual import Context, Perturbation
from core.explain.partial_dependence import PartialDependence
from core.storage import runs
from core.types import Run
from ui import cache
from ui import charts as show

FAR = 4.0  # standard deviations that a slider reaches
UNITS = {"deviations": "Standard deviations", "values": "Values"}


def scene(run: Run, symbol: str) -> Context:
    """The newest window of a symbol with the network that answers, shared by all visitors. Raises CoreError."""
    return _scene(run.id, runs.fingerprint(run.id, cache.RUNS), symbol)


@st.cache_resource(show_spinner="Opening the network …", max_entries=4)
def _scene(run_id: str, stamp: int, symbol: str) -> Context:
    return counterfactual.build_context(cache.run(run_id), cache.prepared(run_id), symbol)


@st.cache_data(show_spinner=False, max_entries=32)
def _now(run_id: str, stamp: int, symbol: str) -> pd.DataFrame:
    return counterfactual.predict(_scene(run_id, stamp, symbol), Perturbation())


@st.cache_resource(show_spinner=False, max_entries=32)
def _dependence(run_id: str, stamp: int, symbol: str, feature: str, rows: int) -> PartialDependence:
    return counterfactual.compute_dependence(_scene(run_id, stamp, symbol), cache.prepared(run_id), feature, rows)


def missing(run: Run, seen: Context) -> None:
    """Say it where there is no live forecast to change."""
    if not seen.live:
        st.info(
            show.plain(
                f"{availability.why_no_live(run.spec, run.frame, seen.symbol)} Until then, the last window whose "
                "outcome is known is changed here."
            ),
            icon=":material/event_busy:",
        )


@st.fragment
def sliders(run: Run, seen: Context) -> None:
    """What to change, and the forecast after it beside the forecast as it is."""
    change = _change(run, seen)
    show.label(run)
    kind = TARGETS[run.spec.target.kind]
    past = past_forecasts.select_rows(
        run.forecast, run.spec.model.kind, seen.symbol, seen.window.rows.steps[-1], ("test",)
    )
    try:
        now, then = (
            _now(run.id, runs.fingerprint(run.id, cache.RUNS), seen.symbol),
            counterfactual.predict(seen, change),
        )
    except CoreError as problem:
        show.error(problem)
        return
    made = charts.compute(now, then, past, _words(seen, change), kind.unit, run.spec.bands.coverage)
    show.chart(charts.draw(made), made.caption, "whatif")
    if unseen := counterfactual.outside_training_range(seen, change):
        st.warning(
            show.plain(
                f"The training part has no such value of {', '.join(unseen)}: there the network answers "
                "without having seen anything like it."
            ),
            icon=":material/warning:",
        )
    level = " Levels start from the last one as it was." if anchored(run.spec) else ""
    st.caption(f"Features are changed one by one; in the world they move together.{level}")


def _change(run: Run, seen: Context) -> Perturbation:
    """What the widgets say."""
    usual = next(iter(run.explanation.importance)) if run.explanation is not None else seen.features[0]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    chosen = left.multiselect("Features to change", seen.features, default=[usual], key="features", bind="query-params")
    by = (
        right.segmented_control(
            "Sliders move", list(UNITS), default="deviations", format_func=_unit, key="units", bind="query-params"
        )
        or "deviations"
    )
    shift: dict[str, float] = {}
    value: dict[str, float] = {}
    columns = st.columns(3)
    for n, name in enumerate(chosen):
        with columns[n % 3]:
            if by == "deviations":
                moved = st.slider(
                    show.plain(name), -FAR, FAR, 0.0, 0.25, format="%+.2f sd", key=f"move-{name}", bind="query-params"
                )
                shift |= {name: moved} if moved else {}
            else:
                value |= _value(seen, name)
    rows = columns[len(chosen) % 3].slider(
        "Newest sessions that this touches", 1, len(seen.raw_LF), 1, key="newest", bind="query-params"
    )
    repeat = columns[(len(chosen) + 1) % 3].toggle(
        "Repeat the last day",
        key="repeat",
        bind="query-params",
        help="As if the newest session had come twice: every session moves "
        "back by one, and the oldest falls out of the window",
    )
    return Perturbation(shift=shift, value=value, rows=int(rows), repeat=repeat)


def _value(seen: Context, name: str) -> dict[str, float]:
    """The value that a slider sets, nothing while it stands where the feature is."""
    f = seen.features.index(name)
    now, low, high = (float(x) for x in (seen.raw_LF[-1, f], seen.lowest_F[f], seen.highest_F[f]))
    low, high = min(low, now), max(high, now)
    span = high - low or abs(now) or 1.0
    low, high = (low, high) if low < high else (now - span, now + span)
    chosen = st.slider(
        show.plain(name), low, high, now, span / 200, format="%.4g", key=f"value-{name}", bind="query-params"
    )
    return {name: chosen} if chosen != now else {}


def _unit(by: str) -> str:
    return UNITS[by]


def _words(seen: Context, change: Perturbation) -> str:
    """The change in words, empty for none."""
    last_F = counterfactual.perturb(seen, change)[-1]
    parts = [
        f"{name} {abs(by):g} standard deviations {'up' if by > 0 else 'down'}, at "
        f"{number(last_F[seen.features.index(name)])}"
        for name, by in change.shift.items()
    ]
    parts += [f"{name} at {number(value)}" for name, value in change.value.items()]
    if parts and change.rows > 1:
        parts[-1] += f" (on the newest {change.rows} sessions)"
    return " and ".join([*(["the last day repeated"] if change.repeat else []), *parts])


@st.fragment
def dependence(run: Run, seen: Context) -> None:
    """The forecast of many windows of the test part over the values of one feature."""
    st.subheader("Over all values of a feature")
    left, middle, right = st.columns(3)
    feature = left.selectbox("Feature", seen.features, key="over", bind="query-params")
    rows = middle.slider(
        "Newest sessions that take the value", 1, len(seen.raw_LF), 1, key="over-newest", bind="query-params"
    )
    with right:
        step = show.step_of(run, "partial-step")
    show.label(run)
    found = _dependence(run.id, runs.fingerprint(run.id, cache.RUNS), seen.symbol, feature, int(rows))
    made = partial_dependence.compute(found, show.explained_unit(run), step)
    show.chart(partial_dependence.draw(made), made.caption, "partial")
    st.caption(
        f"Each thin line is one of {len(found.curve_NMH)} windows of the test part with this feature alone set "
        "to another value (individual conditional expectation); the thick one is their mean (partial "
        "dependence)."
    )
