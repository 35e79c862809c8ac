"""Fracast-0, a network of 85,001 weights trained on other people's series; it learns nothing from the data at hand.

An optional package (https://pypi.org/project/fracast/) whose weights lie in its wheel: no network is asked. Axis
letters: T rows of one symbol, N windows, H steps, K steps ahead, Q quantiles.
"""

import importlib.util
from typing import Any, Protocol

import numpy as np

from core.baselines.baseline import Baseline, Forecaster
from core.baselines.series import by_symbol, check_varied
from core.datasets.windows import Prepared
from core.errors import DataError
from core.language import message
from core.types import Floats, Windows

CONTEXT = 2048  # rows that it sees
MOST = 1000  # forecasts of the validation, calibration and test splits: half a minute
TITLE = "Fracast (pretrained)"


class Model(Protocol):
    """What is used of `fracast.FracastModel`."""

    def forecast(self, context: Floats, *, horizon: int) -> Floats:
        """The quantiles .1 to .9 of the next `horizon` values after `context`: (K, Q)."""


def fit(prepared: Prepared) -> Forecaster:
    """The forecaster; nothing is fitted. It forecasts the mean of its nine quantiles from at most CONTEXT rows of the
    symbol's own history.

    Raises DataError if the package is not installed, if there are more than MOST forecasts, or if a history is short or
    does not vary.
    """
    splits = prepared.splits
    count = sum(len(part) for part in (splits.val, splits.calib, splits.test))
    if count > MOST:
        raise DataError(
            message(
                "Fracast takes at most {most} windows; the validation, calibration and test splits have {count}. Load "
                "fewer rows.",
                most=MOST,
                count=count,
            )
        )
    symbols = list(by_symbol(prepared))
    for _, series in symbols:
        check_varied(series.history_T[series.train_T], TITLE)
    model, histories = load(), [series.history_T for _, series in symbols]

    def forecast(windows: Windows) -> Floats:
        yhat_NH = np.empty((len(windows), len(windows.rows.steps)))
        for n, (symbol, row) in enumerate(zip(windows.symbol_N, windows.cutoff_row_N, strict=True)):
            block, series = symbols[symbol]
            end = row - block[0] + 1
            path_K = path(model, histories[symbol][max(0, end - CONTEXT) : end], series.horizon)
            yhat_NH[n] = series.from_path(path_K[None])[0]
        return yhat_NH

    return forecast


def path(model: Model, value_T: Floats, horizon: int) -> Floats:
    """The forecast of the next `horizon` values, (K,), by one thread of torch. The model counts in float32, so the last
    value is taken away before and added after."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        quantile_KQ = model.forecast(value_T - value_T[-1], horizon=horizon)
    finally:
        torch.set_num_threads(threads)
    return value_T[-1] + np.asarray(quantile_KQ, dtype=float).mean(axis=1)


def load() -> Model:
    """The model with the weights of its own package. Raises DataError if that is not installed."""
    if importlib.util.find_spec("fracast") is None:
        raise DataError(message("Fracast is not installed. Install it with: pip install --no-deps fracast."))
    package: Any = importlib.import_module("fracast")
    return package.FracastModel.from_pretrained(device="cpu", weights="fp32")


FRACAST = Baseline(
    name="fracast",
    title=TITLE,
    phrase="Fracast (pretrained, perhaps on this series)",
    fit=fit,
    applies=lambda kind: kind.level,
    naive=False,
    pretrained=True,
)
