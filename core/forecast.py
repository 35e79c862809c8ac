"""From a trained network and the baselines to the long forecast table, with calibrated bands; and the live forecast."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.bands import conformal
from core.baselines import registry
from core.errors import DataError
from core.evaluate import table
from core.prepare.windows import Prepared, Recent
from core.records import Floats, Ints, Windows
from core.spec import QUANTILES, Spec

if TYPE_CHECKING:
    from core.models.committee import Committee
    from core.models.network import Network

MEDIAN = QUANTILES.index(0.5)
PAIRS = ((0, 6), (1, 5), (2, 4))  # of QUANTILES: the 90, 80 and 50 % bands
GATHER = 4096  # windows gathered at once: bounds the memory of a forecast

Net = Callable[[Floats, Floats, Ints], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The long table of the model and every baseline, the last value's training error in score units, and why some
    baselines are not in it."""

    table: pd.DataFrame
    naive_mae: float
    left_out: dict[str, str]


def network(net: "Network | Committee", binary: bool) -> Net:
    """The network as a function of (x_NLF, known_NHK, symbol_N) giving (N, H, Q) standardised quantiles, or
    probabilities (N, H, 1)."""
    from core.models import inference

    def answer(x_NLF: Floats, known_NHK: Floats, symbol_N: Ints) -> Floats:
        made = inference.outputs(net, x_NLF, known_NHK, symbol_N)
        return 1 / (1 + np.exp(-made.astype(float))) if binary else inference.quantiles(net, made)

    return answer


def quantiles(answer: Net, windows: Windows, prepared: Prepared | Recent) -> Floats:
    """The model's answer for each of at least one window, model units: (N, H, Q) ordered quantiles, or (N, H, 1)."""
    parts = [windows.take(np.arange(i, min(i + GATHER, len(windows)))) for i in range(0, len(windows), GATHER)]
    scaled_NHO = np.concatenate([answer(part.x_NLF, part.known_NHK, part.symbol_N) for part in parts])
    if prepared.kind.binary:
        return scaled_NHO
    scale_NC, center_NC = (s[windows.symbol_N] for s in (prepared.y_scaler.scale_SC, prepared.y_scaler.center_SC))
    made_NHO = scaled_NHO * scale_NC[:, :, None] + center_NC[:, :, None]
    return made_NHO + windows.anchor_N[:, None, None] if prepared.anchored else made_NHO


def members(net: "Network | Committee", prepared: Prepared) -> Floats:
    """What the networks of an ensemble say one by one of the test part, user's units: (M, N, H); M = 0 for one alone.
    """
    rounds: tuple[Network | Committee, ...] = getattr(net, "rounds", tuple)()
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
            forecast_NHO, low_high = _calibrate(spec, getattr(parts, seed), made[seed], windows, forecast_NHO)
        tables.append(_model_rows(spec.model.kind, name, windows, forecast_NHO, low_high, prepared))
        for model, by_part in baselines.made.items():
            tables.append(table.rows(model, name, windows, kind.to_user(windows.y_NH), kind.to_user(by_part[name])))
    return Compared(table=table.join(tables), naive_mae=registry.naive_error(prepared), left_out=baselines.left_out)


def live(spec: Spec, recent: Recent, answer: Net) -> pd.DataFrame:
    """The forecast for the sessions after the last row of each symbol, its band calibrated on the latest outcomes.

    Raises DataError when no outcome is known.
    """
    made = quantiles(answer, recent.live, recent)
    if recent.kind.binary:
        return _model_rows(spec.model.kind, "live", recent.live, made, None, recent)
    if len(recent.known) == 0:
        raise DataError("The data hold no window with a known outcome after the training and validation parts of the "
                        "run, so its band cannot be calibrated. Bring a series that reaches further.")
    known = quantiles(answer, recent.known, recent)
    made, low_high = _calibrate(spec, recent.known, known, recent.live, made)
    return _model_rows(spec.model.kind, "live", recent.live, made, low_high, recent)


def _calibrate(spec: Spec, before: Windows, before_NHQ: Floats, windows: Windows,
               made_NHQ: Floats) -> tuple[Floats, tuple[Floats, Floats]]:
    """Calibrated quantiles (N, H, Q) and the band of the wanted coverage, symbol by symbol; model units."""
    result_NHQ, low_NH, high_NH = made_NHQ.copy(), *np.empty((2, *made_NHQ.shape[:2]))
    nearest = min(PAIRS, key=lambda pair: abs(_coverage(pair) - spec.bands.coverage))
    for s in range(len(windows.rows.symbols)):
        old, new = before.symbol_N == s, windows.symbol_N == s
        both_NHQ = np.concatenate([before_NHQ[old], made_NHQ[new]])
        y_NH = np.concatenate([before.y_NH[old], windows.y_NH[new]])
        row_N = np.concatenate([before.cutoff_row_N[old], windows.cutoff_row_N[new]])
        known_N, at_M = windows.rows.label_end_T[row_N], windows.cutoff_row_N[new]

        def band(pair: tuple[int, int], coverage: float, both_NHQ: Floats = both_NHQ, y_NH: Floats = y_NH,
                 known_N: Ints = known_N, at_M: Ints = at_M) -> tuple[Floats, Floats]:
            low, high = both_NHQ[:, :, pair[0]], both_NHQ[:, :, pair[1]]
            score_NH = conformal.scores(y_NH, low, high)
            margin_MH = conformal.rolling_margins(score_NH, known_N, at_M, coverage, spec.bands.window)
            return conformal.widen(low[-len(at_M) :], high[-len(at_M) :], margin_MH)

        if not new.any():
            continue
        for pair in PAIRS:
            result_NHQ[new, :, pair[0]], result_NHQ[new, :, pair[1]] = band(pair, _coverage(pair))
        low_NH[new], high_NH[new] = band(nearest, spec.bands.coverage)
    # A band drawn in far may miss the median, which is the forecast: it stays where it is, and inside.
    middle_NH = made_NHQ[:, :, MEDIAN]
    result_NHQ[:, :, :MEDIAN] = np.minimum(result_NHQ[:, :, :MEDIAN], middle_NH[:, :, None])
    result_NHQ[:, :, MEDIAN + 1 :] = np.maximum(result_NHQ[:, :, MEDIAN + 1 :], middle_NH[:, :, None])
    low_NH, high_NH = np.minimum(low_NH, middle_NH), np.maximum(high_NH, middle_NH)
    return np.sort(result_NHQ, axis=-1), (low_NH, high_NH)


def _coverage(pair: tuple[int, int]) -> float:
    return QUANTILES[pair[1]] - QUANTILES[pair[0]]


def _model_rows(model: str, part: str, windows: Windows, made_NHO: Floats, low_high: tuple[Floats, Floats] | None,
                prepared: Prepared | Recent) -> pd.DataFrame:
    kind = prepared.kind
    y_NH, user_NHO = kind.to_user(windows.y_NH), kind.to_user(made_NHO)
    if kind.binary:
        return table.rows(model, part, windows, y_NH, user_NHO[:, :, 0])
    low, high = (kind.to_user(bound) for bound in low_high) if low_high else (None, None)
    return table.rows(model, part, windows, y_NH, user_NHO[:, :, MEDIAN], user_NHO, low, high)
