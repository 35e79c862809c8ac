"""The Network page: every kind of cell, what is chosen, one step in numbers, the memory, and the badge."""

from dataclasses import replace

from core.explain.gates import PARTS
from core.models.ensemble import Ensemble
from core.spec import with_values
from core.storage import runs
from core.training import trainer
from tests.pages.conftest import captions, opened, text
from ui import cache
from ui.verdict import NO_SKILL


def keep(finished, tone="none", **values):
    """The run saved where the pages look, with a verdict of this tone and, if there are `values`, another model."""
    if values:
        spec = with_values(finished.spec, {path.replace("__", "."): value for path, value in values.items()})
        nets = [trainer.build_untrained(spec, seed) for seed in range(spec.train.ensemble)]
        net = nets[0] if len(nets) == 1 else Ensemble(nets)
        finished = replace(finished, spec=spec, weights={k: v.numpy() for k, v in net.state_dict().items()})
    verdict = replace(finished.evaluation.verdict, tone=tone)
    return runs.save(replace(finished, evaluation=replace(finished.evaluation, verdict=verdict)), cache.RUNS)


def test_the_page_without_a_run_says_what_to_do(idle):
    assert "You have trained nothing yet" in text(opened("network"))


def test_every_part_of_an_lstm_is_drawn_with_a_caption(queue, finished):
    keep(finished)
    app = opened("network")
    assert finished.evaluation.verdict.text[:20] in text(app)
    assert "Explanation reliability: skill " in text(app)
    shown = captions(app)
    parts = {f"cell-{part}": part for part in PARTS["lstm"]}
    assert {*shown} == {*parts, "cell-forgetting", "cell-unit", "cell-memory", "cell-gradients", "structure"}
    assert all(part in shown[key] for key, part in parts.items())
    assert "RNN" in shown["cell-memory"]  # next to untrained cells
    assert next(iter(shown)) == "structure" and "The LSTM reads" in text(app)  # one sentence and one picture first
    assert text(app).count(NO_SKILL) == 6  # on every view of a model without skill


def test_the_equations_follow_the_step_and_the_unit_and_play(queue, finished):
    keep(finished, "good")
    app = opened("network")
    assert NO_SKILL not in text(app)
    first, times = app.latex[0].value, app.select_slider[0].options
    assert first.count("\\\\") == 5 and "\\sigma" in first
    assert len(times) == finished.spec.window.lookback and app.select_slider[0].value == times[0]
    app.select_slider[0].set_value(times[5])
    app.number_input(key="unit").set_value(1 if app.number_input(key="unit").value != 1 else 2)
    app.toggle(key="cell-play").set_value(True).run()
    assert not app.exception and app.latex[0].value != first
    caption = captions(app)["cell-unit"]
    assert app.select_slider[0].value == times[6] and times[6] in caption
    assert f"unit {app.number_input(key='unit').value}" in caption


def test_a_clicked_cutoff_is_opened_then_another_one(queue, finished):
    keep(finished)
    day = finished.forecast.loc[finished.forecast["part"] == "test", "cutoff"].iloc[7]
    app = opened("network", day=day.isoformat())
    assert app.date_input[0].value == day.date()
    first = app.date_input[0].min
    app.button_group(key="order").set_value("keep")
    app.selectbox(key="feature").set_value(finished.spec.features[1])
    app.date_input[0].set_value(first).run()
    assert not app.exception and app.select_slider[0].options[-1] == first.isoformat() < day.date().isoformat()


def test_networks_layers_and_directions_can_be_chosen(queue, finished):
    keep(finished, model__kind="gru", model__layers=2, model__bidirectional=True, train__ensemble=2)
    app = opened("network")
    assert len(captions(app)) == 9
    equations = [app.latex[0].value]
    assert equations[0].count("\\\\") == 3 and "t-1" in equations[0]
    widgets = (app.number_input(key="network"), 2), (app.number_input(key="layer"), 2)
    for widget, value in (*widgets, (app.selectbox(key="reads"), "Backwards")):
        widget.set_value(value).run()
        assert not app.exception and app.latex[0].value not in equations
        equations.append(app.latex[0].value)
    assert "t+1" in equations[-1]


def test_a_plain_cell_has_no_forget_gate(queue, finished):
    keep(finished, model__kind="rnn")
    app = opened("network")
    assert len(captions(app)) == 5 and "no forget gate" in text(app)


def test_a_model_without_a_cell_says_why(queue, finished):
    keep(finished, model__kind="nlinear")
    app = opened("network")
    assert len(app.info) == 1 and "nlinear" in app.info[0].value.lower() and {*captions(app)} == {"structure"}


def test_a_model_that_weighs_its_inputs_shows_the_weights(queue, finished):
    keep(finished, model__kind="tft", train__ensemble=2)
    app = opened("network")
    first = captions(app)
    assert {*first} == {"structure", "selection"} and "largest weight" in first["selection"]
    assert len(app.info) == 1 and "mixture of the inputs" in app.info[0].value
    app.number_input(key="network").set_value(2).run()
    assert not app.exception and captions(app) != first


def test_the_exponential_gates_of_an_slstm_are_drawn(queue, finished):
    keep(finished, model__kind="slstm")
    app = opened("network")
    assert {f"cell-{part}" for part in PARTS["slstm"]} < {*captions(app)}
    assert app.latex[0].value.count("\\\\") == 8 and "\\exp" in app.latex[0].value
