"""The Backtest page: it draws the folds before they are trained, follows them, and resumes what is missing."""

import time
from dataclasses import replace

import pytest

from core import backtest
from core.evaluation.backtest.plan import Plan
from core.events import Stage
from core.jobs.job import Job, Timed
from core.storage import backtests
from tests.pages.conftest import IdleQueue, captions, opened, plain, text, widget_keys
from ui import cache
from ui.jobs import registry

PLAN = Plan(folds=2, stride=60)


@pytest.fixture(scope="module")
def trained(finished, finish):
    return tuple(finish(backtest.fold(finished.spec, finished.frame, PLAN, number))[0] for number in (1, 2))


@pytest.fixture
def stored(saved, trained):
    """A backtest whose first fold is finished."""
    backtest_id = backtests.create(saved.spec, PLAN, saved.frame, cache.RUNS)
    backtests.save_fold(backtest_id, cache.RUNS, trained[0])
    return backtest_id


def test_folds_are_drawn_before_anything_is_trained(idle):
    app = opened("backtest")
    before = captions(app)["backtest-timeline"]
    assert "8" in before
    app.number_input(key="field-plan.folds").set_value(4)
    app.selectbox(key="field-plan.window").set_value("rolling").run()
    after = captions(app)["backtest-timeline"]
    assert "4" in after and after != before.replace("8", "4")  # a rolling window is another sentence
    assert idle.submitted == []


def test_folds_that_do_not_fit_are_refused(idle):
    app = opened("backtest")
    assert "backtest-start" in widget_keys(app)
    app.number_input(key="field-plan.stride").set_value(900).run()
    assert len(app.error) == 1 and "backtest-start" not in widget_keys(app)


def test_start_queues_a_job_for_each_fold_and_saves_it_in_the_server(saved, idle):
    app = opened("backtest")
    app.selectbox(key="backtest-source").set_value(saved.id)
    app.number_input(key="field-plan.folds").set_value(2)
    app.number_input(key="field-plan.stride").set_value(60).run()
    app.button(key="backtest-start").click().run()
    assert not app.exception
    titles = [named["title"] for _, named in idle.submitted]
    assert titles == ["Fold 1 of 2: LSTM on A", "Fold 2 of 2: LSTM on A"]
    (function, spec, frame, plan, number), named = idle.submitted[1]
    assert (function, spec, len(frame), plan, number) == (backtest.fold, saved.spec, 600, PLAN, 2)
    (line,) = backtests.list_all(cache.RUNS)
    assert named["on_result"].func is backtests.save_fold and named["on_result"].args == (line.id, cache.RUNS)
    assert "0 of 2 folds" in text(app)


def test_finished_folds_are_judged_and_resume_trains_the_others(stored, idle):
    app = opened("backtest")
    assert {*captions(app)} == {"backtest-timeline", "backtest-skill", "backtest-coverage"}
    assert "1 of 2 folds" in text(app) and "missing: 2" in text(app)
    app.button(key="backtest-resume").click().run()
    assert [arguments[4] for arguments, _ in idle.submitted] == [2]
    assert not app.exception


def test_a_finished_backtest_has_scores_by_fold_and_one_verdict(stored, trained, idle):
    backtests.save_fold(stored, cache.RUNS, trained[1])
    app = opened("backtest")
    assert "90%" in captions(app)["backtest-coverage"]
    assert "backtest-resume" not in widget_keys(app) and "missing" not in text(app)
    assert [len(frame.value) for frame in app.dataframe] == [2]
    assert "Best epoch" in app.dataframe[0].value and "Best step" not in app.dataframe[0].value  # what the recipe names
    app.button(key="backtest-delete").click().run()
    assert backtests.list_all(cache.RUNS) == () and not app.exception


@pytest.fixture
def running(saved, monkeypatch):
    """A backtest whose first fold failed and whose second is being trained, both for the visitor "me"."""
    stage = Stage(name="train", text="Fold 2 of 2: training on 300 windows")
    now = time.time()
    stages = (Timed(at=now, event=stage),)
    job = Job(id="b", title="Fold 2", status="running", events=(stage,), created=now, started=now, stages=stages)
    failed = replace(job, id="a", title="Fold 1", status="failed", ended=1.0, events=(), error="41 usable rows")
    queue = IdleQueue(failed, job)
    monkeypatch.setattr(cache, "queue", lambda: queue)
    backtest_id = backtests.create(saved.spec, PLAN, saved.frame, cache.RUNS)
    for number, job_id in ((1, "a"), (2, "b")):
        entry = registry.Entry(kind=registry.FOLD, subject=(backtest_id, number), owners={"me"})
        registry._entries()[job_id] = entry
    return queue


def test_a_fold_that_failed_says_why_and_the_others_can_be_cancelled(running):
    app = opened("backtest", visitor="me")
    assert "Fold 1 failed. 41 usable rows" in text(app)
    (bar,) = app.get("progress")
    assert plain(bar.proto.text) == "Fold 2 of 2: training on 300 windows · estimating the time left"
    app.button(key="backtest-cancel").click().run()
    assert running.cancelled == ["b"]


def test_a_stranger_watches_the_folds_and_cannot_cancel_them(running):
    app = opened("backtest")
    assert app.get("progress") and "backtest-cancel" not in widget_keys(app)
    app.button(key="backtest-delete").click().run()
    assert running.cancelled == ["b"] and not app.exception
