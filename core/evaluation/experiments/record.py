"""A try: what one training asked, with which recipe, and how its forecasts did cutoff by cutoff on the test part.

Axis letters: N forecasts (a symbol's cutoff each), T sessions, K tries.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core import spec as specs
from core.datasets.targets import TARGETS, TargetKind, kind_of
from core.evaluation.trading import positions
from core.forecasting.table import Matrix, matrix
from core.types import Floats, Ints, Run, Times

PARTS = 4  # of a recipe that a label names


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One look of one recipe at a test part. Losses are squared errors, mean over steps, on the scale of scores.

    `question` names what is asked: `asked` in twelve hex digits. `recipe` is the recipe as JSON values. `interval` is
    that of the skill (95 %). `return_T` is the net return of each session of trading the forecasts; empty where they
    say nothing of up or down.
    """

    run_id: str
    created: str
    spec_id: str
    data_digest: str
    question: str
    asked: dict[str, Any]
    recipe: dict[str, Any]
    skill: float
    interval: tuple[float, float]
    p_value: float
    tone: str
    reference: str
    symbols: tuple[str, ...]
    symbol_N: Ints
    cutoff_N: Times
    loss_N: Floats
    reference_N: Floats  # losses of the reference
    last_N: Floats  # losses of the last value
    return_T: Floats

    @property
    def same(self) -> tuple[str, str]:
        """What two looks of one try have in common: recipe and data."""
        return self.spec_id, self.data_digest

    @property
    def first(self) -> np.datetime64:
        """The first cutoff of the test part."""
        return self.cutoff_N.min()

    @property
    def last(self) -> np.datetime64:
        """The last cutoff of the test part."""
        return self.cutoff_N.max()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Everything that was tried on one question, oldest first: a recipe trained twice on the same data is one try and
    two looks."""

    key: str
    title: str
    tries: tuple[Experiment, ...]
    looks: tuple[Experiment, ...]

    def looked(self, at: Experiment) -> int:
        """How many looks met a session of this one's test part."""
        return sum(bool(look.first <= at.last and look.last >= at.first) for look in self.looks)

    def number(self, at: Experiment) -> int:
        """Which try it is, from 1."""
        return [one.same for one in self.tries].index(at.same) + 1


def of_run(run: Run) -> Experiment:
    """The try that a finished run was."""
    test, kind, model = matrix(run.forecast, "test"), kind_of(run.spec.target, run.spec.window.log), run.spec.model.kind
    said, asked = run.evaluation.verdict, _asked(run.spec)
    return Experiment(
        run_id=run.id,
        created=run.created,
        spec_id=run.spec.id,
        data_digest=run.data_digest,
        question=hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12],
        asked=asked,
        recipe=specs.to_dict(run.spec),
        skill=said.skill,
        interval=said.interval,
        p_value=said.p_value,
        tone=said.tone,
        reference=said.reference,
        symbols=test.symbols,
        symbol_N=test.symbol_N,
        cutoff_N=test.cutoff_N.astype("M8[ns]"),
        loss_N=_loss(test, model, kind),
        reference_N=_loss(test, said.reference, kind),
        last_N=_loss(test, "last_value", kind),
        return_T=_returns(run),
    )


def _asked(spec: specs.Spec) -> dict[str, Any]:
    """What is asked of a series, whatever recipe answers: joined series and features are part of the answer."""
    data, target = spec.data, spec.target
    return {
        "source": data.source,
        "symbols": sorted(data.symbols),
        "interval": data.interval,
        "kind": target.kind,
        "column": target.column,
        "horizon": target.horizon,
        "dead_zone": target.dead_zone,
    }


def _loss(part: Matrix, name: str, kind: TargetKind) -> Floats:
    """Squared errors, mean over steps; NaN where there are no such forecasts."""
    if name not in part.yhat_NH:
        return np.full(len(part.y_NH), np.nan)
    return ((kind.to_score(part.yhat_NH[name]) - kind.to_score(part.y_NH)) ** 2).mean(axis=1)


def _returns(run: Run) -> Floats:
    """Net return of each session of trading the forecasts; empty where they say nothing of up or down."""
    return np.zeros(0) if run.spec.target.kind == "volatility" else positions.returns(run).to_numpy(dtype=float)


def questions(looks: Sequence[Experiment]) -> tuple[Task, ...]:
    """The looks sorted by what they asked, the question that was asked last first."""
    sorted_ = sorted(looks, key=lambda look: (look.created, look.run_id))
    keys = dict.fromkeys(look.question for look in reversed(sorted_))
    return tuple(_question([look for look in sorted_ if look.question == key]) for key in keys)


def _question(looks: list[Experiment]) -> Task:
    first: dict[tuple[str, str], Experiment] = {}
    for look in looks:
        first.setdefault(look.same, look)
    return Task(key=looks[0].question, title=_title(looks[0].asked), tries=tuple(first.values()), looks=tuple(looks))


def _title(asked: dict[str, Any]) -> str:
    kind, horizon = TARGETS.get(asked["kind"]), asked["horizon"]
    what = kind.title if kind else str(asked["kind"])
    of = f" of {asked['column']}" if asked["column"] not in ("close", None) else ""
    zone = f", moves of {asked['dead_zone']:.1%} or more" if asked["dead_zone"] else ""
    finer = "" if asked["interval"] == "1d" else f", {asked['interval']}"
    return (
        f"{', '.join(asked['symbols'])}: {what.lower()}{of}, {horizon} session{'s' * (horizon != 1)} ahead{zone} "
        f"({asked['source']}{finer})"
    )


def labels(tries: Sequence[Experiment]) -> tuple[str, ...]:
    """A short name of each try: its model and what sets its recipe apart from the usual one among them."""
    flat = [_flat(one.recipe) for one in tries]
    usual = {
        path: Counter(recipe.get(path) for recipe in flat).most_common(1)[0][0]
        for path in dict.fromkeys(path for recipe in flat for path in recipe)
    }
    apart = [path for path in usual if path != "model.kind" and any(recipe.get(path) != usual[path] for recipe in flat)]
    apart.sort(key=lambda path: path == "seed")  # it says least
    ends = len({one.last for one in tries}) > 1
    named = []
    for one, recipe in zip(tries, flat, strict=True):
        own = [_words(path, recipe.get(path)) for path in apart if recipe.get(path) != usual[path]][:PARTS]
        until = [f"tested to {np.datetime_as_string(one.last, unit='D')}"] if ends else []
        named.append(" · ".join([str(recipe.get("model.kind", "model")).upper(), *own, *until]))
    return tuple(named)


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted paths and values that can be compared; lists as tuples."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = tuple(value) if isinstance(value, list) else value
    return found


def _words(path: str, value: Any) -> str:
    name = path.split(".")[-1].replace("_", " ")
    if isinstance(value, tuple):
        return f"{len(value)} {name}"
    if value is None or isinstance(value, bool):
        return name if value else f"no {name}"
    return f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
