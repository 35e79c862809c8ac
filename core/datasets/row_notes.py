"""What a recipe makes of rows and columns of a frame, in sentences: left out, carried forward, known ahead, logged."""

import json

import numpy as np
import pandas as pd

from core.data.frame import select_symbol, symbols
from core.data.parsing.roles import known_ahead
from core.data.quality import describe_steps
from core.data.wording import format_time, plural, quote, quote_all
from core.datasets import log_scale, sparse_columns
from core.datasets.availability import why_no_live
from core.datasets.defaults import training_times
from core.datasets.outcome_rows import rows_between, select
from core.datasets.targets import TARGETS
from core.features import carry, registry
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
        more = f" And likewise in {plural(len(sentences) - 1, 'more symbol')}." if len(sentences) > 1 else ""
        notes += [f"{sentences[0]}{more}"] if sentences else []
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
    what = column if kind.level and kind.path else f"the {kind.title[:1].lower()}{kind.title[1:]} of {column}"
    return f"Forecasts {what}, the next {describe_steps(index, target.horizon)}."


def missing_live(run: Run) -> list[str]:
    """Why a symbol of a run has no live forecast, for each that has none."""
    live = set(run.forecast.loc[run.forecast["part"] == "live", "symbol"])
    return [why_no_live(run.spec, run.frame, name) for name in symbols(run.frame) if name not in live]


def _rows_between(spec: Spec, table: pd.DataFrame) -> str:
    """The rows between two outcomes that do not belong to the target."""
    count = int(rows_between(table[spec.target.column]).sum())
    if not count:
        return ""
    return (
        f"{quote(spec.target.column)} has no value in {plural(count, 'row')} that lie between its own: only its own "
        "rows are used, each with the newest values of the other columns."
    )


def _unused(spec: Spec, frame: pd.DataFrame) -> str:
    """The columns with so many gaps that the default features leave them out."""
    parameters = {registry.parse(text)[1] for text in spec.features}
    sparse = [name for name in sparse_columns.find(spec, frame, str(spec.target.column)) if name not in parameters]
    return f"No feature uses {quote_all(sparse)}: with its gaps, few windows would be complete." if sparse else ""


def _carried(spec: Spec, table: pd.DataFrame) -> str:
    """The columns of lower frequency than the target, of those that features use."""
    rows, parameters = select(table, str(spec.target.column)), {registry.parse(text)[1] for text in spec.features}
    used = [name for name in rows if name in parameters - {spec.target.column, *spec.data.known_future}]
    carried = [name for name in used if rows[name].isna().any() and _is_carried(rows[[name]])]
    if not carried:
        return ""
    return (
        f"{quote_all(carried)}: values in few rows only, each carried forward as known from its row on. If it was "
        "published later, leave the column out here and join it with its release lag."
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
    which = f"The last row, {last}, has" if len(later) == 1 else f"The last {len(later)} rows, {first} to {last}, have"
    return (
        f"{which} no value of {quote(spec.target.column)} and {'is' if len(later) == 1 else 'are'} left out: the "
        f"forecast begins after {format_time(table.index[observed_N[-1]])}."
    )


def _offer(spec: Spec, ahead: dict[str, int]) -> str:
    """What is known of the rows after the last outcome: used, or how to use it."""
    used = {name: rows for name, rows in ahead.items() if name in spec.data.known_future}
    if used:
        return f"Known in the future, and used in the forecast: {_list(used)}."
    if not ahead:
        return ""
    reach = min(ahead.values())
    horizon = "" if spec.target.horizon <= reach else f" for a horizon of at most {reach}"
    return (
        f"Columns with values after the last {quote(spec.target.column)}: {_list(ahead)}. They can be used as known "
        f"future covariates{horizon}."
    )


def _scale(spec: Spec, frame: pd.DataFrame) -> str:
    """That the target is learned as its log, and why."""
    if not spec.window.log or not TARGETS[spec.target.kind].level:
        return ""
    column = str(spec.target.column)
    growth = log_scale.growth_of(frame, symbols(frame)[0], column, training_times(spec, frame))
    reason = ""
    if growth and growth.asks_for_log:
        reason = f", for its spread grows with its level in the training rows (to the power {growth.power:.1f})"
    return f"{quote(column)} is learned as its log{reason}; forecasts and errors are in its own units."


def _known_ahead(spec: Spec, frame: pd.DataFrame) -> dict[str, int]:
    return known_ahead([select_symbol(frame, name) for name in symbols(frame)], str(spec.target.column))


def _list(ahead: dict[str, int]) -> str:
    return ", ".join(f"{quote(name)} ({plural(rows, 'row')})" for name, rows in ahead.items())


def _shell(setting: str) -> str:
    return f"'{setting}'" if " " in setting or '"' in setting else setting
