"""When each feature has values, which feature makes the others lose rows, and what a live forecast lacks."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.datasets.panel import Panel, build_panel
from core.language import message, message_n
from core.spec import Spec
from core.types import FeatureAvailability, Ints, Rows, SymbolAvailability


def compute_availability(spec: Spec, frame: pd.DataFrame) -> tuple[SymbolAvailability, ...]:
    """The availability of the features of each symbol, from a resolved recipe.

    Raises DataError and FeatureError as a training would.
    """
    panel = build_panel(spec, frame)
    return tuple(_symbol_availability(panel, s) for s in range(len(panel.start)))


def why_no_live(spec: Spec, frame: pd.DataFrame, symbol: str) -> str:
    """Why a symbol has no live forecast under a resolved recipe, and what to do about it; empty if it has one.

    Raises DataError and FeatureError as a training would.
    """
    panel, lookback = build_panel(spec, frame), spec.window.lookback
    rows, s = panel.rows, panel.rows.symbols.index(symbol)
    end = panel.start[s] + panel.length[s]
    window_L = np.arange(max(panel.start[s], end - lookback), end)
    if len(window_L) < lookback:
        return message(
            "There is no live forecast of {symbol}: it needs {lookback} rows, and the series has {rows}. Load "
            "more history.",
            symbol=symbol,
            lookback=lookback,
            rows=len(window_L),
        )
    if gaps := _describe_gaps(
        rows, range(len(rows.features)), window_L, message("the last {lookback} rows", lookback=lookback)
    ):
        return message(
            "There is no live forecast of {symbol}: {gaps}. Load data without such gaps, or train without the "
            "features that have them.",
            symbol=symbol,
            gaps=gaps,
        )
    known = [rows.features.index(name) for name in rows.known]
    if gaps := _describe_gaps(rows, known, end - 1 + np.asarray(rows.steps), message("the steps to forecast")):
        return message(
            "There is no live forecast of {symbol}: {gaps}. Load a plan that reaches {horizon} steps beyond the "
            "last observation, or shorten the horizon.",
            symbol=symbol,
            gaps=gaps,
            horizon=spec.target.horizon,
        )
    return ""


def _describe_gaps(rows: Rows, feature_F: Sequence[int], row_L: Ints, where: str) -> str:
    """The feature with the most missing values in these rows, and how many others have some; empty if none has."""
    missing_LF = ~np.isfinite(rows.x_TF[row_L][:, list(feature_F)])
    if not missing_LF.any():
        return ""
    worst = int(missing_LF.sum(axis=0).argmax())
    missing_L, others = missing_LF[:, worst], int(missing_LF.any(axis=0).sum()) - 1
    more = message_n(", and another feature has gaps too", ", and {count} other features have gaps too", others)
    latest = _format_day(rows.time_T[row_L[missing_L]][-1])
    return message(
        "{feature} has no value in {count} of {where}, the latest on {latest}{more}",
        feature=rows.features[feature_F[worst]],
        count=missing_L.sum(),
        where=where,
        latest=latest,
        more=more if others else "",
    )


def _format_day(time: np.datetime64) -> str:
    return f"{pd.Timestamp(time):%Y-%m-%d}"


def _symbol_availability(panel: Panel, symbol: int) -> SymbolAvailability:
    block = slice(panel.start[symbol], panel.start[symbol] + panel.length[symbol])
    finite_TF, time_T = np.isfinite(panel.rows.x_TF[block]), panel.rows.time_T[block]
    features = []
    for name, finite_T in zip(panel.rows.features, finite_TF.T, strict=True):
        finite_time_T = time_T[finite_T] if finite_T.any() else np.array(["NaT"], dtype=time_T.dtype)
        features.append(
            FeatureAvailability(
                feature=name, first=finite_time_T[0], last=finite_time_T[-1], missing=int((~finite_T).sum())
            )
        )
    return SymbolAvailability(
        symbol=panel.rows.symbols[symbol],
        total=len(time_T),
        usable=int(finite_TF.all(axis=1).sum()),
        start=time_T[0],
        end=time_T[-1],
        features=tuple(features),
    )
