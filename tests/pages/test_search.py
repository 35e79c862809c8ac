"""The Search page: fields by preset or tick, a search that runs in the server, and the way to the Train page."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.data.load import load
from core.jobs.quotas import Quotas
from core.spec import Spec, to_dict, with_values
from core.storage import trial_log
from core.tuning import search, space, study
from tests.pages.conftest import IdleQueue, InstantQueue, captions, checked, opened, press, text, widget_keys
from ui import cache
from ui.search import drives, result

TINY = {"window.lookback": 10, "model.hidden": 4, "train.epochs": 1, "train.device": "cpu", "data.start": "2016-06-01"}


def page(**session: Any) -> AppTest:
    recipe = to_dict(with_values(Spec(), TINY))
    return opened("search", recipe=recipe, upload=None, recipes=[], **session)


@pytest.fixture
def done(idle: IdleQueue) -> study.Study:
    """A finished search of three trials."""
    spec = with_values(Spec(), TINY)
    series = load(spec.data, cache.DOWNLOADS)
    of = search.create(spec, series, space.parse_space("train.learning_rate,model.hidden=2..6"), cache.RUNS, trials=3)
    search.drive(of.id, cache.RUNS, search.Here())
    return of


def test_a_preset_ticks_its_fields_which_can_be_changed(idle: IdleQueue) -> None:
    app = page()
    assert "There is no search yet" in text(app)
    assert app.multiselect(key="search-fields-en").value == ["train.learning_rate", "model.hidden", "model.dropout"]
    app.selectbox(key="search-preset-en").set_value("network").run()
    fields = app.multiselect(key="search-fields-en").value
    assert "model.layers" in fields and "model.segment" not in fields  # which an LSTM does not use
    assert "search-model.layers-low" in widget_keys(checked(app))
    app.multiselect(key="search-fields-en").set_value([]).run()
    assert "at least one field" in text(app) and "search-start" not in widget_keys(app)


def test_a_range_that_falls_is_refused(idle: IdleQueue) -> None:
    app = page()
    app.number_input(key="search-model.hidden-low").set_value(200).run()
    assert "must rise" in text(app) and "search-start" not in widget_keys(app)


def test_a_search_runs_in_the_server_one_trial_a_slot(queue: InstantQueue) -> None:
    app = page()
    app.multiselect(key="search-fields-en").set_value(["train.learning_rate"]).run()
    app.number_input(key="search-trials").set_value(3).run()
    press(app, "Start the search")
    (of,) = study.list_all(cache.RUNS)
    drive = drives.find(of.id)
    assert drive is not None and drive.thread is not None
    drive.thread.join(200)
    assert not drive.problem
    assert [one.path for one in of.space] == ["train.learning_rate"] and of.trials == 3
    checked(app.run())
    assert list(queue.work) == [f"Trial {number} of a search" for number in (1, 2, 3)]
    assert "3 complete trials" in captions(app)["search-history"]
    assert "search-cancel" not in widget_keys(app)


def test_a_finished_search_shows_its_trials_and_its_best_recipe_goes_to_the_train_page(done: study.Study) -> None:
    app = page()
    below = captions(app)
    assert "Of 3 complete trials" in below["search-history"]
    assert {"search-lines", "search-slice-train.learning_rate", "search-slice-model.hidden"} <= set(below)
    assert "ten complete trials are needed" in text(app)
    assert "search-resume" not in widget_keys(app)  # its limit is reached
    best = study.best(study.trials(done.id, cache.RUNS))[0]
    app.button(key="search-use").click().run()
    checked(app)
    assert app.session_state["recipe"]["model"]["hidden"] == best.params["model.hidden"]
    assert app.number_input(key="field-model.hidden").value == best.params["model.hidden"]


def test_the_best_trials_are_trained_as_an_ensemble(done: study.Study) -> None:
    trials = study.best(study.trials(done.id, cache.RUNS), 3)
    app = page()
    app.button(key="search-ensemble").click().run()
    checked(app)
    assert app.session_state["recipe"]["train"]["ensemble"] == 3
    assert "have settings of their own" in text(app)
    for number, trial in enumerate(trials, start=1):
        assert f"Network {number}: learning rate {trial.params['train.learning_rate']:g}"[:30] in text(app)
        assert f"hidden size {trial.params['model.hidden']}" in text(app)
    press(app, "Train one network")
    assert app.session_state["recipe"]["train"]["ensemble"] == 1
    assert "have settings of their own" not in text(app)


def test_a_search_that_was_killed_can_go_on(
    done: study.Study, idle: IdleQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.extend(done.id, 5, None, cache.RUNS)
    app = page(**{result.CHOSEN: done.id})
    monkeypatch.setattr(cache, "quotas", lambda: Quotas(jobs=0))
    press(app, "Go on")
    assert "this server takes 0" in text(app) and drives.find(done.id) is None
    monkeypatch.setattr(cache, "quotas", lambda: Quotas())
    with study.claim(done.id, cache.RUNS):  # as if another process ran it
        app.button(key="search-resume").click().run()
        drive = drives.find(done.id)
        assert drive is not None and drive.thread is not None
        drive.thread.join(200)
    checked(app.run())
    assert "under way already" in text(app)


def test_the_trials_count_on_the_page_of_experiments(done: study.Study, idle: IdleQueue, finish: Any) -> None:
    from core import pipeline
    from core.storage.finish import finish as save

    best = study.best(study.trials(done.id, cache.RUNS))[0]
    recipe = study.recipe_of(done, best)
    run, _ = finish(pipeline.run(recipe, load(recipe.data, cache.DOWNLOADS)))
    save(run, None, cache.RUNS)
    app = opened("experiments")
    assert "Searches tried 3 recipes of this task on validation rows" in text(app)
    assert "among 3 trials of a search" in text(opened("evaluate"))


def test_a_search_is_deleted_and_its_trials_still_count(done: study.Study) -> None:
    app = page()
    with study.claim(done.id, cache.RUNS):
        app.button(key="search-delete").click().run()
    assert "under way already" in text(checked(app)) and study.list_all(cache.RUNS)
    app.button(key="search-delete").click().run()
    assert "There is no search yet" in text(checked(app))
    assert not study.list_all(cache.RUNS) and len(trial_log.load(cache.RUNS, done.id)) == 3
