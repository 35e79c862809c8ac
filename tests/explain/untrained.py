"""Runs whose networks keep their initial weights, for tests that need a model of some shape but no training."""

from dataclasses import replace
from typing import Any

import pandas as pd

from core.data import frame as frames
from core.datasets import windows
from core.models.ensemble import Ensemble
from core.training import trainer
from core.types import Run


def untrained(finished: Run, recipe: Any, frame: pd.DataFrame, **values: Any) -> Run:
    """`finished` with another recipe and frame, and the networks of that recipe before training."""
    spec = windows.resolve(recipe(**values), frame)
    symbols = len(frames.symbols(frame))
    per_member = symbols if spec.model.symbols == "separate" else 1
    embedded = symbols if spec.model.symbols == "embedded" else None
    networks = [trainer.build_untrained(spec, seed, embedded) for seed in range(per_member * spec.train.ensemble)]
    net = networks[0] if len(networks) == 1 else Ensemble(networks, per_member)
    prepared = windows.prepare(spec, frame)
    others = {name: values for name, values in finished.state.items() if name[:2] not in ("x_", "y_")}
    return replace(
        finished,
        spec=spec,
        frame=frame,
        weights={name: value.numpy() for name, value in net.state_dict().items()},
        state=prepared.x_scaler.state("x") | prepared.y_scaler.state("y") | others,
    )
