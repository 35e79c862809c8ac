"""The record of an experiment: what a training forecasts, its recipe, and its errors at each cutoff of the test split.

Axis letters: N forecasts (a symbol's cutoff each), T sessions.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core import spec as specs
from core.datasets.targets import TARGETS, TargetKind, kind_of
from core.evaluation.trading import positions
from core.forecasting.table import ForecastMatrix, to_matrix
from core.language import message, message_n, tr
from core.models.kinds import title_of
from core.types import Floats, Ints, Run, Times

MAX_SETTINGS = 4  # of a recipe that a label names


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One evaluation of a recipe on a test period. Losses are squared errors, mean over steps, on the scale of scores.

    `task` says what is forecast and `task_key` identifies it in twelve hex digits. `recipe` holds JSON values.
    `interval` is that of the skill (95 %). `return_T` is the net return of each session of trading the forecasts; empty
    if they tell no direction.
    """

    run_id: str
    created: str
    spec_id: str
    data_digest: str
    task_key: str = field(metadata={"stored": "question"})
    task: dict[str, Any] = field(metadata={"stored": "asked"})
    recipe: dict[str, Any]
    skill: float
    interval: tuple[float, float]
    p_value: float
    tone: str
    reference: str
    symbols: tuple[str, ...]
    symbol_N: Ints
    cutoff_N: Times
    loss_N: Floats
    reference_N: Floats  # losses of the reference
    last_N: Floats  # losses of the last value
    return_T: Floats
    chosen_among: int = 0  # trials of searches on this task, where its settings are those of one; they saw no test row

    @property
    def identity(self) -> tuple[str, str]:
        """Recipe and data: evaluations that share both count as one experiment."""
        return self.spec_id, self.data_digest

    @property
    def first(self) -> np.datetime64:
        """The first cutoff of the test period."""
        return self.cutoff_N.min()

    @property
    def last(self) -> np.datetime64:
        """The last cutoff of the test period."""
        return self.cutoff_N.max()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """All experiments of one task, oldest first.

    A recipe trained twice on the same data is one experiment and two evaluations of the test period.
    """

    key: str
    title: str
    experiments: tuple[Experiment, ...]
    evaluations: tuple[Experiment, ...]

    def count_evaluations(self, experiment: Experiment) -> int:
        """How many evaluations used a session of this experiment's test period."""
        return sum(bool(one.first <= experiment.last and one.last >= experiment.first) for one in self.evaluations)

    def number(self, experiment: Experiment) -> int:
        """The number of the experiment, from 1."""
        return [one.identity for one in self.experiments].index(experiment.identity) + 1


def of_run(run: Run, chosen_among: int = 0) -> Experiment:
    """The experiment record of a finished run, whose settings were chosen among so many trials of searches."""
    test, kind, model = (
        to_matrix(run.forecast, "test"),
        kind_of(run.spec.target, bool(run.spec.window.log)),
        run.spec.model.kind,
    )
    verdict, (key, task) = run.evaluation.verdict, describe_task(run.spec)
    return Experiment(
        run_id=run.id,
        created=run.created,
        spec_id=run.spec.id,
        data_digest=run.data_digest,
        task_key=key,
        task=task,
        recipe=specs.to_dict(run.spec),
        skill=verdict.skill,
        interval=verdict.interval,
        p_value=verdict.p_value,
        tone=verdict.tone,
        reference=verdict.reference,
        symbols=test.symbols,
        symbol_N=test.symbol_N,
        cutoff_N=test.cutoff_N.astype("M8[ns]"),
        loss_N=_loss(test, model, kind),
        reference_N=_loss(test, verdict.reference, kind),
        last_N=_loss(test, "last_value", kind),
        return_T=_returns(run),
        chosen_among=chosen_among,
    )


def group_by_task(evaluations: Sequence[Experiment]) -> tuple[Task, ...]:
    """The evaluations by task, the task with the latest one first."""
    by_time = sorted(evaluations, key=lambda one: (one.created, one.run_id))
    keys = dict.fromkeys(one.task_key for one in reversed(by_time))
    return tuple(_group([one for one in by_time if one.task_key == key]) for key in keys)


def label_experiments(experiments: Sequence[Experiment]) -> tuple[str, ...]:
    """A short label of each experiment: its model and the settings that differ from the most common ones."""
    recipes = [_flatten(one.recipe) for one in experiments]
    usual = {
        path: Counter(recipe.get(path) for recipe in recipes).most_common(1)[0][0]
        for path in dict.fromkeys(path for recipe in recipes for path in recipe)
    }
    varying = [
        path for path in usual if path != "model.kind" and any(recipe.get(path) != usual[path] for recipe in recipes)
    ]
    varying.sort(key=lambda path: path == "seed")  # it says least
    ends_differ = len({one.last for one in experiments}) > 1
    labels = []
    for one, recipe in zip(experiments, recipes, strict=True):
        settings = [_setting(path, recipe.get(path)) for path in varying if recipe.get(path) != usual[path]]
        end = [tr("tested to {day}", day=np.datetime_as_string(one.last, unit="D"))] if ends_differ else []
        labels.append(" · ".join([title_of(str(recipe.get("model.kind", "model"))), *settings[:MAX_SETTINGS], *end]))
    return tuple(labels)


def describe_task(spec: specs.Spec) -> tuple[str, dict[str, Any]]:
    """What is forecast, whatever the recipe (covariates and features belong to the recipe), and the key of that."""
    data, target = spec.data, spec.target
    task = {
        "source": data.source,
        "symbols": sorted(data.symbols),
        "interval": data.interval,
        "kind": target.kind,
        "column": target.column,
        "horizon": target.horizon,
        "dead_zone": target.dead_zone,
    }
    return hashlib.sha256(json.dumps(task, sort_keys=True).encode()).hexdigest()[:12], task


def _loss(test: ForecastMatrix, name: str, kind: TargetKind) -> Floats:
    """Squared errors, mean over steps; NaN if there are no such forecasts."""
    if name not in test.yhat_NH:
        return np.full(len(test.y_NH), np.nan)
    return ((kind.to_score(test.yhat_NH[name]) - kind.to_score(test.y_NH)) ** 2).mean(axis=1)


def _returns(run: Run) -> Floats:
    """Net return of each session of trading the forecasts; empty if they tell no direction."""
    position = TARGETS[run.spec.target.kind].position
    return (
        np.zeros(0) if position is None or position.move is None else positions.net_returns(run).to_numpy(dtype=float)
    )


def _group(evaluations: list[Experiment]) -> Task:
    first: dict[tuple[str, str], Experiment] = {}
    for one in evaluations:
        first.setdefault(one.identity, one)
    key, title = evaluations[0].task_key, _title(evaluations[0].task)
    return Task(key=key, title=title, experiments=tuple(first.values()), evaluations=tuple(evaluations))


def _title(task: dict[str, Any]) -> str:
    kind, horizon = TARGETS.get(task["kind"]), task["horizon"]
    target: str = message((kind.title if kind else str(task["kind"])).lower())
    if kind and kind.named_by_column and task["column"]:
        target = task["column"]
    elif task["column"] not in ("close", None):
        target = message("{title} of {column}", title=target, column=task["column"])
    ahead = message("{steps} ahead", steps=message_n("{count} step", "{count} steps", horizon))
    parts = {
        "symbols": ", ".join(task["symbols"]),
        "aim": message("{title}, {ahead}", title=target, ahead=ahead),
        "source": task["source"] if task["interval"] == "1d" else f"{task['source']}, {task['interval']}",
    }
    if task["dead_zone"]:
        share = f"{task['dead_zone']:.1%}"
        return message("{symbols}: {aim}, moves of {share} or more ({source})", share=share, **parts)
    return message("{symbols}: {aim} ({source})", **parts)


def _flatten(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted paths and values that can be compared; lists as tuples."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = tuple(value) if isinstance(value, list) else value
    return flat


def _setting(path: str, value: Any) -> str:
    name = path.split(".")[-1].replace("_", " ")
    if isinstance(value, tuple):
        return tr("{count} {name}", count=len(value), name=name)
    if value is None or isinstance(value, bool):
        return name if value else tr("no {name}", name=name)
    return f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
