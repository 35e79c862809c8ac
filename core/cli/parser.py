"""The arguments of the command line."""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

from core.cli import commands, sharing, track, tune
from core.cli.catalogues import CATALOGUES
from core.errors import SpecError
from core.evaluation.backtest.plan import Plan
from core.explain.methods import METHODS
from core.spec.fields import fields_of
from core.storage import runs as store
from core.tuning import space
from core.tuning.trial import OBJECTIVES


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are SpecErrors, so that they end like every other mistake of a user."""

    def error(self, message: str) -> NoReturn:
        raise SpecError(f"{message}. See: python -m core --help.")


def build() -> Parser:
    """The parser of all commands; each sets `act`, the function that runs it."""
    root = Parser(
        prog="python -m core", description="Train, evaluate and explain a forecasting model of one time series."
    )
    subparsers = root.add_subparsers(dest="command", required=True, parser_class=Parser)

    def add(name: str, act: commands.Command, text: str, *aliases: str) -> argparse.ArgumentParser:
        command = subparsers.add_parser(name, aliases=list(aliases), help=text, description=text)
        command.add_argument("--runs", type=Path, default=store.DEFAULT, metavar="DIR", help="folder of saved runs")
        command.add_argument("--json", action="store_true", help="print one JSON object on standard output")
        command.set_defaults(act=act)
        return command

    _add_recipe(add("run", commands.run, "Train and evaluate a model, and save the run."))
    inspect = add("inspect", commands.inspect, "Say how a file is read: its series, its dates and what was guessed.")
    inspect.add_argument("file", type=Path, metavar="FILE")
    _add_corrections(inspect)
    backtest = add(
        "backtest", commands.backtest, "Retrain a model for each of several folds, and evaluate them.", "walk"
    )
    _add_recipe(backtest)
    for name, about in fields_of(Plan):
        backtest.add_argument(f"--{name}", metavar="|".join(about.choices) or "N", help=about.help or about.label)
    _add_search(
        add("tune", tune.tune, "Search for the settings of least validation error; the test split is not used.")
    )
    _add_recipe(add("spec", commands.spec, "Print the complete recipe as JSON."))

    explain = add("explain", commands.explain, "Explain a saved run.")
    explain.add_argument("run")
    explain.add_argument(
        "--method",
        default="permutation",
        help=", ".join(f"{method.id} ({method.title})" for method in METHODS.values()),
    )
    predict = add("predict", commands.predict, "Print the live forecast of a saved run, on newer data if given.")
    predict.add_argument("run")
    predict.add_argument("--data", type=Path, metavar="FILE", help="a file with newer rows")
    _add_corrections(predict)
    compare = add("compare", commands.compare, "Compare two to four saved runs on the test cutoffs that they share.")
    compare.add_argument("run", nargs="+", metavar="RUN")
    _add_sharing(add)

    tracked = add("track", track.track, "Say what live forecasts were worth after their outcomes came.")
    tracked.add_argument("--refresh", action="store_true", help="load the newest data, score, and forecast again")
    tracked.add_argument("--data", type=Path, metavar="FILE", help="newer rows for the runs of a file; refreshes too")
    tracked.add_argument("--verify", action="store_true", help="only check that no line of the log was changed")
    _add_corrections(tracked)
    add("runs", commands.runs, "List the saved runs.")
    add("experiments", commands.experiments, "List what was tried, and what the best of so many is worth.", "tries")
    for name, catalogue in CATALOGUES.items():
        add(name, partial(commands.listing, name, catalogue), f"List the {name}.")
    return root


def _add_sharing(add: Callable[[str, commands.Command, str], argparse.ArgumentParser]) -> None:
    """The commands that take a run elsewhere and bring one in."""
    for name, act, text in (
        ("report", sharing.report, "Write the report of a saved run: one HTML file with its model card and charts."),
        ("script", sharing.script, "Write a Python file that trains a saved run again and compares every number."),
        ("export", sharing.export, "Pack a saved run into a zip archive."),
    ):
        command = add(name, act, text)
        command.add_argument("run")
        command.add_argument("--to", type=Path, required=True, metavar="FILE")
    bring = add("import", sharing.import_, "Check a zip archive of a run, and save the run under a name of its own.")
    bring.add_argument("file", type=Path, metavar="FILE")


def _add_recipe(command: argparse.ArgumentParser) -> None:
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
    _add_corrections(command)


def _add_search(command: argparse.ArgumentParser) -> None:
    _add_recipe(command)
    command.add_argument("--trials", type=_count, metavar="N", help=f"trials at most; {tune.TRIALS} without any limit")
    command.add_argument("--minutes", type=float, metavar="M", help="begin no trial after so many minutes")
    command.add_argument(
        "--over",
        metavar="PATH[=RANGE],…",
        help="fields to search, each with its usual range, LOW..HIGH, LOW..HIGH:log or A|B; or one of "
        f"{', '.join(space.PRESETS)} (default: {tune.PRESET})",
    )
    command.add_argument("--objective", choices=OBJECTIVES, default=OBJECTIVES[0], help="what is minimised")
    command.add_argument("--folds", type=_count, default=4, metavar="N", help="folds of the objective backtest")
    command.add_argument("--workers", type=_count, default=1, metavar="N", help="processes that try in parallel")
    command.add_argument("--resume", metavar="ID", help="go on with a search that was stopped or killed")


def _count(text: str) -> int:
    """A whole number from 1; a message of argparse for anything else."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above zero")
    return int(text)


def _row(text: str) -> int:
    """The number of a row, from 1; a message of argparse for anything else."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no row; rows are counted from 1")
    return int(text)


def _missing(text: str) -> float | None:
    """A number that stands for no value, None for the word none; a message of argparse for anything else."""
    try:
        return None if text == "none" else float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number; give numbers such as -999, or none") from error


def _add_corrections(command: argparse.ArgumentParser) -> None:
    """How a file is to be read where its reader guesses otherwise."""
    command.add_argument("--date-column", metavar="C", help="the column with the dates")
    command.add_argument("--date-format", metavar="F", help="how dates are written, in the words of `inspect`")
    command.add_argument("--decimal", choices=(".", ","), help="the decimal mark")
    command.add_argument(
        "--missing",
        action="append",
        type=_missing,
        metavar="NUMBER",
        help="a number that stands for no value, such as -999 (may be repeated); none if there is none",
    )
    command.add_argument("--encoding", metavar="E", help="the encoding of a text file, such as cp1252")
    command.add_argument("--sheet", metavar="S", help="the sheet of a workbook")
    command.add_argument("--header-row", type=_row, metavar="N", help="the row with the names of the columns, from 1")
    command.add_argument("--symbol-column", metavar="C", help="the column that names the series")
