"""Checks how reliable the explanation of a run is: deletion and insertion curves, seed stability, and a noise probe.

Axis letters: N windows, H steps, T rows, F features, M members of an ensemble, K networks, D draws of noise, C columns
(steps and their mean).
"""

import math
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.datasets import scaling, windows
from core.datasets.windows import Prepared
from core.events import Event, Progress, Stage
from core.explain import explainer, importance
from core.explain.deletion_insertion import MAX_POINTS, RANDOM_ORDERS, Curve, compute_curves
from core.explain.explanation import sum_by_group
from core.explain.inputs import select_windows
from core.features import registry
from core.language import message
from core.spec import Spec
from core.training import retrain
from core.types import Explanation, Floats, Run

if TYPE_CHECKING:
    pass

WINDOWS = 32  # behind the curves
BACKGROUNDS = 8
MEMBER_WINDOWS = 16  # behind the importance of each member
PROBE_WINDOWS = 32  # behind the ranks of noise in each network
TRAININGS, DRAWS = 3, 3  # networks, and features of noise in each: nine ranks for the time of three trainings
PROBE = "column:added noise"  # the names of the added features, before their numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Standard deviation of importances over the members of an ensemble, target units: a feature or family → one
    number per step of `steps`, and last that of the mean over steps. Empty for a single network."""

    steps: tuple[int, ...]
    features: dict[str, tuple[float, ...]]
    families: dict[str, tuple[float, ...]]

    def at(self, step: int | None, by_family: bool = False) -> dict[str, float]:
        """The spread at a step ahead, or of the mean over all steps; NaN for a step that was not explained."""
        spread = self.families if by_family else self.features
        position = -1 if step is None else self.steps.index(step) if step in self.steps else None
        return {name: math.nan if position is None else values[position] for name, values in spread.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Checks of one explanation; `additivity_error` in standard deviations of the forecast.

    `stability` is the mean rank correlation between the importances of the members of an ensemble, NaN for a single
    network; `same_first` of `members` networks put the same feature first.
    """

    additivity_error: float
    deletion: Curve
    insertion: Curve
    members: int
    stability: float
    same_first: int
    spread: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseProbe:
    """The importance of each feature, largest first, and that of features of pure noise added to the recipe and
    retrained with it, each a mean over all trainings; target units.

    `rank_D` is the rank of each draw of noise among the features and itself, from 1, within its own network, and
    `exceeded` the share of the draws that move the forecast at least as much as the feature. Both are empty for probes
    of older versions, which have one draw.
    """

    features: tuple[str, ...]
    values: tuple[float, ...]
    noise: float
    rank_D: tuple[int, ...] = ()
    exceeded: tuple[float, ...] = ()

    @property
    def shares(self) -> dict[str, float]:
        """For each feature the share of the draws that move the forecast at least as much."""
        shares = self.exceeded or tuple(float(value <= self.noise) for value in self.values)
        return dict(zip(self.features, shares, strict=True))

    @property
    def below(self) -> tuple[str, ...]:
        """The features that move the forecast no more than at least half of the draws do."""
        return tuple(name for name, share in self.shares.items() if share >= 0.5)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The features that move the forecast more than most of the draws, but not than all of them."""
        return tuple(name for name, share in self.shares.items() if 0 < share < 0.5)

    @property
    def rank(self) -> int:
        """The median rank of the draws."""
        return int(np.median(self.rank_D)) if self.rank_D else 1 + len(self.features) - len(self.below)


def compute(run: Run) -> Generator[Event, None, Reliability]:
    """Shapley values of 32 windows, the deletion and insertion curves along them, and the importances of each member of
    an ensemble, all for the run's first symbol; yields Stage and Progress."""
    from core.training.trainer import reopen

    yield Stage(name="explain", text=message("Removing and inserting features, the most important ones first"))
    spec = run.spec
    prepared, net = reopen(run)
    explanation = yield from explainer.explain(spec, prepared, net, "permutation", None, None, WINDOWS)
    inputs = select_windows(spec, prepared, net, WINDOWS, BACKGROUNDS)
    deletion, insertion = yield from compute_curves(
        inputs.predict, *inputs.arrays, inputs.players(), explanation.values_NHF.mean(axis=1), spec.seed
    )
    members = net.rounds()
    by_member: list[Explanation] = []
    for done, member in enumerate(members if len(members) > 1 else ()):
        yield Progress(done=done, total=len(members))
        by_member.append(
            (yield from explainer.explain(spec, prepared, member, "permutation", None, None, MEMBER_WINDOWS))
        )
    value_MF = np.array([np.abs(each.values_NHF).mean(axis=(0, 1)) for each in by_member])
    stability, same_first = seed_stability(value_MF) if by_member else (math.nan, 0)
    families = registry.families(spec.features)
    return Reliability(
        additivity_error=explanation.additivity_error,
        deletion=deletion,
        insertion=insertion,
        members=max(1, len(by_member)),
        stability=stability,
        same_first=same_first,
        spread=Spread(
            steps=explanation.steps,
            features=importance_spread(by_member),
            families=importance_spread([sum_by_group(each, families) for each in by_member]),
        ),
    )


def compute_noise_probe(run: Run) -> Generator[Event, None, NoiseProbe]:
    """Retrain the recipe three times on the same windows, with seeds of their own and three added features of pure
    noise each, and explain 32 windows of its first symbol; yields Stage and Progress.

    The noise is standard normal, independent of everything and scaled like the features (the random probe of
    Stoppiglia, Dreyfus, Dubois & Oussar 2003). Raises TrainError.
    """
    plain = windows.prepare_saved(run)
    value_KF = []
    for done in range(TRAININGS):
        about = message("Retraining with features of pure noise, {number} of {count}", number=done + 1, count=TRAININGS)
        yield Stage(name="train", text=about)
        spec = replace(run.spec, features=_with_noise(run.spec.features), seed=run.spec.seed + done)
        prepared = _add_noise(spec, plain)
        net = yield from retrain.retrain(spec, prepared, done, TRAININGS)
        yield Stage(name="explain", text=message("Attributing the forecasts to the features and the noise"))
        explanation = yield from explainer.explain(spec, prepared, net, "permutation", None, None, PROBE_WINDOWS)
        value_KF.append(np.abs(explanation.values_NHF).mean(axis=(0, 1)))
    return rank_noise(np.array(value_KF), run.spec.features)


def rank_noise(value_KF: Floats, features: tuple[str, ...]) -> NoiseProbe:
    """The probe from the importances in each of K networks: those of the features, then those of the draws of noise."""
    own_KF, noise_KD = value_KF[:, : len(features)], value_KF[:, len(features) :]
    more_KDF = own_KF[:, None, :] > noise_KD[:, :, None]
    mean_F = own_KF.mean(axis=0)
    order = np.argsort(-mean_F, kind="stable")
    return NoiseProbe(
        features=tuple(features[f] for f in order),
        values=tuple(mean_F[order].tolist()),
        noise=float(noise_KD.mean()),
        rank_D=tuple((1 + more_KDF.sum(axis=2)).ravel().tolist()),
        exceeded=tuple((~more_KDF).mean(axis=(0, 1))[order].tolist()),
    )


def estimate_seconds(run: Run) -> float | None:
    """Roughly how long `compute` takes, from the seconds per forecast of the run's explanation; None without one."""
    explanation, count = run.explanation, len(run.spec.features)
    if explanation is None or explanation.method != "permutation":
        return None
    chains = explainer.BACKGROUNDS * max(1, count - 1)  # forecasts behind the Shapley values of one window
    points = min(count + 1, MAX_POINTS) * 2 * (1 + RANDOM_ORDERS) * BACKGROUNDS
    members = MEMBER_WINDOWS if run.spec.train.ensemble > 1 else 0  # each member takes its share of the whole's time
    forecasts = (WINDOWS + members) * chains + WINDOWS * points
    return explanation.seconds * forecasts / (len(explanation.symbol_N) * chains)


def seed_stability(value_MF: Floats) -> tuple[float, int]:
    """Mean rank correlation between the members' importances, NaN if they rank nothing, and how many members share the
    most common first feature."""
    pairs = importance.spearman(value_MF)[np.triu_indices(len(value_MF), 1)]
    finite = pairs[np.isfinite(pairs)]
    first_counts = np.bincount(np.argmax(value_MF, axis=1))
    return float(finite.mean()) if len(finite) else math.nan, int(first_counts.max())


def importance_spread(by_member: list[Explanation]) -> dict[str, tuple[float, ...]]:
    """The numbers of a `Spread` from the explanation of each member: feature → standard deviations of its importance.
    Empty without members."""
    if not by_member:
        return {}
    value_MHF = np.array([np.abs(each.values_NHF).mean(axis=0) for each in by_member])
    value_MCF = np.concatenate([value_MHF, value_MHF.mean(axis=1, keepdims=True)], axis=1)
    return dict(zip(by_member[0].features, map(tuple, value_MCF.std(axis=0, ddof=1).T.tolist()), strict=True))


def _with_noise(features: tuple[str, ...]) -> tuple[str, ...]:
    """The features and those of noise, under names that none of them has."""
    name = PROBE
    while any(feature.startswith(name) for feature in features):
        name += "'"
    return (*features, *(f"{name} {draw}" for draw in range(1, DRAWS + 1)))


def _add_noise(spec: Spec, prepared: Prepared) -> Prepared:
    """The same windows with the last features of `spec` appended: noise drawn with its seed."""
    train = prepared.splits.train
    rows, symbols = train.rows, len(train.rows.symbols)
    noise_TD = np.random.default_rng(spec.seed).normal(size=(len(rows.time_T), DRAWS))
    train_T = np.zeros(len(rows.time_T), dtype=bool)
    train_T[train.cutoff_row_N] = True
    scaler = scaling.fit(noise_TD, rows.symbol_T, train_T, symbols, spec.window.scaling)
    x_TF = np.concatenate([rows.x_TF, scaler.apply(noise_TD, rows.symbol_T, np.float32)], axis=1)
    extended = retrain.with_rows(prepared, replace(rows, x_TF=x_TF, features=spec.features))
    return replace(extended, raw_TF=np.concatenate([prepared.raw_TF, noise_TD], axis=1))
