"""What a recipe makes of rows and columns of a frame, in sentences: left out, carried forward, known ahead, logged."""

import json

import numpy as np
import pandas as pd

from core.data.frame import select_symbol, symbols
from core.data.parsing.roles import known_ahead
from core.data.quality import describe_steps
from core.data.wording import format_time, listing, plural, quote, quote_all
from core.datasets import log_scale, sparse_columns
from core.datasets.availability import why_no_live
from core.datasets.defaults import training_times
from core.datasets.outcome_rows import rows_between, select
from core.datasets.targets import TARGETS
from core.features import carry, registry
from core.language import Message, join, message
from core.spec import Spec, Target
from core.types import Run


def describe(spec: Spec, frame: pd.DataFrame) -> list[str]:
    """Sentences on the rows after the last outcome, values of lower frequency and the scale, for a resolved recipe.

    A sentence that holds for several symbols stands once.
    """
    tables = [select_symbol(frame, name) for name in symbols(frame)]
    notes: list[str] = []
    for say in (_rows_between, _carried, _rows_after):
        sentences = [sentence for table in tables for sentence in [say(spec, table)] if sentence]
        others = plural(len(sentences) - 1, "more symbol")
        more = message("And likewise in {others}.", others=others) if len(sentences) > 1 else ""
        notes += [join([sentences[0], more])] if sentences else []
    ahead = _known_ahead(spec, frame)
    return [*notes, *filter(None, [_unused(spec, frame), _offer(spec, ahead), _scale(spec, frame)])]


def describe_with_setting(spec: Spec, frame: pd.DataFrame) -> list[str]:
    """The sentences of `describe` for programs and the command line, which have no box to choose what is offered: with
    the settings of a recipe, as a shell takes them."""
    notes, ahead = describe(spec, frame), _known_ahead(spec, frame)
    if not ahead or not set(ahead).isdisjoint(spec.data.known_future):
        return notes
    names = json.dumps([*ahead], ensure_ascii=False) if any("," in name for name in ahead) else ",".join(ahead)
    reach = min(ahead.values())
    horizon = "" if spec.target.horizon <= reach else f" target.horizon={reach}"
    return [*notes, f"To use them, set {_shell(f'data.known_future={names}')}{horizon}."]


def describe_target(target: Target, index: pd.DatetimeIndex) -> str:
    """One sentence on what a target forecasts of a series with these times."""
    kind, column = TARGETS[target.kind], target.column or "close"
    steps, title = (
        describe_steps(index, target.horizon),
        Message(f"{kind.title[:1].lower()}{kind.title[1:]}", kind.title),
    )
    if kind.level and kind.path:
        return message("Forecasts {column}, the next {steps}.", column=column, steps=steps)
    return message("Forecasts the {title} of {column}, the next {steps}.", title=title, column=column, steps=steps)


def missing_live(run: Run) -> list[str]:
    """Why a symbol of a run has no live forecast, for each that has none."""
    live = set(run.forecast.loc[run.forecast["part"] == "live", "symbol"])
    return [why_no_live(run.spec, run.frame, name) for name in symbols(run.frame) if name not in live]


def _rows_between(spec: Spec, table: pd.DataFrame) -> str:
    """The rows between two outcomes that do not belong to the target."""
    count = int(rows_between(table[spec.target.column]).sum())
    if not count:
        return ""
    return message(
        "{column} has no value in {rows} that lie between its own: only its own rows are used, each with the "
        "newest values of the other columns.",
        column=quote(spec.target.column),
        rows=plural(count, "row"),
    )


def _unused(spec: Spec, frame: pd.DataFrame) -> str:
    """The columns with so many gaps that the default features leave them out."""
    parameters = {registry.parse(text)[1] for text in spec.features}
    sparse = [name for name in sparse_columns.find(spec, frame, str(spec.target.column)) if name not in parameters]
    return (
        message("No feature uses {columns}: with its gaps, few windows would be complete.", columns=quote_all(sparse))
        if sparse
        else ""
    )


def _carried(spec: Spec, table: pd.DataFrame) -> str:
    """The columns of lower frequency than the target, of those that features use."""
    rows, parameters = select(table, str(spec.target.column)), {registry.parse(text)[1] for text in spec.features}
    used = [name for name in rows if name in parameters - {spec.target.column, *spec.data.known_future}]
    carried = [name for name in used if rows[name].isna().any() and _is_carried(rows[[name]])]
    if not carried:
        return ""
    return message(
        "{columns}: values in few rows only, each carried forward as known from its row on. If it was published "
        "later, leave the column out here and join it with its release lag.",
        columns=quote_all(carried),
    )


def _is_carried(column: pd.DataFrame) -> bool:
    complete_T = column.iloc[:, 0].notna().to_numpy()
    return bool((carry.source_rows(column, complete_T) >= 0).sum() > complete_T.sum())


def _rows_after(spec: Spec, table: pd.DataFrame) -> str:
    """The rows after the last outcome that the forecast leaves out."""
    observed_N = np.flatnonzero(table[spec.target.column].notna())
    later = table.iloc[observed_N[-1] + 1 :] if len(observed_N) else table.iloc[:0]
    planned = later[later.columns.intersection(list(spec.data.known_future))]
    if not len(later) or planned.notna().to_numpy().any():
        return ""
    first, last = format_time(later.index[0]), format_time(later.index[-1])
    column, after = quote(spec.target.column), format_time(table.index[observed_N[-1]])
    if len(later) == 1:
        return message(
            "The last row, {last}, has no value of {column} and is left out: the forecast begins after {after}.",
            last=last,
            column=column,
            after=after,
        )
    return message(
        "The last {count} rows, {first} to {last}, have no value of {column} and are left out: the forecast "
        "begins after {after}.",
        count=len(later),
        first=first,
        last=last,
        column=column,
        after=after,
    )


def _offer(spec: Spec, ahead: dict[str, int]) -> str:
    """What is known of the rows after the last outcome: used, or how to use it."""
    used = {name: rows for name, rows in ahead.items() if name in spec.data.known_future}
    if used:
        return message("Known in the future, and used in the forecast: {columns}.", columns=_list(used))
    if not ahead:
        return ""
    reach = min(ahead.values())
    known = message(
        "Columns with values after the last {column}: {columns}.",
        column=quote(spec.target.column),
        columns=_list(ahead),
    )
    if spec.target.horizon <= reach:
        return join([known, message("They can be used as known future covariates.")])
    return join(
        [known, message("They can be used as known future covariates for a horizon of at most {reach}.", reach=reach)]
    )


def _scale(spec: Spec, frame: pd.DataFrame) -> str:
    """That the target is learned as its log, and why."""
    if not spec.window.log or not TARGETS[spec.target.kind].level:
        return ""
    column = str(spec.target.column)
    growth = log_scale.growth_of(frame, symbols(frame)[0], column, training_times(spec, frame))
    if growth and growth.asks_for_log:
        return message(
            "{column} is learned as its log, for its spread grows with its level in the training rows (to the "
            "power {power}); forecasts and errors are in its own units.",
            column=quote(column),
            power=f"{growth.power:.1f}",
        )
    return message("{column} is learned as its log; forecasts and errors are in its own units.", column=quote(column))


def _known_ahead(spec: Spec, frame: pd.DataFrame) -> dict[str, int]:
    return known_ahead([select_symbol(frame, name) for name in symbols(frame)], str(spec.target.column))


def _list(ahead: dict[str, int]) -> str:
    return listing(
        message("{name} ({rows})", name=quote(name), rows=plural(rows, "row")) for name, rows in ahead.items()
    )


def _shell(setting: str) -> str:
    return f"'{setting}'" if " " in setting or '"' in setting else setting
