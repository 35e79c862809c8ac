"""The Agreement page and the trust panel: a click works it out, it is kept with the run, and the label stays."""

from dataclasses import replace

import pytest

from core import agreement, trust
from core.errors import JobError
from core.explain import importance
from core.jobs.inline import run
from core.jobs.job import Job
from core.runs import store
from tests.pages.conftest import opened, text
from ui import cache

NOTHING = "Describes the model, which knows nothing"


class AtOnce:
    """A queue whose jobs are over, and their results saved, as soon as they are submitted."""

    def __init__(self):
        self.titles = {}

    def jobs(self):
        return ()

    def submit(self, function, *arguments, title, on_result):
        on_result(run(function(*arguments), lambda event: None))
        self.titles[title] = function
        return title

    def job(self, job_id):
        if job_id not in self.titles:
            raise JobError(f"no job {job_id}")
        return Job(id=job_id, title=job_id, status="done", events=(), created=0.0)


@pytest.fixture
def queue(idle, monkeypatch):
    made = AtOnce()
    monkeypatch.setattr(cache, "queue", lambda: made)
    return made


@pytest.fixture
def spoken(idle, finished):
    """The run saved with this tone of its verdict."""

    def save(tone):
        verdict = replace(finished.evaluation.verdict, tone=tone)
        return store.save(replace(finished, evaluation=replace(finished.evaluation, verdict=verdict)), cache.RUNS)

    return save


def plain(app):
    return text(app).replace("\\", "")


def test_a_click_compares_methods_and_keeps_what_they_say(spoken, queue):
    saved = spoken("none")
    app = opened("agreement")
    assert NOTHING in plain(app) and len(app.get("plotly_chart")) == 0
    app.button(key="kept-agreement-features").click().run()
    assert not app.exception and [*queue.titles.values()] == [agreement.quick]
    assert len(app.get("plotly_chart")) == 2 and "comes first for" in plain(app)
    kept = importance.from_values(store.values(saved.id, "agreement-features", cache.RUNS))
    assert [one.method for one in kept] == ["shapley", "gradients", "replaced", "loss_permutation", "gain", "treeshap"]
    app.toggle(key="by-family").set_value(True).run()
    assert len(app.get("plotly_chart")) == 0
    app.button(key="kept-ablation-families").click().run()
    assert not app.exception and len(app.get("plotly_chart")) == 1
    assert "comes first for the one method that is here" in plain(app)


def test_a_damaged_file_says_so_and_can_be_worked_out_again(spoken, queue):
    saved = spoken("good")
    store.keep_values(saved.id, "agreement-features", {"importances": [{"method": "gain"}]}, cache.RUNS)
    app = opened("agreement")
    assert "agreement-features.json cannot be read" in plain(app) and NOTHING not in plain(app)
    assert "kept-agreement-features" in [button.key for button in app.button]


def test_the_trust_panel_checks_the_explanation(spoken, queue):
    saved = spoken("none")
    app = opened("explain")
    assert plain(app).count(NOTHING) == 2
    assert [metric.label for metric in app.metric][-2:] == ["Skill", "Adds up to within"]
    app.button(key="kept-trust").click().run()
    assert not app.exception and [*queue.titles.values()] == [trust.check]
    assert "area under the curve is" in plain(app) and "One network says nothing of stability" in plain(app)
    assert [metric.label for metric in app.metric][-1] == "Deletion, in order"
    assert trust.from_values(store.values(saved.id, "trust", cache.RUNS)).members == 1
