"""From a trained network and the baselines to the long forecast table with calibrated intervals; the live forecast.

Axis letters: N windows, L lookback, H steps, F features, K known features, Q quantiles, O outputs (quantiles and the
mean, or one probability), M networks of an ensemble.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from core.baselines import registry
from core.datasets.levels import level_floor
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared, RecentWindows
from core.errors import DataError
from core.forecasting import distribution, table
from core.intervals import calibrate
from core.language import message
from core.spec import MEAN, MEDIAN, QUANTILES, Spec
from core.types import Floats, Ints, Windows

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

GATHER = 4096  # windows gathered at a time: bounds the memory of a forecast

Values = TypeVar("Values", Floats, Ints)
Net = Callable[[Floats, Floats, Ints], Floats]  # (x_NLF, known_NHK, symbol_N) → standardised outputs (N, H, O)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Forecasts of the model and of every baseline.

    `table` is the long table, `outputs` what the function of that name gives of the model, before any interval is
    calibrated, `naive_mae_S` the denominators of MASE, `left_out` the reason for each missing baseline.
    """

    table: pd.DataFrame
    outputs: dict[str, tuple[Windows, Floats]]
    naive_mae_S: Floats
    left_out: dict[str, str]


def network(net: "Network | Ensemble", binary: bool) -> Net:
    """The network as a function of (x_NLF, known_NHK, symbol_N).

    It returns standardised quantiles and the mean (N, H, O), or probabilities (N, H, 1) for a binary target.
    """
    from core.models import inference

    def predict(x_NLF: Floats, known_NHK: Floats, symbol_N: Ints) -> Floats:
        return activate(net, inference.compute_outputs(net, x_NLF, known_NHK, symbol_N), binary)

    return predict


def activate(net: "Network | Ensemble", raw_NHO: Floats, binary: bool) -> Floats:
    """Standardised quantiles and the mean (N, H, O), or probabilities (N, H, 1), from the raw numbers of a network."""
    from core.models import inference

    return 1 / (1 + np.exp(-raw_NHO.astype(float))) if binary else inference.compute_distribution(net, raw_NHO)


def predict(net: Net, windows: Windows, prepared: Prepared | RecentWindows) -> Floats:
    """The forecast of each of at least one window in model units: ordered quantiles and the mean (N, H, O), or a
    probability (N, H, 1). None is below zero for a level that never was."""
    parts = [windows.take(np.arange(i, min(i + GATHER, len(windows)))) for i in range(0, len(windows), GATHER)]
    scaled_NHO = np.concatenate([net(part.x_NLF, part.known_NHK, part.symbol_N) for part in parts])
    if prepared.kind.binary:
        return scaled_NHO
    scale_NC, center_NC = (s[windows.symbol_N] for s in (prepared.y_scaler.scale_SC, prepared.y_scaler.center_SC))
    output_NHO = scaled_NHO * scale_NC[:, :, None] + center_NC[:, :, None]
    if prepared.anchored:
        output_NHO = output_NHO + windows.anchor_N[:, None, None]
    return np.maximum(output_NHO, level_floor(windows, prepared.kind)[:, None, None])


def quantiles(net: Net, windows: Windows, prepared: Prepared | RecentWindows) -> Floats:
    """The quantiles of `predict` alone: (N, H, Q)."""
    return predict(net, windows, prepared)[:, :, :MEAN]


def members(net: "Network | Ensemble", prepared: Prepared) -> tuple[Floats, Floats] | None:
    """The test forecasts of each network of an ensemble, means and medians (M, N, H), user's units; None for a single
    network."""
    rounds = net.rounds()
    return points(rounds, prepared) if len(rounds) > 1 else None


def points(nets: "Sequence[Network | Ensemble]", prepared: Prepared) -> tuple[Floats, Floats]:
    """The test forecasts of each of these models, means and medians (M, N, H), user's units."""
    kind = prepared.kind
    output_MNHO = np.stack([predict(network(member, kind.binary), prepared.splits.test, prepared) for member in nets])
    means = np.stack([distribution.mean(output_NHO, kind) for output_NHO in output_MNHO])
    return means, kind.to_user(output_MNHO[..., 0 if kind.binary else MEDIAN])


def outputs(net: Net, prepared: Prepared) -> dict[str, tuple[Windows, Floats]]:
    """The windows of the validation, calibration and test splits and their forecasts as `predict` gives them.

    The test split includes the unscored windows; a split without windows is left out.
    """
    by_name = {name: predict(net, getattr(prepared.splits, name), prepared) for name in _forecast_splits(prepared)}
    joined = _join_unscored(prepared, by_name)
    rows = _join_unscored(prepared, {name: getattr(prepared.splits, name).cutoff_row_N for name in by_name})
    return {name: (replace(getattr(prepared.splits, name), cutoff_row_N=rows[name]), joined[name]) for name in joined}


def compare(spec: Spec, prepared: Prepared, net: Net) -> Comparison:
    """Forecasts of the model and every baseline on the validation, calibration and test splits, with unscored windows.

    Quantiles and intervals of the test split are calibrated on the calibration split (on validation if that is empty)
    and roll forward from there.
    """
    kind, by_part = prepared.kind, outputs(net, prepared)
    baselines = registry.forecasts(spec, prepared, _forecast_splits(prepared))
    windows = {name: part for name, (part, _) in by_part.items()}
    tables = split_rows(spec, kind, by_part, prepared.calibrated_on)
    for baseline, by_split in baselines.by_baseline.items():
        yhat = {name: kind.to_user(yhat_NH) for name, yhat_NH in _join_unscored(prepared, by_split).items()}
        tables += baseline_rows(spec, kind, baseline, windows, yhat, prepared.calibrated_on)
    return Comparison(
        table=table.concat(tables),
        outputs=by_part,
        naive_mae_S=registry.naive_errors(prepared),
        left_out=baselines.left_out,
    )


def live(spec: Spec, recent: RecentWindows, net: Net) -> pd.DataFrame:
    """The forecast for the steps after the last row of each symbol, its intervals calibrated on the latest outcomes.

    Raises DataError if no outcome is known.
    """
    output_NHO = predict(net, recent.live, recent)
    if recent.kind.binary:
        return model_rows(spec, "live", recent.live, output_NHO, None, recent.kind)
    if len(recent.known) == 0:
        raise DataError(
            message(
                "The data hold no window with a known outcome after the training and validation splits of the run, so "
                "its intervals cannot be calibrated. Bring a series that reaches further."
            )
        )
    known_NHQ = quantiles(net, recent.known, recent)
    calibrated = calibrate.calibrate(spec, recent.kind, recent.known, known_NHQ, recent.live, output_NHO[:, :, :MEAN])
    return model_rows(spec, "live", recent.live, output_NHO, calibrated, recent.kind)


def split_rows(
    spec: Spec, kind: TargetKind, by_part: dict[str, tuple[Windows, Floats]], calibrated_on: str
) -> list[pd.DataFrame]:
    """The model's rows of the long table for each split, from its windows and outputs in model units."""
    tables = []
    for name, (windows, output_NHO) in by_part.items():
        calibrated = None
        if name == "test" and not kind.binary:
            past, past_NHO = by_part[calibrated_on]
            calibrated = calibrate.calibrate(spec, kind, past, past_NHO[:, :, :MEAN], windows, output_NHO[:, :, :MEAN])
        tables.append(model_rows(spec, name, windows, output_NHO, calibrated, kind))
    return tables


def model_rows(
    spec: Spec,
    split: str,
    windows: Windows,
    output_NHO: Floats,
    calibrated: calibrate.Calibrated | None,
    kind: TargetKind,
) -> pd.DataFrame:
    """The model's rows of one split, from its outputs and their calibrated quantiles and intervals, in model units.

    Its forecast is the mean that the network outputs; where that is a median, the mean of the calibrated quantiles.
    """
    model, y_NH, yhat_NH = spec.model.kind, kind.to_user(windows.y_NH), distribution.mean(output_NHO, kind)
    if kind.binary:
        return table.build_rows(model, split, windows, y_NH, yhat_NH)
    if calibrated is None:
        return table.build_rows(model, split, windows, y_NH, yhat_NH, kind.to_user(output_NHO[:, :, :MEAN]))
    level_NHL, bounds = calibrated
    if learns_median(spec):
        yhat_NH = distribution.integrate(level_NHL, kind, table.QUANTILE_LEVELS)
    low_NH, high_NH = (kind.to_user(bound_NH) for bound_NH in bounds)
    return table.build_rows(model, split, windows, y_NH, yhat_NH, kind.to_user(level_NHL), low_NH, high_NH)


def learns_median(spec: Spec) -> bool:
    """Whether the one number that the network outputs is a median: absolute error is least there, Huber's nearly."""
    return spec.model.head == "point" and spec.train.loss in ("mae", "huber")


def baseline_rows(
    spec: Spec, kind: TargetKind, name: str, windows: dict[str, Windows], yhat: dict[str, Floats], calibrated_on: str
) -> list[pd.DataFrame]:
    """The rows of one baseline for each split, from its forecasts (N, H) in the user's units. Those of the test split
    get quantiles as the model's do, from the baseline's own errors; the median of a rule is the rule."""
    tables = []
    for split, part in windows.items():
        quantile_NHL = None
        if split == "test" and not kind.binary:
            quantile_NHL = _baseline_quantiles(
                spec, kind, windows[calibrated_on], yhat[calibrated_on], part, yhat[split]
            )
            if registry.BASELINES[name].rule:
                quantile_NHL = _with_median(quantile_NHL, yhat[split])
        tables.append(table.build_rows(name, split, part, kind.to_user(part.y_NH), yhat[split], quantile_NHL))
    return tables


def _baseline_quantiles(
    spec: Spec, kind: TargetKind, past: Windows, past_NH: Floats, windows: Windows, yhat_NH: Floats
) -> Floats:
    """The calibrated quantiles of a point forecast, (N, H, L) in the user's units."""
    automatic = replace(spec, bands=replace(spec.bands, method="auto", joint=False))
    equal = [np.repeat(kind.to_model(point_NH)[:, :, None], len(QUANTILES), axis=2) for point_NH in (past_NH, yhat_NH)]
    return kind.to_user(calibrate.calibrate(automatic, kind, past, equal[0], windows, equal[1])[0])


def _with_median(level_NHL: Floats, median_NH: Floats) -> Floats:
    """The quantiles with this median; those that lie on its wrong side move to it."""
    middle, median_NH1 = level_NHL.shape[2] // 2, median_NH[:, :, None]
    below_NHL, above_NHL = level_NHL[:, :, :middle], level_NHL[:, :, middle + 1 :]
    return np.concatenate([np.minimum(below_NHL, median_NH1), median_NH1, np.maximum(above_NHL, median_NH1)], axis=2)


def _forecast_splits(prepared: Prepared) -> list[str]:
    """The names of the splits that are forecast and have windows."""
    return [name for name in ("val", "calib", "test", "unscored") if len(getattr(prepared.splits, name))]


def _join_unscored(prepared: Prepared, values: dict[str, Values]) -> dict[str, Values]:
    """`values` of the windows of each split, (N, …), those of the unscored ones in their place in the test split.

    They are forecast apart, so that the forecasts that are scored do not depend on them in any digit.
    """
    if "unscored" not in values:
        return values
    splits = prepared.splits
    order = np.argsort(np.concatenate([splits.test.cutoff_row_N, splits.unscored.cutoff_row_N]))
    joined = np.concatenate([values["test"], values["unscored"]])[order]
    return {name: joined if name == "test" else of_split for name, of_split in values.items() if name != "unscored"}
