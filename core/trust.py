"""How far the explanation of a run can be trusted: a job beside the pipeline, and its result as plain values.

Axis letters: N windows, H steps, F features, M members of an ensemble.
"""

import math
from collections.abc import Generator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core import interpret
from core.events import Event, Progress, Stage
from core.explain import importance, shapley
from core.explain.deletion import Deletion, deletion
from core.prepare import windows
from core.records import Floats, Run

if TYPE_CHECKING:
    from core.models.committee import Committee
    from core.models.network import Network

WINDOWS = 32  # behind the deletion curve
BACKGROUNDS = 8
SEEDED = 16  # windows behind the importances of each member


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Checks of one explanation; `additivity_error` in standard deviations of the forecast.

    `stability` is the mean rank correlation between the importances of the networks of an ensemble, NaN for one alone;
    `same_first` of `members` networks put the same feature first.
    """

    additivity_error: float
    deletion: Deletion
    members: int
    stability: float
    same_first: int


def check(saved: Run) -> Generator[Event, None, Trust]:
    """Shapley values of 32 windows, the deletion curve along them, and those of each network of an ensemble alone.

    All for the run's first symbol. The rank of an added noise feature is not among them: it would take a training.
    """
    from core.train import loop

    yield Stage(name="explain", text="Taking features away, the most important ones first")
    spec = saved.spec
    prepared = windows.again(saved)
    net = loop.restore(spec, saved.weights, len(prepared.splits.test.rows.symbols))
    made = yield from interpret.explain(spec, prepared, net, "permutation", None, None, WINDOWS)
    scene = interpret.scene(spec, prepared, net, WINDOWS, BACKGROUNDS)
    rows = scene.chosen.rows
    players = tuple(shapley.Player(name=name, past=(f,), known=(rows.known.index(name),) if name in rows.known else ())
                    for f, name in enumerate(rows.features))
    curve = yield from deletion(scene.predict, scene.chosen.x_NLF, scene.chosen.known_NHK, scene.background.x_NLF,
                                scene.background.known_NHK, players, made.values_NHF.mean(axis=1), spec.seed)
    rounds: tuple[Network | Committee, ...] = getattr(net, "rounds", tuple)()
    value_MF = []
    for member, alone in enumerate(rounds if len(rounds) > 1 else ()):
        yield Progress(done=member, total=len(rounds))
        seen = yield from interpret.explain(spec, prepared, alone, "permutation", None, None, SEEDED)
        value_MF.append(np.abs(seen.values_NHF).mean(axis=(0, 1)))
    stability, same = stable(np.array(value_MF)) if value_MF else (math.nan, 0)
    return Trust(additivity_error=made.additivity_error, deletion=curve, members=max(1, len(value_MF)),
                 stability=stability, same_first=same)


def stable(value_MF: Floats) -> tuple[float, int]:
    """Mean rank correlation between the members, NaN where they rank nothing, and how many share the commonest first
    feature."""
    pairs = importance.spearman(value_MF)[np.triu_indices(len(value_MF), 1)]
    known = pairs[np.isfinite(pairs)]
    firsts = np.bincount(np.argmax(value_MF, axis=1))
    return float(known.mean()) if len(known) else math.nan, int(firsts.max())


def to_values(trust: Trust) -> dict[str, Any]:
    """Plain values for JSON."""
    return asdict(trust)


def from_values(values: dict[str, Any]) -> Trust:
    """What `to_values` took apart; a null is NaN."""
    curve = Deletion(**{name: tuple(points) for name, points in values["deletion"].items()})
    numbers = {name: math.nan if values[name] is None else values[name] for name in ("additivity_error", "stability")}
    return Trust(**(values | numbers | {"deletion": curve}))
