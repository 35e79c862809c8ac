"""The recipe of a run: its fields, the rules that they obey together, and its presets."""

from core.spec.convert import assign, from_dict, paths, to_dict, with_values
from core.spec.parts import (
    MEAN,
    MEDIAN,
    PARTS,
    PLAN,
    QUANTILES,
    Bands,
    Baselines,
    Data,
    Model,
    Split,
    Target,
    Train,
    Window,
)
from core.spec.schema import Spec, canonical

__all__ = [
    "MEAN",
    "MEDIAN",
    "PARTS",
    "PLAN",
    "QUANTILES",
    "Bands",
    "Baselines",
    "Data",
    "Model",
    "Spec",
    "Split",
    "Target",
    "Train",
    "Window",
    "assign",
    "canonical",
    "from_dict",
    "paths",
    "to_dict",
    "with_values",
]
