"""The command line, python -m core: run, walk, explain, predict, runs, export, spec and lists of what there is."""

import argparse
import dataclasses
import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, get_type_hints

import pandas as pd

from core import backtest as walking
from core import pipeline
from core import spec as specs
from core.cli.catalogues import CATALOGUES
from core.data import frame as frames
from core.data import join, load
from core.data.frame import column_name
from core.data.sources import files, uploads
from core.datasets.targets import TARGETS as TARGETS
from core.datasets.windows import resolve
from core.errors import CoreError, DataError, RunError, SpecError
from core.evaluation.backtest.plan import Plan
from core.events import Epoch, Event, Fold, Saved, Stage
from core.explain import compare_methods, importance, time_segments
from core.jobs.local import run as exhaust
from core.spec.fields import fields_of, parse
from core.storage import as_json, checkpoints, experiment_log, run_files
from core.storage import runs as store
from core.types import Run

CACHE = Path("cache")


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SpecError(f"{message}. See: python -m core --help.")


def parser() -> Parser:
    """The commands and their options."""
    root = Parser(prog="python -m core", description="Train, judge and explain a forecasting model of one time series.")
    commands = root.add_subparsers(dest="command", required=True, parser_class=Parser)

    def add(name: str, act: Callable[[argparse.Namespace], tuple[Any, str]], text: str) -> Parser:
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--runs", type=Path, default=store.DEFAULT, metavar="DIR", help="folder of saved runs")
        command.add_argument("--json", action="store_true", help="one JSON object on standard output")
        command.set_defaults(act=act)
        return command

    for name, act, text in (
        ("run", run, "Train and judge a model, and save the run."),
        ("walk", walk, "Train a model anew for each of several folds, and judge them together."),
        ("spec", spec, "Print the whole recipe as JSON."),
    ):
        command = add(name, act, text)
        command.add_argument("--spec", type=Path, metavar="FILE", help="a recipe in JSON")
        command.add_argument("--data", type=Path, metavar="FILE", help="a CSV, TSV, Excel or Parquet file with dates")
        command.add_argument(
            "--join",
            action="append",
            default=[],
            metavar="FILE[#COLUMN][@DAYS]",
            help="a column of another file, known so many days after its date",
        )
        command.add_argument(
            "--set",
            nargs="+",
            action="extend",
            default=[],
            metavar="PATH=VALUE",
            dest="sets",
            help="change entries of the recipe, e.g. model.hidden=32",
        )
        if name == "walk":
            for field, knob in fields_of(Plan):
                command.add_argument(f"--{field}", metavar="|".join(knob.choices) or "N", help=knob.help or knob.label)
    command = add("explain", explain, "Explain a saved run.")
    command.add_argument("run")
    command.add_argument(
        "--method",
        default="permutation",
        help="permutation, exact, gradients, blocks (stretches "
        "of the window), ablation (trained again without each feature) or lightgbm (another model on "
        "the same windows)",
    )
    command = add("predict", predict, "The live forecast of a saved run, on newer data if given.")
    command.add_argument("run")
    command.add_argument("--data", type=Path, metavar="FILE", help="a CSV file with newer rows")
    add("runs", runs, "List the saved runs.")
    add("tries", tries, "List the questions asked, how often, and what the best of so many tries is worth.")
    command = add("export", export, "Pack a saved run into a zip archive.")
    command.add_argument("run")
    command.add_argument("--to", type=Path, required=True, metavar="FILE")
    for name, catalogue in CATALOGUES.items():
        text = f"List the {name}."
        add(name, partial(_listing, catalogue), text)
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0, or 2 after one line `error: …` for a mistake that a person can mend."""
    try:
        options = parser().parse_args(arguments)
        values, text = options.act(options)
    except CoreError as error:
        print("error:", " ".join(str(error).split()), file=sys.stderr)
        return 2
    try:
        print(json.dumps(run_files.plain(values), indent=1, allow_nan=False) if options.json else text, flush=True)
    except BrokenPipeError:
        # The reader (head, say) has seen enough; the interpreter must not complain of it when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


# --- commands: each returns its JSON values and its text -------------------------------------------------------------


def run(options: argparse.Namespace) -> tuple[Any, str]:
    recipe, frame = _recipe(options)
    recipe, digest = resolve(recipe, frame), frames.digest(frame)

    def hear(event: Event) -> None:
        if isinstance(event, Saved):
            try:
                checkpoints.keep(event, recipe, digest, None, options.runs)
            except RunError as error:  # a full disk ends no training
                print(f"warning: {error}", file=sys.stderr)
        _tell(event)

    finished: Run = exhaust(pipeline.run(recipe, frame, checkpoints.find(recipe, digest, options.runs)), hear)
    saved = store.save(finished, options.runs)
    if trouble := experiment_log.count(saved, options.runs):
        print(f"warning: {trouble}", file=sys.stderr)
    checkpoints.drop(checkpoints.key(recipe, digest), options.runs)
    return as_json.of_run(saved), f"{saved.evaluation.verdict.text}\nSaved as {saved.id}."


def walk(options: argparse.Namespace) -> tuple[Any, str]:
    hints, asked = get_type_hints(Plan), {name: getattr(options, name) for name, _ in fields_of(Plan)}
    plan = Plan(**{name: parse(text, hints[name], f"plan.{name}") for name, text in asked.items() if text is not None})
    made = exhaust(walking.run(*_recipe(options), plan), _tell)
    return as_json.of_walk(made), as_json.say_walk(made)


def spec(options: argparse.Namespace) -> tuple[Any, str]:
    recipe, frame = _recipe(options, load_yahoo=False)
    if frame is not None:
        recipe = resolve(recipe, frame)
    return specs.to_dict(recipe), json.dumps(specs.to_dict(recipe), indent=1)


def explain(options: argparse.Namespace) -> tuple[Any, str]:
    saved = store.load(options.run, options.runs)
    verdict, more = saved.evaluation.verdict.text, {}
    if options.method == "ablation":
        found = exhaust(compare_methods.ablation(saved), _tell)
        store.keep_values(saved.id, importance.kept("ablation", False), found, options.runs)
        return as_json.of_ablation(found, verdict), _lines(verdict, found.importance)
    if options.method == "lightgbm":  # of another model, so it does not take the place of the run's own explanation
        made, gain = exhaust(compare_methods.lightgbm(saved), _tell)
        more = {"gain": gain}
    elif options.method == "blocks":  # stretches are no features of the run
        made = exhaust(time_segments.explain(saved), _tell)
    else:
        made = exhaust(pipeline.explain(saved, options.method), _tell)
        store.keep_explanation(saved.id, made, options.runs)
    return as_json.of_explanation(made) | more | {"verdict": verdict}, _lines(verdict, made.importance)


def predict(options: argparse.Namespace) -> tuple[Any, str]:
    saved = store.load(options.run, options.runs)
    made = pipeline.predict(saved, None if options.data is None else _newer(saved, options.data))
    values = {
        "run_id": saved.id,
        "unit": TARGETS[saved.spec.target.kind].unit,
        "forecast": as_json.of_forecast(made),
        "verdict": saved.evaluation.verdict.text,
    }
    return values, made[["symbol", "time", "yhat", "lo", "hi"]].to_string(index=False)


def runs(options: argparse.Namespace) -> tuple[Any, str]:
    found = store.summaries(options.runs)
    lines = [f"{s.id}  {','.join(s.symbols)} {s.target} {s.horizon}  {s.problem or s.verdict}" for s in found]
    text = "\n".join(lines) or "No runs yet. Start one: python -m core run"
    return {"runs": [dataclasses.asdict(s) for s in found]}, text


def tries(options: argparse.Namespace) -> tuple[Any, str]:
    values = as_json.of_tries(experiment_log.read(options.runs))
    lines = [f"{q['title']}: {q['tries']} tries, {q['looks']} looks\n  {q['text']}" for q in values["questions"]]
    lines += [f"The entry {entry['file']} cannot be read and is left out." for entry in values["damaged"]]
    return values, "\n".join(lines) or "No tries yet. Start one: python -m core run"


def export(options: argparse.Namespace) -> tuple[Any, str]:
    packed = store.pack(options.run, options.runs)
    try:
        options.to.write_bytes(packed)
    except OSError as error:
        raise SpecError(f"{options.to} cannot be written ({error.strerror}). Name another file.") from error
    return {"run_id": options.run, "file": str(options.to), "bytes": len(packed)}, f"Wrote {options.to}."


# --- parts of commands -----------------------------------------------------------------------------------------------


def _recipe(options: argparse.Namespace, load_yahoo: bool = True) -> tuple[specs.Spec, Any]:
    recipe = specs.Spec() if options.spec is None else specs.from_dict(_read_json(options.spec))
    recipe = specs.assign(recipe, options.sets)
    recipe = replace(recipe, data=replace(recipe.data, join=(*recipe.data.join, *map(_kept, options.join))))
    if options.data is not None:
        tables = _chosen(files.read_path(options.data)[0], recipe.data.symbols)
        recipe = replace(recipe, data=replace(recipe.data, source="file", symbols=tuple(tables)))
        return recipe, load.beside(load.from_tables(tables, recipe.data), recipe.data, CACHE)
    if recipe.data.source == "yahoo" and not load_yahoo:
        return recipe, None
    return recipe, load.load(recipe.data, CACHE)


def _chosen(tables: dict[str, pd.DataFrame], symbols: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """The series of a file that the recipe names; all of them where it names none of them."""
    named = {name: table for name, table in tables.items() if name in symbols}
    return named or tables


def _lines(verdict: str, importances: dict[str, float]) -> str:
    return "\n".join([verdict, *(f"{name:24} {value:.6g}" for name, value in importances.items())])


def _kept(text: str) -> str:
    """The entry of `data.join` for FILE[#COLUMN][@DAYS]; the file's series is kept beside the uploaded ones."""
    found = re.fullmatch(r"(.+?)(?:#([^#]+?))?(?:@(\d+))?", text)
    if found is None:
        raise SpecError("--join takes FILE, FILE#COLUMN or FILE#COLUMN@DAYS; got nothing.")
    path, column, lag = (text, None, None) if Path(text).is_file() else found.groups()
    tables, guess = files.read_path(Path(path))
    if len(tables) > 1:
        raise DataError(f"{path!r} holds {len(tables)} series. Join one series a file.")
    (table,) = tables.values()
    kept = load.from_tables(tables)
    name = column_name(column or guess.target)
    if name not in frames.columns(kept):
        raise DataError(f"{path!r} has no column {name!r} to join; it has {', '.join(frames.columns(kept))}.")
    digest = uploads.keep(kept, CACHE / "uploads")
    return f"file:{digest}#{name}@{join.usual_lag(table) if lag is None else lag}"


def _newer(saved: Run, path: Path) -> pd.DataFrame:
    """Newer rows for a saved run, with the series that it joined."""
    tables, was = files.read_path(path)[0], saved.spec.data.symbols
    tables = {was[0]: next(iter(tables.values()))} if len(tables) == len(was) == 1 else _chosen(tables, was)
    return load.beside(load.from_tables(tables), replace(saved.spec.data, start=None, end=None), CACHE)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SpecError(f"The recipe {path} cannot be read ({error}).") from error


def _tell(event: Event) -> None:
    if isinstance(event, Stage):
        print(event.text, file=sys.stderr)
    elif isinstance(event, Epoch):
        print(
            f"  epoch {event.epoch}/{event.epochs}  train {event.train_loss:.4f}  val {event.val_loss:.4f}",
            file=sys.stderr,
        )
    elif isinstance(event, Fold):
        print(f"  fold {event.fold}/{event.folds}  skill {event.skill:+.1%}  {event.seconds:.1f} s", file=sys.stderr)


def _listing(catalogue: Callable[[], list[dict[str, Any]]], options: argparse.Namespace) -> tuple[Any, str]:
    items = catalogue()
    return {options.command: items}, pd.DataFrame(items).drop(columns="text").to_string(index=False)


if __name__ == "__main__":
    sys.exit(main())
