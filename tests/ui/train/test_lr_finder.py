"""The learning-rate finder runs as a job, and its rate can be used."""

from dataclasses import replace

import numpy as np
import pytest

from core.events import Progress
from core.jobs.job import Job
from core.spec import from_dict
from tests.pages.conftest import IdleQueue, captions, opened, press, text
from ui import cache

pytestmark = pytest.mark.usefixtures("short")
STALE = "Other settings have changed"


def test_the_finder_runs_as_a_job_and_its_rate_is_used(monkeypatch):
    progress = Progress(done=3, total=10)
    job = Job(id="one", title="Finding a learning rate", status="running", events=(progress,), created=0.0)
    queue = IdleQueue(job)
    monkeypatch.setattr(cache, "queue", lambda: queue)
    app = opened("train")
    press(app, "Find a learning rate")
    (function, spec, _), _ = queue.submitted[0]
    assert (function.__name__, len(spec.features)) == ("find_rate", 7)
    assert "Finding a learning rate" in text(app) and "rates" not in captions(opened("train"))
    lr_N = np.geomspace(1e-5, 1.0, 40)
    queue.results["one"] = (lr_N, 0.5 - 0.1 * np.exp(-((np.log10(lr_N) + 2) ** 2)), 0.00238)
    queue.book["one"] = replace(job, status="done")
    app.run()
    assert "2.4e-3" in captions(app)["rates"].replace("−", "-")
    press(app, "Use 2.4e-3")
    rate = app.number_input(key="field-train.learning_rate").value
    assert from_dict(app.session_state["recipe"]).train.learning_rate == rate == 0.0024
    assert STALE not in text(app)
    app.number_input(key="field-model.hidden").set_value(32).run()
    assert STALE in text(app)
    press(app, "Close")
    assert "rates" not in captions(app)


def test_a_search_that_the_queue_forgot_is_gone(idle):
    app = opened("train")
    press(app, "Find a learning rate")  # the idle queue knows no job
    assert len(idle.submitted) == 1 and not app.error
