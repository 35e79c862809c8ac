"""The cooperative game behind every attribution: players, and forecasts of windows and backgrounds.

Axis letters: N windows, L lookback, H steps, F features, K known features (as a last axis) or backgrounds (as a first
one), P players.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.errors import DataError
from core.language import message
from core.types import Floats

# Maps x (n, L, F) and known (n, H, K), both float32, to the mean forecast (n, H) in target units, for any n. Valid
# only during the call: the caller reuses both arrays in place.
Predict = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """Columns that are masked together: `past` of the F features, `known` of the K known ones."""

    name: str
    past: tuple[int, ...]
    known: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """The windows, the backgrounds and the forecasts of both, shared by all samplers."""

    predict: Predict
    x_NLF: Floats
    known_NHK: Floats
    background_x_KLF: Floats
    background_known_KHK: Floats
    players: tuple[Player, ...]
    forecast_NH: Floats
    base_KH: Floats


def build_players(
    features: tuple[str, ...], known: tuple[str, ...], groups: dict[str, tuple[str, ...]] | None = None
) -> tuple[Player, ...]:
    """One player per feature, or per group of features (name → members), in that order.

    A feature's known future values, where it has any, belong to the same player as its past values.
    """
    groups = {name: (name,) for name in features} if groups is None else groups
    return tuple(
        Player(
            name=name,
            past=tuple(features.index(member) for member in members),
            known=tuple(known.index(member) for member in members if member in known),
        )
        for name, members in groups.items()
    )


def build_game(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    players: tuple[Player, ...],
) -> Game:
    """The game over these windows and backgrounds.

    Raises DataError without windows or backgrounds, ValueError unless every column belongs to exactly one player.
    """
    check_not_empty(x_NLF, background_x_KLF)
    _check_partition([c for p in players for c in p.past], x_NLF.shape[2], "past")
    _check_partition([c for p in players for c in p.known], known_NHK.shape[2], "known")
    return Game(
        predict=predict,
        x_NLF=x_NLF,
        known_NHK=known_NHK,
        background_x_KLF=background_x_KLF,
        background_known_KHK=background_known_KHK,
        players=players,
        forecast_NH=predict_float64(predict, x_NLF, known_NHK),
        base_KH=predict_float64(predict, background_x_KLF, background_known_KHK),
    )


def check_not_empty(x_NLF: Floats, background_x_KLF: Floats) -> None:
    """Raise DataError if there is no window to explain or no background to compare it with."""
    if len(x_NLF) == 0 or len(background_x_KLF) == 0:
        raise DataError(
            message(
                "An explanation compares windows with training windows; got {count} to explain and {background} to "
                "compare with. Load more history or shorten the window length.",
                count=len(x_NLF),
                background=len(background_x_KLF),
            )
        )


def predict_float64(predict: Predict, x_nLF: Floats, known_nHK: Floats) -> Floats:
    """The forecast (n, H) in float64, so that sums of differences keep their precision."""
    return np.asarray(predict(x_nLF, known_nHK), dtype=np.float64)


def _check_partition(columns: list[int], count: int, kind: str) -> None:
    if sorted(columns) != list(range(count)):
        raise ValueError(f"each of the {count} {kind} columns must belong to exactly one player; got {columns}")
