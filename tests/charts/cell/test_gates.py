"""Tests of heat maps, forgetting and one unit, on a cell whose numbers can be checked by eye."""

from dataclasses import replace

import numpy as np
import pytest

from core.charts.cell import gates
from core.explain.gates import MEMORY_GATE, PARTS, Layer

DAYS = np.array(["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-06"], dtype="M8[ns]")
KEEP_LD = np.array([[0.1, 0.1, 0.1], [0.9, 0.7, 0.8], [0.2, 0.3, 0.1], [0.9, 0.8, 1.0]])
HIDDEN_LD = np.array([[0.0, 0.1, 0.2], [0.1, -0.9, 0.1], [0.2, 0.1, 0.1], [0.3, 0.1, 0.8]])


def layer(kind="lstm", backwards=False, hidden_LD=HIDDEN_LD, keep_LD=KEEP_LD):
    """Every gate and state is 0.5 except the gate that keeps memory and the hidden state."""
    parts = {name: np.full(hidden_LD.shape, 0.5) for name in PARTS[kind]} | {"hidden state": hidden_LD}
    if kind != "rnn":
        parts[MEMORY_GATE[kind]] = keep_LD
    return Layer(kind=kind, backwards=backwards, parts=parts, from_input={}, from_state={})


def test_units_are_ordered_by_peak_or_by_how_much_they_keep():
    assert gates.order_units(layer(), "peak").tolist() == [1, 0, 2]
    assert gates.order_units(layer(), "keep").tolist() == [0, 2, 1]
    assert gates.order_units(layer("rnn"), "keep").tolist() == [2, 0, 1]
    with pytest.raises(ValueError, match="peak, keep; got 'size'"):
        gates.order_units(layer(), "size")


def test_a_gate_as_a_heat_map():
    chart = gates.compute(layer(), "forget gate", DAYS, gates.order_units(layer(), "peak"))
    assert chart.is_gate and chart.unit_D.tolist() == [2, 1, 3]
    assert all(fact in chart.caption for fact in ("forget gate", "50%", "unit 1 most (52%)", "unit 2 least (48%)"))
    cells = gates.draw(chart).data[0]
    np.testing.assert_allclose(cells.z, KEEP_LD[:, [1, 0, 2]].T, rtol=1e-6)
    assert (cells.zmin, cells.zmax) == (0.0, 1.0)
    assert cells.y[0] == "unit 2"


def test_a_share_as_a_heat_map_is_not_called_open():
    chart = gates.compute(layer("slstm"), "kept share", DAYS, np.arange(3))
    assert chart.is_gate and "kept share is 50% on average" in chart.caption


def test_a_state_as_a_heat_map():
    chart = gates.compute(layer(), "hidden state", DAYS, np.arange(3))
    assert all(fact in chart.caption for fact in ("hidden state", "−0.9", "unit 2", "2020-01-02"))
    assert (gates.draw(chart).data[0].zmin, gates.draw(chart).data[0].zmax) == (-0.9, 0.9)
    zero = gates.compute(layer(hidden_LD=np.zeros((4, 3))), "hidden state", DAYS, np.arange(3))
    assert gates.draw(zero).data[0].zmax == 1.0


def test_large_cells_and_long_windows_are_thinned():
    many_LD, days = np.zeros((900, 300)), np.datetime64("2000-01-01", "D") + np.arange(900)
    chart = gates.compute(layer("rnn", hidden_LD=many_LD), "hidden state", days, np.arange(300))
    assert gates.draw(chart).data[0].z.shape == (128, 250)
    assert chart.caption.endswith("128 of 300 units are drawn.")


@pytest.mark.parametrize(
    ("kind", "gate"), [("lstm", "1 − forget gate"), ("gru", "1 − update gate"), ("slstm", "1 − kept share")]
)
def test_the_share_of_memory_that_is_forgotten(kind, gate):
    chart = gates.compute_forgetting(layer(kind), DAYS, "return", np.arange(4.0))
    np.testing.assert_allclose(chart.share_L, [np.nan, 0.2, 0.8, 0.1])
    assert chart.top_rows.tolist() == [2, 1, 3]
    assert all(fact in chart.caption for fact in ("2020-01-03", "80.0%", "36.7%", gate))
    figure = gates.draw_forgetting(chart)
    line, bars = figure.data
    assert line.y.tolist() == [0.0, 1.0, 2.0, 3.0] and bars.y[2] == pytest.approx(0.8)
    assert len(figure.layout.shapes) == 6  # three times through two panels


def test_a_backward_layer_starts_at_the_last_row_and_an_rnn_has_no_forgetting():
    assert np.flatnonzero(
        np.isnan(gates.compute_forgetting(layer(backwards=True), DAYS, "r", np.arange(4.0)).share_L)
    ) == [3]
    assert gates.compute_forgetting(layer("rnn"), DAYS, "r", np.arange(4.0)) is None


def test_one_unit_over_the_window():
    chart = gates.compute_unit(layer(), DAYS, 1, 1)
    assert all(fact in chart.caption for fact in ("On 2020-01-02", "unit 2 keeps 70.0%", "outputs 50.0%"))
    figure = gates.draw_unit(chart)
    assert [trace.name for trace in figure.data] == list(PARTS["lstm"])
    assert figure.data[-1].y.tolist() == HIDDEN_LD[:, 1].tolist()
    assert figure.layout.shapes[0].x0.startswith("2020-01-02")
    assert "keeps 70.0% of its state and takes the rest" in gates.compute_unit(layer("gru"), DAYS, 1, 1).caption
    exponential = gates.compute_unit(layer("slstm"), DAYS, 1, 1).caption
    assert "keeps 70.0% of its memory, takes the rest from the candidate and outputs 50.0%" in exponential
    assert "unit 2 is −0.9" in gates.compute_unit(layer("rnn"), DAYS, 1, 1).caption


def test_feature_names_are_escaped(hostile):
    name, check = hostile
    check(gates.draw_forgetting(gates.compute_forgetting(layer(), DAYS, name, np.arange(4.0))))


def test_a_map_costs_four_bytes_a_cell_and_names_each_unit_once():
    rng = np.random.default_rng(0)
    big = replace(layer("lstm"), parts={"hidden state": rng.uniform(-1, 1, (60, 64))})
    figure = gates.draw(gates.compute(big, "hidden state", np.arange(60).astype("datetime64[D]"), np.arange(64)))
    assert len(figure.to_json()) < 60 * 64 * 4 * 4 / 3 + 10_000
