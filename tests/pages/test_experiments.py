"""The page of tries and the line under a verdict: from the first try to a result that does not hold among many."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import RunError
from core.evaluation.experiments import record
from core.storage import experiment_log, runs
from tests.pages.conftest import opened, text
from ui import cache


def variant(finished, seed: int, number: int, noise: float = 0.0):
    """The finished run under another seed, its forecasts of the test part moved a little."""
    rng = np.random.default_rng(seed)
    own = (finished.forecast["model"] == "lstm") & (finished.forecast["part"] == "test")
    moved = finished.forecast["yhat"].where(~own, finished.forecast["yhat"] * np.exp(noise * rng.normal(size=len(own))))
    return replace(
        finished,
        id=f"20200101-{number:06d}-0123abcd",
        created=f"2020-01-01T00:00:{number:02d}",
        spec=replace(finished.spec, seed=seed),
        forecast=finished.forecast.assign(yhat=moved),
    )


def said(app) -> str:
    return text(app).replace("\\", "").replace("\u00a0", " ")


def test_there_are_no_tries_at_first(idle):
    assert "Nothing has been tried yet" in text(opened("experiments"))


def test_the_first_training_is_the_first_try(idle, finished):
    run_id = cache._finish("000000000000-0000000000000000", finished)
    assert [look.run_id for look in experiment_log.load(cache.RUNS).evaluations] == [run_id]
    app = opened("evaluate")
    assert "This is the first try on this question, and the first look at this test period." in said(app)
    assert not [w for w in app.warning if "Significant alone" in w.value]
    app.switch_page("pages/experiments.py").run()
    assert not app.exception
    assert "This is the first experiment of this task" in said(app) and len(app.get("plotly_chart")) == 2


def test_a_full_disk_ends_no_training_and_the_try_can_be_counted_later(idle, finished, monkeypatch):
    with monkeypatch.context() as full:
        full.setattr(
            experiment_log.atomic,
            "write_file",
            lambda *_, **__: (_ for _ in ()).throw(RunError("No space left on device")),
        )
        run_id = cache._finish("000000000000-0000000000000000", finished)
    assert runs.load(run_id, cache.RUNS).id == run_id and experiment_log.load(cache.RUNS).evaluations == ()
    app = opened("evaluate")
    assert "not counted among the tries" in said(app)
    app.button(key="count-try").click().run()
    assert "the first try on this question" in said(app)


@pytest.fixture
def many(idle, finished):
    """Six tries: five whose runs exist, one deleted; one of them looked at twice."""
    made = [runs.save(variant(finished, seed, seed, 0.02), cache.RUNS) for seed in range(6)]
    for run in [*made, made[0]]:
        experiment_log.add(run, cache.RUNS)
    runs.delete(made[3].id, cache.RUNS)
    return made


def test_many_tries_have_a_chart_a_leaderboard_and_a_sentence(many):
    app = opened("experiments")
    assert "The best of 6 experiments has p" in said(app) and "SPA p" in said(app)
    assert "6 dots, one a try" in said(app) and "were looked at 7 times" in said(app)
    table = app.dataframe[0].value
    links = table.sort_values("try")["run"].tolist()
    assert len(links) == 6 and [not link for link in links] == [k == 3 for k in range(6)]  # the fourth is deleted
    assert list(table["skill"]) == sorted(table["skill"], reverse=True)


def test_a_damaged_entry_is_shown_as_such(many):
    (cache.RUNS / experiment_log.FOLDER / "broken.safetensors").write_bytes(b"no")
    app = opened("experiments")
    assert "broken.safetensors cannot be read and is left out" in said(app) and "The best of 6 experiments" in said(app)


def test_what_is_significant_alone_and_not_among_the_tries_is_said_under_the_verdict(many, monkeypatch):
    ours = many[2]
    app = opened("")
    app.session_state["run"] = ours.id
    app.switch_page("pages/evaluate.py").run()
    assert "Try 3 of 6 on this question; looked at this test period 7 times." in said(app)
    assert not [w for w in app.warning if "Significant alone" in w.value]
    found = experiment_log.load(cache.RUNS)
    looks = tuple(
        replace(look, tone="good", p_value=0.01, skill=0.02) if look.run_id == ours.id else look
        for look in found.evaluations
    )
    monkeypatch.setattr(experiment_log, "load", lambda root: experiment_log.ExperimentLog(evaluations=looks))
    (question,) = record.group_by_task(looks)
    from core.evaluation.experiments import multiple_testing

    none = replace(multiple_testing.compare(question.experiments), superior=())
    monkeypatch.setattr(multiple_testing, "compare", lambda tries: none)
    experiment_log.add(ours, cache.RUNS)  # the stamp changes, so the ledger is read anew
    app.run()
    assert [w for w in app.warning if "Significant alone, not among 6 tries" in w.value]
