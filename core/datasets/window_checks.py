"""Whether there are windows to learn from where the recipe needs some: of each symbol, and outside the dead zone.

Axis letters: T rows, N windows, S symbols.
"""

import numpy as np

from core.datasets import split
from core.datasets.panel import Panel
from core.errors import DataError
from core.language import message, message_n
from core.spec import Spec
from core.types import Ints


def check_dead_zone(spec: Spec, counts: dict[str, int], in_dead_zone: int) -> None:
    """Raise DataError if the dead zone leaves a split with too few windows."""
    short = [
        name for name, least in split.MIN_WINDOWS.items() if counts[name] < least and getattr(spec.split, name) != 0
    ]
    if in_dead_zone and short:
        title, count, least = split.TITLES[short[0]], counts[short[0]], split.MIN_WINDOWS[short[0]]
        raise DataError(
            message(
                "The {split} split has {count} windows; at least {least} are needed. {in_dead_zone} windows were left "
                "out because the move at one of their {horizon} steps lies in the dead zone of {dead_zone}. Make "
                "target.dead_zone or target.horizon smaller.",
                split=message(title),
                count=count,
                least=least,
                in_dead_zone=in_dead_zone,
                horizon=spec.target.horizon,
                dead_zone=f"{spec.target.dead_zone:g}",
            )
        )


def check_symbols(panel: Panel, train_N: Ints, length: int) -> None:
    """Raise DataError for a symbol without a training window, whose scale would be unknown."""
    count_S = np.bincount(panel.rows.symbol_T[train_N], minlength=len(panel.start))
    without = [name for name, count in zip(panel.rows.symbols, count_S, strict=True) if count == 0]
    if without:
        raise DataError(
            message_n(
                "{symbols} has no training window, which takes {length} consecutive rows before the end of the "
                "training split. Leave the symbol out, load more of its history, or make split.train larger.",
                "{symbols} have no training window, which takes {length} consecutive rows before the end of the "
                "training split. Leave the symbol out, load more of its history, or make split.train larger.",
                len(without),
                symbols=", ".join(without),
                length=length,
            )
        )
