"""Trains the networks of a recipe, one after the other or in parallel with helpers, and restores them from weights."""

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.datasets import targets, windows
from core.errors import TrainError
from core.events import Checkpoint, Event, ParallelRequest, Subtasks
from core.features import registry as features
from core.language import join, message
from core.models import registry
from core.spec import Spec, members
from core.training import checkpoint, combination, device, failures, member
from core.training import epoch as epochs
from core.training.checkpoint import MemberProgress, MemberResult
from core.training.epoch import TrainingPlan
from core.types import Floats, History, Run

if TYPE_CHECKING:
    from core.datasets.windows import Prepared
    from core.models.ensemble import Ensemble
    from core.models.mixture import LinearMap
    from core.models.network import Network

MEMBER_SEEDS = 1000  # between the seeds of two members of an ensemble


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The networks in the order in which they were trained, usually one, and `net`, which answers for all of them."""

    nets: tuple["Network", ...]
    net: "Network | Ensemble"
    history: History


def train(spec: Spec, prepared: "Prepared", resume: Checkpoint | None = None) -> Generator[Event, Any, Trained]:
    """Train the model of a resolved recipe; yields an Epoch after each epoch, and a Checkpoint now and then.

    One seed determines the initial weights, the order of batches and dropout. The members of an ensemble have seeds
    1000 apart and are independent, so they are the same whether they train one after the other or, on CPUs, in parallel
    on the workers of whoever answers the ParallelRequest. Resumed from a Checkpoint of the same recipe and data, the
    training ends with the same result. A failure after the first sound epoch ends it with the best weights so far, and
    `history.problem` says what happened. Raises SpecError for a training that is impossible, and TrainError if the loss
    is not finite or memory runs out before there are any weights to keep.
    """
    device.use_one_thread()
    where, parts = device.choose(spec.train.device), _parts(spec, prepared)
    maps = [combination.build(spec, part) for part in parts]
    try:
        results, seconds = yield from _train_members(spec, prepared, where, parts, maps, resume)
    except (RuntimeError, MemoryError) as error:
        if not failures.is_out_of_memory(error):
            raise
        raise TrainError(failures.out_of_memory(spec, where)) from None
    finally:
        device.release(where)
    trained = _join_results(spec, results, len(parts), seconds, where)
    for number, net in enumerate(trained.nets):
        net.mixture = combination.combine(spec, net, parts[number % len(parts)], maps[number % len(parts)])
    return trained


def _train_members(
    spec: Spec,
    prepared: "Prepared",
    where: str,
    parts: list["Prepared"],
    maps: list[dict[str, "LinearMap"]],
    resume: Checkpoint | None,
) -> Generator[Event, Any, tuple[list[MemberResult], float]]:
    """The results of all networks in order, up to the first that failed, and the seconds that they took."""
    per_round, plan = len(parts), None
    count = per_round * spec.train.ensemble
    progress = MemberProgress(members=count)
    specs = _specs(spec, per_round)
    finished: dict[int, MemberResult] = {}
    if resume:
        progress, finished = checkpoint.restore_progress(spec, resume, where)
    number: int | None = progress.member
    others = [n for n in range(1, _first_failure(finished, count)) if n != number and n not in finished]
    before, began = progress.seconds, time.perf_counter()
    subtasks = Subtasks(others)
    if others and where == "cpu":
        args = (spec, prepared, before, time.time())
        subtasks = (yield ParallelRequest(work=train_as_helper, args=args, numbers=tuple(others))) or subtasks
    while True:
        if number is not None:
            own = specs[number - 1]
            if plan is None or per_round > 1 or spec.train.member_settings:
                part = (number - 1) % per_round
                plan = epochs.build_plan(own, parts[part], where, maps[part])
            finished[number] = yield from _train_network(spec, own, plan, progress, subtasks, finished, resume)
            if finished[number].problem:
                subtasks.drop(beyond=number)
        number, resume = subtasks.take(), None
        finished |= subtasks.collect()
        now = before + time.perf_counter() - began
        progress = MemberProgress(member=number or 0, members=count, seconds=now, since=now)
        if number is None:  # helpers have all networks that are left
            left = [n for n in range(1, _first_failure(finished, count)) if n not in finished]
            if left:
                yield checkpoint.save_between_members(spec, replace(progress, member=left[0]), finished)
            if not subtasks.wait():
                break
    last = min(_first_failure(finished, count), count)
    return [finished[n] for n in range(1, last + 1)], progress.seconds


def train_as_helper(
    spec: Spec, prepared: "Prepared", seconds: float, at: float, number: int
) -> Generator[Event, None, MemberResult]:
    """Train network `number` for a job in another worker, whose training had lasted `seconds` at the time `at`.

    Raises TrainError for any problem: the job then trains the network itself and deals with it.
    """
    device.use_one_thread()
    per_round = networks_per_round(spec, prepared)
    data = prepared if per_round == 1 else windows.select_symbol(prepared, (number - 1) % per_round)
    own = _specs(spec, per_round)[number - 1]
    plan = epochs.build_plan(own, data, "cpu")
    now = seconds + time.time() - at
    progress = MemberProgress(member=number, members=per_round * spec.train.ensemble, seconds=now, since=now)
    result = yield from _train_network(spec, own, plan, progress, Subtasks([]), None)
    if result.problem:
        raise TrainError(result.problem)
    return result


def _train_network(
    spec: Spec,
    own: Spec,
    plan: TrainingPlan,
    progress: MemberProgress,
    subtasks: Subtasks,
    finished: dict[int, MemberResult] | None,
    resume: Checkpoint | None = None,
) -> Generator[Event, None, MemberResult]:
    """Train the network that `progress` names, whose own recipe is `own`; see core.training.member."""
    seed = spec.seed + MEMBER_SEEDS * (progress.member - 1)
    net = build_untrained(own, seed, len(plan.windows.rows.symbols)).to(plan.where)
    return member.train_network(spec, own, plan, net, seed, progress, subtasks, finished, resume)


def _specs(spec: Spec, per_round: int) -> list[Spec]:
    """The recipe of each network: that of the run, where the network has no settings of its own."""
    return [own for own in members.recipes(spec) for _ in range(per_round)]


def _first_failure(finished: dict[int, MemberResult], count: int) -> int:
    """The number of the first network that failed; `count` + 1 if none did."""
    return min((number for number, result in finished.items() if result.problem), default=count + 1)


def _join_results(spec: Spec, results: list[MemberResult], per_round: int, seconds: float, where: str) -> Trained:
    """The networks of complete rounds as one model. Raises TrainError if there is not one complete round."""
    problem, usable = results[-1].problem, [result.weights for result in results if result.weights]
    if not usable:
        raise TrainError(problem)
    if problem and results[-1].weights:
        unit, at, _ = results[-1].epochs[results[-1].best_epoch - 1].count(spec.train.unit)
        problem = join([problem, message("The weights of {unit} {at} were kept.", unit=message(unit), at=f"{at:,}")])
    elif problem:
        problem = join([problem, message("{usable} of the networks were kept.", usable=len(usable))])
    if len(usable) < per_round:
        raise TrainError(
            join(
                [
                    problem or "",
                    message(
                        "{usable} of {per_round} symbols have a network; without the others there is no forecast. Set "
                        "model.symbols to embedded or shared.",
                        usable=len(usable),
                        per_round=per_round,
                    ),
                ]
            )
        )
    complete = usable[: len(usable) // per_round * per_round]
    nets = tuple(map(_restore_network, _specs(spec, per_round), complete))
    count = per_round * spec.train.ensemble
    if problem and count > 1:
        problem = join([problem, message("{networks} of {count} networks answer.", networks=len(nets), count=count)])
    history = History(
        epochs=tuple(epoch for result in results for epoch in result.epochs),
        seconds=seconds,
        best_epoch=results[0].best_epoch,
        device=where,
        problem=problem,
    )
    return Trained(nets=nets, net=_join(nets, per_round), history=history)


def _parts(spec: Spec, prepared: "Prepared") -> list["Prepared"]:
    """The data of each network of a round: all, or those of one symbol. Raises SpecError if one cannot be learned."""
    count = networks_per_round(spec, prepared)
    return [prepared] if count == 1 else [windows.select_symbol(prepared, symbol) for symbol in range(count)]


def networks_per_round(spec: Spec, prepared: "Prepared") -> int:
    """How many networks together answer for all symbols: one, or one per symbol."""
    return len(prepared.splits.train.rows.symbols) if spec.model.symbols == "separate" else 1


def build_untrained(spec: Spec, seed: int, symbols: int | None = None) -> "Network":
    """The untrained network of a resolved recipe; `symbols` as in core.models.registry.build."""
    kind = targets.TARGETS[spec.target.kind]
    known = sum(features.parse(name)[0].kind == "known" for name in spec.features)
    return registry.build(
        spec,
        features=len(spec.features),
        known=known,
        binary=kind.binary,
        seed=seed,
        steps=len(targets.output_steps(kind, spec.target.horizon)),
        symbols=symbols,
    )


def reopen(saved: Run) -> "tuple[Prepared, Network | Ensemble]":
    """The windows of a saved run, scaled as when it was trained, and its trained model."""
    prepared = windows.prepare_saved(saved)
    return prepared, restore(saved.spec, saved.weights, len(prepared.splits.test.rows.symbols))


def restore(spec: Spec, weights: dict[str, Floats], symbols: int) -> "Network | Ensemble":
    """The trained model of a saved run, from its weights and the number of symbols that it was trained on."""
    device.use_one_thread()
    per_round = symbols if spec.model.symbols == "separate" else 1
    specs = _specs(spec, per_round)
    if not any(name.startswith("members.") for name in weights):
        return _restore_network(specs[0], weights)
    of_member = [
        {name.split(".", 2)[2]: value for name, value in weights.items() if name.split(".")[1] == str(i)}
        for i in range(registry.count_networks(weights))
    ]
    return _join(tuple(map(_restore_network, specs, of_member)), per_round)


def _restore_network(spec: Spec, weights: dict[str, Floats]) -> "Network":
    import torch

    from core.models import mixture

    device.use_one_thread()
    net = build_untrained(spec, spec.seed, registry.count_symbols(weights))
    own, linear = registry.split_weights(weights)
    checkpoint.load_weights(net, own)
    if linear:
        net.mixture = mixture.restore({name: torch.from_numpy(np.array(value)) for name, value in linear.items()})
    return net.eval()


def _join(nets: tuple["Network", ...], symbols: int) -> "Network | Ensemble":
    from core.models.ensemble import Ensemble

    return nets[0] if len(nets) == 1 else Ensemble(nets, symbols).eval()
