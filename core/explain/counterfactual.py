"""What a run would forecast had the features of its newest window been other than they were.

Axis letters: N windows, L lookback, F features, H steps, M values, O outputs.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from core.datasets import windows as preparing
from core.datasets.panel import logged
from core.datasets.scaling import Scaler
from core.datasets.windows import Prepared, Recent
from core.errors import DataError, SpecError
from core.explain import explanation, partial_dependence
from core.forecasting import forecast
from core.intervals import calibrate
from core.spec import Spec
from core.types import Floats, Run, Windows

MOST = 40  # windows behind a partial dependence


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is done to a window: in its newest `rows` rows, features are moved by so many training standard deviations
    (`shift`) or set to a value in their own units (`value`).

    With `repeat` the last row comes once more before that: every row moves back by one, and the oldest falls out.
    """

    shift: dict[str, float] = field(default_factory=dict)
    value: dict[str, float] = field(default_factory=dict)
    rows: int = 1
    repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The newest window of a symbol, the network that answers, and what calibrates its band.

    `window` is the live one (`live`) or, where that has a hole, the last with a known outcome. `mean_F` … `highest_F`
    are those of the symbol's features at its training cutoffs, unscaled.
    """

    spec: Spec
    symbol: str
    live: bool
    window: Windows
    raw_LF: Floats
    known: Windows
    known_NHO: Floats
    recent: Recent
    x_scaler: Scaler
    answer: forecast.Net
    mean_F: Floats
    deviation_F: Floats
    lowest_F: Floats
    highest_F: Floats

    @property
    def features(self) -> tuple[str, ...]:
        return self.window.rows.features


def scene(saved: Run, prepared: Prepared, symbol: str) -> Scene:
    """Everything that an answer about this symbol needs; `prepared` are the run's windows
    (core.explain.recurrent_cell.prepare).

    Raises SpecError for an unknown symbol, DataError where it has no window with a known outcome to calibrate by.
    """
    from core.training.trainer import restore

    names = prepared.splits.test.rows.symbols
    if symbol not in names:
        raise SpecError(f"The run has no symbol {symbol!r}; it has {', '.join(names)}.")
    s, after = names.index(symbol), np.datetime64(int(saved.state["calibrate_from"][0]), "ns")
    recent = preparing.recent(saved.spec, saved.frame, prepared.x_scaler, prepared.y_scaler, after)
    live, known = (of.take(np.flatnonzero(of.symbol_N == s)) for of in (recent.live, recent.known))
    window, before = (
        (live, known) if len(live) else (known.take(np.arange(len(known))[-1:]), known.take(np.arange(len(known))[:-1]))
    )
    if not len(before):
        raise DataError(
            f"{symbol} has no window with a known outcome after the validation part, so no band can be "
            "calibrated. Bring a series that reaches further."
        )
    answer = forecast.network(restore(saved.spec, saved.weights, len(names)), recent.kind.binary)
    row = int(window.cutoff_row_N[0])
    train_TF = prepared.raw_TF[_training(prepared, s).cutoff_row_N]
    return Scene(
        spec=saved.spec,
        symbol=symbol,
        live=bool(len(live)),
        window=window,
        known=before,
        recent=recent,
        raw_LF=prepared.raw_TF[row - window.lookback + 1 : row + 1],
        answer=answer,
        known_NHO=forecast.quantiles(answer, before, recent),
        x_scaler=prepared.x_scaler,
        mean_F=train_TF.mean(axis=0),
        deviation_F=train_TF.std(axis=0),
        lowest_F=train_TF.min(axis=0),
        highest_F=train_TF.max(axis=0),
    )


def ask(scene: Scene, change: Change) -> pd.DataFrame:
    """The forecast after a change, with its band: rows of the long table (core.forecasting.table), part "live".

    Levels start from the last level as it was, and features known ahead keep the values that they are known to have.
    Raises SpecError for a feature, a number of rows or a value that there cannot be.
    """
    kind = scene.recent.kind
    made_NHO = forecast.quantiles(scene.answer, _replaced(scene, changed(scene, change)), scene.recent)
    band = None
    if not kind.binary:
        made_NHO, band = calibrate.calibrate(scene.spec, kind, scene.known, scene.known_NHO, scene.window, made_NHO)
    return forecast.model_rows(scene.spec.model.kind, "live", scene.window, made_NHO, band, kind)


def changed(scene: Scene, change: Change) -> Floats:
    """The window after a change, unscaled: (L, F). Raises SpecError as `ask` does."""
    raw_LF = np.concatenate([scene.raw_LF[1:], scene.raw_LF[-1:]]) if change.repeat else scene.raw_LF.copy()
    if not 1 <= change.rows <= len(raw_LF):
        raise SpecError(f"A change touches 1 to {len(raw_LF)} sessions of this window; got {change.rows}.")
    for name, amount in (change.shift | change.value).items():
        if name not in scene.features:
            raise SpecError(f"The run has no feature {name!r}; it has {', '.join(scene.features)}.")
        f = scene.features.index(name)
        new_l = np.full(change.rows, float(amount))
        if name not in change.value:
            new_l = raw_LF[-change.rows :, f] + amount * scene.deviation_F[f]
        if not np.isfinite(new_l).all() or (logged(scene.spec)[f] and (new_l <= 0).any()):
            raise SpecError(
                f"{name} would be {new_l[-1]:g}, and the recipe takes its log: it has to stay above zero. "
                "Change it by less."
            )
        raw_LF[-change.rows :, f] = new_l
    return raw_LF


def beyond(scene: Scene, change: Change) -> tuple[str, ...]:
    """The changed features whose newest value lies outside all that the training cutoffs have seen."""
    last_F = changed(scene, change)[-1]
    return tuple(
        name
        for name in dict.fromkeys((*change.shift, *change.value))
        if not scene.lowest_F[(f := scene.features.index(name))] <= last_F[f] <= scene.highest_F[f]
    )


def dependence(scene: Scene, prepared: Prepared, feature: str, rows: int = 1) -> partial_dependence.Dependence:
    """Partial dependence on a feature's newest `rows` values over at most 40 windows of the test part, spread evenly.

    Values are quantiles of the training part. Where the network learns the distance from the last value, that distance
    is shown. Raises SpecError for an unknown feature.
    """
    if feature not in scene.features:
        raise SpecError(f"The run has no feature {feature!r}; it has {', '.join(scene.features)}.")
    f, s = scene.features.index(feature), scene.window.rows.symbols.index(scene.symbol)
    test = prepared.splits.test
    own = test.take(np.flatnonzero(test.symbol_N == s))
    chosen = own.take(explanation.pick(len(own), MOST))
    value_M = partial_dependence.grid(prepared.raw_TF[_training(prepared, s).cutoff_row_N, f])
    raw_MF = np.repeat(scene.raw_LF[-1:], len(value_M), axis=0)
    raw_MF[:, f] = value_M
    scaled_M = scene.x_scaler.apply(raw_MF, np.full(len(raw_MF), s), np.float32)[:, f]
    curve_NMH = partial_dependence.curves(_predictor(scene, s), chosen.x_NLF, chosen.known_NHK, f, scaled_M, rows)
    return partial_dependence.Dependence(
        feature=feature, steps=test.rows.steps, rows=rows, value_M=value_M, curve_NMH=curve_NMH
    )


def _predictor(scene: Scene, symbol: int) -> partial_dependence.Predict:
    scaler, kind = scene.recent.y_scaler, scene.recent.kind

    def predict(x_NLF: Floats, known_NHK: Floats) -> Floats:
        made_NHO = scene.answer(x_NLF, known_NHK, np.full(len(x_NLF), symbol))
        return forecast.median(made_NHO, kind, scaler, symbol)

    return predict


def _replaced(scene: Scene, raw_LF: Floats) -> Windows:
    """The window with these features, on rows of its own."""
    rows, lookback, row = scene.window.rows, scene.window.lookback, int(scene.window.cutoff_row_N[0])
    at = slice(row - lookback + 1, row + rows.steps[-1] + 1)
    x_TF, symbol_L = rows.x_TF[at].copy(), rows.symbol_T[at][:lookback]
    x_TF[:lookback] = scene.x_scaler.apply(raw_LF, symbol_L, np.float32)
    own = replace(
        rows,
        x_TF=x_TF,
        known_TK=rows.known_TK[at],
        y_TH=rows.y_TH[at],
        level_T=rows.level_T[at],
        time_T=rows.time_T[at],
        symbol_T=rows.symbol_T[at],
        label_end_T=rows.label_end_T[at],
    )
    return Windows(rows=own, lookback=lookback, cutoff_row_N=np.array([lookback - 1]))


def _training(prepared: Prepared, symbol: int) -> Windows:
    train = prepared.splits.train
    return train.take(np.flatnonzero(train.symbol_N == symbol))
