"""The norm of the gradient by layer over the epochs."""

import pytest

from core.charts.training import gradient_norms
from core.events import Epoch
from core.types import History


def history(*norms: dict[str, float] | None) -> History:
    told = tuple(
        Epoch(epoch=n, epochs=9, train_loss=1.0, val_loss=1.0, lr=1e-3, seconds=1.0, eta=1.0, layer_norms=norm)
        for n, norm in enumerate(norms, 1)
    )
    return History(epochs=told, best_epoch=1, seconds=1.0, device="cpu")


@pytest.mark.parametrize(("first", "held"), [(0.5, "does not vanish"), (0.01, "vanishes")])
def test_the_sentence_says_whether_the_gradient_reaches_the_first_layer(first: float, held: str) -> None:
    made = gradient_norms.compute(history(*3 * [{"layer 1": first, "layer 2": 1.0, "head": 9.0}]))
    assert made is not None
    assert made.caption == (
        f"In the median epoch the gradient of layer 1, next to the input, is {first:g} times that of "
        f"layer 2: it {held} on the way."
    )


def test_there_is_a_line_for_each_layer_on_a_scale_of_powers() -> None:
    made = gradient_norms.compute(history({"layer 1": 0.1, "head": 0.2}, {"layer 1": 0.0, "head": 0.3}))
    assert made is not None
    figure = gradient_norms.draw(made)
    assert [line.name for line in figure.data] == ["layer 1", "head"]
    assert figure.layout.yaxis.type == "log"
    assert figure.data[1].y.tolist() == [0.2, 0.3]
    assert "layer 1 had a norm of 0.05 in the median epoch of 2" in made.caption


def test_layers_without_any_gradient_are_said_to_have_stopped() -> None:
    made = gradient_norms.compute(history({"layer 1": 0.0, "layer 2": 0.0, "head": 0.0}))
    assert made is not None
    assert made.caption == "No gradient reaches the layers: nothing is learned any more."


def test_an_older_run_has_none() -> None:
    assert gradient_norms.compute(history(None)) is None
