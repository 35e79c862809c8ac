"""Which sessions every feature can speak of, which feature costs the others theirs, and what a live forecast lacks."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.datasets import panel as rows
from core.spec import Spec
from core.types import FeatureAvailability, Ints, Rows, SymbolAvailability


def coverage(spec: Spec, frame: pd.DataFrame) -> tuple[SymbolAvailability, ...]:
    """The coverage of each symbol under a resolved recipe. Raises DataError and FeatureError as a training would."""
    panel = rows.build(spec, frame)
    return tuple(_of_symbol(panel, s) for s in range(len(panel.offset)))


def no_live(spec: Spec, frame: pd.DataFrame, symbol: str) -> str:
    """What the newest window of a symbol lacks for a live forecast under a resolved recipe, in one sentence, and what
    to do. Raises DataError and FeatureError as a training would."""
    panel, lookback = rows.build(spec, frame), spec.window.lookback
    raw, s = panel.rows, panel.rows.symbols.index(symbol)
    end = panel.offset[s] + panel.observed[s]
    at = np.arange(max(panel.offset[s], end - lookback), end)
    said = f"There is no live forecast of {symbol}:"
    if len(at) < lookback:
        return f"{said} it takes {lookback} sessions, and there are {len(at)}. Bring more history."
    if lacks := _lacking(raw, range(len(raw.features)), at, f"the last {lookback} sessions"):
        return f"{said} {lacks}. Bring data in which every feature has a value in all of them, or train without it."
    ahead = [raw.features.index(name) for name in raw.known]
    if lacks := _lacking(raw, ahead, end - 1 + np.asarray(raw.steps), "the sessions to come"):
        return f"{said} {lacks}. Bring a plan that reaches {spec.target.horizon} sessions beyond the last outcome."
    return f"{said} {spec.target.column} has no value in the last session, {_day(raw.time_T[end - 1])}. Bring it."


def _lacking(raw: Rows, feature_F: Sequence[int], row_L: Ints, where: str) -> str:
    """The feature with most holes in these rows, their number, and how many others have some; empty for none."""
    hole_LF = ~np.isfinite(raw.x_TF[row_L][:, list(feature_F)])
    if not hole_LF.any():
        return ""
    worst = int(hole_LF.sum(axis=0).argmax())
    hole_L, others = hole_LF[:, worst], int(hole_LF.any(axis=0).sum()) - 1
    beside = (
        ""
        if not others
        else ", and another feature has holes too"
        if others == 1
        else f", and {others} other features have holes too"
    )
    return (
        f"{raw.features[feature_F[worst]]} has no value in {hole_L.sum()} of {where}, the latest on "
        f"{_day(raw.time_T[row_L[hole_L]][-1])}{beside}"
    )


def _day(time: np.datetime64) -> str:
    return f"{pd.Timestamp(time):%Y-%m-%d}"


def _of_symbol(panel: rows.Panel, symbol: int) -> SymbolAvailability:
    at = slice(panel.offset[symbol], panel.offset[symbol] + panel.observed[symbol])
    there_TF, time_T = np.isfinite(panel.rows.x_TF[at]), panel.rows.time_T[at]
    reaches = []
    for name, there_T in zip(panel.rows.features, there_TF.T, strict=True):
        seen = time_T[there_T] if there_T.any() else np.array(["NaT"], dtype=time_T.dtype)
        reaches.append(FeatureAvailability(feature=name, first=seen[0], last=seen[-1], missing=int((~there_T).sum())))
    return SymbolAvailability(
        symbol=panel.rows.symbols[symbol],
        total=len(time_T),
        usable=int(there_TF.all(axis=1).sum()),
        start=time_T[0],
        end=time_T[-1],
        reaches=tuple(reaches),
    )
