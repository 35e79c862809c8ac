import json
import math
from dataclasses import replace

from core.charts.training import loss
from core.events import Epoch, Stage, SubtaskReturned
from core.types import History


def epochs(*losses, planned=10):
    return tuple(
        Epoch(epoch=i, epochs=planned, train_loss=train, val_loss=val, lr=1e-3, seconds=float(i), eta=0.0)
        for i, (train, val) in enumerate(losses, start=1)
    )


def history(*losses, best=2):
    return History(epochs=epochs(*losses), best_epoch=best, seconds=3.21, device="cpu")


def test_both_losses_are_drawn_and_the_best_epoch_is_marked():
    curve = loss.compute(history((0.5, 0.6), (0.4, 0.45), (0.3, 0.5)))
    assert all(fact in curve.caption for fact in ("epoch 2", "0.45", "3 of at most 10 epochs", "3.2 s"))
    train, val, best = loss.draw(curve).data
    assert (train.y.tolist(), val.y.tolist()) == ([0.5, 0.4, 0.3], [0.6, 0.45, 0.5])
    assert (best.x.tolist(), best.y.tolist()) == ([2], [0.45])


def test_curves_of_one_epoch_and_of_no_epoch():
    one = loss.compute(history((0.5, 0.6), best=1))
    assert "after epoch 1, at 0.6;" in one.caption and loss.draw(one).data[1].mode == "lines+markers"
    empty = loss.compute(History(epochs=(), best_epoch=0, seconds=0.0, device="cpu"))
    assert empty.caption == "No step has been trained yet." and len(loss.draw(empty).data) == 3
    assert loss.compute(history((0.5, 0.6), best=0)).caption.startswith("No epoch was kept")


def in_steps(*losses, planned=10):
    return tuple(replace(e, step=12 * e.epoch, steps=12 * e.epochs) for e in epochs(*losses, planned=planned))


def test_runs_that_count_steps_are_drawn_by_step():
    told = in_steps((0.5, 0.6), (0.4, 0.45), (0.3, 0.5), planned=100)
    curve = loss.compute(History(epochs=told, best_epoch=2, seconds=3.21, device="cpu"))
    assert all(fact in curve.caption for fact in ("after step 24, at 0.45;", "36 of at most 1,200 steps"))
    assert [trace.x.tolist() for trace in loss.draw(curve).data] == [[12, 24, 36], [12, 24, 36], [24]]
    axis = loss.echarts_loss(told)["xAxis"]
    assert (axis["name"], axis["max"]) == ("step", 1200)


def test_runs_whose_recipe_names_epochs_are_drawn_by_epoch():
    told = in_steps((0.5, 0.6), (0.4, 0.45), (0.3, 0.5), planned=100)
    curve = loss.compute(History(epochs=told, best_epoch=2, seconds=3.21, device="cpu"), "epoch")
    assert all(fact in curve.caption for fact in ("after epoch 2, at 0.45;", "3 of at most 100 epochs"))
    assert [trace.x.tolist() for trace in loss.draw(curve).data] == [[1, 2, 3], [1, 2, 3], [2]]
    axis = loss.echarts_loss(told, "epoch")["xAxis"]
    assert (axis["name"], axis["max"]) == ("epoch", 100)


def test_live_curve_is_plain_json_without_animation():
    option = loss.echarts_loss(epochs((0.5, 0.6), (math.nan, 0.45)))
    assert json.loads(json.dumps(option, allow_nan=False)) == option
    assert option["animation"] is False
    assert [s["data"] for s in option["series"]] == [[[1, 0.5], [2, None]], [[1, 0.6], [2, 0.45]]]
    assert (option["xAxis"]["min"], option["xAxis"]["max"]) == (0, 10)


def test_axes_of_the_live_curve_stay_put_while_losses_fall_a_little():
    first = loss.echarts_loss(epochs((0.9, 0.8), (0.56, 0.6)))
    later = loss.echarts_loss(epochs((0.9, 0.8), (0.56, 0.6), (0.54, 0.58), (0.52, 0.57)))
    for axis in ("xAxis", "yAxis"):
        assert first[axis] == later[axis]
    assert (later["yAxis"]["min"], later["yAxis"]["max"]) == (0.5, 0.9)


def test_live_curve_of_no_epoch_and_of_constant_losses():
    assert (loss.echarts_loss([])["yAxis"]["min"], loss.echarts_loss([])["yAxis"]["max"]) == (0.0, 1.0)
    for value in (0.0, 0.7):
        axis = loss.echarts_loss(epochs((value, value)))["yAxis"]
        assert axis["min"] <= value < axis["max"]


def member_epochs(*losses):
    """One epoch per (member, loss); epochs count from 1 for each member."""
    result, count = [], {}
    for member, value in losses:
        count[member] = count.get(member, 0) + 1
        result.append(
            Epoch(
                epoch=count[member],
                epochs=9,
                train_loss=value,
                val_loss=value,
                lr=1e-3,
                seconds=1.0,
                eta=1.0,
                grad_norm=2 * value,
                grad_norm_max=3 * value,
                member=member,
                members=2,
            )
        )
    return tuple(result)


def test_other_networks_are_thin_lines_and_the_caption_is_about_the_first():
    ensemble = member_epochs((1, 0.5), (1, 0.4), (2, 0.3), (2, 0.2), (2, 0.6))
    curve = loss.compute(History(epochs=ensemble, best_epoch=2, seconds=1.0, device="cpu"))
    assert all(fact in curve.caption for fact in ("first of 2 networks", "after epoch 2, at 0.4;"))
    other, train, _, best = loss.draw(curve).data
    assert (other.x.tolist(), other.y.tolist()) == ([1, 2, 3], [0.3, 0.2, 0.6])
    assert (train.y.tolist(), best.y.tolist()) == ([0.5, 0.4], [0.4])


def test_live_curves_of_an_ensemble_show_the_first_network_in_training():
    first_1, first_2, second_1, second_2 = member_epochs((1, 0.5), (1, 0.4), (2, 0.3), (2, 0.2))
    first_final, second_final = replace(first_2, final=True), replace(second_2, final=True)
    for epochs_so_far, active, line in (
        ((first_1, second_1, first_2), [first_2, second_1], [[1, 0.5], [2, 0.4]]),
        ((first_1, second_1, first_final), [second_1], [[1, 0.3]]),
        ((second_1, first_1, first_final, second_final), [second_final], [[1, 0.3], [2, 0.2]]),
    ):
        assert loss.active_epochs(epochs_so_far) == active
        assert [s["data"] for s in loss.echarts_loss(epochs_so_far)["series"]] == [line, line]


def test_the_live_gradient_norm_is_plain_json_and_leaves_gaps():
    option = loss.echarts_norm(member_epochs((1, 0.5), (1, math.inf)))
    assert json.loads(json.dumps(option, allow_nan=False)) == option
    assert [(s["name"], s["data"]) for s in option["series"]] == [
        ("mean", [[1, 1.0], [2, None]]),
        ("largest", [[1, 1.5], [2, None]]),
    ]
    assert [s["data"] for s in loss.echarts_norm(epochs((0.5, 0.6)))["series"]] == [[], []]


def test_epochs_of_a_returned_subtask_are_dropped():
    first, second, restarted = member_epochs((1, 0.5), (2, 0.3), (2, 0.4))
    restarted = replace(restarted, epoch=1)
    returned = SubtaskReturned(number=2)
    assert loss.collect_epochs([Stage(name="train"), first, second, returned]) == [first]
    assert loss.collect_epochs([first, second, returned, restarted]) == [first, restarted]


def test_epochs_that_are_trained_again_after_a_lost_worker_count_once():
    first, second, third = epochs((1.0, 1.0), (0.9, 0.9), (0.8, 0.8))
    again = replace(second, val_loss=0.5)
    assert loss.collect_epochs([first, second, third, again]) == [first, again]


def test_a_long_live_curve_is_thinned_and_keeps_its_ends_spikes_and_gaps():
    many = [replace(one, epoch=n) for n, one in enumerate(epochs((0.5, 0.6)) * 5000, start=1)]
    many[2345], many[3456] = replace(many[2345], val_loss=7.0), replace(many[3456], val_loss=math.nan)
    training, validation = (line["data"] for line in loss.echarts_loss(many)["series"])
    assert len(training) <= loss.LIVE_POINTS and len(validation) <= loss.LIVE_POINTS + 1
    assert [validation[0][0], validation[-1][0]] == [1, 5000]
    assert [2346, 7.0] in validation and [3457, None] in validation


def test_every_name_in_the_legend_of_the_live_norms_has_room():
    """Names that scroll are cut in a narrow column; the lines begin below the last row of names."""
    layers = {f"layer {number}": 0.1 for number in range(1, 7)}
    few = loss.echarts_norm(
        [replace(epochs((0.5, 0.6))[0], grad_norm=0.1, grad_norm_max=0.2, layer_norms={"head": 0.1})]
    )
    many = loss.echarts_norm([replace(epochs((0.5, 0.6))[0], grad_norm=0.1, grad_norm_max=0.2, layer_norms=layers)])
    assert "type" not in many["legend"] and many["legend"]["data"] == ["mean", "largest", *layers]
    assert many["grid"]["top"] - few["grid"]["top"] == 22  # a row more


def test_ticks_of_the_live_curve_are_round_and_its_last_step_covers_no_other():
    option = loss.echarts_loss(epochs((0.31, 0.34), (0.19, 0.21)))
    axis = option["yAxis"]
    assert (axis["min"], axis["max"], axis["interval"]) == (0.15, 0.35, 0.05)
    assert option["xAxis"]["axisLabel"] == {"hideOverlap": True}
