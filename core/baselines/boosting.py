"""LightGBM on the features that the network sees: gradient-boosted trees, one model per step.

Axis letters: T rows, N windows, A steps that have a model of their own, C columns, H steps.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.baselines.baseline import Baseline, Forecaster
from core.datasets import scaling
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared
from core.types import Floats, Ints, Rows, Windows

STEPS = 8  # models at most; a longer path has evenly spaced ones and is interpolated linearly between them
SPANS = (5, 20)  # rows of the means, in addition to that over the lookback
TREES = 500
PATIENCE = 30  # trees without improvement on the validation windows
SETTINGS = {
    "learning_rate": 0.03,
    "num_leaves": 7,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.8,
    "num_threads": 1,
    "seed": 0,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The models of the steps at positions `at_A`; label − origin = output · scale + center, in model units."""

    models: tuple[Any, ...]
    at_A: Ints
    kind: TargetKind
    scaler: scaling.Scaler


def fit(train: Windows, val: Windows, kind: TargetKind) -> Fitted:
    """Boosted trees (Ke et al. 2017) on the training windows, stopped early on the validation windows.

    Inputs are the features at the cutoff, their means over the last 5 and 20 rows and over the lookback, the known
    future features at the step, and the symbol. It learns the change from the last value for a level, the probability
    for a direction.
    """
    steps = len(train.rows.steps)
    at_A = np.unique(np.linspace(0, steps - 1, min(steps, STEPS)).round().astype(int))
    base_NH = train.y_NH - _origin(train, kind)
    method = "none" if kind.binary else "standard"
    scaler = scaling.fit(base_NH, train.symbol_N, np.ones(len(train), dtype=bool), len(train.rows.symbols), method)
    table_TC = _table(train.rows, train.lookback)
    models = tuple(_fit_step(table_TC, train, val, int(at), kind, scaler) for at in at_A)
    return Fitted(models=models, at_A=at_A, kind=kind, scaler=scaler)


def predict(fitted: Fitted, windows: Windows) -> Floats:
    """The forecast of each window, (N, H) in model units."""
    table_TC, steps = _table(windows.rows, windows.lookback), len(windows.rows.steps)
    output_NA = np.stack(
        [
            model.predict(_inputs(table_TC, windows, int(at)), num_threads=1)
            for model, at in zip(fitted.models, fitted.at_A, strict=True)
        ],
        axis=1,
    )
    output_NH = output_NA @ _interpolation(fitted.at_A, steps)
    return fitted.scaler.invert(output_NH, windows.symbol_N) + _origin(windows, fitted.kind)


def contributions(fitted: Fitted, windows: Windows) -> tuple[Floats, Floats]:
    """TreeSHAP (Lundberg et al. 2020) of windows of one symbol: phi (N, H, C) for the columns of `columns`, base (H,).

    base_H + Σ_C phi_NHC = label − origin in model units, or the log-odds of a direction.
    """
    table_TC, steps = _table(windows.rows, windows.lookback), len(windows.rows.steps)
    phi_ANC = np.stack(
        [
            np.asarray(model.predict(_inputs(table_TC, windows, int(at)), num_threads=1, pred_contrib=True))
            for model, at in zip(fitted.models, fitted.at_A, strict=True)
        ]
    )
    symbol, weight_AH = windows.symbol_N[0], _interpolation(fitted.at_A, steps)
    phi_NHC = np.einsum("anc,ah->nhc", phi_ANC, weight_AH) * fitted.scaler.scale_SC[symbol][:, None]
    return phi_NHC[:, :, :-1], phi_NHC[0, :, -1] + fitted.scaler.center_SC[symbol]


def columns(rows: Rows, lookback: int) -> tuple[Ints, Ints]:
    """The feature of each column (−1: the symbol), and the number of rows it averages (0: no mean): (C,) each."""
    width, spans = len(rows.features), (1, *_spans(lookback))
    ahead = [rows.features.index(name) for name in rows.known]
    feature_C = np.concatenate([[-1], np.tile(np.arange(width), len(spans)), np.array(ahead, dtype=np.int64)])
    return feature_C, np.concatenate([[0], np.repeat(spans, width), np.zeros(len(ahead), dtype=np.int64)])


def gain(fitted: Fitted) -> Floats:
    """How much the splits on each column reduced the training loss, averaged over the models: (C,)."""
    gains = [model.feature_importance("gain", model.best_iteration) for model in fitted.models]
    return np.asarray(np.mean(gains, axis=0))


def _interpolation(at_A: Ints, steps: int) -> Floats:
    """The weights (A, H) that interpolate the outputs of the models linearly to all steps."""
    place_H = np.interp(np.arange(steps), at_A, np.arange(len(at_A)))
    return np.maximum(0.0, 1 - np.abs(place_H - np.arange(len(at_A))[:, None]))


def _fit_step(table_TC: Floats, train: Windows, val: Windows, at: int, kind: TargetKind, scaler: scaling.Scaler) -> Any:
    import lightgbm

    objective = {"objective": "binary"} if kind.binary else {"objective": "regression"}
    datasets: list[Any] = []
    for windows in (train, val):
        label_N = scaler.apply(windows.y_NH - _origin(windows, kind), windows.symbol_N)[:, at]
        datasets.append(
            lightgbm.Dataset(
                _inputs(table_TC, windows, at),
                label=label_N,
                reference=datasets[0] if datasets else None,
                params=SETTINGS,
                categorical_feature=[0],
            )
        )
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    return lightgbm.train(
        SETTINGS | objective, datasets[0], num_boost_round=TREES, valid_sets=[datasets[1]], callbacks=[stop]
    )


def _inputs(table_TC: Floats, windows: Windows, at: int) -> Floats:
    """The symbol, the columns of the table at the cutoff, and the known future features at this step: (N, C)."""
    row_N, rows = windows.cutoff_row_N, windows.rows
    ahead_NK = rows.known_TK[row_N + rows.steps[at]]
    return np.concatenate([windows.symbol_N[:, None], table_TC[row_N], ahead_NK], axis=1)


def _table(rows: Rows, lookback: int) -> Floats:
    """Each row's features and their means over the last rows of its symbol, fewer at the start: (T, C)."""
    by_symbol = pd.DataFrame(rows.x_TF).groupby(rows.symbol_T)
    means = [by_symbol.rolling(span, min_periods=1).mean().to_numpy() for span in _spans(lookback)]
    return np.concatenate([rows.x_TF, *means], axis=1)


def _spans(lookback: int) -> tuple[int, ...]:
    return (*(span for span in SPANS if span < lookback), lookback)


def _origin(windows: Windows, kind: TargetKind) -> Floats:
    """What labels are measured from, (N, 1) in model units: the level at the cutoff for levels, else 0."""
    return windows.anchor_N[:, None] if kind.level else np.zeros((len(windows), 1))


def _forecaster(prepared: Prepared) -> Forecaster:
    fitted = fit(prepared.splits.train, prepared.splits.val, prepared.kind)
    return lambda windows: predict(fitted, windows)


LIGHTGBM = Baseline(name="lightgbm", title="LightGBM", phrase="LightGBM", fit=_forecaster, naive=False, slow=True)
