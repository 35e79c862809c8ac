"""Inside the cell: a window to choose, heat maps of its parts, the days it forgot, one step in numbers, its memory."""

from datetime import date

import numpy as np
import streamlit as st

from core.charts.cell import equations, gates
from core.charts.cell import gradient_memory as horizons
from core.charts.text import day, iso
from core.charts.training import gradient_norms as steep
from core.explain import recurrent_cell
from core.explain.gates import Layer
from core.explain.gradient_memory import Memory
from core.explain.recurrent_cell import CellInspection
from core.types import Run, Times
from ui import cache, charts, job_artifacts

BEAT = 1.2  # s that the walk stays with one day
ORDERS = {"peak": "Day of their strongest state", "keep": "How much they keep"}
WAYS = ("Forwards", "Backwards")


def choose(run: Run) -> tuple[CellInspection, Layer]:
    """The window, network, layer and direction that the visitor picks, opened. Raises CoreError."""
    model, networks = run.spec.model, recurrent_cell.count_networks(run)
    columns = iter(st.columns(5))
    with next(columns):
        symbol = charts.symbol_of(run, "inside-symbol")
        cutoff = _cutoff(run, symbol)
    member = layer = way = 0
    if networks > 1:
        member = next(columns).number_input("Network", 1, networks, key="network", bind="query-params") - 1
    if model.layers > 1:
        layer = next(columns).number_input("Layer", 1, model.layers, key="layer", bind="query-params") - 1
    if model.bidirectional:
        way = WAYS.index(next(columns).selectbox("Reads", WAYS, key="reads", bind="query-params"))
    opened = cache.opened(run.id, symbol, cutoff, int(member))
    return opened, opened.gates.layer(int(layer), way)


def _cutoff(run: Run, symbol: str) -> str:
    """The last day of the window: the one last clicked on another page, else the latest."""
    cutoff_N = recurrent_cell.cutoffs(cache.prepared(run.id), symbol)
    chosen = st.date_input(
        "Window that ends on",
        value=_start(cutoff_N),
        min_value=_date(cutoff_N[0]),
        max_value=_date(cutoff_N[-1]),
        key=f"inside-date-{run.id}-{symbol}",
        help="The last forecast made on this day or, where there is none, before it",
    )
    until = int(np.searchsorted(cutoff_N, np.datetime64(chosen) + np.timedelta64(1, "D")))
    return str(cutoff_N[max(0, until - 1)])


def _start(cutoff_N: Times) -> date:
    """The day that was clicked, where it has a window here."""
    try:
        wanted = np.datetime64(st.session_state.get("day") or st.query_params.get("day") or "NaT")
    except ValueError:
        wanted = np.datetime64("NaT")
    return _date(wanted if wanted in cutoff_N else cutoff_N[-1])


def _date(time: np.datetime64) -> date:
    return time.astype("M8[D]").item()


@st.fragment
def heat_maps(run: Run, opened: CellInspection, layer: Layer) -> None:
    """One heat map for each part of the layer, their units in the same order."""
    st.subheader("Gates and states")
    by = "peak"
    if layer.keep is not None:
        by = (
            st.segmented_control(
                "Units in the order of",
                list(ORDERS),
                default="peak",
                format_func=_order,
                key="order",
                bind="query-params",
            )
            or "peak"
        )
    charts.label(run)
    unit_D = gates.order_units(layer, by)
    for number, part in enumerate(layer.parts):
        if number % 2 == 0:
            columns = st.columns(2)  # one row of two, so that neighbours begin at the same height
        with columns[number % 2]:
            made = gates.compute(layer, part, opened.time_L, unit_D)
            charts.chart(gates.draw(made), made.caption, f"inside-{part}")


def _order(by: str) -> str:
    return ORDERS[by]


@st.fragment
def forgotten(run: Run, opened: CellInspection, layer: Layer) -> None:
    """The days on which the layer let go of its memory, under the window's own values."""
    st.subheader("Which days it chose to forget")
    if layer.keep is None:
        st.info(
            "A plain recurrent network has no gate to forget by: its state fades by itself.", icon=":material/info:"
        )
        return
    feature = st.selectbox("Beside", opened.features, key="beside", bind="query-params")
    charts.label(run)
    made = gates.compute_forgetting(layer, opened.time_L, feature, opened.raw_LF[:, opened.features.index(feature)])
    if made is not None:
        charts.chart(gates.draw_forgetting(made), made.caption, "inside-forgotten")


@st.fragment
def walk(run: Run, opened: CellInspection, layer: Layer) -> None:
    """One step at a time: the equations of a unit with the numbers of a day, moved by hand or by themselves."""
    st.subheader("One step, in numbers")
    hidden_LD = layer.parts["hidden state"]
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    unit = left.number_input(
        "Unit",
        1,
        hidden_LD.shape[1],
        int(np.argmax(hidden_LD.std(axis=0))) + 1,
        key="unit",
        bind="query-params",
        help="At first the one whose state moves most",
    )
    plays = right.toggle("Play", key="inside-play", help="Go through the window day by day")
    charts.label(run)
    st.fragment(_step, run_every=BEAT if plays else None)(opened, layer, int(unit) - 1, plays)


def _step(opened: CellInspection, layer: Layer, unit: int, plays: bool) -> None:
    times = iso(opened.time_L)
    key = f"inside-row-{opened.symbol}-{times[-1]}"
    if plays and key in st.session_state:
        after = times.index(st.session_state[key]) + (-1 if layer.backwards else 1)
        st.session_state[key] = times[after % len(times)]
    st.session_state.setdefault(key, times[layer.first])
    row = times.index(st.select_slider("Day", times, key=key))
    st.latex(equations.format_block(equations.compute(layer, unit, row)))
    st.caption(
        f"In each sum the first number is what the inputs of {charts.plain(day(opened.time_L[row]))} add, with "
        "their bias; the second is what the states of the step before add, with theirs."
    )
    made = gates.compute_unit(layer, opened.time_L, unit, row)
    charts.chart(gates.draw_unit(made), made.caption, "inside-course")


def steepness(run: Run) -> None:
    """How much of the gradient reached each layer while the network learned."""
    st.subheader("How steep the loss was, layer by layer")
    made = steep.compute(run.history)
    if made is None:
        st.info(
            "This run was trained before the norms of its layers were kept. Train it again to see them.",
            icon=":material/info:",
        )
        return
    charts.label(run)
    charts.chart(steep.draw(made), made.caption, "inside-steepness")


def memory(run: Run, symbol: str) -> None:
    """How far back the model remembers, measured by a worker, once for everyone."""
    st.subheader("How far back it remembers")
    charts.label(run)
    found = job_artifacts.ask(
        Memory, run, symbol, "", f"Measuring the memory of run {run.id}", recurrent_cell.compute_memory, symbol
    )
    if found is not None:
        made = horizons.compute(found, run.spec.model.kind)
        charts.chart(horizons.draw(made), made.caption, "inside-memory")
        st.caption(
            "Each line is the norm of ∂ forecast / ∂ input at a lag, as a share of its own strongest lag. The "
            "untrained cells have this model's hidden size, layers and inputs and torch's initial weights (mean "
            f"of {found.seeds} draws): they show what training changed, not what a trained RNN could learn."
        )
