import json
import math
from dataclasses import replace

from core.charts.training import loss as training
from core.events import Epoch, Stage, SubtaskReturned
from core.types import History


def epochs(*losses, planned=10):
    return tuple(
        Epoch(epoch=i, epochs=planned, train_loss=train, val_loss=val, lr=1e-3, seconds=float(i), eta=0.0)
        for i, (train, val) in enumerate(losses, start=1)
    )


def history(*losses, best=2):
    return History(epochs=epochs(*losses), best_epoch=best, seconds=3.21, device="cpu")


def test_curve_carries_both_losses_and_marks_the_best():
    curve = training.compute(history((0.5, 0.6), (0.4, 0.45), (0.3, 0.5)))
    assert curve.caption == (
        "The validation loss was lowest, 0.45, after epoch 2; training stopped after 3 of at most 10 "
        "epochs and took 3.2 s."
    )
    train, val, best = training.draw(curve).data
    assert (train.y.tolist(), val.y.tolist()) == ([0.5, 0.4, 0.3], [0.6, 0.45, 0.5])
    assert (best.x.tolist(), best.y.tolist()) == ([2], [0.45])


def test_curves_of_one_epoch_and_of_none():
    one = training.compute(history((0.5, 0.6), best=1))
    assert "0.6, after epoch 1" in one.caption and training.draw(one).data[1].mode == "lines+markers"
    none = training.compute(History(epochs=(), best_epoch=0, seconds=0.0, device="cpu"))
    assert none.caption == "No epoch has been trained yet." and len(training.draw(none).data) == 3
    assert training.compute(history((0.5, 0.6), best=0)).caption.startswith("No epoch was kept")


def test_live_curve_is_plain_json_without_animation():
    option = training.echarts(epochs((0.5, 0.6), (math.nan, 0.45)))
    assert json.loads(json.dumps(option, allow_nan=False)) == option
    assert option["animation"] is False
    assert [s["data"] for s in option["series"]] == [[[1, 0.5], [2, None]], [[1, 0.6], [2, 0.45]]]
    assert (option["xAxis"]["min"], option["xAxis"]["max"]) == (0, 10)


def test_axes_of_the_live_curve_stand_still_while_losses_fall_a_little():
    first = training.echarts(epochs((0.9, 0.8), (0.56, 0.6)))
    later = training.echarts(epochs((0.9, 0.8), (0.56, 0.6), (0.54, 0.58), (0.52, 0.57)))
    for axis in ("xAxis", "yAxis"):
        assert first[axis] == later[axis]
    assert (later["yAxis"]["min"], later["yAxis"]["max"]) == (0.5, 0.9)


def test_live_curve_of_no_epoch_and_of_constant_losses():
    assert (training.echarts([])["yAxis"]["min"], training.echarts([])["yAxis"]["max"]) == (0.0, 1.0)
    for loss in (0.0, 0.7):
        axis = training.echarts(epochs((loss, loss)))["yAxis"]
        assert axis["min"] <= loss < axis["max"]


def members(*losses):
    """An epoch for each (member, loss); epochs count from 1 in each member."""
    told, count = [], {}
    for member, loss in losses:
        count[member] = count.get(member, 0) + 1
        told.append(
            Epoch(
                epoch=count[member],
                epochs=9,
                train_loss=loss,
                val_loss=loss,
                lr=1e-3,
                seconds=1.0,
                eta=1.0,
                grad_norm=2 * loss,
                grad_norm_max=3 * loss,
                member=member,
                members=2,
            )
        )
    return tuple(told)


def test_further_networks_are_thin_lines_and_the_sentence_is_about_the_first():
    told = members((1, 0.5), (1, 0.4), (2, 0.3), (2, 0.2), (2, 0.6))
    curve = training.compute(History(epochs=told, best_epoch=2, seconds=1.0, device="cpu"))
    assert curve.caption.startswith("Of the first of 2 networks: the validation loss was lowest, 0.4, after epoch 2; ")
    other, train, _, best = training.draw(curve).data
    assert (other.x.tolist(), other.y.tolist()) == ([1, 2, 3], [0.3, 0.2, 0.6])
    assert (train.y.tolist(), best.y.tolist()) == ([0.5, 0.4], [0.4])


def test_live_curves_of_an_ensemble_are_of_the_first_network_under_way():
    one, last, other, further = members((1, 0.5), (1, 0.4), (2, 0.3), (2, 0.2))
    over = replace(last, final=True)
    for told, under_way, drawn in (
        ((one, other, last), [last, other], [[1, 0.5], [2, 0.4]]),
        ((one, other, over), [other], [[1, 0.3]]),
        ((other, one, over, replace(further, final=True)), [replace(further, final=True)], [[1, 0.3], [2, 0.2]]),
    ):
        assert training.learning(told) == under_way
        assert [s["data"] for s in training.echarts(told)["series"]] == [drawn, drawn]


def test_the_live_gradient_norm_is_plain_json_and_leaves_gaps():
    option = training.echarts_norm(members((1, 0.5), (1, math.inf)))
    assert json.loads(json.dumps(option, allow_nan=False)) == option
    assert [(s["name"], s["data"]) for s in option["series"]] == [
        ("mean", [[1, 1.0], [2, None]]),
        ("largest", [[1, 1.5], [2, None]]),
    ]
    assert [s["data"] for s in training.echarts_norm(epochs((0.5, 0.6)))["series"]] == [[], []]


def test_what_a_helper_told_before_it_left_is_not_drawn():
    one, other, again = members((1, 0.5), (2, 0.3), (2, 0.4))
    again = replace(again, epoch=1)
    assert training.told([Stage(name="train"), one, other, SubtaskReturned(number=2)]) == [one]
    assert training.told([one, other, SubtaskReturned(number=2), again]) == [one, again]
