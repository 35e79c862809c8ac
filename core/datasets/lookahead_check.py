"""Checks on the data of a run whether the features of its recipe look ahead."""

import pandas as pd

from core.data import frame as frames
from core.datasets import levels
from core.datasets.targets import TARGETS
from core.features import lookahead, registry
from core.language import message
from core.spec import Spec
from core.types import Alarm


def find(spec: Spec, frame: pd.DataFrame) -> dict[str, int]:
    """The features of a resolved recipe whose past values change as rows are added: name → by how many rows at least.

    Raises DataError if the target cannot be computed from its column, FeatureError if a feature cannot be computed.
    """
    level = levels.level_column(spec.target, frames.columns(frame))
    no_future = pd.DatetimeIndex([])
    rows_ahead: dict[str, int] = {}
    for symbol in frames.symbols(frame):
        table = frames.select_symbol(frame, symbol)
        levels.check_level(table[level], TARGETS[spec.target.kind])  # before the features, which a bad level may break
        ahead = lookahead.check(lambda rows: registry.compute(rows, spec.features, level, no_future), table)
        rows_ahead = {name: max(rows, rows_ahead.get(name, 0)) for name, rows in (rows_ahead | ahead).items()}
    return rows_ahead


def check(spec: Spec, frame: pd.DataFrame) -> dict[str, int]:
    """The result of `find`. Raises FeatureError if a feature looks ahead and the recipe does not allow it."""
    rows_ahead = find(spec, frame)
    if rows_ahead and not spec.allow_lookahead:
        raise lookahead.lookahead_error(rows_ahead)
    return rows_ahead


def alarms(rows_ahead: dict[str, int]) -> tuple[Alarm, ...]:
    """An alarm for each feature that looks ahead, in a run that allows it."""
    return tuple(
        Alarm(
            name="look-ahead",
            feature=name,
            text=message(
                "{name} looks ahead {rows}: its value at a cutoff was not yet known then. The recipe allows "
                "this, so the result says nothing about skill.",
                name=name,
                rows=lookahead.format_rows(rows),
            ),
        )
        for name, rows in rows_ahead.items()
    )
