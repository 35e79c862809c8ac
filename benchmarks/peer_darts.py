"""Trains darts' BlockRNNModel on a task of benchmarks.peers; runs in the interpreter of requirements-bench.txt."""

import sys
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from darts import TimeSeries
from darts.models import BlockRNNModel

from benchmarks import peer_stopwatch
from benchmarks.peer_stopwatch import BATCH, Array, Stopwatch, Task


def train(stopwatch: Stopwatch, settings: dict[str, Any], seed: int) -> None:
    """Train with darts' own loop. Settings: lr, batch, dropout, instance (reversible instance norm)."""
    torch.set_num_threads(1)
    task = stopwatch.task
    model = BlockRNNModel(
        input_chunk_length=task.lookback,
        output_chunk_length=task.horizon,
        output_chunk_shift=task.shift,
        model="LSTM",
        hidden_dim=64,
        n_rnn_layers=2,
        dropout=settings.get("dropout", 0.0),
        batch_size=settings["batch"],
        n_epochs=10_000,
        optimizer_kwargs={"lr": settings["lr"]},
        random_state=seed,
        use_reversible_instance_norm=settings.get("instance", False),
        pl_trainer_kwargs={
            "accelerator": "cpu",
            "callbacks": [_Validate(stopwatch)],
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "logger": False,
            "enable_checkpointing": False,
            "gradient_clip_val": settings.get("clip"),
        },
    )
    series = TimeSeries.from_values(task.series_T[: task.end].astype(np.float32))
    past = TimeSeries.from_values(task.past_TF[: task.end].astype(np.float32)) if task.past_TF.shape[1] else None
    model.fit(series, past_covariates=past, verbose=False)


class _Validate(pl.Callback):
    """Validates after every epoch; the stopwatch starts at the first step."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        self.stopwatch = stopwatch

    def on_train_start(self, trainer: pl.Trainer, module: Any) -> None:
        self.stopwatch.start()

    def on_train_epoch_end(self, trainer: pl.Trainer, module: Any) -> None:
        module.eval()
        self.stopwatch.validate(lambda split: _forecast(self.stopwatch.task, module, split))
        module.train()
        trainer.should_stop = self.stopwatch.over


@torch.inference_mode()
def _forecast(task: Task, module: Any, split: str) -> Array:
    """Forecasts (N, H) of the windows of a split."""
    x_NLF = np.concatenate([task.windows(split, task.series_T[:, None]), task.windows(split, task.past_TF)], axis=2)
    batches = torch.from_numpy(x_NLF.astype(np.float32)).split(BATCH)
    return torch.cat([module((x, None, None))[:, :, 0, 0] for x in batches]).numpy()


if __name__ == "__main__":
    peer_stopwatch.run(train, sys.argv[1:])
