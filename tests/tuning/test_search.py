"""A search proposes, tries, prunes, remembers, goes on after a kill, and counts every trial."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import pipeline
from core.errors import RunError, SpecError, TrainError
from core.jobs.job import Job
from core.jobs.local import run
from core.spec import members, with_values
from core.storage import experiment_log, lines, trial_log
from core.storage.finish import finish
from core.tuning import sampler, search, study
from core.tuning.study import Study, Trial
from core.tuning.trial import Result
from tests.tuning.conftest import OVER, tiny

Begin = Callable[..., Study]


def points(trials: tuple[Trial, ...]) -> list[tuple[Any, ...]]:
    return [(one.number, one.state, repr(one.value), one.params) for one in trials]


def test_a_search_begins_with_the_recipe_and_ends_at_its_limit(begin: Begin, tmp_path: Path) -> None:
    of, heard = begin(), list[int]()
    trials = search.drive(of.id, tmp_path, search.Here(), on_end=lambda ended: heard.append(ended.number))
    assert heard == [1, 2, 3] and [one.state for one in trials] == ["complete"] * 3
    assert trials[0].params == {"train.learning_rate": of.spec.train.learning_rate, "model.hidden": 4}
    assert study.trials(of.id, tmp_path) == trials
    best = study.best(trials)[0]
    assert best.value == min(one.value for one in trials)
    assert study.recipe_of(of, best) == with_values(of.spec, best.params)
    assert search.drive(of.id, tmp_path, search.Here()) == trials  # nothing is left to do


def test_no_row_of_calibration_or_test_is_stored_or_handed_to_a_trial(
    begin: Begin, series: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.datasets import windows

    of, frames = begin(trials=2), list[pd.DataFrame]()
    before = search.trial.run
    monkeypatch.setattr(search.trial, "run", lambda task: frames.append(task.frame) or before(task))
    search.drive(of.id, tmp_path, search.Here())
    whole = windows.prepare(of.spec, series)
    first = min(whole.splits.calib.time_NH.min(), whole.splits.test.time_NH.min())  # of their labels
    assert len(frames) == 2
    for frame in [*frames, study.load_frame(of.id, tmp_path)]:
        assert frame.index[-1] < first and frame.index[-1] >= whole.splits.val.time_NH.max()


def test_equal_studies_with_one_worker_have_equal_trials_also_in_two_halves(begin: Begin, tmp_path: Path) -> None:
    one, other = begin(trials=6), begin(trials=3)
    whole = search.drive(one.id, tmp_path, search.Here())
    search.drive(other.id, tmp_path, search.Here())
    study.extend(other.id, 6, None, tmp_path)
    assert points(search.drive(other.id, tmp_path, search.Here())) == points(whole)
    assert len({str(trial.params) for trial in whole}) == 6
    rates = [trial.params["train.learning_rate"] for trial in whole]
    assert rates == [float(f"{rate:.3g}") for rate in rates]  # as a person would write them


def test_a_trial_without_an_end_begins_again_and_a_torn_line_loses_nothing(begin: Begin, tmp_path: Path) -> None:
    of = begin(trials=3)
    whole = points(search.drive(of.id, tmp_path, search.Here()))
    path = study.find_folder(of.id, tmp_path) / study.TRIALS
    rows = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(rows[:5]) + rows[5][: len(rows[5]) // 2])  # killed in the middle of the last line
    assert [one.state for one in study.trials(of.id, tmp_path)] == ["complete", "complete", "running"]
    assert points(search.drive(of.id, tmp_path, search.Here())) == whole
    assert points(study.trials(of.id, tmp_path)) == whole


def test_a_stopped_search_goes_on_where_it_was(begin: Begin, tmp_path: Path) -> None:
    of, ended = begin(trials=4), list[Trial]()
    search.drive(of.id, tmp_path, search.Here(), stopped=lambda: len(ended) == 2, on_end=ended.append)
    assert len(study.trials(of.id, tmp_path)) == 2
    assert len(search.drive(of.id, tmp_path, search.Here())) == 4


def test_only_one_process_at_a_time_runs_a_study(begin: Begin, tmp_path: Path) -> None:
    of = begin()
    with study.claim(of.id, tmp_path), pytest.raises(RunError, match="under way already"):
        search.drive(of.id, tmp_path, search.Here())


def test_a_space_that_is_tried_completely_ends_the_search(begin: Begin, tmp_path: Path) -> None:
    of = begin(over="model.layers=1..2", trials=9)
    assert [one.params["model.layers"] for one in search.drive(of.id, tmp_path, search.Here())] == [1, 2]


def test_a_minute_that_is_over_begins_no_trial(begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of, clock = begin(trials=None, minutes=1.0), iter(range(0, 10_000, 25))
    monkeypatch.setattr(search.time, "monotonic", lambda: next(clock))
    assert 1 <= len(search.drive(of.id, tmp_path, search.Here())) <= 3


def test_a_search_whose_first_trials_all_fail_says_why(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(task: Any) -> Any:
        return Result(state="failed", value=float("nan"), problem="the loss is not a number")
        yield

    monkeypatch.setattr(search.trial, "run", fail)
    with pytest.raises(TrainError, match="not a number"):
        search.drive(begin(trials=20).id, tmp_path, search.Here())


def test_a_search_needs_a_limit_and_a_known_objective(begin: Begin) -> None:
    for settings in ({"trials": None}, {"trials": 0}, {"minutes": -1.0}, {"objective": "test"}):
        with pytest.raises(SpecError):
            begin(**settings)


def test_no_more_trials_wait_than_there_are_slots(begin: Begin, tmp_path: Path) -> None:
    class Two:
        """Workers that end their oldest job now and then."""

        def __init__(self) -> None:
            self.open, self.most, self.asked, self.lost = list[str](), 0, 0, 1

        def submit(self, function: Any, /, *args: Any, title: str, kind: str, owner: str) -> str:
            self.open.append(f"{len(self.open)}-{self.asked}")
            self.most = max(self.most, len(self.open))
            return self.open[-1]

        def job(self, job_id: str) -> Job:
            self.asked += 1
            over = job_id == self.open[0] and self.asked % 3 == 0
            lost = over and self.lost > 0
            if over:
                self.open.remove(job_id)
                self.lost -= 1
            status = "failed" if lost else "done" if over else "running"
            return Job(id=job_id, title="", status=status, events=(), created=0.0, lost=lost)

        def result(self, job_id: str) -> Result:
            return Result(state="complete", value=1.0)

        def cancel(self, job_id: str) -> None:
            raise AssertionError("nothing is left to cancel")

    workers, of = Two(), begin(trials=5)
    trials = search.drive(of.id, tmp_path, workers, slots=2)
    assert workers.most == 2 and len(trials) == 5
    assert all(one.state == "complete" for one in trials)  # one lost its worker, and began once more


def test_every_trial_counts_and_the_verdict_of_the_chosen_one_says_among_how_many(
    begin: Begin, series: pd.DataFrame, tmp_path: Path
) -> None:
    of = begin(trials=3)
    best = study.best(search.drive(of.id, tmp_path, search.Here()))[0]
    chosen = study.recipe_of(of, best)
    path = tmp_path / trial_log.FOLDER / f"{of.id}.trials"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))  # killed before the third was counted
    search.drive(of.id, tmp_path, search.Here())
    assert [one.number for one in trial_log.load(tmp_path)] == [1, 2, 3]
    assert trial_log.chosen_among(chosen, tmp_path) == 3
    assert trial_log.chosen_among(with_values(chosen, {"train.ensemble": 3}), tmp_path) == 3  # still its settings
    assert trial_log.chosen_among(with_values(chosen, {"train.learning_rate": 0.5}), tmp_path) == 0
    assert trial_log.chosen_among(with_values(chosen, {"target.horizon": 2}), tmp_path) == 0  # another task

    finished = run(pipeline.run(chosen, series), lambda event: None)
    saved, warning = finish(finished, None, tmp_path)
    assert not warning and "among 3 trials of a search" in saved.evaluation.verdict.text
    log = experiment_log.load(tmp_path)
    assert log.evaluations[0].chosen_among == 3 and log.count_trials(log.evaluations[0].task_key) == 3
    assert not log.damaged and len(log.evaluations) == 1  # trials evaluated no test period


def test_the_best_trials_become_an_ensemble_of_networks_with_their_settings(begin: Begin, tmp_path: Path) -> None:
    of = begin(OVER + ",model.pooling=last|mean", trials=5, spec=tiny(train__ensemble=2))
    search.drive(of.id, tmp_path, search.Here())
    trials = study.trials(of.id, tmp_path)
    ensemble = study.ensemble_of(of, trials)
    assert ensemble is not None
    spec, mates = ensemble
    assert mates == study.best(trials, 3) and spec.train.ensemble == 3
    for own, mate in zip(members.recipes(spec), mates, strict=True):
        assert own == with_values(study.recipe_of(of, mate), {"train.ensemble": 1})
    assert trial_log.chosen_among(spec, tmp_path) == 5
    assert study.ensemble_of(of, trials[:1]) is None


def test_an_ensemble_takes_no_trial_with_other_windows(begin: Begin, tmp_path: Path) -> None:
    of = begin("model.hidden=2..8,window.lookback=8..10", trials=4)
    trials = tuple(
        study.Trial(number=n, params={"model.hidden": n, "window.lookback": long}, state="complete", value=float(n))
        for n, long in ((2, 8), (3, 9), (4, 8), (5, 8), (6, 8))
    )
    ensemble = study.ensemble_of(of, trials)
    assert ensemble is not None and [one.number for one in ensemble[1]] == [2, 4, 5]
    assert ensemble[0].window.lookback == 8 and ensemble[0].model.hidden == 2
    assert study.ensemble_of(of, trials[:2]) is None


def test_other_recipes_say_nothing_of_a_search(series: pd.DataFrame, tmp_path: Path) -> None:
    finished = run(pipeline.run(tiny(), series), lambda event: None)
    saved, _ = finish(finished, None, tmp_path)
    assert saved.evaluation.verdict.text == finished.evaluation.verdict.text


def test_importances_find_the_field_that_matters(begin: Begin) -> None:
    of, rng = begin(), np.random.default_rng(0)
    trials = tuple(
        Trial(
            number=n,
            params={"train.learning_rate": float(rate), "model.hidden": int(rng.integers(2, 9))},
            state="complete",
            value=float(np.log10(rate) ** 2),
        )
        for n, rate in enumerate(np.exp(rng.uniform(np.log(3e-4), np.log(2e-2), 40)), start=1)
    )
    found = sampler.importances(of, trials)
    assert next(iter(found)) == "train.learning_rate" and sum(found.values()) == pytest.approx(1)
    assert sampler.importances(of, trials[:9]) == {}


def test_points_whose_settings_do_not_fit_are_not_proposed(begin: Begin, tmp_path: Path) -> None:
    spec = with_values(tiny(), {"model.kind": "transformer", "model.hidden": 8, "model.heads": 2})
    of = begin(over="model.heads=1..4,model.hidden=4..8", spec=spec)
    trials: list[Trial] = []
    for number in range(1, 8):
        params = sampler.ask(of, trials)
        assert params is not None and params["model.hidden"] % params["model.heads"] == 0
        trials.append(Trial(number=number, params=params, state="complete", value=float(number)))


def test_curves_are_compared_with_those_of_the_same_unit_only(begin: Begin) -> None:
    of = begin(over="train.learning_rate,model.head")
    trials = [
        Trial(number=n, params={"model.head": "point"}, state="complete", value=1.0, curve={4: 9.0, 10: n})
        for n in range(1, 5)
    ]
    limits = sampler.limits(of, trials, {"model.head": "point"})
    assert limits[5] == 9.0 and limits[12] == 2.5 and min(limits) == sampler.FROM
    assert sampler.limits(of, trials, {"model.head": "quantiles"}) == {} == sampler.limits(of, trials[:3], {})


@pytest.mark.parametrize("name", ["../x", "20260101-000000-aaaaaaaa", "20260101-000000-aaaaaaaa/..", ""])
def test_only_an_id_of_a_study_names_a_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="There is no search"):
        study.load(name, tmp_path)


def test_a_study_that_cannot_be_read_is_not_listed(begin: Begin, tmp_path: Path) -> None:
    one, two = begin(), begin()
    assert [of.id for of in study.list_all(tmp_path)] == sorted([one.id, two.id], reverse=True)
    assert study.load(one.id, tmp_path) == one
    (study.find_folder(one.id, tmp_path) / "study.json").write_text("{}")
    assert [of.id for of in study.list_all(tmp_path)] == [two.id]
    with pytest.raises(RunError, match="cannot be read"):
        study.load(one.id, tmp_path)


def test_a_killed_process_loses_no_finished_trial(begin: Begin, tmp_path: Path) -> None:
    of = begin(trials=40)
    command = [sys.executable, "-m", "core", "tune", "--resume", of.id, "--runs", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + 120
        while sum(one.over for one in study.trials(of.id, tmp_path)) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    before = [one for one in study.trials(of.id, tmp_path) if one.over]
    assert len(before) >= 2
    study.extend(of.id, len(before) + 1, None, tmp_path)
    after = search.drive(of.id, tmp_path, search.Here())
    assert points(after)[: len(before)] == points(tuple(before)) and len(after) == len(before) + 1


def test_lines_are_read_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "lines.jsonl"
    assert lines.read(path) == []
    lines.append(path, {"a": 1})
    with path.open("ab") as file:
        file.write(b'{"torn": ')
    lines.append(path, {"b": 2})
    path.write_bytes(path.read_bytes() + b"[1]\nnonsense\n")
    assert lines.read(path) == [{"a": 1}, {"b": 2}]
    first, *others = path.read_bytes().splitlines(keepends=True)
    assert json.loads(first)["a"] == 1
    path.write_bytes(first.replace(b'"a": 1', b'"a": 3') + b"".join(others))  # a flipped bit
    assert lines.read(path) == [{"b": 2}]
