"""What a run would forecast if the features of its newest window had other values.

Axis letters: N windows, L lookback, F features, H steps, K known features, M values, O outputs.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from core.datasets import windows as datasets
from core.datasets.panel import log_scaled_features
from core.datasets.scaling import Scaler
from core.datasets.windows import Prepared, RecentWindows
from core.errors import DataError, SpecError
from core.explain.explanation import evenly_spaced
from core.explain.inputs import symbol_position
from core.explain.partial_dependence import PartialDependence, choose_grid, compute_curves
from core.explain.predictor import Predictor
from core.forecasting import forecast
from core.intervals import calibrate
from core.language import message
from core.spec import MEAN, Spec
from core.types import Floats, Run, Windows

MAX_WINDOWS = 40  # behind a partial dependence


@dataclass(frozen=True, slots=True, kw_only=True)
class Perturbation:
    """A change of a window: in its newest `rows` rows, features move by a number of training standard deviations
    (`shift`) or are set to a value in their own units (`value`).

    With `repeat`, the last row is first appended once more: every row moves back by one, and the oldest drops out.
    """

    shift: dict[str, float] = field(default_factory=dict)
    value: dict[str, float] = field(default_factory=dict)
    rows: int = 1
    repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The newest window of a symbol, the network that forecasts it, and the windows that calibrate its interval.

    `window` is the live one (`live`) or, if that has missing values, the last with a known outcome; `known` are the
    windows with known outcomes before it, `known_NHQ` their forecasts. `deviation_F`, `lowest_F` and `highest_F`
    describe the symbol's features at its training cutoffs, unscaled.
    """

    spec: Spec
    symbol: str
    live: bool
    window: Windows
    raw_LF: Floats
    known: Windows
    known_NHQ: Floats
    recent: RecentWindows
    x_scaler: Scaler
    predictor: Predictor
    deviation_F: Floats
    lowest_F: Floats
    highest_F: Floats

    @property
    def features(self) -> tuple[str, ...]:
        return self.window.rows.features


def build_context(run: Run, prepared: Prepared, symbol: str) -> Context:
    """Everything that a forecast for this symbol needs; `prepared` are the run's windows
    (core.datasets.windows.prepare_saved).

    Raises SpecError for an unknown symbol, DataError if it has no window with a known outcome to calibrate on.
    """
    from core.training.trainer import restore

    s, symbols = symbol_position(prepared, symbol), prepared.splits.test.rows.symbols
    calibrate_from = np.datetime64(int(run.state["calibrate_from"][0]), "ns")
    recent = datasets.prepare_recent(run.spec, run.frame, prepared.x_scaler, prepared.y_scaler, calibrate_from)
    live, known = (part.take(np.flatnonzero(part.symbol_N == s)) for part in (recent.live, recent.known))
    window = live
    if not len(live):
        position_N = np.arange(len(known))
        window, known = known.take(position_N[-1:]), known.take(position_N[:-1])
    if not len(known):
        raise DataError(
            message(
                "{symbol} has no window with a known outcome after the validation split, so no interval can be "
                "calibrated. Load a series that extends further.",
                symbol=symbol,
            )
        )
    outputs = forecast.network(restore(run.spec, run.weights, len(symbols)), recent.kind.binary)
    last = int(window.cutoff_row_N[0])
    train_TF = prepared.raw_TF[_training_windows(prepared, s).cutoff_row_N]
    return Context(
        spec=run.spec,
        symbol=symbol,
        live=bool(len(live)),
        window=window,
        raw_LF=prepared.raw_TF[last - window.lookback + 1 : last + 1],
        known=known,
        known_NHQ=forecast.quantiles(outputs, known, recent),
        recent=recent,
        x_scaler=prepared.x_scaler,
        predictor=Predictor(outputs=outputs, kind=recent.kind, scaler=recent.y_scaler, symbol=s),
        deviation_F=train_TF.std(axis=0),
        lowest_F=train_TF.min(axis=0),
        highest_F=train_TF.max(axis=0),
    )


def predict(context: Context, perturbation: Perturbation) -> pd.DataFrame:
    """The forecast of the perturbed window with its interval: rows of the long table (core.forecasting.table), part
    "live".

    Levels still start from the actual last level, and known future features keep their known values. Raises SpecError
    for an unknown feature, a number of rows outside the window, or an impossible value.
    """
    kind, window = context.recent.kind, _with_features(context, perturb(context, perturbation))
    forecast_NHO, calibrated = forecast.predict(context.predictor.outputs, window, context.recent), None
    if not kind.binary:
        calibrated = calibrate.calibrate(
            context.spec, kind, context.known, context.known_NHQ, context.window, forecast_NHO[:, :, :MEAN]
        )
    return forecast.model_rows(context.spec, "live", context.window, forecast_NHO, calibrated, kind)


def perturb(context: Context, perturbation: Perturbation) -> Floats:
    """The perturbed window, unscaled: (L, F). Raises SpecError as `predict` does."""
    raw_LF, rows = context.raw_LF.copy(), perturbation.rows
    if perturbation.repeat:
        raw_LF = np.concatenate([raw_LF[1:], raw_LF[-1:]])
    if not 1 <= rows <= len(raw_LF):
        raise SpecError(
            message(
                "A perturbation changes 1 to {most} rows of this window; got {rows}. Choose a number in that range.",
                most=len(raw_LF),
                rows=rows,
            )
        )
    for name, amount in (perturbation.shift | perturbation.value).items():
        f = _feature_position(context, name)
        value_l = np.full(rows, float(amount))
        if name not in perturbation.value:
            value_l = raw_LF[-rows:, f] + amount * context.deviation_F[f]
        if not np.isfinite(value_l).all() or (log_scaled_features(context.spec)[f] and (value_l <= 0).any()):
            raise SpecError(
                message(
                    "{name} would be {value}, and the recipe takes its log: it has to stay above zero. Change it by "
                    "less.",
                    name=name,
                    value=f"{value_l[-1]:g}",
                )
            )
        raw_LF[-rows:, f] = value_l
    return raw_LF


def outside_training_range(context: Context, perturbation: Perturbation) -> tuple[str, ...]:
    """The perturbed features whose newest value lies outside the range of the training cutoffs."""
    last_F = perturb(context, perturbation)[-1]
    return tuple(
        name
        for name in dict.fromkeys((*perturbation.shift, *perturbation.value))
        if not context.lowest_F[(f := context.features.index(name))] <= last_F[f] <= context.highest_F[f]
    )


def compute_dependence(context: Context, prepared: Prepared, feature: str, rows: int = 1) -> PartialDependence:
    """Partial dependence on a feature's newest `rows` values over at most 40 evenly spaced windows of the test split.

    The values are quantiles over the training split. If the network learns the distance from the last value, that
    distance is shown. Raises SpecError for an unknown feature.
    """
    f, s = _feature_position(context, feature), context.predictor.symbol
    test = prepared.splits.test
    test = test.take(np.flatnonzero(test.symbol_N == s))
    windows = test.take(evenly_spaced(len(test), MAX_WINDOWS))
    value_M = choose_grid(prepared.raw_TF[_training_windows(prepared, s).cutoff_row_N, f])
    raw_MF = np.repeat(context.raw_LF[-1:], len(value_M), axis=0)
    raw_MF[:, f] = value_M
    scaled_M = context.x_scaler.apply(raw_MF, np.full(len(raw_MF), s), np.float32)[:, f]
    curve_NMH = compute_curves(context.predictor.predict, windows.x_NLF, windows.known_NHK, f, scaled_M, rows)
    return PartialDependence(feature=feature, steps=test.rows.steps, rows=rows, value_M=value_M, curve_NMH=curve_NMH)


def _feature_position(context: Context, name: str) -> int:
    if name not in context.features:
        raise SpecError(
            message(
                "The run has no feature {name}; it has {features}.",
                name=repr(name),
                features=", ".join(context.features),
            )
        )
    return context.features.index(name)


def _with_features(context: Context, raw_LF: Floats) -> Windows:
    """The window with these unscaled features, on rows of its own."""
    window, rows = context.window, context.window.rows
    last, lookback = int(window.cutoff_row_N[0]), window.lookback
    at = slice(last - lookback + 1, last + rows.steps[-1] + 1)
    x_TF, symbol_L = rows.x_TF[at].copy(), rows.symbol_T[at][:lookback]
    x_TF[:lookback] = context.x_scaler.apply(raw_LF, symbol_L, np.float32)
    window_rows = replace(
        rows,
        x_TF=x_TF,
        known_TK=rows.known_TK[at],
        y_TH=rows.y_TH[at],
        level_T=rows.level_T[at],
        time_T=rows.time_T[at],
        symbol_T=rows.symbol_T[at],
        label_end_T=rows.label_end_T[at],
        range_T=None,
    )
    return Windows(rows=window_rows, lookback=lookback, cutoff_row_N=np.array([lookback - 1]))


def _training_windows(prepared: Prepared, symbol: int) -> Windows:
    train = prepared.splits.train
    return train.take(np.flatnonzero(train.symbol_N == symbol))
