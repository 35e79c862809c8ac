"""The walk-forward page: it draws the folds before they are trained, follows them, and goes on with what is missing."""

import time
from dataclasses import replace

import pytest

from core import backtest
from core.errors import JobError
from core.evaluation.backtest.plan import Plan
from core.events import Stage
from core.jobs.job import Job
from core.storage import backtests
from tests.pages.conftest import opened, text
from ui import cache
from ui.evaluate import backtest as panel

PLAN = Plan(folds=2, stride=60)


@pytest.fixture(scope="module")
def trained(finished, finish):
    return tuple(finish(backtest.fold(finished.spec, finished.frame, PLAN, number))[0] for number in (1, 2))


@pytest.fixture
def stored(saved, trained):
    """A walk of which the first fold is there."""
    walk_id = backtests.create(saved.spec, PLAN, saved.frame, cache.RUNS)
    backtests.save_fold(walk_id, cache.RUNS, trained[0])
    return walk_id


def test_the_folds_are_drawn_before_anything_is_trained(idle):
    app = opened("backtest")
    assert len(app.get("plotly_chart")) == 1
    assert "The model is trained 8 times, each time on every session before the test part" in text(app)
    app.number_input(key="knob-plan.folds").set_value(4)
    app.selectbox(key="knob-plan.window").set_value("rolling").run()
    assert "trained 4 times, each time on the latest sessions" in text(app)
    assert idle.submitted == []


def test_folds_that_do_not_fit_are_refused_with_numbers(idle):
    app = opened("backtest")
    app.number_input(key="knob-plan.stride").set_value(900).run()
    assert "nothing is left to learn from" in text(app)
    assert "walk-start" not in [button.key for button in app.button]


def test_start_queues_one_job_a_fold_and_keeps_them_in_the_server(saved, idle):
    app = opened("backtest")
    app.selectbox(key="walk-source").set_value(saved.id)
    app.number_input(key="knob-plan.folds").set_value(2)
    app.number_input(key="knob-plan.stride").set_value(60).run()
    app.button(key="walk-start").click().run()
    assert not app.exception
    titles = [named["title"] for _, named in idle.submitted]
    assert titles == ["Fold 1 of 2: LSTM on A", "Fold 2 of 2: LSTM on A"]
    (function, spec, frame, plan, number), named = idle.submitted[1]
    assert (function, spec, len(frame), plan, number) == (backtest.fold, saved.spec, 600, PLAN, 2)
    (line,) = backtests.list_all(cache.RUNS)
    assert named["on_result"].func is backtests.save_fold and named["on_result"].args == (line.id, cache.RUNS)
    assert "0 of 2 folds" in text(app)


def test_what_is_there_is_judged_and_go_on_trains_the_rest_alone(stored, idle):
    app = opened("backtest")
    assert len(app.get("plotly_chart")) == 3
    assert "1 of 2 folds" in text(app) and "This speaks of 1 of 2 folds; not there: 2" in text(app)
    assert "In its one fold the LSTM has a skill of" in text(app)
    app.button(key="walk-go-on").click().run()
    assert [arguments[4] for arguments, _ in idle.submitted] == [2]
    assert not app.exception


def test_a_finished_walk_has_scores_by_fold_and_one_verdict(stored, trained, idle):
    backtests.save_fold(stored, cache.RUNS, trained[1])
    app = opened("backtest")
    assert "(mean and standard deviation over folds)" in text(app).replace("\\", "")
    assert "Fold by fold, the 90% band held between" in text(app).replace("\\", "")
    assert "walk-go-on" not in [button.key for button in app.button]
    assert [len(frame.value) for frame in app.dataframe] == [2]
    app.button(key="walk-delete").click().run()
    assert backtests.list_all(cache.RUNS) == () and not app.exception


class Running:
    """A queue in which fold 1 of a walk failed and fold 2 is being trained."""

    def __init__(self):
        stage = Stage(name="train", text="Fold 2 of 2: training on 300 windows")
        job = Job(id="b", title="Fold 2", status="running", events=(stage,), created=time.time())
        failed = replace(job, id="a", title="Fold 1", status="failed", ended=1.0, events=(), error="41 usable rows")
        self.book, self.cancelled = {"a": failed, "b": job}, []

    def jobs(self):
        return tuple(self.book.values())

    def job(self, name):
        if name not in self.book:
            raise JobError(name)
        return self.book[name]

    def has_job(self, name):
        return name in self.book

    def cancel(self, name):
        self.cancelled.append(name)


def test_a_fold_that_failed_says_why_and_all_can_be_cancelled(saved, monkeypatch):
    queue = Running()
    monkeypatch.setattr(cache, "queue", lambda: queue)
    walk_id = backtests.create(saved.spec, PLAN, saved.frame, cache.RUNS)
    panel._jobs().update({(walk_id, 1): "a", (walk_id, 2): "b"})
    app = opened("backtest")
    assert "Fold 1 failed. 41 usable rows" in text(app)
    assert [bar.proto.text.replace("\\", "") for bar in app.get("progress")] == ["Fold 2 of 2: training on 300 windows"]
    app.button(key="walk-cancel").click().run()
    assert queue.cancelled == ["a", "b"]


def test_time_travel_answers_from_the_table_alone(saved, monkeypatch):
    def never(*_, **__):
        raise AssertionError("a model was run")

    monkeypatch.setattr("core.pipeline.predict", never)
    app = opened("forecast")
    slider = app.select_slider(key="travel")
    past = saved.forecast[(saved.forecast["part"] != "live") & (saved.forecast["model"] == "lstm")]
    assert len(slider.options) == past["cutoff"].nunique()
    day = slider.options[len(slider.options) // 2]
    slider.set_value(day).run()
    assert not app.exception
    assert f"On {day} the LSTM said" in text(app).replace("\\", "")
