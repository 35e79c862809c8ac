"""The inputs of a model: features named `name:parameter`, and the check that none of them looks ahead."""

from core.features.feature import Feature, Parameter
from core.features.lookahead import check, guard
from core.features.registry import CATALOGUE, available, compute, defaults, families, parse, rows_needed

__all__ = [
    "CATALOGUE",
    "Feature",
    "Parameter",
    "available",
    "check",
    "compute",
    "defaults",
    "families",
    "guard",
    "parse",
    "rows_needed",
]
