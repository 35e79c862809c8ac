"""One trial: a recipe trained on the training split and scored on the validation split. It gets no later row.

Axis letters: N windows, H steps, S symbols, C one column or one a step.
"""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from core import backtest
from core.datasets import panel, split, windows
from core.datasets.windows import Prepared
from core.errors import CoreError, words
from core.evaluation.backtest.plan import Plan
from core.events import Checkpoint, Epoch, Event, Fold
from core.language import message
from core.spec import Spec, Split

NEEDED = ("train", "val")  # splits that a trial has
RUNGS = 20  # at which the validation curves of trials are compared, in equal steps of the budget
OBJECTIVES = ("validation", "backtest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a trial is given: a recipe whose splits are training and validation alone, and the rows of those.

    `lookback` is the longest of the search: shorter windows are scored on its cutoffs. `limits` are the losses that the
    curve must stay below, by rung (`RUNGS`; of a backtest, by fold).
    """

    spec: Spec
    frame: pd.DataFrame
    lookback: int
    objective: str = "validation"
    folds: int = 0
    limits: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a trial ended: complete, pruned (its value is the last of its curve) or failed (`problem` says why).

    `value` is what the search minimises; `curve` the least loss so far at each rung that was reached.
    """

    state: str
    value: float
    curve: dict[int, float] = field(default_factory=dict)
    seconds: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A recipe and a frame without calibration and test rows; see `cut`."""

    spec: Spec
    frame: pd.DataFrame


class _Pruned(Exception):
    """The curve of a trial lies above its limit."""


def cut(spec: Spec, frame: pd.DataFrame) -> Cut:
    """The recipe and the frame that trials get, from the resolved recipe and the whole frame.

    Training and validation windows are those of the whole recipe, label by label: the last row is that of the last
    validation label, so that purging leaves nothing to cut away. Rows before the splits stay, for features remember.
    """
    times = panel.observed_times(spec, frame)
    bounds = split.compute_bounds(spec.split, panel.times_to_split(spec, panel.build_panel(spec, frame), frame))
    before = int(times.searchsorted(bounds.index[0]))
    reach = spec.target.horizon
    later = any(bounds.end[name] > bounds.start[name] for name in ("calib", "test"))
    purged = 1 + max(0, (spec.split.gap or 0) - reach) if later else 0
    train, end = before + bounds.end["train"], before + bounds.end["val"] - purged
    sizes = Split(train=train, val=end - train, calib=0, test=0, gap=spec.split.gap)
    return Cut(spec=replace(spec, split=sizes), frame=frame.loc[: times[end - 1]])


def prepare(spec: Spec, frame: pd.DataFrame, lookback: int) -> tuple[Prepared, Prepared]:
    """The windows of a trial, and those of the longest lookback, whose validation cutoffs and scale it shares."""
    prepared = windows.prepare(spec, frame, needed=NEEDED)
    if lookback == spec.window.lookback:
        return prepared, prepared
    longest = windows.prepare(
        replace(spec, window=replace(spec.window, lookback=lookback, min_length=None)), frame, needed=NEEDED
    )
    val = prepared.splits.val
    shared_N = np.flatnonzero(np.isin(val.cutoff_row_N, longest.splits.val.cutoff_row_N))
    return replace(prepared, splits=replace(prepared.splits, val=val.take(shared_N))), longest


def run(task: Task) -> Generator[Event, Any, Result]:
    """Train and score; yields the Epochs or Folds of the training. What a person can cause ends it as failed."""
    began = time.perf_counter()
    curve: dict[int, float] = {}
    state, value, problem = "complete", math.nan, ""
    try:
        value = yield from (_validate(task, curve) if task.objective == "validation" else _backtest(task, curve))
    except _Pruned:
        state, value = "pruned", list(curve.values())[-1]
    except CoreError as error:
        state, problem = "failed", words(error)
    if state == "complete" and not math.isfinite(value):
        state, problem = "failed", message("The validation error is not a finite number.")
    return Result(state=state, value=value, curve=curve, seconds=time.perf_counter() - began, problem=problem)


def _validate(task: Task, curve: dict[int, float]) -> Generator[Event, Any, float]:
    """The mean squared error of the forecast that the training ends with, linear models included where they are
    combined, over all validation windows and steps, in squared standard deviations of the training labels."""
    prepared, longest = prepare(task.spec, task.frame, task.lookback)
    from core.forecasting import distribution, forecast
    from core.training import trainer

    def hear(event: Event) -> None:
        if isinstance(event, Epoch) and event.member == 1:
            _, done, most = event.count("step")
            _record(curve, min(RUNGS, RUNGS * done // max(most, 1)), event.val_loss, task.limits)

    trained = yield from _watch(trainer.train(task.spec, prepared), hear)
    kind, val = prepared.kind, prepared.splits.val
    output_NHO = forecast.predict(forecast.network(trained.net, kind.binary), val, prepared)
    y_NH = kind.to_user(longest.splits.val.y_NH)  # the floor of labels, too, is that of the longest windows
    error_NH = kind.to_score(distribution.mean(output_NHO, kind)) - kind.to_score(y_NH)
    return float(np.mean((error_NH / longest.score_SC[val.symbol_N]) ** 2))


def _backtest(task: Task, curve: dict[int, float]) -> Generator[Event, Any, float]:
    """The mean over folds of the root mean squared error over that of the fold's naive reference."""
    ratios: list[float] = []

    def hear(event: Event) -> None:
        if isinstance(event, Fold):
            ratios.append(1 - event.skill)
            curve[event.fold] = float(np.mean(ratios))
            if event.fold < task.folds and curve[event.fold] > task.limits.get(event.fold, math.inf):
                raise _Pruned

    for number in range(1, task.folds + 1):
        yield from _watch(backtest.fold(task.spec, task.frame, Plan(folds=task.folds), number), hear)
    return float(np.mean(ratios))


def _record(curve: dict[int, float], rung: int, loss: float, limits: dict[int, float]) -> None:
    """Note the least loss at a rung; raises _Pruned where that is above the limit."""
    curve[rung] = min([loss, *curve.values()])
    if rung < RUNGS and curve[rung] > limits.get(rung, math.inf):
        raise _Pruned


def _watch(steps: Generator[Event, Any, Any], hear: Any) -> Generator[Event, Any, Any]:
    """`steps`, each event heard before it is passed on; checkpoints are not: a trial begins again."""
    answer = None
    try:
        while True:
            try:
                event = steps.send(answer)
            except StopIteration as end:
                return end.value
            hear(event)
            answer = None if isinstance(event, Checkpoint) else (yield event)
    finally:
        steps.close()
