"""The recurrent cell over one window: heat maps of its gates and states, what it forgot, one step in numbers."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.cell import equations, gates, gradient_memory
from core.charts.text import day, iso
from core.charts.training import gradient_norms
from core.explain import recurrent_cell
from core.explain.gates import Layer
from core.explain.gradient_memory import Memory
from core.explain.recurrent_cell import CellInspection
from core.language import mark, message, tr
from core.types import Run
from ui import cache, charts, markdown, messages, names, verdict, widgets
from ui.explain import pick_day
from ui.jobs import results

BEAT = 1.2  # s for which the animation stays at one step
ORDERS = {"peak": mark("When their state is strongest"), "keep": mark("How much they keep")}
DIRECTIONS = (mark("Forwards"), mark("Backwards"))


def choose(run: Run) -> tuple[CellInspection, Layer]:
    """The window, network, layer and direction that the visitor picks, and the cell over it. Raises CoreError."""
    model, columns = run.spec.model, iter(columns_of_window())
    symbol, cutoff, member = choose_window(run, columns)
    layer = direction = 0
    if model.layers > 1:
        layer = next(columns).number_input(tr("Layer"), 1, model.layers, key="layer", bind="query-params") - 1
    if model.bidirectional:
        chosen = next(columns).selectbox(tr("Reads"), DIRECTIONS, key="reads", bind="query-params", format_func=tr)
        direction = DIRECTIONS.index(chosen)
    cell = cache.cell(run.id, symbol, cutoff, member)
    return cell, cell.gates.layer(int(layer), direction)


def columns_of_window() -> list[DeltaGenerator]:
    """A wide column for the day, and narrow ones for the network, the layer and the direction."""
    return st.columns([4, 1, 1, 1], vertical_alignment="bottom")


def choose_window(run: Run, columns: Iterator[DeltaGenerator]) -> tuple[str, str, int]:
    """The symbol, the cutoff, and the network counted from 0, picked in one or two of `columns`. Raises CoreError."""
    networks, member = recurrent_cell.count_networks(run), 1
    with next(columns):
        symbol = widgets.choose_symbol(run)
        cutoff_N = recurrent_cell.cutoffs(cache.prepared(run.id), symbol)
        cutoff = pick_day.draw(cutoff_N, f"{run.id}-{symbol}", tr("Window that ends on"))
    if networks > 1:
        member = int(next(columns).number_input(tr("Network"), 1, networks, key="network", bind="query-params"))
    return symbol, cutoff, member - 1


@st.fragment
def draw_heat_maps(run: Run, cell: CellInspection, layer: Layer) -> None:
    """One heat map for each gate and state of the layer, all with their units in the same order."""
    st.subheader(tr("Gates and states"))
    order = "peak"
    if layer.keep is not None:
        chosen = st.segmented_control(
            tr("Order the units by"), list(ORDERS), default="peak", format_func=_order, key="order", bind="query-params"
        )
        order = chosen or "peak"
    verdict.draw_badge(run)
    unit_D = gates.order_units(layer, order)
    for number, part in enumerate(layer.parts):
        if number % 2 == 0:
            columns = st.columns(2)  # a new row, so that neighbours begin at the same height
        with columns[number % 2]:
            chart = gates.compute(layer, part, cell.time_L, unit_D)
            charts.show(gates.draw(chart), chart.caption, f"cell-{part}")


def _order(name: str) -> str:
    return tr(ORDERS[name])


@st.fragment
def draw_forgetting(run: Run, cell: CellInspection, layer: Layer) -> None:
    """The steps at which the layer let go of its memory, under the window's own values."""
    st.subheader(tr("When it forgot"))
    if layer.keep is None:
        messages.info(tr("A plain recurrent network has no forget gate: its state fades by itself."))
        return
    named = partial(names.feature, step=names.step(run))
    feature = st.selectbox(tr("Compare with"), cell.features, key="feature", bind="query-params", format_func=named)
    verdict.draw_badge(run)
    chart = gates.compute_forgetting(layer, cell.time_L, named(feature), cell.raw_LF[:, cell.features.index(feature)])
    if chart is not None:
        charts.show(gates.draw_forgetting(chart), chart.caption, "cell-forgetting")


@st.fragment
def draw_steps(run: Run, cell: CellInspection, layer: Layer) -> None:
    """The equations of one unit with the numbers of one step, moved by hand or by themselves."""
    st.subheader(tr("One step, in numbers"))
    hidden_LD = layer.parts["hidden state"]
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    unit = left.number_input(
        tr("Unit"),
        1,
        hidden_LD.shape[1],
        int(np.argmax(hidden_LD.std(axis=0))) + 1,
        key="unit",
        bind="query-params",
        help=tr("The default is the unit whose state moves most"),
    )
    plays = right.toggle(tr("Play"), key="cell-play", help=tr("Go through the window step by step"))
    verdict.draw_badge(run)
    st.fragment(_draw_step, run_every=BEAT if plays else None)(cell, layer, int(unit) - 1, plays)


def _draw_step(cell: CellInspection, layer: Layer, unit: int, plays: bool) -> None:
    times = iso(cell.time_L)
    key = f"cell-row-{cell.symbol}-{times[-1]}"
    if plays and key in st.session_state:
        following = times.index(st.session_state[key]) + (-1 if layer.backwards else 1)
        st.session_state[key] = times[following % len(times)]
    st.session_state.setdefault(key, times[layer.first])
    row = times.index(st.select_slider(tr("Time"), times, key=key))
    st.latex(equations.format_block(equations.compute(layer, unit, row)))
    st.caption(
        tr(
            "In each sum the first number comes from the inputs of {day}, the second from the state before; each "
            "includes its bias.",
            day=markdown.escape(day(cell.time_L[row])),
        )
    )
    chart = gates.compute_unit(layer, cell.time_L, unit, row)
    charts.show(gates.draw_unit(chart), chart.caption, "cell-unit")


def draw_memory(run: Run, symbol: str) -> None:
    """How far back the model remembers, measured by a worker, once for everyone."""
    st.subheader(tr("How far back it remembers"))
    verdict.draw_badge(run)
    title = message("Measuring the memory of run {run}", run=run.id)
    memory = results.get(Memory, run, symbol, "", title, recurrent_cell.compute_memory, symbol)
    if memory is not None:
        chart = gradient_memory.compute(memory, run.spec.model.kind, names.unit(run))
        charts.show(gradient_memory.draw(chart), chart.caption, "cell-memory")
        st.caption(
            tr(
                "Norm of ∂ forecast / ∂ input at each lag, as a share of the strongest lag. The untrained cells (mean "
                "of {count} initialisations of the same size) show what training changed, not what a trained RNN "
                "could learn.",
                count=memory.seeds,
            )
        )


def draw_gradient_norms(run: Run) -> None:
    """The gradient norm of each layer during training."""
    st.subheader(tr("Gradient norm by layer"))
    chart = gradient_norms.compute(run.history, run.spec.train.unit)
    if chart is None:
        messages.info(tr("This run is older than the record of gradient norms by layer. Train it again to see them."))
        return
    verdict.draw_badge(run)
    charts.show(gradient_norms.draw(chart), chart.caption, "cell-gradients")
