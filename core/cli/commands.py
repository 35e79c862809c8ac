"""The commands: each returns its JSON values and its text."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable
from typing import Any, get_type_hints

import pandas as pd

from core import backtest as backtests
from core import pipeline
from core import spec as specs
from core.baselines.registry import phrase
from core.cli import inputs
from core.data import frame as frames
from core.data import quality
from core.datasets import row_notes
from core.datasets.targets import TARGETS
from core.datasets.windows import resolve
from core.errors import CoreError, RunError
from core.evaluation import convergence
from core.evaluation.backtest.plan import Plan
from core.evaluation.compare import comparison as comparisons
from core.events import Checkpoint, Epoch, Event, Fold, Stage
from core.explain import methods
from core.jobs.local import run as exhaust
from core.spec.fields import fields_of, parse
from core.storage import as_json, atomic, checkpoints, experiment_log
from core.storage import runs as store
from core.storage.finish import finish
from core.tracking.refresh import log_live
from core.types import Run

Answer = tuple[Any, str]  # JSON values, text
Command = Callable[[argparse.Namespace], Answer]


class Unsaved(Exception):
    """A run that is worth printing and could not be saved: its answer, and why not."""

    def __init__(self, answer: Answer, problem: CoreError) -> None:
        super().__init__(str(problem))
        self.answer, self.problem = answer, problem


def run(options: argparse.Namespace) -> Answer:
    """Train, and save the run. Raises RunError at once if nothing can be saved, and Unsaved if that fails later."""
    atomic.check_writable(options.runs)
    spec, frame = inputs.recipe(options)
    assert frame is not None
    spec, digest = resolve(spec, frame), frames.digest(frame)
    notes = [*frame.attrs.get("notes", []), *row_notes.describe_with_setting(spec, frame)]
    for note in notes:
        print(f"note: {note}", file=sys.stderr)

    def hear(event: Event) -> None:
        if isinstance(event, Checkpoint):
            try:
                checkpoints.save(event, spec, digest, None, options.runs)
            except RunError as error:  # a full disk does not end a training
                print(f"warning: {error}", file=sys.stderr)
        print_progress(event)

    key = checkpoints.key(spec, digest)
    with checkpoints.claim(key, options.runs):
        finished: Run = exhaust(pipeline.run(spec, frame, checkpoints.load(spec, digest, options.runs)), hear)
        try:
            saved, warning = finish(finished, key, options.runs)
        except RunError as error:
            answer = _answer(finished, [*notes, f"It is not saved. {error}"], "It is not saved.")
            raise Unsaved((answer[0] | {"run_id": None}, answer[1]), error) from error
    if warning:
        print(f"warning: {warning}", file=sys.stderr)
    return _answer(saved, notes, f"Saved as {saved.id}.")


def _answer(finished: Run, notes: list[str], ending: str) -> Answer:
    lines = [finished.evaluation.verdict.text, convergence.advise(finished), ending]
    values = as_json.of_run(finished, [*notes, *row_notes.missing_live(finished)])
    return values, "\n".join(filter(None, lines))


def inspect(options: argparse.Namespace) -> Answer:
    spec, frame = inputs.inspected(options)
    spec, index = resolve(spec, frame), pd.DatetimeIndex(frame.index)
    values: dict[str, Any] = {
        "symbols": frames.symbols(frame),
        "columns": frames.columns(frame),
        "target": spec.target.column,
        "rows": len(frame),
        "first": index[0].isoformat(),
        "last": index[-1].isoformat(),
        "frequency": quality.describe_frequency(index),
        "notes": [*frame.attrs["notes"], *row_notes.describe_with_setting(spec, frame)],
    }
    lines = [
        f"{', '.join(values['symbols'])}: {values['rows']:,} rows, {values['frequency']}, {values['first']} to "
        f"{values['last']}",
        f"columns: {', '.join(values['columns'])}",
        row_notes.describe_target(spec.target, index),
        *values["notes"],
    ]
    return values, "\n".join(lines)


def backtest(options: argparse.Namespace) -> Answer:
    hints, texts = get_type_hints(Plan), {name: getattr(options, name) for name, _ in fields_of(Plan)}
    plan = Plan(**{name: parse(text, hints[name], f"plan.{name}") for name, text in texts.items() if text is not None})
    spec, frame = inputs.recipe(options)
    assert frame is not None
    result = exhaust(backtests.run(spec, frame, plan), print_progress)
    return as_json.of_backtest(result), as_json.format_backtest(result)


def spec(options: argparse.Namespace) -> Answer:
    recipe, frame = inputs.recipe(options, load_online=False)
    values = specs.to_dict(recipe if frame is None else resolve(recipe, frame))
    return values, json.dumps(values, indent=1)


def explain(options: argparse.Namespace) -> Answer:
    saved, method = store.load(options.run, options.runs), methods.find(options.method)
    if method.replaces or method.record_name is not None:
        atomic.check_writable(options.runs)
    result = exhaust(method.compute(saved), print_progress)
    if method.replaces and result.explanation is not None:
        store.save_explanation(saved.id, result.explanation, options.runs)
    elif method.record_name is not None:
        store.save_record(saved.id, method.record_name, result.importance, options.runs)
    verdict = saved.evaluation.verdict.text
    lines = [f"{name:24} {value:.6g}" for name, value in result.importance.importance.items()]
    return as_json.of_explanation(method.id, result) | {"verdict": verdict}, "\n".join([verdict, *lines])


def predict(options: argparse.Namespace) -> Answer:
    saved = store.load(options.run, options.runs)
    newer = None if options.data is None else inputs.newer_rows(saved, options)
    forecast = pipeline.predict(saved, newer)
    if warning := log_live(saved, newer, options.runs):
        print(f"warning: {warning}", file=sys.stderr)
    values = {
        "run_id": saved.id,
        "unit": TARGETS[saved.spec.target.kind].unit,
        "forecast": as_json.of_forecast(forecast),
        "verdict": saved.evaluation.verdict.text,
    }
    return values, forecast[["symbol", "time", "yhat", "lo", "hi"]].to_string(index=False)


def compare(options: argparse.Namespace) -> Answer:
    saved = [store.load(run, options.runs) for run in options.run]
    result = comparisons.compare(saved)
    return as_json.of_comparison(result, saved), as_json.format_comparison(result, saved)


def runs(options: argparse.Namespace) -> Answer:
    summaries = store.list_all(options.runs)
    lines = [f"{s.id}  {','.join(s.symbols)} {s.target} {s.horizon}  {s.problem or s.verdict}" for s in summaries]
    text = "\n".join(lines) or "No runs yet. Start one: python -m core run"
    return {"runs": [dataclasses.asdict(summary) for summary in summaries]}, text


def experiments(options: argparse.Namespace) -> Answer:
    values = as_json.of_experiments(experiment_log.load(options.runs))
    lines = [
        f"{q['title']}: {q['tries']} experiments, {q['looks']} evaluations\n  {q['text']}" for q in values["questions"]
    ]
    lines += [f"The entry {entry['file']} cannot be read and is left out." for entry in values["damaged"]]
    return values, "\n".join(lines) or "No experiments yet. Start one: python -m core run"


def listing(name: str, catalogue: Callable[[], list[dict[str, Any]]], options: argparse.Namespace) -> Answer:
    items = catalogue()
    return {name: items}, pd.DataFrame(items).drop(columns="text").to_string(index=False)


def print_progress(event: Event) -> None:
    """What a job does, on standard error."""
    if isinstance(event, Stage):
        print(event.text, file=sys.stderr)
    elif isinstance(event, Epoch):
        losses = f"train {event.train_loss:.4f}  val {event.val_loss:.4f}"
        print(f"  step {event.step}/{event.steps}  {losses}", file=sys.stderr)
    elif isinstance(event, Fold):
        print(
            f"  fold {event.fold}/{event.folds}  skill {event.skill:+.1%} over {phrase(event.reference)}  "
            f"{event.seconds:.1f} s",
            file=sys.stderr,
        )
