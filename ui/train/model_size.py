"""How large a model is before it is trained: its weights, its memory, and the time of its training."""

import statistics
from typing import Any

import pandas as pd
import streamlit as st

from core.datasets.targets import TARGETS, output_steps
from core.errors import CoreError
from core.features import registry as features
from core.language import tr
from core.models import timing
from core.models.registry import count_parameters, estimate_memory
from core.pipeline import environment
from core.spec import Spec, members, with_values
from core.storage import runs
from core.training.cost import estimate_stages
from ui import cache, messages
from ui.train import preflight

IDLE_WORKER = 600_000_000  # bytes of a worker that has loaded its libraries
SEARCHED = 20  # newest runs among which one of the same model is sought


def draw(spec: Spec, series: pd.DataFrame) -> None:
    """How large the model is, and a warning if a worker has less memory than its training takes. Raises as
    `preflight.prepare` does."""
    st.markdown(describe(spec, series))
    resolved, counts, shape = _shape(spec, series)
    needed = IDLE_WORKER + _memory(resolved, counts, shape)
    most = cache.queue().worker_memory()
    if most is not None and needed > most:
        messages.warning(
            tr(
                "This training takes about {needed} of memory, and a worker is ended at {most}. Reduce the hidden "
                "units, the layers, the window length or the batch size.",
                needed=_bytes(needed),
                most=_bytes(most),
            )
        )


def describe(spec: Spec, series: pd.DataFrame) -> str:
    """Weights, memory and the time that the whole budget takes in one sentence; for networks with settings of their own
    the most memory and the mean time. Raises as `preflight.prepare` does."""
    spec, counts, shape = _shape(spec, series)
    windows: dict[str, Any] = {"train_windows": counts["train"], "val_windows": counts["val"]}
    work = statistics.mean(
        timing.count_epochs(own, **windows) * timing.count_operations(own, **shape, **windows)
        for own in members.recipes(spec)
    )
    rate, machine = _rate(spec)
    count = spec.train.ensemble * (len(spec.data.symbols) if spec.model.symbols == "separate" else 1)
    return tr(
        "{weights} weights, about {memory} of memory in training, about {duration} for {budget} {machine}{networks}.",
        weights=f"{count_parameters(spec, **shape):,}",
        memory=_bytes(_memory(spec, counts, shape)),
        duration=duration(work / rate),
        budget=spec.train.budget,
        machine=machine,
        networks=tr(", each of {count} networks", count=count) if count > 1 else "",
    )


def _memory(spec: Spec, counts: dict[str, int], shape: dict[str, Any]) -> int:
    """Bytes of the largest network in training; they train one after the other, or in other workers."""
    return max(estimate_memory(own, **shape, train_windows=counts["train"]) for own in members.recipes(spec))


def cost(spec: Spec, series: pd.DataFrame) -> dict[str, float]:
    """What each stage of a training of this recipe costs, in seconds on one typical core. Raises as
    `preflight.prepare` does."""
    spec, counts, shape = _shape(spec, series)
    return estimate_stages(spec, counts, symbols=len(spec.data.symbols), **shape)


def _shape(spec: Spec, series: pd.DataFrame) -> tuple[Spec, dict[str, int], dict[str, Any]]:
    """The recipe with its window resolved, the windows by split, and the inputs and outputs of its network."""
    prospect = preflight.prepare(spec, series)
    lookback = prospect["lookback"]
    spec = with_values(spec, {"window.lookback": lookback, "model.segment": min(spec.model.segment, lookback)})
    return spec, prospect["counts"], {name: prospect[name] for name in ("features", "known", "steps", "binary")}


def duration(seconds: float) -> str:
    """0.04 s, 0.4 s, 12 s, 3 min: no finer than it is known."""
    if seconds >= 100:
        return tr("{minutes} min", minutes=f"{seconds / 60:.0f}")
    digits = f"{max(seconds, 0.01):.1g}" if seconds < 1 else f"{seconds:.2g}" if seconds < 10 else f"{seconds:.0f}"
    return tr("{seconds} s", seconds=digits)


def _bytes(count: int) -> str:
    return f"{max(1, round(count / 1e6)):,} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"


def _rate(spec: Spec) -> tuple[float, str]:
    """Multiply-adds per second, and of which machine: from the newest run made here, of this model if there is one,
    else of a typical core."""
    sound = [summary for summary in cache.summaries() if not summary.problem][:SEARCHED]
    for summary in sorted(sound, key=lambda summary: summary.model != spec.model.kind):  # newest first within each
        try:
            measured = _measure(summary.id, runs.fingerprint(summary.id, cache.RUNS))
        except CoreError:  # deleted or damaged since it was listed
            continue
        if measured is not None and measured[2] == spec.train.device:
            return measured[0], tr("on this machine ({device})", device=measured[1])
    return timing.OPERATIONS_PER_SECOND, tr("on one typical CPU core")


@st.cache_data(show_spinner=False, max_entries=256)
def _measure(run_id: str, stamp: str) -> tuple[float, str, str] | None:
    """The rate and device of a saved run, and the device that its recipe names; None if another machine made it.

    Every redraw calls this: it opens a run once, and does not push the runs on the screen out of their cache.
    """
    run = runs.load(run_id, cache.RUNS)
    epochs = [epoch for epoch in run.history.epochs if epoch.member == 1]
    seconds = epochs[-1].seconds - epochs[0].seconds if epochs else 0.0  # the first epoch warms up
    if run.environment.get("machine") != environment()["machine"] or seconds <= 0:
        return None
    kind = TARGETS[run.spec.target.kind]
    known = sum(features.parse(name)[0].kind == "known" for name in run.spec.features)
    work = timing.count_operations(
        members.recipes(run.spec)[0],
        features=len(run.spec.features),
        known=known,
        binary=kind.binary,
        steps=len(output_steps(kind, run.spec.target.horizon)),
        train_windows=run.rows["train"],
        val_windows=run.rows["val"],
    )
    return work * (len(epochs) - 1) / seconds, run.history.device, run.spec.train.device
