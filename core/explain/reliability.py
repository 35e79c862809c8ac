"""How far the explanation of a run can be trusted: jobs beside the pipeline.

Axis letters: N windows, H steps, T rows, F features, M members of an ensemble.
"""

import math
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.datasets import scaling, windows
from core.datasets.windows import Prepared
from core.events import Event, Progress, Stage
from core.explain import explainer, explanation, reliability_types
from core.explain.deletion_insertion import COUNTS, ORDERS, curves
from core.explain.reliability_types import Noise, Spread, Trust
from core.features import registry
from core.spec import Spec
from core.training import retrain
from core.types import Explanation, Run

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

WINDOWS = 32  # behind the curves
BACKGROUNDS = 8
SEEDED = 16  # windows behind the importances of each member
RANKED = 64  # windows behind the rank of noise
NOISE = "column:added noise"


def check(saved: Run) -> Generator[Event, None, Trust]:
    """Shapley values of 32 windows, the deletion and insertion curves along them, and those of each network of an
    ensemble alone. All for the run's first symbol."""
    from core.training.trainer import reopen

    yield Stage(name="explain", text="Taking features away and putting them in, the most important ones first")
    spec = saved.spec
    prepared, net = reopen(saved)
    made = yield from explainer.explain(spec, prepared, net, "permutation", None, None, WINDOWS)
    scene = explainer.scene(spec, prepared, net, WINDOWS, BACKGROUNDS)
    away, put_in = yield from curves(
        scene.predict,
        scene.chosen.x_NLF,
        scene.chosen.known_NHK,
        scene.background.x_NLF,
        scene.background.known_NHK,
        scene.players,
        made.values_NHF.mean(axis=1),
        spec.seed,
    )
    rounds: tuple[Network | Ensemble, ...] = getattr(net, "rounds", tuple)()
    alone: list[Explanation] = []
    for member, one in enumerate(rounds if len(rounds) > 1 else ()):
        yield Progress(done=member, total=len(rounds))
        alone.append((yield from explainer.explain(spec, prepared, one, "permutation", None, None, SEEDED)))
    value_MF = np.array([np.abs(each.values_NHF).mean(axis=(0, 1)) for each in alone])
    stability, same = reliability_types.stable(value_MF) if alone else (math.nan, 0)
    families = registry.families(spec.features)
    return Trust(
        additivity_error=made.additivity_error,
        deletion=away,
        insertion=put_in,
        members=max(1, len(alone)),
        stability=stability,
        same_first=same,
        spread=Spread(
            steps=made.steps,
            features=reliability_types.spread(alone),
            families=reliability_types.spread([explanation.grouped(each, families) for each in alone]),
        ),
    )


def noise(saved: Run) -> Generator[Event, None, Noise]:
    """Train the recipe again, same windows and seed, with one more feature of pure noise, and explain 64 windows of it.

    The noise is standard normal, independent of everything and scaled as the features are (the random probe of
    Stoppiglia, Dreyfus, Dubois & Oussar 2003). For the run's first symbol. Raises TrainError.
    """
    yield Stage(name="train", text="Training again with a feature of pure noise")
    name = NOISE
    while name in saved.spec.features:
        name += "'"
    spec = replace(saved.spec, features=(*saved.spec.features, name))
    prepared = _with_noise(spec, windows.again(saved))
    net = yield from retrain.train(spec, prepared)
    yield Stage(name="explain", text="Sharing the forecasts out among the features and the noise")
    made = yield from explainer.explain(spec, prepared, net, "permutation", None, None, RANKED)
    found = made.importance
    own = found.pop(name)
    return Noise(features=tuple(found), values=tuple(found.values()), noise=own)


def seconds(saved: Run) -> float | None:
    """About how long `check` takes, from what the run's own explanation took for each forecast; None without one."""
    made, count = saved.explanation, len(saved.spec.features)
    if made is None or made.method != "permutation":
        return None
    chains = explainer.BACKGROUNDS * max(1, count - 1)  # forecasts behind one window's Shapley values
    points = min(count + 1, COUNTS) * 2 * (1 + ORDERS) * BACKGROUNDS
    members = SEEDED if saved.spec.train.ensemble > 1 else 0  # windows; each network takes its share of the time of all
    asked = (WINDOWS + members) * chains + WINDOWS * points
    return made.seconds * asked / (len(made.symbol_N) * chains)


def _with_noise(spec: Spec, prepared: Prepared) -> Prepared:
    """The same windows with the last feature of `spec` beside the others: a draw of noise from its seed."""
    train = prepared.splits.train
    rows, symbols = train.rows, len(train.rows.symbols)
    noise_T1 = np.random.default_rng(spec.seed).normal(size=(len(rows.time_T), 1))
    seen_T = np.zeros(len(rows.time_T), dtype=bool)
    seen_T[train.cutoff_row_N] = True
    fitted = scaling.fit(noise_T1, rows.symbol_T, seen_T, symbols, spec.window.scaling)
    x_TF = np.concatenate([rows.x_TF, fitted.apply(noise_T1, rows.symbol_T, np.float32)], axis=1)
    made = retrain.on(prepared, replace(rows, x_TF=x_TF, features=spec.features))
    return replace(made, raw_TF=np.concatenate([prepared.raw_TF, noise_T1], axis=1))
