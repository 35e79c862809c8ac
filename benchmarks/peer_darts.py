"""Trains darts' BlockRNNModel on a task of benchmarks.peers; runs in the interpreter of requirements-bench.txt."""

import sys
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from darts import TimeSeries
from darts.models import BlockRNNModel

from benchmarks import peer_watch
from benchmarks.peer_watch import BATCH, Array, Watch


def train(watch: Watch, settings: dict[str, Any], seed: int) -> None:
    """Learn with darts' own loop. Settings: lr, batch, dropout, instance (reversible instance norm)."""
    torch.set_num_threads(1)
    task = watch.task
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
            "callbacks": [_Look(watch)],
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


class _Look(pl.Callback):
    """Looks after every epoch; the clock begins at the first step."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def on_train_start(self, trainer: pl.Trainer, module: Any) -> None:
        self.watch.start()

    def on_train_epoch_end(self, trainer: pl.Trainer, module: Any) -> None:
        module.eval()
        self.watch.look(lambda part: _forecast(self.watch, module, part))
        module.train()
        trainer.should_stop = self.watch.over


@torch.inference_mode()
def _forecast(watch: Watch, module: Any, part: str) -> Array:
    task = watch.task
    x_NLF = np.concatenate([task.windows(part, task.series_T[:, None]), task.windows(part, task.past_TF)], axis=2)
    made = [module((x, None, None))[:, :, 0, 0] for x in torch.from_numpy(x_NLF.astype(np.float32)).split(BATCH)]
    return torch.cat(made).numpy()


if __name__ == "__main__":
    peer_watch.run(train, sys.argv[1:])
