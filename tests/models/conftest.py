"""Small networks of every kind, and random windows for them."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from core.models import registry
from core.models.kinds import MODELS
from core.models.network import Network
from core.spec import Spec

ROWS, STEPS = 8, 3


@pytest.fixture(scope="session")
def make(recipe: Callable[..., Spec]) -> Callable[..., Network]:
    """Builds untrained networks for windows of 8 rows of five inputs, one of them known, that forecast three steps."""

    def build(
        kind: str = "lstm",
        *,
        binary: bool = False,
        symbols: int = 1,
        features: int = 5,
        known: int = 1,
        steps: int = STEPS,
        seed: int = 0,
        inputs: list[str] | None = None,
        **values: Any,
    ) -> Network:
        names = inputs or [f"column:{c}" for c in "yabcdefgh"[:features]]
        settings = {
            "model__hidden": 16,
            "model__segment": 3,
            "target__kind": "column",
            "target__column": "y",
            "target__horizon": steps,
            "features": names,
            "window__lookback": ROWS,
            "train__supervision": "auto",
        }
        spec = recipe(**settings | {"model__kind": kind} | values)
        return registry.build(
            spec, features=features, known=known, steps=steps, binary=binary, seed=seed, symbols=symbols
        )

    return build


@pytest.fixture(scope="session")
def windows() -> Callable[..., tuple[Tensor, Tensor]]:
    """Draws (x_BTF, known_BSHK) of random windows with one cutoff each."""

    def draw(
        count: int, rows: int = ROWS, features: int = 5, known: int = 1, steps: int = STEPS, seed: int = 0
    ) -> tuple[Tensor, Tensor]:
        source = torch.Generator().manual_seed(seed)
        return (
            torch.randn(count, rows, features, generator=source),
            torch.randn(count, 1, steps, known, generator=source),
        )

    return draw


# The settings of one network per kind, and per setting that changes how rows are read.
VARIANTS: dict[str, dict[str, Any]] = {kind: {"kind": kind} for kind in MODELS} | {
    "lstm-both": {"kind": "lstm", "model__bidirectional": True},
    "gru-both-mean": {"kind": "gru", "model__bidirectional": True, "model__pooling": "mean"},
    "lstm-mean": {"kind": "lstm", "model__pooling": "mean"},
    "lstm-attention": {"kind": "lstm", "model__pooling": "attention"},
    "lstm-layer-residual": {"kind": "lstm", "model__norm_layer": "layer", "model__residual": True, "model__layers": 3},
    "gru-batch": {"kind": "gru", "model__norm_layer": "batch", "model__layers": 2},
    "rnn-both-residual": {"kind": "rnn", "model__bidirectional": True, "model__residual": True, "model__layers": 2},
    "lstm-reversible": {"kind": "lstm", "model__norm": "reversible"},
    "transformer-mean": {"kind": "transformer", "model__pooling": "mean", "model__layers": 2},
    "transformer-attention": {"kind": "transformer", "model__pooling": "attention"},
    "slstm-two": {"kind": "slstm", "model__layers": 2},
    "slstm-both-residual": {"kind": "slstm", "model__bidirectional": True, "model__residual": True, "model__layers": 2},
    "tft-reversible": {"kind": "tft", "model__norm": "reversible"},
    "segment-two": {"kind": "segment", "model__layers": 2, "model__segment": 2},
    "segment-reversible": {"kind": "segment", "model__norm": "reversible"},
    "nlinear-reversible": {"kind": "nlinear", "model__norm": "reversible"},
    "nlinear-none": {"kind": "nlinear", "model__norm": "none"},
}


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The settings of one network; the test runs for every variant."""
    return VARIANTS[request.param]
