"""A wider look at a run: what drives its forecasts and widens its band over the whole sample, as a job of its own.

Axis letters: N windows, H steps, F features.
"""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation import residuals
from core.events import Event, Stage
from core.explain import explainer, explanation, grouping, shapley
from core.explain.grouping import PARTS, View
from core.features import registry
from core.intervals import methods
from core.spec import QUANTILES, Spec
from core.types import Floats, Ints, Run, Splits

WINDOWS = 240
BACKGROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wider:
    """Of the run's first symbol: what `windows` forecasts of all parts say, by features and by families.

    `level` is the coverage of the network's own band whose width is explained, NaN where it has none.
    """

    symbol: str
    windows: int
    backgrounds: int
    level: float
    additivity_error: float
    seconds: float
    features: View
    families: View


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Mean |contribution| of each feature at each lag, target units; lag 1 first."""

    features: tuple[str, ...]
    by_cell_LF: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """Where the windows stand: in time, in which part, and in calm or storm."""

    periods: tuple[str, Ints, tuple[str, ...]]
    part_N: Ints
    regime_N: Ints


def survey(saved: Run) -> Generator[Event, None, Wider]:
    """Shapley values of 240 windows spread evenly over all parts, against 8 training windows, grouped.

    The price is that of `shapley.permutation`; the width of the band comes along as further outputs.
    """
    from core.training.trainer import reopen

    began, spec = time.perf_counter(), saved.spec
    yield Stage(name="explain", text="Looking at forecasts of the whole sample")
    prepared, net = reopen(saved)
    scene = explainer.panorama(spec, prepared, net, WINDOWS, BACKGROUNDS)
    seen, back = scene.chosen, scene.background
    made = yield from shapley.permutation(
        scene.predict, seen.x_NLF, seen.known_NHK, back.x_NLF, back.known_NHK, scene.players, spec.seed
    )
    values_NHF, count = made.values_NPH.transpose(0, 2, 1), len(seen.rows.steps)
    width_NHF = values_NHF[:, count:] if explainer.banded(spec) else None
    symbol = seen.rows.symbols[scene.symbol]
    trailing = residuals.trailing(saved, symbol).reindex(pd.DatetimeIndex(seen.cutoff_N))
    setting = _Setting(
        periods=grouping.periods(seen.cutoff_N),
        part_N=_parts(prepared.splits, seen.cutoff_row_N),
        regime_N=residuals.regimes(trailing.to_numpy()),
    )
    families, own_NF = registry.families(spec.features), prepared.raw_TF[seen.cutoff_row_N]
    at = [[spec.features.index(name) for name in members] for members in families.values()]
    features = _view(spec.features, setting, values_NHF[:, :count], width_NHF, own_NF)
    joined = None if width_NHF is None else explanation.joined(width_NHF, at)
    return Wider(
        symbol=symbol,
        windows=len(seen),
        backgrounds=len(back),
        features=features,
        families=_view(
            tuple(families),
            setting,
            explanation.joined(values_NHF[:, :count], at),
            joined,
            np.full((len(seen), len(at)), np.nan),
        ),
        level=_level(saved),
        seconds=time.perf_counter() - began,
        additivity_error=explanation.additivity_error(
            made.values_NPH[:, :, :count], made.base_H[:count], made.forecast_NH[:, :count]
        ),
    )


def cells(saved: Run) -> Generator[Event, None, Cells]:
    """What an explanation of an older version does not hold: expected gradients of 16 windows, cell by cell."""
    from core.training.trainer import reopen

    yield Stage(name="explain", text="Looking into the windows")
    prepared, net = reopen(saved)
    made = yield from explainer.explain(saved.spec, prepared, net, "gradients", None, None, explainer.BY_LAG)
    assert made.by_cell_LF is not None
    return Cells(features=made.features, by_cell_LF=made.by_cell_LF)


def no_width(spec: Spec) -> str:
    """Why the network has no width to explain; empty where it has one."""
    if explainer.banded(spec):
        return ""
    if spec.target.kind == "direction":
        return "A direction has a probability and no error band, so there is no width to explain."
    return (
        "This network gives one number a step: the width of its band comes from past errors alone, and no feature "
        "moves it. Train with the head quantiles or gaussian to see what widens a band."
    )


def _view(
    names: tuple[str, ...], setting: _Setting, values_NHF: Floats, width_NHF: Floats | None, own_NF: Floats
) -> View:
    by, code_N, periods = setting.periods
    lean_F, width_F = np.full(len(names), np.nan), None
    if width_NHF is not None:
        lean_F, width_F = grouping.lean(own_NF, width_NHF.mean(axis=1)), np.abs(width_NHF).mean(axis=(0, 1))
    return View(
        features=names,
        time=grouping.grouped(by, periods, code_N, setting.part_N, values_NHF),
        regime=grouping.grouped("regime", residuals.REGIMES, setting.regime_N, setting.part_N, values_NHF),
        width_F=width_F,
        lean_F=lean_F,
    )


def _parts(splits: Splits, row_N: Ints) -> Ints:
    """The part in which each cutoff row lies, as a position in PARTS."""
    found: Ints = np.zeros(len(row_N), dtype=np.int64)
    for p, name in enumerate(PARTS):
        found[np.isin(row_N, getattr(splits, name).cutoff_row_N)] = p
    return found


def _level(saved: Run) -> float:
    low, high = methods.pair(saved.spec.bands.coverage)
    return round(QUANTILES[high] - QUANTILES[low], 6) if explainer.banded(saved.spec) else math.nan
