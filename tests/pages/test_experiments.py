"""The Experiments page and the line under a verdict: from the first experiment to evidence that is none among many."""

from dataclasses import replace

import numpy as np
import pytest

from core.evaluation.experiments import multiple_testing, record
from core.storage import experiment_log, runs
from tests.pages.conftest import captions, opened, text, turn, widget_keys
from ui import cache
from ui.jobs import training

KEY = "000000000000-0000000000000000"  # of a checkpoint


def variant(finished, seed: int, number: int, noise: float = 0.0):
    """The finished run under another seed, its forecasts of the test split moved a little."""
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


def warnings(app) -> list[str]:
    return [box.value for box in app.warning if "Significant alone, but not among" in box.value]


def test_there_is_no_experiment_at_first(idle):
    assert "There is no experiment yet" in text(opened("experiments"))


def test_the_first_training_is_the_first_experiment(idle, finished):
    run_id = training.save(KEY, finished)
    assert [entry.run_id for entry in experiment_log.load(cache.RUNS).evaluations] == [run_id]
    app = opened("evaluate")
    assert "the first experiment of this task, and the first evaluation of its test period" in text(app)
    assert not warnings(app)
    turn(app, "experiments")
    assert {*captions(app)} == {"experiments", "evaluations"}


def test_a_log_that_cannot_be_written_ends_no_training_and_the_experiment_can_be_counted_later(idle, finished):
    cache.RUNS.mkdir()
    blocked = cache.RUNS / experiment_log.FOLDER
    blocked.write_text("a file, where the log needs its folder")
    run_id = training.save(KEY, finished)
    blocked.unlink()
    assert runs.load(run_id, cache.RUNS).id == run_id and experiment_log.load(cache.RUNS).evaluations == ()
    app = opened("evaluate")
    assert "not in the experiment log" in text(app)
    app.button(key="count-experiment").click().run()
    assert "the first experiment of this task" in text(app) and "count-experiment" not in widget_keys(app)


@pytest.fixture
def many(idle, finished):
    """Six experiments: the runs of five exist, one is deleted; one was evaluated twice."""
    saved = [runs.save(variant(finished, seed, seed, 0.02), cache.RUNS) for seed in range(6)]
    for run in [*saved, saved[0]]:
        experiment_log.add(run, cache.RUNS)
    runs.delete(saved[3].id, cache.RUNS)
    return saved


def test_many_experiments_have_a_chart_a_leaderboard_and_a_conclusion(many):
    app = opened("experiments")
    (conclusion,) = [box.value for box in (*app.info, *app.success, *app.warning) if box.icon == ":material/science:"]
    assert "6" in conclusion and "SPA" in conclusion
    assert "6" in captions(app)["experiments"] and "7" in captions(app)["evaluations"]
    assert "E-values" in text(app)  # and why they do not judge here
    table = app.dataframe[0].value
    links = table.sort_values("experiment")["run"].tolist()
    assert len(links) == 6 and [not link for link in links] == [k == 3 for k in range(6)]  # the fourth is deleted
    assert list(table["skill"]) == sorted(table["skill"], reverse=True)


def test_a_damaged_entry_is_named_and_left_out(many):
    (cache.RUNS / experiment_log.FOLDER / "broken.safetensors").write_bytes(b"no")
    app = opened("experiments")
    assert [box for box in app.warning if "broken.safetensors" in box.value] and "experiments" in captions(app)


def test_evidence_that_is_none_among_all_experiments_is_marked_under_the_verdict(many, monkeypatch):
    ours = many[2]
    app = opened("evaluate", run=ours.id)
    assert "Experiment 3 of 6 of this task; its test period was evaluated 7 times." in text(app)
    assert not warnings(app)
    entries = tuple(
        replace(entry, tone="good", p_value=0.01, skill=0.02) if entry.run_id == ours.id else entry
        for entry in experiment_log.load(cache.RUNS).evaluations
    )
    monkeypatch.setattr(experiment_log, "load", lambda root: experiment_log.ExperimentLog(evaluations=entries))
    (task,) = record.group_by_task(entries)
    none = replace(multiple_testing.compare(task.experiments), superior=())
    monkeypatch.setattr(multiple_testing, "compare", lambda experiments: none)
    experiment_log.add(ours, cache.RUNS)  # the stamp changes, so that the log is read again
    app.run()
    assert len(warnings(app)) == 1 and "not among 6" in warnings(app)[0]
