"""Lists of what there is: features, models, targets, bundled samples."""

import dataclasses
from typing import Any

from core.data.sources.samples import SAMPLES
from core.datasets.targets import TARGETS as TARGETS
from core.features.registry import CATALOGUE
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


def samples() -> list[dict[str, Any]]:
    return [dataclasses.asdict(sample) for sample in SAMPLES.values()]


CATALOGUES = {"features": features, "models": models, "targets": targets, "samples": samples}
