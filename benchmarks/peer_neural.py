"""Trains neuralforecast's LSTM on a task of benchmarks.peers; runs in the interpreter of requirements-bench.txt."""

import math
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytorch_lightning as pl
import torch
from neuralforecast import NeuralForecast
from neuralforecast.losses.pytorch import MSE
from neuralforecast.models import LSTM

from benchmarks import peer_stopwatch
from benchmarks.peer_stopwatch import BATCH, Array, Stopwatch, Task


def train(stopwatch: Stopwatch, settings: dict[str, Any], seed: int) -> None:
    """Train with neuralforecast's own loop. Settings: lr, batch, dropout, scaler, recurrent.

    It forecasts from the first step after the cutoff. If the target starts later, the steps before it have weight 0 in
    the loss.
    """
    torch.set_num_threads(1)
    task = stopwatch.task
    steps = task.shift + task.horizon
    names = [f"x{i}" for i in range(task.past_TF.shape[1])]
    weight = torch.tensor([0.0] * task.shift + [1.0] * task.horizon) if task.shift else None
    windows = task.end - task.lookback - steps + 1
    model = LSTM(
        h=steps,
        input_size=task.lookback,
        encoder_n_layers=2,
        encoder_hidden_size=64,
        decoder_layers=1,
        encoder_dropout=settings.get("dropout", 0.0),
        hist_exog_list=names or None,
        loss=MSE(horizon_weight=weight),
        recurrent=settings.get("recurrent", False),
        h_train=settings.get("h_train", 1),
        max_steps=1_000_000,
        learning_rate=settings["lr"],
        windows_batch_size=settings["batch"],
        scaler_type=settings["scaler"],
        training_data_availability_threshold=1.0,
        random_seed=seed,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        gradient_clip_val=settings.get("clip"),
        callbacks=[_Validate(stopwatch, math.ceil(windows / settings["batch"]))],
    )
    table = pd.DataFrame({"unique_id": "series", "ds": np.arange(task.end), "y": task.series_T[: task.end]})
    table[names] = task.past_TF[: task.end]
    NeuralForecast(models=[model], freq=1).fit(table.astype({"y": np.float32} | dict.fromkeys(names, np.float32)))


class _Validate(pl.Callback):
    """Validates after as many steps as make one pass over the windows; the stopwatch starts at the first step."""

    def __init__(self, stopwatch: Stopwatch, steps: int) -> None:
        self.stopwatch, self.steps = stopwatch, steps

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Validate":
        # Models are copied before they are trained, and the validation passes would be recorded in the copy.
        return self

    def on_train_start(self, trainer: pl.Trainer, module: Any) -> None:
        self.stopwatch.start()

    def on_train_batch_end(self, trainer: pl.Trainer, module: Any, *_: Any) -> None:
        if trainer.global_step % self.steps:
            return
        module.eval()
        self.stopwatch.validate(lambda split: _forecast(self.stopwatch.task, module, split))
        module.train()
        trainer.should_stop = self.stopwatch.over


@torch.inference_mode()
def _forecast(task: Task, module: Any, split: str) -> Array:
    """Forecasts (N, H) of the windows of a split by the model's own scaler, network and inverse scaler."""
    columns = pd.Index(["y", *module.hist_exog_list, "available_mask"])
    values_TC = np.column_stack([task.series_T, task.past_TF, np.ones(len(task.series_T))]).astype(np.float32)
    x_NLC = torch.from_numpy(task.windows(split, values_TC))
    forecasts, steps = [], task.shift + task.horizon
    for x in x_NLC.split(BATCH):
        temporal = torch.cat([x, x.new_zeros(len(x), steps, x.shape[2])], dim=1)[..., None]
        windows = {"temporal": temporal, "temporal_cols": columns, "static": None, "static_cols": None}
        windows = module._normalization(windows=windows, y_idx=0)
        y, mask, _, _, past, known, static = module._parse_windows({"y_idx": 0}, windows)
        predict = module._predict_step_recurrent_batch if module.RECURRENT else module._predict_step_direct_batch
        forecasts.append(
            predict(
                insample_y=y, insample_mask=mask, futr_exog=known, hist_exog=past, stat_exog=static, y_idx=0
            ).reshape(len(x), steps)[:, task.shift :]
        )
    return torch.cat(forecasts).numpy()


if __name__ == "__main__":
    peer_stopwatch.run(train, sys.argv[1:])
