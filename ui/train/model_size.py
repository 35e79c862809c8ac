"""How large a model is before it is trained: its weights, its memory, and the time that an epoch takes."""

import pandas as pd
import streamlit as st

from core.datasets.targets import TARGETS, output_steps
from core.errors import CoreError
from core.features import registry as features
from core.models import timing
from core.models.registry import count_parameters, estimate_memory
from core.pipeline import environment
from core.spec import Spec
from core.storage import runs
from ui import cache
from ui.train import preflight

LOOKED_AT = 20  # newest runs among which one of the same kind is sought


def sentence(spec: Spec, series: pd.DataFrame) -> str:
    """Weights, memory and time of an epoch in plain words. Raises as `parts.prospect` does."""
    made = preflight.prospect(spec, series)
    shape = {name: made[name] for name in ("features", "known", "steps", "binary")}
    weights, taken = count_parameters(spec, **shape), estimate_memory(spec, **shape)
    work = timing.count_operations(
        spec, **shape, train_windows=made["counts"]["train"], val_windows=made["counts"]["val"]
    )
    rate, where = _rate(spec)
    networks = spec.train.ensemble * (len(spec.data.symbols) if spec.model.symbols == "separate" else 1)
    more = f", {networks} networks" if networks > 1 else ""
    return (
        f"{weights:,} weights, about {_bytes(taken)} while training, about {duration(work / rate)} an epoch "
        f"{where}{more}."
    )


def duration(seconds: float) -> str:
    """0.04 s, 0.4 s, 12 s, 3 min: no finer than it is known."""
    if seconds < 1:
        return f"{max(seconds, 0.01):.1g} s"
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _bytes(count: int) -> str:
    return f"{max(1, round(count / 1e6)):,} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"


def _rate(spec: Spec) -> tuple[float, str]:
    """Multiply-adds a second, and whose: of the newest run here, of this kind if there is one, else of a usual core."""
    names = [summary for summary in cache.summaries() if not summary.problem][:LOOKED_AT]
    for summary in sorted(names, key=lambda s: s.model != spec.model.kind):  # newest first within each
        try:
            found = _of_run(summary.id, runs.fingerprint(summary.id, cache.RUNS))
        except CoreError:  # deleted or damaged since it was listed
            continue
        if found is not None and found[2] == spec.train.device:
            return found[0], f"on this machine ({found[1]})"
    return timing.OPERATIONS_PER_SECOND, "on one core of a usual processor"


@st.cache_data(show_spinner=False, max_entries=256)
def _of_run(run_id: str, stamp: int) -> tuple[float, str, str] | None:
    """The rate and device of a saved run, and the device that was asked for; None where it is of another machine.

    Asked at every redraw, so a run is opened for it once, and not put in the place of those that are looked at.
    """
    run = runs.load(run_id, cache.RUNS)
    epochs = len(run.history.epochs)
    if run.environment.get("machine") != environment()["machine"] or not epochs or run.history.seconds <= 0:
        return None
    kind = TARGETS[run.spec.target.kind]
    known = sum(features.parse(name)[0].kind == "known" for name in run.spec.features)
    work = timing.count_operations(
        run.spec,
        features=len(run.spec.features),
        known=known,
        binary=kind.binary,
        steps=len(output_steps(kind, run.spec.target.horizon)),
        train_windows=run.rows["train"],
        val_windows=run.rows["val"],
    )
    return work * epochs / run.history.seconds, run.history.device, run.spec.train.device
