"""Two servers on one store, and a shared server with quotas: what is under way elsewhere, gone, or too much is said in
words, and nothing is done twice."""

import json
import shutil
from dataclasses import asdict

import numpy as np
import pytest

from core.data.frame import digest as digest_of
from core.datasets.windows import resolve
from core.events import Checkpoint
from core.jobs.job import Job
from core.jobs.quotas import Quotas
from core.spec import Spec, with_values
from core.storage import backtests, checkpoints, leases, runs, trash, visitors
from core.storage.leases import Holder
from core.tuning import search, space, study
from core.types import CHECKPOINT_FORMAT
from tests.conftest import small
from tests.pages.conftest import checked, errors, opened, press, text, turn, widget_keys
from tests.pages.test_runs import chosen
from ui import cache
from ui.jobs import registry
from ui.search import result

OTHER = Holder(host="elsewhere", pid=1, started="", token="t" * 16)


@pytest.fixture
def elsewhere(idle, monkeypatch):
    """Write the lease of another server under this name, into this folder; remove it with the path that is returned."""

    def write(folder, name):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.1.lease"
        path.write_text(json.dumps(asdict(OTHER)))
        return path

    return write


@pytest.fixture
def training(idle, elsewhere):
    """The interrupted training of a recipe of this visitor, which another server goes on with: visitor, key, lease."""
    spec = resolve(with_values(Spec(), {"model.hidden": 16}), cache.frame(Spec().data, None))
    digest = digest_of(cache.frame(Spec().data, None))
    key, visitor = checkpoints.key(spec, digest), visitors.new_id()
    state = {"format": CHECKPOINT_FORMAT, "epoch": 12, "member": 1, "told": []}
    checkpoints.save(Checkpoint(arrays={"a": np.zeros(2)}, state=state), spec, digest, None, cache.RUNS)
    visitors.start_training(visitor, key, visitors.Recipe(text=""), cache.RUNS)
    return visitor, key, elsewhere(cache.RUNS / checkpoints.FOLDER, key)


def test_a_training_of_another_server_is_neither_doubled_nor_forgotten(idle, training):
    visitor, key, lease = training
    app = opened("train", visitor=visitor)
    assert "Under way in another server" in text(app)
    assert {f"resume-{key}", f"discard-{key}"}.isdisjoint(widget_keys(app))
    app.number_input(key="field-model.hidden").set_value(16)
    press(app, "Train")
    assert idle.submitted == [] and "under way already, in another server" in "\n".join(errors(app))
    lease.unlink()
    press(app, "Train")
    assert len(idle.submitted) == 1


def test_go_on_and_forget_of_a_stale_list_are_refused_in_words(idle, training):
    visitor, key, lease = training
    words = lease.read_text()
    lease.unlink()
    app = opened("train", visitor=visitor)
    lease.write_text(words)
    app.button(key=f"discard-{key}").click().run()
    assert "under way already" in "\n".join(errors(checked(app))) and len(checkpoints.list_all(cache.RUNS)) == 1
    assert f"discard-{key}" not in widget_keys(app)
    lease.unlink()
    app.run()
    lease.write_text(words)
    app.button(key=f"resume-{key}").click().run()
    assert idle.submitted == [] and not checked(app).exception


def test_the_training_of_a_dead_server_can_go_on(idle, training, monkeypatch):
    visitor, key, lease = training
    dead = Holder(host=leases._host(), pid=1, started="never", token="d" * 16)
    lease.write_text(json.dumps(asdict(dead)))
    app = opened("train", visitor=visitor)
    app.button(key=f"resume-{key}").click().run()
    assert len(idle.submitted) == 1 and not lease.exists()


def test_a_search_of_another_server_is_shown_and_cannot_be_driven_twice(idle, elsewhere, frame):
    of = search.create(small(), frame, space.parse_space("model.hidden=2..8"), cache.RUNS, trials=2)
    lease = elsewhere(cache.RUNS / study.FOLDER / of.id, study.DRIVER)
    app = opened("search", **{result.CHOSEN: of.id})
    assert "Another server or a command line runs this search" in text(app)
    assert "search-resume" not in widget_keys(app)
    lease.unlink()
    assert "search-resume" in widget_keys(checked(app.run()))


def test_a_refresh_of_another_server_is_not_doubled(idle, elsewhere, saved):
    elsewhere(cache.RUNS / ".track", "refresh")
    app = opened("track_record")
    press(app, "Refresh")
    assert idle.submitted == [] and "refreshed already, in another server" in "\n".join(errors(app))


@pytest.mark.parametrize("button", ["open-run", "delete-runs", "star-runs"])
def test_a_run_that_is_gone_is_named_and_the_list_is_fresh(idle, finished, button):
    for _ in range(2):
        runs.save(finished, cache.RUNS)
    gone, other = [one.id for one in runs.list_all(cache.RUNS)]
    app = opened("runs", run=other, **chosen(rows=[0]))
    shutil.rmtree(cache.RUNS / gone)
    app.button(key=button).click().run()
    assert "1 run of this list is gone" in text(checked(app)) and app.title[0].value == "Runs"
    assert [one.id for one in runs.list_all(cache.RUNS)] == [other]
    assert "of this list" not in text(app.run())  # once


def test_a_deletion_that_meets_another_is_said_in_words(saved, monkeypatch):
    def meet(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    app = opened("runs", **chosen(rows=[0]))
    monkeypatch.setattr(trash, "empty", meet)
    app.button(key="delete-runs").click().run()
    assert "No such file or directory" in "\n".join(errors(checked(app)))


def test_a_training_beyond_the_quotas_is_refused_before_it_starts(idle, monkeypatch):
    monkeypatch.setattr(cache, "quotas", lambda: Quotas(steps=100))
    app = opened("train")
    assert "this server allows 100" in "\n".join(errors(app))
    press(app, "Train")
    assert idle.submitted == []
    app.number_input(key="field-train.steps").set_value(100).run()
    assert not errors(app)
    press(app, "Train")
    assert len(idle.submitted) == 1


def test_a_search_or_backtest_with_a_training_beyond_the_quotas_is_refused_before_it_starts(idle, monkeypatch):
    monkeypatch.setattr(cache, "quotas", lambda: Quotas(steps=2000))
    app = opened("search")
    app.multiselect(key="search-fields-en").set_value(["train.steps"]).run()  # up to 3,000
    press(app, "Start the search")
    assert "train for 3,000 steps together; this server allows 2,000" in "\n".join(errors(app))
    assert not study.list_all(cache.RUNS)
    monkeypatch.setattr(cache, "quotas", lambda: Quotas(steps=100))
    turn(app, "backtest")
    press(app, "Start")
    assert "this server allows 100" in "\n".join(errors(app))
    assert idle.submitted == [] and not backtests.list_all(cache.RUNS)


@pytest.mark.parametrize(
    ("limit", "words"), [({"jobs": 1}, "You have 1 job that waits or runs"), ({"store_gb": 1e-9}, "this server keeps")]
)
def test_one_job_too_many_and_a_full_store_are_refused_in_words(idle, saved, monkeypatch, limit, words):
    monkeypatch.setattr(cache, "quotas", lambda: Quotas(**limit))
    app = opened("train")
    idle.book["busy"] = Job(id="busy", title="", status="running", events=(), created=0.0)
    registry._entries()["busy"] = registry.Entry(
        kind=registry.FOLD, subject=("a",), owners=frozenset({app.session_state["visitor"]})
    )
    press(app, "Train")
    assert idle.submitted == [] and words in "\n".join(errors(app))
    turn(app, "track_record")
    press(app, "Refresh")
    assert idle.submitted == [] and words in "\n".join(errors(app))
    turn(app, "search")
    press(app, "Start the search")
    assert not study.list_all(cache.RUNS) and words in "\n".join(errors(app))
    if "jobs" in limit:
        registry._entries().clear()
        press(opened("train", visitor=app.session_state["visitor"]), "Train")
        assert len(idle.submitted) == 1


@pytest.mark.parametrize("page", ["train", "runs"])
def test_a_quota_that_is_no_number_is_named_on_every_page(idle, monkeypatch, page):
    cache.quotas.cache_clear()
    monkeypatch.setenv("LOOKBACK_MAX_JOBS", "many")
    app = opened(page)
    assert ["LOOKBACK_MAX_JOBS" in text and "got many" in text for text in errors(app)] == [True]
    assert not app.exception
    monkeypatch.delenv("LOOKBACK_MAX_JOBS")
    assert not errors(app.run())
