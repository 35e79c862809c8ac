"""Whether the features of a recipe look ahead, on the data of a run."""

import pandas as pd

from core.data import frame as frames
from core.datasets import levels
from core.datasets.targets import TARGETS
from core.features import lookahead, registry
from core.spec import Spec
from core.types import Alarm


def find(spec: Spec, frame: pd.DataFrame) -> dict[str, int]:
    """The features of a resolved recipe whose past changes as rows are added, each with the least rows it looks ahead.

    Raises DataError for a level that cannot carry the target, FeatureError for a feature that cannot be computed.
    """
    level = levels.level_column(spec.target, frames.columns(frame))
    no_future = pd.DatetimeIndex([])
    rows_ahead: dict[str, int] = {}
    for symbol in frames.symbols(frame):
        table = frames.select_symbol(frame, symbol)
        levels.check_level(table[level], TARGETS[spec.target.kind])  # before features, which a bad level may break
        ahead = lookahead.check(lambda part: registry.compute(part, spec.features, level, no_future), table)
        rows_ahead = {name: max(rows, rows_ahead.get(name, 0)) for name, rows in (rows_ahead | ahead).items()}
    return rows_ahead


def refuse(spec: Spec, frame: pd.DataFrame) -> dict[str, int]:
    """The same. Raises FeatureError if a feature looks ahead and the recipe does not allow it."""
    rows_ahead = find(spec, frame)
    if rows_ahead and not spec.allow_lookahead:
        raise lookahead.lookahead_error(rows_ahead)
    return rows_ahead


def alarms(rows_ahead: dict[str, int]) -> tuple[Alarm, ...]:
    """An alarm for each feature that looks ahead and was allowed."""
    return tuple(
        Alarm(
            name="look-ahead",
            feature=name,
            text=f"{name} looks ahead {lookahead.format_rows(rows)}: its value at a cutoff was not yet known then. "
            "The recipe allows it all the same.",
        )
        for name, rows in rows_ahead.items()
    )
