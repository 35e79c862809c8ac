"""Recipes and series from the arguments of a command."""

import argparse
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from core import spec as specs
from core.data import covariates, load
from core.data import frame as frames
from core.data.frame import column_name
from core.data.parsing import roles
from core.data.parsing.schema import FileSchema
from core.data.sources import files, uploads
from core.data.sources.registry import SOURCES
from core.datasets import levels
from core.errors import DataError, SpecError
from core.spec.convert import current_name
from core.types import Run

CACHE = Path("cache")


def recipe(options: argparse.Namespace, load_online: bool = True) -> tuple[specs.Spec, pd.DataFrame | None]:
    """The recipe that the arguments describe and its frame; no frame for data from the network unless `load_online`."""
    spec = specs.Spec() if options.spec is None else specs.from_dict(_read_json(options.spec))
    spec = specs.assign(spec, options.sets)
    spec = replace(spec, data=replace(spec.data, join=(*spec.data.join, *map(_keep_joined, options.join))))
    if options.data is not None:
        read, schema = files.read_path(options.data, corrections(options))
        tables = _named(read, spec.data.symbols)
        spec = replace(spec, data=replace(spec.data, source="file", symbols=tuple(tables)))
        frame = load.from_tables(tables, spec.data)
        frame.attrs["notes"] = [*schema.notes, *frame.attrs.get("notes", [])]
        spec = replace(spec, target=_target(spec.target, frame, _settings(options)))
        return spec, load.join_covariates(frame, spec.data, CACHE)
    if SOURCES[spec.data.source].online and not load_online:
        return spec, None
    return spec, load.load(spec.data, CACHE)


def inspected(options: argparse.Namespace) -> tuple[specs.Spec, pd.DataFrame]:
    """The recipe with which `recipe` would forecast a file if nothing else is asked for, and its frame."""
    tables, schema = files.read_path(options.file, corrections(options))
    frame = load.from_tables(tables)
    frame.attrs["notes"] = list(schema.notes)
    data = specs.Data(source="file", symbols=tuple(tables))
    return specs.Spec(data=data, target=_target(specs.Target(), frame, set())), frame


def corrections(options: argparse.Namespace) -> FileSchema:
    """What the arguments say about a file, in place of what its reader would guess."""
    return FileSchema(
        encoding=options.encoding or "",
        sheet=options.sheet or "",
        header_row=options.header_row or 0,
        decimal=options.decimal or "",
        missing=None if options.missing is None else tuple(each for each in options.missing if each is not None),
        date_column=options.date_column or "",
        date_format=options.date_format or "",
        symbol_column=options.symbol_column,
    )


def newer_rows(saved: Run, options: argparse.Namespace) -> pd.DataFrame:
    """Newer rows for a saved run from a file, with the series that the run joined."""
    tables, symbols = files.read_path(options.data, corrections(options))[0], saved.spec.data.symbols
    single = len(tables) == len(symbols) == 1
    tables = {symbols[0]: next(iter(tables.values()))} if single else _named(tables, symbols)
    return load.join_covariates(load.from_tables(tables), replace(saved.spec.data, start=None, end=None), CACHE)


def _settings(options: argparse.Namespace) -> set[str]:
    """The paths of the target that the arguments or their recipe set."""
    values = {} if options.spec is None else _read_json(options.spec)
    target = values.get("target") if isinstance(values, dict) else None
    named = {f"target.{name}" for name in target} if isinstance(target, dict) else set()
    return named | {current_name(text.partition("=")[0]) for text in options.sets}


def _target(target: specs.Target, frame: pd.DataFrame, named: set[str]) -> specs.Target:
    """The target of a file: its main value, where neither a column nor a kind is named that has one of its own."""
    if "target.kind" not in named:
        return levels.default_target(target.column or roles.main_column_of(frame), target)
    names = frames.columns(frame)
    without = target.column is None and "close" not in names
    return replace(target, column=roles.main_column_of(frame)) if without else target


def _named(tables: dict[str, pd.DataFrame], symbols: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """The series of a file that the recipe names; all of them if it names none of them."""
    return {name: table for name, table in tables.items() if name in symbols} or tables


def _keep_joined(text: str) -> str:
    """The entry of `data.join` for FILE[#COLUMN][@DAYS]; the series is kept next to the uploaded ones."""
    match = re.fullmatch(r"(.+?)(?:#([^#]+?))?(?:@(\d+))?", text)
    if match is None:
        raise SpecError("--join takes FILE, FILE#COLUMN or FILE#COLUMN@DAYS; got nothing.")
    path, column, lag = (text, None, None) if Path(text).is_file() else match.groups()
    tables, guess = files.read_path(Path(path))
    if len(tables) > 1:
        raise DataError(f"{path!r} holds {len(tables)} series. Join one series per file.")
    (table,) = tables.values()
    frame = load.from_tables(tables)
    name = column_name(column or guess.target)
    if name not in frames.columns(frame):
        raise DataError(f"{path!r} has no column {name!r} to join; it has {', '.join(frames.columns(frame))}.")
    digest = uploads.save(frame, CACHE / "uploads")
    return f"file:{digest}#{name}@{covariates.suggest_lag(table) if lag is None else lag}"


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SpecError(f"The recipe {path} cannot be read ({error}).") from error
