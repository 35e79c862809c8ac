"""The command that searches: a study in a folder next to the runs, tried by worker processes of its own."""

import argparse
import math
import sys
from typing import Any

from core.cli import inputs
from core.cli.commands import Answer
from core.errors import SpecError
from core.spec import to_dict
from core.storage import atomic
from core.storage.serialize import to_json
from core.tuning import sampler, search, space, study
from core.tuning.study import Study, Trial

PRESET = "quick"  # of a search that names no field
TRIALS = 20
STATES = ("complete", "pruned", "failed", "running")


def tune(options: argparse.Namespace) -> Answer:
    """Begin a study or go on with one, and run it to its limit."""
    atomic.check_writable(options.runs)
    of = _resume(options) if options.resume else _create(options)
    print(f"search {of.id}: {', '.join(one.path for one in of.space)}", file=sys.stderr)

    def report(ended: Trial) -> None:
        best = study.best(study.trials(of.id, options.runs))
        least = f"best {best[0].value:.5g} (trial {best[0].number})" if best else "none complete"
        number = f"{ended.number}/{of.trials}" if of.trials else str(ended.number)
        value = f" {ended.value:.5g}" if ended.state == "complete" else ""
        print(f"  trial {number}  {ended.state}{value}  {ended.seconds:.1f} s  {least}", file=sys.stderr)

    if options.workers < 2:
        trials = search.drive(of.id, options.runs, search.Here(), on_end=report)
    else:
        trials = _drive_in_parallel(of, options, report)
    return describe(of, trials), _text(of, trials)


def describe(of: Study, trials: tuple[Trial, ...]) -> dict[str, Any]:
    """A study as JSON values; `recipe` is the whole recipe of the best trial, to be judged on the test split, and
    `ensemble` that of a network for each of the best three."""
    best, ensemble = study.best(trials), study.ensemble_of(of, trials)
    return to_json(
        {
            "study": of.id,
            "objective": of.objective,
            "space": of.space,
            "trials": [
                {
                    "number": one.number,
                    "state": one.state,
                    "value": one.value if one.state == "complete" else math.nan,
                    "params": one.params,
                    "seconds": one.seconds,
                    "problem": one.problem,
                }
                for one in trials
            ],
            "best": {"number": best[0].number, "value": best[0].value, "params": best[0].params} if best else None,
            "importances": sampler.importances(of, trials),
            "recipe": to_dict(study.recipe_of(of, best[0])) if best else None,
            "ensemble": {"trials": [one.number for one in ensemble[1]], "recipe": to_dict(ensemble[0])}
            if ensemble
            else None,
        }
    )


def _text(of: Study, trials: tuple[Trial, ...]) -> str:
    best = study.best(trials)
    counts = {state: sum(one.state == state for one in trials) for state in STATES}
    ends = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    if not best:
        return f"Search {of.id}: {ends}; no trial is complete."
    settings = " ".join(f"{path}={value}" for path, value in best[0].params.items())
    return (
        f"Search {of.id}: {ends}. Trial {best[0].number} has the least error, {best[0].value:.5g} ({of.objective}).\n"
        f"Judge it on the test split: python -m core run … --set {settings}"
    )


def _create(options: argparse.Namespace) -> Study:
    spec, frame = inputs.recipe(options)
    assert frame is not None
    over = options.over or PRESET
    dimensions = space.check(space.parse_space(over), spec, presets=any(name in over for name in space.PRESETS))
    limits = {"trials": options.trials, "minutes": options.minutes}
    if options.trials is None and options.minutes is None:
        limits["trials"] = TRIALS
    return search.create(
        spec, frame, dimensions, options.runs, objective=options.objective, folds=options.folds, **limits
    )


def _resume(options: argparse.Namespace) -> Study:
    of = study.load(options.resume, options.runs)
    if options.over:
        raise SpecError("A search goes on in the space that it began with. Leave out --over, or begin another one.")
    if options.trials is None and options.minutes is None:
        return of
    return study.extend(of.id, options.trials, options.minutes, options.runs)


def _drive_in_parallel(of: Study, options: argparse.Namespace, report: Any) -> tuple[Trial, ...]:
    from core import pipeline
    from core.jobs.queue import Queue

    queue = Queue.open(workers=options.workers, address="", modules=pipeline.MODULES)
    try:
        return search.drive(of.id, options.runs, queue, options.workers, on_end=report)
    finally:
        queue.close()
