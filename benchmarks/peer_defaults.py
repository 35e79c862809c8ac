"""Fits one peer of benchmarks.accuracy_peers with its default settings and forecasts from every cutoff.

Runs in the interpreter of requirements-bench.txt; a peer's packages are imported when it is built, before the clock
starts. Axis letters: T rows, N windows, L lookback, H steps.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import peer_stopwatch
from benchmarks.peer_stopwatch import Array, Task

SILENT = {"accelerator": "cpu", "logger": False, "enable_progress_bar": False, "enable_model_summary": False}
SPLITS = ("val", "test")
Peer = tuple[Callable[[], Any], Callable[[Array], Array]]  # fit on the training rows; cutoff rows (N,) → (N, H)


def auto_ets(task: Task, season: int, seed: int) -> Peer:
    """statsforecast's AutoETS."""
    from statsforecast.models import AutoETS

    return _carried_forward(AutoETS(season_length=season), task)


def auto_theta(task: Task, season: int, seed: int) -> Peer:
    """statsforecast's AutoTheta."""
    from statsforecast.models import AutoTheta

    return _carried_forward(AutoTheta(season_length=season), task)


def darts_lstm(task: Task, season: int, seed: int) -> Peer:
    """darts' BlockRNNModel, on a series scaled to 0 … 1 on the training rows and in single precision, as its guide to
    torch models advises."""
    import torch
    from darts import TimeSeries
    from darts.dataprocessing.transformers import Scaler
    from darts.models import BlockRNNModel

    torch.set_num_threads(1)
    series, scaler = TimeSeries.from_values(task.series_T.astype(np.float32)), Scaler()
    model = BlockRNNModel(
        model="LSTM",
        input_chunk_length=task.lookback,
        output_chunk_length=task.horizon,
        random_state=seed,
        pl_trainer_kwargs=SILENT | {"enable_checkpointing": False},
    )

    def fit() -> None:
        model.fit(scaler.fit_transform(series[: task.end]), verbose=False)

    def forecast(cutoff_N: Array) -> Array:
        scaled = scaler.transform(series)
        windows = [scaled[int(row) + 1 - task.lookback : int(row) + 1] for row in cutoff_N]
        ahead = model.predict(task.horizon, series=windows, verbose=False)
        path = TimeSeries.from_values(np.concatenate([one.values() for one in ahead]))
        return scaler.inverse_transform(path).values().reshape(-1, task.horizon)

    return fit, forecast


def neural_lstm(task: Task, season: int, seed: int) -> Peer:
    """neuralforecast's LSTM."""
    return _neural("LSTM", task, seed)


def neural_nhits(task: Task, season: int, seed: int) -> Peer:
    """neuralforecast's NHITS."""
    return _neural("NHITS", task, seed)


PEERS = {peer.__name__: peer for peer in (auto_ets, auto_theta, darts_lstm, neural_lstm, neural_nhits)}


def _carried_forward(model: Any, task: Task) -> Peer:
    """A model of statsforecast: its parameters are those of the training rows, its states go on to each cutoff."""

    def forecast(cutoff_N: Array) -> Array:
        return np.stack([model.forward(task.series_T[: row + 1], task.horizon)["mean"] for row in cutoff_N])

    return lambda: model.fit(task.series_T[: task.end]), forecast


def _neural(name: str, task: Task, seed: int) -> Peer:
    """A model of neuralforecast; each window is a series of its own when it is forecast."""
    import pandas as pd
    import torch
    from neuralforecast import NeuralForecast, models

    torch.set_num_threads(1)
    model = getattr(models, name)(h=task.horizon, input_size=task.lookback, random_seed=seed, **SILENT)
    trainer = NeuralForecast(models=[model], freq=1)

    def table(row_NL: Array) -> Any:
        series_NL = np.repeat(np.arange(len(row_NL)), row_NL.shape[1])
        return pd.DataFrame({"unique_id": series_NL, "ds": row_NL.ravel(), "y": task.series_T[row_NL].ravel()})

    def forecast(cutoff_N: Array) -> Array:
        ahead = trainer.predict(df=table(cutoff_N[:, None] + np.arange(1 - task.lookback, 1)))
        return ahead.sort_values(["unique_id", "ds"])[name].to_numpy().reshape(-1, task.horizon)

    return lambda: trainer.fit(table(np.arange(task.end)[None])), forecast


def run(argv: list[str]) -> None:
    """Fit and forecast as argv says (folder of the task, peer, season, seed, cap, output file).

    The output has the processor seconds of fitting and the forecasts (N, H) of each split. Fitting for more than `cap`
    processor seconds ends the process with SIGXCPU.
    """
    folder, peer, season, seed, cap, output = argv
    task = peer_stopwatch.load(Path(folder))
    fit, forecast = PEERS[peer](task, int(season), int(seed))
    start = time.process_time()
    limits = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(start) + int(cap), limits[1]))
    fit()
    resource.setrlimit(resource.RLIMIT_CPU, limits)
    seconds = time.process_time() - start
    forecasts = {split: forecast(task.cutoff[split]).astype(float).tolist() for split in SPLITS}
    Path(output).write_text(json.dumps({"seconds": seconds, "forecasts": forecasts}))


if __name__ == "__main__":
    run(sys.argv[1:])
