"""From a trained network and the baselines to the long forecast table, with calibrated bands; and the live forecast."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.baselines import registry
from core.datasets.scaling import Scaler
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared, Recent
from core.errors import DataError
from core.forecasting import table
from core.intervals import calibrate
from core.spec import QUANTILES, Spec
from core.types import Floats, Ints, Windows

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

MEDIAN = QUANTILES.index(0.5)
GATHER = 4096  # windows gathered at once: bounds the memory of a forecast

Net = Callable[[Floats, Floats, Ints], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The long table of the model and every baseline, the last value's training error in score units, and why some
    baselines are not in it."""

    table: pd.DataFrame
    naive_mae: float
    left_out: dict[str, str]


def network(net: "Network | Ensemble", binary: bool) -> Net:
    """The network as a function of (x_NLF, known_NHK, symbol_N) giving (N, H, Q) standardised quantiles, or
    probabilities (N, H, 1)."""
    from core.models import inference

    def answer(x_NLF: Floats, known_NHK: Floats, symbol_N: Ints) -> Floats:
        return meant(net, inference.outputs(net, x_NLF, known_NHK, symbol_N), binary)

    return answer


def meant(net: "Network | Ensemble", raw_NHO: Floats, binary: bool) -> Floats:
    """(N, H, Q) standardised quantiles, or probabilities (N, H, 1), from the raw answers of a network."""
    from core.models import inference

    return 1 / (1 + np.exp(-raw_NHO.astype(float))) if binary else inference.quantiles(net, raw_NHO)


def middle(made_NHO: Floats, kind: TargetKind, scaler: Scaler, symbol: int) -> Floats:
    """The median forecast of one symbol, or the probability, (N, H) in target units, from a `Net`'s answers; of an
    anchored target its distance from the last value."""
    if kind.binary:
        return made_NHO[:, :, 0]
    return kind.to_user(made_NHO[:, :, MEDIAN] * scaler.scale_SC[symbol] + scaler.center_SC[symbol])


def quantiles(answer: Net, windows: Windows, prepared: Prepared | Recent) -> Floats:
    """The model's answer for each of at least one window, model units: (N, H, Q) ordered quantiles, or (N, H, 1)."""
    parts = [windows.take(np.arange(i, min(i + GATHER, len(windows)))) for i in range(0, len(windows), GATHER)]
    scaled_NHO = np.concatenate([answer(part.x_NLF, part.known_NHK, part.symbol_N) for part in parts])
    if prepared.kind.binary:
        return scaled_NHO
    scale_NC, center_NC = (s[windows.symbol_N] for s in (prepared.y_scaler.scale_SC, prepared.y_scaler.center_SC))
    made_NHO = scaled_NHO * scale_NC[:, :, None] + center_NC[:, :, None]
    return made_NHO + windows.anchor_N[:, None, None] if prepared.anchored else made_NHO


def members(net: "Network | Ensemble", prepared: Prepared) -> Floats:
    """What the networks of an ensemble say one by one of the test part, user's units: (M, N, H).

    M = 0 for one alone.
    """
    rounds: tuple[Network | Ensemble, ...] = getattr(net, "rounds", tuple)()
    kind, test = prepared.kind, prepared.splits.test
    if len(rounds) < 2:
        return np.empty((0, len(test), len(test.rows.steps)))
    made = [quantiles(network(one, kind.binary), test, prepared) for one in rounds]
    return np.stack([kind.to_user(each_NHO[:, :, 0 if kind.binary else MEDIAN]) for each_NHO in made])


def compare(spec: Spec, prepared: Prepared, answer: Net) -> Compared:
    """The model beside every baseline on val, calib and test.

    Bands on the test part are calibrated on calib (on val where calib is empty) and roll on from there.
    """
    kind, parts = prepared.kind, prepared.splits
    names = [name for name in ("val", "calib", "test") if len(getattr(parts, name))]
    made = {name: quantiles(answer, getattr(parts, name), prepared) for name in names}
    baselines = registry.forecasts(spec, prepared, names)
    tables = []
    for name, forecast_NHO in made.items():
        windows = getattr(parts, name)
        low_high: tuple[Floats, Floats] | None = None
        if name == "test" and not kind.binary:
            seed = "calib" if len(parts.calib) else "val"
            forecast_NHO, low_high = calibrate.calibrate(
                spec, kind, getattr(parts, seed), made[seed], windows, forecast_NHO
            )
        tables.append(model_rows(spec.model.kind, name, windows, forecast_NHO, low_high, kind))
        for model, by_part in baselines.made.items():
            tables.append(table.rows(model, name, windows, kind.to_user(windows.y_NH), kind.to_user(by_part[name])))
    return Compared(table=table.join(tables), naive_mae=registry.naive_error(prepared), left_out=baselines.left_out)


def live(spec: Spec, recent: Recent, answer: Net) -> pd.DataFrame:
    """The forecast for the sessions after the last row of each symbol, its band calibrated on the latest outcomes.

    Raises DataError when no outcome is known.
    """
    made = quantiles(answer, recent.live, recent)
    if recent.kind.binary:
        return model_rows(spec.model.kind, "live", recent.live, made, None, recent.kind)
    if len(recent.known) == 0:
        raise DataError(
            "The data hold no window with a known outcome after the training and validation parts of the "
            "run, so its band cannot be calibrated. Bring a series that reaches further."
        )
    known = quantiles(answer, recent.known, recent)
    made, low_high = calibrate.calibrate(spec, recent.kind, recent.known, known, recent.live, made)
    return model_rows(spec.model.kind, "live", recent.live, made, low_high, recent.kind)


def model_rows(
    model: str, part: str, windows: Windows, made_NHO: Floats, low_high: tuple[Floats, Floats] | None, kind: TargetKind
) -> pd.DataFrame:
    """The model's rows of the long table: quantiles, or a probability, and a band, all given in model units."""
    y_NH, user_NHO = kind.to_user(windows.y_NH), kind.to_user(made_NHO)
    if kind.binary:
        return table.rows(model, part, windows, y_NH, user_NHO[:, :, 0])
    low, high = (kind.to_user(bound) for bound in low_high) if low_high else (None, None)
    return table.rows(model, part, windows, y_NH, user_NHO[:, :, user_NHO.shape[2] // 2], user_NHO, low, high)
