"""The recipe on the Train page: it survives a reload, comes from an address, is undone and compared with the run."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.datasets.windows import resolve
from core.jobs.job import Job
from core.spec import Spec, compact, from_dict, to_dict, with_values
from core.storage import runs, visitors
from tests.pages.conftest import ROOT, IdleQueue, checked, errors, opened, press, text, turn, widget_keys
from tests.spec.test_compact import HOSTILE
from ui import cache

ME = "0123456789abcdef" * 2
HIDDEN, HORIZON = "field-model.hidden", "target-horizon"


def at_address(recipe: str, visitor: str = ME, page: str = "train") -> AppTest:
    """The page as it is loaded from an address with this recipe."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["visitor"] = visitor
    app.query_params["recipe"] = recipe
    app.run()
    app.query_params["recipe"] = recipe
    return turn(app, page)


def address(app: AppTest) -> str:
    """The recipe in the address."""
    return "".join(app.query_params["recipe"])


def recipe(app: AppTest) -> Spec:
    return from_dict(app.session_state["recipe"])


def test_a_reload_and_another_tab_have_the_recipe(idle):
    app = opened("train", visitor=ME)
    app.number_input(key=HIDDEN).set_value(33).run()
    again = opened("train", visitor=ME)
    assert again.number_input(key=HIDDEN).value == 33 and recipe(again) == recipe(app)
    assert opened("train").number_input(key=HIDDEN).value == 64  # a stranger's


def test_the_address_has_what_differs_from_the_defaults(idle):
    app = opened("train", visitor=ME)
    assert "recipe" not in app.query_params
    app.number_input(key=HIDDEN).set_value(33).run()
    assert address(app) == '{"model.hidden":33}'
    other = at_address(address(app), visitor=visitors.new_id())
    assert recipe(other) == recipe(app) and other.number_input(key=HIDDEN).value == 33


def test_a_recipe_of_an_address_can_be_undone(idle):
    app = opened("train", visitor=ME)
    app.number_input(key=HIDDEN).set_value(33).run()
    linked = at_address('{"target.horizon":10}')
    assert (recipe(linked).target.horizon, recipe(linked).model.hidden) == (10, 64)
    press(linked, "Undo")
    assert recipe(linked) == recipe(app)


@pytest.mark.parametrize("sent", HOSTILE[::3], ids=range(len(HOSTILE[::3])))
def test_a_hostile_address_is_refused_and_nothing_is_lost(idle, sent):
    app = opened("train", visitor=ME)
    app.number_input(key=HIDDEN).set_value(33).run()
    linked = at_address(sent)
    assert [problem for problem in errors(linked) if "yours stays as it is" in problem]
    assert recipe(linked) == recipe(app) and address(linked) == sent
    assert recipe(opened("train", visitor=ME)) == recipe(app)


def test_an_address_loads_no_data_from_elsewhere_unasked(idle, monkeypatch):
    loaded = []
    frame = cache.frame
    monkeypatch.setattr(cache, "frame", lambda data, upload: loaded.append(data.source) or frame(Spec().data, None))
    sent = '{"data.source":"yahoo","data.symbols":["**EVIL**"]}'
    app = at_address(sent)
    assert "recipe for other data: **EVIL**" in text(app).replace("\\", "").replace("****", "**")
    assert "yahoo" not in loaded and recipe(app).data == Spec().data
    press(app, "Keep mine")
    assert "recipe-take" not in widget_keys(app) and "yahoo" not in loaded and "recipe" not in app.query_params
    app = at_address(sent)
    press(app, "Use this recipe")
    assert recipe(app).data.source == "yahoo" and "yahoo" in loaded


def test_undo_takes_back_one_change_after_another(idle):
    app = opened("train", visitor=ME)
    assert app.button(key="recipe-undo").disabled
    app.number_input(key=HIDDEN).set_value(33).run()
    app.number_input(key=HORIZON).set_value(9).run()
    app.selectbox(key="target-kind").set_value("close").run()
    assert recipe(app).features != ()
    seen = []
    app = opened("train", visitor=ME)  # also after a reload
    while not app.button(key="recipe-undo").disabled:
        press(app, "Undo")
        spec = recipe(app)
        seen.append((spec.target.kind, app.number_input(key=HORIZON).value, app.number_input(key=HIDDEN).value))
    assert seen == [("volatility", 9, 33), ("volatility", 5, 33), ("volatility", 5, 64)]
    assert "volume_change" in recipe(app).features  # those of the target
    assert "recipe" not in app.query_params


def test_a_change_of_the_series_is_undone(idle):
    app = opened("data", visitor=ME)
    app.selectbox(key="sample").set_value("NILE").run()
    turn(app, "train")
    assert recipe(app).data.symbols == ("NILE",)
    press(app, "Undo")
    assert recipe(app).data.symbols == ("SP500",) and not errors(app)


@pytest.fixture
def trained(idle, finished, monkeypatch):
    """The small run, saved; pages load its series for every recipe."""
    monkeypatch.setattr(cache, "frame", lambda data, upload: finished.frame)
    return runs.save(finished, cache.RUNS)


def test_the_page_says_what_changed_since_the_run_on_show(trained):
    app = opened("train", run=trained.id, recipe=to_dict(trained.spec))
    labels = [link.label for link in app.get("page_link")]
    assert f"These are the settings of run {trained.id}." in [label.replace("\\", "") for label in labels]
    app.number_input(key=HORIZON).set_value(9).run()
    app.number_input(key=HIDDEN).set_value(33).run()
    (said,) = [link.label.replace("\\", "") for link in app.get("page_link") if "Changed since" in link.label]
    assert said == f"Changed since run {trained.id}: horizon 5 → 9, hidden size 8 → 33."


def test_a_run_of_another_series_is_named_without_a_list_of_all_settings(trained):
    other = with_values(trained.spec, {"data.symbols": ["NILE"], "model.hidden": 33})
    app = opened("train", run=trained.id, recipe=to_dict(other))
    labels = [link.label.replace("\\", "") for link in app.get("page_link")]
    assert f"Run {trained.id} is of another series: A, not NILE." in labels
    assert not [label for label in labels if "Changed since" in label]


def test_no_verdict_of_another_run_stands_under_the_settings(trained):
    """The run on show is of another recipe; then the settings become those of the run."""
    app = opened("train", run=trained.id)
    assert "skill" not in text(app) and "See the forecast" not in [link.label for link in app.get("page_link")]
    app = opened("train", run=trained.id, recipe=to_dict(trained.spec))
    assert trained.id in text(app) and "skill" in text(app)
    app.number_input(key=HIDDEN).set_value(33).run()
    assert "skill" not in text(app)


def test_progress_and_end_of_a_training_belong_to_its_recipe(trained, monkeypatch):
    job = Job(id="one", title="Training LSTM on A", status="running", events=(), created=0.0)
    queue = IdleQueue(job)
    monkeypatch.setattr(cache, "queue", lambda: queue)
    start = with_values(trained.spec, {"seed": 1})
    app = opened("train", visitor=ME, recipe=to_dict(start))
    press(app, "Train")
    assert "cancel-one" in widget_keys(app)
    app.number_input(key=HIDDEN).set_value(33).run()
    assert "cancel-one" not in widget_keys(app) and "show-one" in widget_keys(app)
    other = opened("evaluate", visitor=ME, run=trained.id)  # another tab, with a run of its own
    assert "Training LSTM on A" in other.sidebar.get("progress")[0].proto.text and trained.id in text(other)
    other.button(key="show-one").click().run()
    checked(other)
    assert other.title[0].value == "Train" and "cancel-one" in widget_keys(other)
    full = resolve(start, trained.frame)
    assert compact.from_text(compact.to_text(recipe(other))) == recipe(other)
    assert resolve(recipe(other), trained.frame) == full
    new = runs.save(replace(trained, id="20300101-000000-00000002", spec=full), cache.RUNS)
    entry, _, on_saved = queue.submitted[0][1]["on_result"].args
    on_saved(entry.owners, new.id)  # as when the training ends
    queue.book["one"] = replace(job, status="done", result_id=new.id)
    assert "skill" not in text(app.run())  # its settings are others
    again = opened("train", visitor=ME, recipe=to_dict(start))  # after a reload
    assert new.id in text(again) and "skill" in text(again)
