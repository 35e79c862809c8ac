"""What version 0.1 stored still opens: a run with its artifacts, a backtest, an experiment; numbers of their files."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from core.evaluation.backtest.plan import Plan
from core.explain.gradient_memory import Memory
from core.explain.importance import Importance
from core.explain.local import LocalExplanation, TimeSegments
from core.storage import artifacts, backtests, experiment_log, runs
from core.storage.serialize import to_json
from core.types import Explanation

STORE = Path(__file__).parent.parent / "golden" / "store_0_1"
RUN, BACKTEST, CUTOFF = "20261129-010818-e7a7b5a6", "20261129-010902-e7a7b5a6", "2023-02-15"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STORE, tmp_path / "runs"))


def stored(path: str) -> dict:
    (file,) = STORE.glob(path)
    return json.loads(file.read_text())


def without_errors(values: Any) -> Any:
    """The values without the standard errors, which explanations of that version do not have."""
    if not isinstance(values, dict):
        return values
    later = {"error_NHF", "importance_error_CF"}
    assert all(values[name] is None for name in later & values.keys())
    return {name: without_errors(value) for name, value in values.items() if name not in later}


def without_steps(values: Any) -> Any:
    """A history without the optimizer steps, which that version did not count."""
    assert all(epoch["step"] == epoch["steps"] == 0 for epoch in values["epochs"])
    epochs = [{name: epoch[name] for name in epoch.keys() - {"step", "steps"}} for epoch in values["epochs"]]
    return values | {"epochs": epochs}


def test_the_run_opens(store: Path) -> None:
    run, metrics = runs.load(RUN, store), stored(f"{RUN}/metrics.json")
    assert run.evaluation.shares == {} and to_json(run.evaluation) == metrics | {"shares": {}, "skips": {}}
    assert without_steps(to_json(run.history)) == stored(f"{RUN}/history.json")
    assert (
        run.explanation is not None and run.explanation.by_lag_L.tolist() == stored(f"{RUN}/explanation.json")["by_lag"]
    )
    assert runs.list_all(store)[0].problem == ""


@pytest.mark.parametrize(
    ("kind", "cutoff", "name"),
    [
        (Explanation, CUTOFF, "explanation"),
        (LocalExplanation, CUTOFF, "day"),
        (TimeSegments, CUTOFF, "stretches"),
        (Memory, "", "memory"),
    ],
    ids=["explanation", "day", "stretches", "memory"],
)
def test_its_artifacts_open(kind: type, cutoff: str, name: str, store: Path) -> None:
    """Number for number: a field that was renamed keeps its key in files, see core/storage/serialize.py."""
    artifact = artifacts.load(kind, RUN, "SMALL", cutoff, store)
    assert without_errors(to_json(artifact)) == stored(f"{RUN}/looks/{name}-*.json")
    assert not (store / RUN / "looks").exists() and len([*(store / RUN / artifacts.FOLDER).iterdir()]) == 4


def test_its_ablation_opens(store: Path) -> None:
    ablation = runs.load_record(RUN, "ablation-features", Importance, store)
    assert to_json(ablation) == stored(f"{RUN}/ablation-features.json")


def test_the_backtest_opens_with_both_folds(store: Path) -> None:
    (line,) = backtests.list_all(store)
    assert (line.id, line.finished, line.plan) == (BACKTEST, (1, 2), Plan(folds=2))
    backtest = backtests.load(BACKTEST, store)
    assert len(backtest.frame) > 100 and backtest.spec.id == line.spec.id
    for number, fold in enumerate(backtest.results, start=1):
        values = stored(f".walks/{BACKTEST}/fold-{number}/fold.json")
        arrays = {"scale_SC": fold.scale_SC.tolist(), "naive_mae": fold.naive_mae_S.tolist()}
        later = ("table", "scale_SC", "naive_mae_S", "reference")
        told = to_json(fold, omit=later)
        told |= {"history": without_steps(told["history"])}
        assert fold.fold == number and told | arrays == values
        assert fold.reference == ""  # it stored none
        assert (fold.table["part"] == "test").sum() == 2 * values["rows"]["test"]
    assert backtests.save_fold(BACKTEST, store, backtest.results[0]) == BACKTEST
    assert backtests.load(BACKTEST, store).results[0].skill == backtest.results[0].skill


def test_the_experiment_counts(store: Path) -> None:
    log = experiment_log.load(store)
    assert [one.run_id for one in log.evaluations] == [RUN] and log.damaged == ()
    experiment_log.add(runs.load(RUN, store), store)
    (task,) = {log.task_of(one).key for one in experiment_log.load(store).evaluations}
    assert task == "89707d0a2335"
