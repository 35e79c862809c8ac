"""Tests of the gradient norms by layer over the epochs."""

import pytest

from core.charts.training import gradient_norms
from core.events import Epoch
from core.types import History


def history(*norms: dict[str, float] | None) -> History:
    epochs = tuple(
        Epoch(epoch=n, epochs=9, train_loss=1.0, val_loss=1.0, lr=1e-3, seconds=1.0, eta=1.0, layer_norms=norm)
        for n, norm in enumerate(norms, 1)
    )
    return History(epochs=epochs, best_epoch=1, seconds=1.0, device="cpu")


@pytest.mark.parametrize(("first", "outcome"), [(0.5, "does not vanish"), (0.01, "vanishes")])
def test_the_caption_says_whether_the_gradient_reaches_the_first_layer(first: float, outcome: str) -> None:
    chart = gradient_norms.compute(history(*3 * [{"layer 1": first, "layer 2": 1.0, "head": 9.0}]))
    assert chart is not None
    assert f"{first:g} times" in chart.caption and outcome in chart.caption
    assert "layer 1" in chart.caption and "layer 2" in chart.caption


def test_there_is_one_line_per_layer_on_a_logarithmic_axis() -> None:
    chart = gradient_norms.compute(history({"layer 1": 0.1, "head": 0.2}, {"layer 1": 0.0, "head": 0.3}))
    assert chart is not None
    figure = gradient_norms.draw(chart)
    assert [line.name for line in figure.data] == ["layer 1", "head"]
    assert figure.layout.yaxis.type == "log"
    assert figure.data[1].y.tolist() == [0.2, 0.3]
    assert all(fact in chart.caption for fact in ("layer 1", "0.05", "2 epochs"))


def test_layers_without_a_gradient_no_longer_learn() -> None:
    chart = gradient_norms.compute(history({"layer 1": 0.0, "layer 2": 0.0, "head": 0.0}))
    assert chart is not None
    assert "No gradient" in chart.caption


def test_an_older_run_has_none() -> None:
    assert gradient_norms.compute(history(None)) is None
