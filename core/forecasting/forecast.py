"""From a trained network and the baselines to the long forecast table with calibrated intervals; the live forecast.

Axis letters: N windows, L lookback, H steps, F features, K known features, Q quantiles, O outputs (quantiles, or one
probability), M networks of an ensemble.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from core.baselines import registry
from core.datasets.levels import level_floor
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared, RecentWindows
from core.errors import DataError
from core.forecasting import table
from core.intervals import calibrate
from core.spec import MEDIAN, Spec
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

    It returns standardised quantiles (N, H, Q), or probabilities (N, H, 1) for a binary target.
    """
    from core.models import inference

    def predict(x_NLF: Floats, known_NHK: Floats, symbol_N: Ints) -> Floats:
        return activate(net, inference.compute_outputs(net, x_NLF, known_NHK, symbol_N), binary)

    return predict


def activate(net: "Network | Ensemble", raw_NHO: Floats, binary: bool) -> Floats:
    """Standardised quantiles (N, H, Q), or probabilities (N, H, 1), from the raw outputs of a network."""
    from core.models import inference

    return 1 / (1 + np.exp(-raw_NHO.astype(float))) if binary else inference.compute_quantiles(net, raw_NHO)


def quantiles(net: Net, windows: Windows, prepared: Prepared | RecentWindows) -> Floats:
    """The forecast of each of at least one window in model units: ordered quantiles (N, H, Q), or (N, H, 1). None is
    below zero for a level that never was."""
    parts = [windows.take(np.arange(i, min(i + GATHER, len(windows)))) for i in range(0, len(windows), GATHER)]
    scaled_NHO = np.concatenate([net(part.x_NLF, part.known_NHK, part.symbol_N) for part in parts])
    if prepared.kind.binary:
        return scaled_NHO
    scale_NC, center_NC = (s[windows.symbol_N] for s in (prepared.y_scaler.scale_SC, prepared.y_scaler.center_SC))
    quantile_NHQ = scaled_NHO * scale_NC[:, :, None] + center_NC[:, :, None]
    if prepared.anchored:
        quantile_NHQ = quantile_NHQ + windows.anchor_N[:, None, None]
    return np.maximum(quantile_NHQ, level_floor(windows, prepared.kind)[:, None, None])


def point(output_NHO: Floats, kind: TargetKind) -> Floats:
    """The point forecast, (N, H) in the unit of the outputs: the median, or the probability."""
    return output_NHO[:, :, 0 if kind.binary else MEDIAN]


def members(net: "Network | Ensemble", prepared: Prepared) -> Floats:
    """The test forecasts of each network of an ensemble, user's units: (M, N, H); M = 0 for a single network."""
    rounds = net.rounds()
    kind, test = prepared.kind, prepared.splits.test
    if len(rounds) < 2:
        return np.empty((0, len(test), len(test.rows.steps)))
    outputs = [quantiles(network(member, kind.binary), test, prepared) for member in rounds]
    return np.stack([kind.to_user(point(output_NHO, kind)) for output_NHO in outputs])


def outputs(net: Net, prepared: Prepared) -> dict[str, tuple[Windows, Floats]]:
    """The windows of the validation, calibration and test splits and their forecasts as `quantiles` gives them.

    The test split includes the unscored windows; a split without windows is left out.
    """
    by_name = {name: quantiles(net, getattr(prepared.splits, name), prepared) for name in _forecast_splits(prepared)}
    joined = _join_unscored(prepared, by_name)
    rows = _join_unscored(prepared, {name: getattr(prepared.splits, name).cutoff_row_N for name in by_name})
    return {name: (replace(getattr(prepared.splits, name), cutoff_row_N=rows[name]), joined[name]) for name in joined}


def compare(spec: Spec, prepared: Prepared, net: Net) -> Comparison:
    """Forecasts of the model and every baseline on the validation, calibration and test splits, with unscored windows.

    Test intervals are calibrated on the calibration split (on validation if that is empty) and roll forward from there.
    """
    kind, by_part = prepared.kind, outputs(net, prepared)
    baselines = registry.forecasts(spec, prepared, _forecast_splits(prepared))
    joined = {baseline: _join_unscored(prepared, by_split) for baseline, by_split in baselines.by_baseline.items()}
    tables = []
    for name, (windows, output_NHO) in by_part.items():
        bounds: tuple[Floats, Floats] | None = None
        if name == "test" and not kind.binary:
            output_NHO, bounds = calibrate.calibrate(spec, kind, *by_part[prepared.calibrated_on], windows, output_NHO)
        tables.append(model_rows(spec.model.kind, name, windows, output_NHO, bounds, kind))
        for baseline, by_split in joined.items():
            y_NH, yhat_NH = kind.to_user(windows.y_NH), kind.to_user(by_split[name])
            tables.append(table.build_rows(baseline, name, windows, y_NH, yhat_NH))
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
    output_NHO = quantiles(net, recent.live, recent)
    if recent.kind.binary:
        return model_rows(spec.model.kind, "live", recent.live, output_NHO, None, recent.kind)
    if len(recent.known) == 0:
        raise DataError(
            "The data hold no window with a known outcome after the training and validation splits of the run, so its "
            "intervals cannot be calibrated. Bring a series that reaches further."
        )
    known_NHQ = quantiles(net, recent.known, recent)
    output_NHO, bounds = calibrate.calibrate(spec, recent.kind, recent.known, known_NHQ, recent.live, output_NHO)
    return model_rows(spec.model.kind, "live", recent.live, output_NHO, bounds, recent.kind)


def model_rows(
    model: str, split: str, windows: Windows, output_NHO: Floats, bounds: tuple[Floats, Floats] | None, kind: TargetKind
) -> pd.DataFrame:
    """The model's rows of the long table, from quantiles or a probability, and interval bounds, all in model units."""
    y_NH, user_NHO = kind.to_user(windows.y_NH), kind.to_user(output_NHO)
    if kind.binary:
        return table.build_rows(model, split, windows, y_NH, user_NHO[:, :, 0])
    low, high = (kind.to_user(bound) for bound in bounds) if bounds else (None, None)
    return table.build_rows(model, split, windows, y_NH, user_NHO[:, :, user_NHO.shape[2] // 2], user_NHO, low, high)


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
