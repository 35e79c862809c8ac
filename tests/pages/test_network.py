"""The Inside page: every kind of cell, what is chosen, one step in numbers, the memory, and the word without skill."""

from dataclasses import replace

from core.explain.gates import PARTS
from core.models.ensemble import Ensemble
from core.spec import with_values
from core.storage import runs
from core.training import trainer
from tests.pages.conftest import opened, text
from ui import cache

NOTHING = "Describes the model, which knows nothing"


def keep(finished, tone="none", **values):
    """The run saved where the pages look, with a verdict of this tone and, where `values` are given, another model."""
    if values:
        spec = with_values(finished.spec, {path.replace("__", "."): value for path, value in values.items()})
        nets = [trainer.build_untrained(spec, seed) for seed in range(spec.train.ensemble)]
        net = nets[0] if len(nets) == 1 else Ensemble(nets)
        finished = replace(finished, spec=spec, weights={k: v.numpy() for k, v in net.state_dict().items()})
    verdict = replace(finished.evaluation.verdict, tone=tone)
    return runs.save(replace(finished, evaluation=replace(finished.evaluation, verdict=verdict)), cache.RUNS)


def said(app):
    return text(app).replace("\\", "")


def test_the_page_without_a_run_says_what_to_do(idle):
    assert "There is no run yet" in text(opened("network"))


def test_an_lstm_is_opened_and_every_chart_has_its_sentence(queue, finished):
    keep(finished)
    app = opened("network")
    assert finished.evaluation.verdict.text[:20] in said(app)
    assert "How far to trust what explains this model: skill " in said(app)
    assert len(app.get("plotly_chart")) == 10 and len(app.caption) >= 10
    for part in PARTS["lstm"]:
        assert f"The {part} is" in said(app)
    assert "Most was forgotten on" in said(app) and "1 − forget gate" in said(app)
    assert "The model feels a change" in said(app) and "Untrained cells of the same size reach RNN" in said(app)
    assert text(app).count(NOTHING) == 5  # on every view of a model without skill


def test_the_equations_follow_the_day_and_the_unit_and_play(queue, finished):
    keep(finished, "good")
    app = opened("network")
    assert NOTHING not in text(app)
    first, days = app.latex[0].value, app.select_slider[0].options
    assert first.count("\\\\") == 5 and "\\sigma" in first
    assert len(days) == finished.spec.window.lookback and app.select_slider[0].value == days[0]
    app.select_slider[0].set_value(days[5])
    app.number_input[0].set_value(1 if app.number_input[0].value != 1 else 2)
    app.toggle[0].set_value(True).run()
    assert not app.exception and app.latex[0].value != first
    assert app.select_slider[0].value == days[6] and f"On {days[6]} unit {app.number_input[0].value} keeps" in said(app)


def test_a_clicked_day_is_opened_then_another_one(queue, finished):
    keep(finished)
    day = finished.forecast.loc[finished.forecast["part"] == "test", "cutoff"].iloc[7]
    app = opened("")
    app.session_state["day"] = day.isoformat()
    app.switch_page("pages/network.py").run()
    assert not app.exception and app.date_input[0].value == day.date()
    first = app.date_input[0].min
    app.button_group(key="order").set_value("keep")
    app.selectbox[0].set_value(finished.spec.features[1])
    app.date_input[0].set_value(first).run()
    assert not app.exception and app.select_slider[0].options[-1] == first.isoformat() < day.date().isoformat()


def test_networks_layers_and_directions_can_be_chosen(queue, finished):
    keep(finished, model__kind="gru", model__layers=2, model__bidirectional=True, train__ensemble=2)
    app = opened("network")
    assert len(app.get("plotly_chart")) == 8 and "1 − update gate" in said(app)
    seen = [app.latex[0].value]
    assert seen[0].count("\\\\") == 3 and "t-1" in seen[0]
    for widget, value in ((app.number_input[0], 2), (app.number_input[1], 2), (app.selectbox[0], "Backwards")):
        widget.set_value(value).run()
        assert not app.exception and app.latex[0].value not in seen
        seen.append(app.latex[0].value)
    assert "t+1" in seen[-1]


def test_a_plain_cell_has_no_gate_to_forget_by(queue, finished):
    keep(finished, model__kind="rnn")
    app = opened("network")
    assert len(app.get("plotly_chart")) == 4 and "no gate to forget by" in said(app)


def test_a_model_without_a_cell_says_why(queue, finished):
    keep(finished, model__kind="nlinear")
    app = opened("network")
    assert "no cell to open in a nlinear model" in said(app) and not app.get("plotly_chart")
