"""Builds the network of a recipe, and reads from saved weights how many networks and symbols they belong to."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.models import heads
from core.models.chunks import supports_every_step
from core.models.kinds import MODELS, ModelKind
from core.models.memory import count_parameters, embedding_size, estimate_memory, has_plans
from core.spec import Spec
from core.spec.registries import TARGETS, registry

if TYPE_CHECKING:
    from core.models.network import Network

MIXTURE = "mixture."  # begins the names of its weights in a network

__all__ = [
    "MODELS",
    "ModelKind",
    "alone",
    "build",
    "count_networks",
    "count_parameters",
    "count_symbols",
    "estimate_memory",
    "shares",
    "skips",
    "split_weights",
    "without_mixture",
]


def build(
    spec: Spec, *, features: int, known: int, steps: int, binary: bool, seed: int, symbols: int | None = None
) -> "Network":
    """The untrained network of a resolved recipe; its weights depend on the seed alone.

    `symbols` is how many there are (None: as many as the recipe names); it matters only if symbols are embedded.
    """
    import torch

    from core.models.network import Network

    m, kind = spec.model, MODELS[spec.model.kind]
    count, embedding = len(spec.data.symbols) if symbols is None else symbols, embedding_size(spec, symbols)
    reversible = m.norm == "reversible"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Network(
            kind.build(spec, features=features + (embedding if kind.embeds_rows else 0), steps=steps),
            kind=m.kind,
            known=known,
            steps=steps,
            groups=kind.groups(m, steps),
            head=heads.head_of(m, binary),
            dropout=m.dropout if "dropout" in kind.fields else 0.0,
            embedding=(count, embedding) if embedding else None,
            embeds_rows=kind.embeds_rows,
            reversible=reversible,
            target_input=spec.features.index(f"column:{spec.target.column}") if reversible else 0,
            anchored=_anchored(spec) if kind.anchors_columns else (),
            every_step=supports_every_step(spec),
            short_windows=kind.takes_short_windows,
            has_plans=has_plans(spec),
        )


def count_symbols(weights: Mapping[str, Any]) -> int | None:
    """How many symbols the weights of a network distinguish; None if they are not embedded."""
    return len(weights["embedding.weight"]) if "embedding.weight" in weights else None


def count_networks(weights: Mapping[str, Any]) -> int:
    """How many networks the weights belong to: the members of an ensemble, or one."""
    return len({name.split(".")[1] for name in weights if name.startswith("members.")}) or 1


def split_weights(weights: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The weights of the network itself, and those of its mixture with linear models, named as in the mixture; none if
    it has no mixture."""
    own = without_mixture(weights)
    return own, {name.removeprefix(MIXTURE): weights[name] for name in weights.keys() - own.keys()}


def without_mixture(weights: Mapping[str, Any]) -> dict[str, Any]:
    """The weights of networks, or of an ensemble of them, without their linear parts."""
    return {name: value for name, value in weights.items() if f".{MIXTURE}" not in f".{name}"}


def alone(weights: Mapping[str, Any]) -> dict[str, Any]:
    """The weights of networks, or of an ensemble of them, that are combined with nothing. The linear forecast whose
    errors a network learned is a part of it and stays."""
    return {
        name: value * 0 + float(name.endswith(f"{MIXTURE}share")) if _is(name, "share") else value
        for name, value in weights.items()
    }


def shares(weights: Mapping[str, Any]) -> dict[str, float]:
    """The share of the network in a forecast, and of each linear model by the name of its baseline, as means over the
    networks of a run; empty if the network answers alone."""
    networks, total = [name for name in weights if name.endswith(f"{MIXTURE}share")], {"network": 0.0}
    for name in filter(lambda name: _is(name, "share"), weights):
        source = "network" if name in networks else name.split(".")[-2]
        total[source] = total.get(source, 0.0) + float(weights[name]) / len(networks)
    return total if networks else {}


def skips(weights: Mapping[str, Any]) -> dict[str, float]:
    """The shares of linear models in the forecast whose errors the networks of a run learned, as means over these;
    empty if they learned all by themselves."""
    count, total = sum(name.endswith(f"{MIXTURE}share") for name in weights), dict[str, float]()
    for name in filter(lambda name: _is(name, "skip"), weights):
        if value := float(weights[name]):
            total[name.split(".")[-2]] = total.get(name.split(".")[-2], 0.0) + value / count
    return total


def _is(name: str, buffer: str) -> bool:
    """Whether this is the name of a buffer of a mixture or of its maps."""
    return f".{MIXTURE}" in f".{name}" and name.endswith(f".{buffer}")


def _anchored(spec: Spec) -> tuple[int, ...]:
    """The inputs to measure from their last value: raw columns, if the target is a level whose change is learned."""
    if spec.model.norm not in ("last", "auto") or not registry(TARGETS)[spec.target.kind].level:
        return ()
    return tuple(i for i, name in enumerate(spec.features) if name.startswith("column:") and "|" not in name)
