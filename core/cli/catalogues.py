"""Lists of what there is, one for each registry: name, title, a text, and what else tells them apart."""

import dataclasses
from typing import Any

from core.baselines.registry import BASELINES
from core.data.sources.registry import SOURCES
from core.data.sources.samples import SAMPLES
from core.datasets.targets import TARGETS
from core.features.registry import CATALOGUE
from core.intervals.methods import METHODS
from core.models.kinds import MODELS


def features() -> list[dict[str, Any]]:
    return [
        {
            "name": f.name,
            "title": f.title,
            "family": f.family,
            "kind": f.kind,
            "parameter": f.parameter if isinstance(f.parameter, str | None) else dataclasses.asdict(f.parameter),
            "needs": list(f.needs),
            "text": f.text,
        }
        for f in CATALOGUE.values()
    ]


def models() -> list[dict[str, Any]]:
    return [dataclasses.asdict(kind) for kind in MODELS.values()]


def targets() -> list[dict[str, Any]]:
    return [
        {"name": k.name, "title": k.title, "formula": k.formula, "unit": k.unit, "text": k.formula}
        for k in TARGETS.values()
    ]


def baselines() -> list[dict[str, Any]]:
    return [
        {"name": b.name, "title": b.title, "naive": b.naive, "slow": b.slow, "text": b.equation or b.phrase}
        for b in BASELINES.values()
    ]


def intervals() -> list[dict[str, Any]]:
    return [
        {"name": m.name, "title": m.title, "joint": m.calibrated, "head": m.head, "text": m.description}
        for m in METHODS.values()
    ]


def sources() -> list[dict[str, Any]]:
    return [
        {"name": s.name, "title": s.title, "covariates": s.load_covariate is not None, "text": s.title}
        for s in SOURCES.values()
    ]


def samples() -> list[dict[str, Any]]:
    return [sample.describe() for sample in SAMPLES.values()]


CATALOGUES = {
    "features": features,
    "models": models,
    "targets": targets,
    "baselines": baselines,
    "intervals": intervals,
    "sources": sources,
    "samples": samples,
}
