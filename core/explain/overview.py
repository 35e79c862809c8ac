"""Overview of what drives a run's forecasts, and the width of its prediction interval, over the whole sample.

Axis letters: N windows, H steps, L lookback, F features, P splits.
"""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.datasets.targets import TARGETS
from core.evaluation import residuals
from core.events import Event, Stage
from core.explain import explainer, grouping, shapley
from core.explain.explanation import additivity_error, group_columns, sum_groups
from core.explain.grouping import ALL_SPLITS, ImportanceSummary
from core.explain.inputs import has_own_interval, select_all_splits
from core.features import registry
from core.intervals import methods
from core.language import message
from core.spec import QUANTILES, Spec
from core.types import Floats, Ints, Run, Splits

WINDOWS = 240
BACKGROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Importance over `windows` forecasts of all splits, for the run's first symbol, by feature and by family.

    `level` is the nominal coverage of the network's own interval whose width is explained, NaN if it has none.
    """

    symbol: str
    windows: int
    backgrounds: int
    level: float
    additivity_error: float
    seconds: float
    features: ImportanceSummary
    families: ImportanceSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureLagImportance:
    """Mean |contribution| of each feature at each lag, target units; lag 1 first."""

    features: tuple[str, ...]
    by_cell_LF: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grouping:
    """The period, split and volatility regime of each window."""

    periods: tuple[str, Ints, tuple[str, ...]]
    split_N: Ints
    regime_N: Ints


def compute(run: Run) -> Generator[Event, None, Overview]:
    """Shapley values of 240 windows spread evenly over all splits, against 8 training windows; yields Stage and
    Progress.

    The cost is that of `shapley.permutation`; the width of the interval is a further output of the same forecasts.
    """
    from core.training.trainer import reopen

    began, spec = time.perf_counter(), run.spec
    yield Stage(name="explain", text=message("Explaining forecasts of the whole sample"))
    prepared, net = reopen(run)
    inputs = select_all_splits(spec, prepared, net, WINDOWS, BACKGROUNDS)
    windows, steps = inputs.windows, len(inputs.windows.rows.steps)
    attribution = yield from shapley.permutation(inputs.predict, *inputs.arrays, inputs.players(), spec.seed)
    values_NHF = attribution.values_NPH.transpose(0, 2, 1)
    width_NHF = values_NHF[:, steps:] if has_own_interval(spec) else None
    volatility = residuals.trailing_volatility(run, inputs.symbol).reindex(pd.DatetimeIndex(windows.cutoff_N))
    groups = _Grouping(
        periods=grouping.periods(windows.cutoff_N),
        split_N=_split_of_rows(prepared.splits, windows.cutoff_row_N),
        regime_N=residuals.assign_regimes(volatility.to_numpy()),
    )
    families = registry.families(spec.features)
    columns = group_columns(spec.features, families)
    features = _summarize(
        spec.features, groups, values_NHF[:, :steps], width_NHF, prepared.raw_TF[windows.cutoff_row_N]
    )
    return Overview(
        symbol=inputs.symbol,
        windows=len(windows),
        backgrounds=len(inputs.background),
        features=features,
        families=_summarize(
            tuple(families),
            groups,
            sum_groups(values_NHF[:, :steps], columns),
            None if width_NHF is None else sum_groups(width_NHF, columns),
            np.full((len(windows), len(columns)), np.nan),
        ),
        level=_own_coverage(spec),
        seconds=time.perf_counter() - began,
        additivity_error=additivity_error(
            attribution.values_NPH[:, :, :steps], attribution.base_H[:steps], attribution.forecast_NH[:, :steps]
        ),
    )


def compute_feature_lags(run: Run) -> Generator[Event, None, FeatureLagImportance]:
    """Expected gradients of 16 windows, for a run of an older version whose explanation has no `by_cell_LF`; yields
    Stage and Progress."""
    from core.training.trainer import reopen

    yield Stage(name="explain", text=message("Attributing the forecasts to features and lags"))
    explanation = yield from explainer.explain(run.spec, *reopen(run), "gradients", None, None, explainer.BY_LAG)
    assert explanation.by_cell_LF is not None
    return FeatureLagImportance(features=explanation.features, by_cell_LF=explanation.by_cell_LF)


def why_no_width(spec: Spec) -> str:
    """Why the network has no interval width to explain; empty if it has one."""
    if has_own_interval(spec):
        return ""
    if TARGETS[spec.target.kind].binary:
        return message("A direction is forecast as a probability, without a band, so there is no width to explain.")
    return message(
        "This network outputs one number a step: the width of its band comes from past errors alone, and no feature "
        "changes it. Train with the head quantiles or gaussian to see what widens a band."
    )


def _summarize(
    names: tuple[str, ...], groups: _Grouping, values_NHF: Floats, width_NHF: Floats | None, data_NF: Floats
) -> ImportanceSummary:
    by, period_N, periods = groups.periods
    lean_F, width_F = np.full(len(names), np.nan), None
    if width_NHF is not None:
        lean_F = grouping.rank_correlation(data_NF, width_NHF.mean(axis=1))
        width_F = np.abs(width_NHF).mean(axis=(0, 1))
    return ImportanceSummary(
        features=names,
        time=grouping.build_groups(by, periods, period_N, groups.split_N, values_NHF),
        regime=grouping.build_groups("regime", residuals.REGIMES, groups.regime_N, groups.split_N, values_NHF),
        width_F=width_F,
        lean_F=lean_F,
    )


def _split_of_rows(splits: Splits, row_N: Ints) -> Ints:
    """The split of each cutoff row, as a position in ALL_SPLITS."""
    split_N: Ints = np.zeros(len(row_N), dtype=np.int64)
    for p, name in enumerate(ALL_SPLITS):
        split_N[np.isin(row_N, getattr(splits, name).cutoff_row_N)] = p
    return split_N


def _own_coverage(spec: Spec) -> float:
    low, high = methods.pair(spec.bands.coverage)
    return round(QUANTILES[high] - QUANTILES[low], 6) if has_own_interval(spec) else math.nan
