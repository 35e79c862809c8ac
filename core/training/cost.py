"""What the stages of a run cost, in seconds on a typical processor core, counted before they begin.

Rough on purpose: the screen corrects each stage by what earlier runs took on the machine at hand.
"""

from typing import TYPE_CHECKING, Any

from core.datasets.targets import output_steps
from core.models import timing
from core.spec import Spec, members

if TYPE_CHECKING:
    from core.datasets.windows import Prepared

EVALUATED = 3e-4  # seconds per window of all splits: its forecasts, the baselines, the tests
EXPLAINED = 1e-6  # seconds per row of a forward pass
PASSES = 64 * 24  # windows and backgrounds of an explanation, for each feature


def estimate(spec: Spec, prepared: "Prepared", stages: tuple[str, ...]) -> dict[str, float]:
    """Seconds by stage ("train", "evaluate" and "explain") of a resolved recipe; training takes its whole budget."""
    splits, rows = prepared.splits, prepared.splits.train.rows
    seconds = estimate_stages(
        spec,
        {name: len(getattr(splits, name)) for name in ("train", "val", "calib", "test")},
        symbols=len(rows.symbols),
        features=len(rows.features),
        known=len(rows.known),
        steps=len(output_steps(prepared.kind, spec.target.horizon)),
        binary=prepared.kind.binary,
    )
    return {stage: seconds[stage] for stage in stages}


def estimate_stages(
    spec: Spec, windows: dict[str, int], *, symbols: int, features: int, known: int, steps: int, binary: bool
) -> dict[str, float]:
    """The same for all three stages from counts alone, `windows` by split."""
    per_round = symbols if spec.model.symbols == "separate" else 1
    networks = per_round * spec.train.ensemble
    learned: dict[str, Any] = {"train_windows": windows["train"], "val_windows": windows["val"]}
    shape: dict[str, Any] = {"features": features, "known": known, "steps": steps, "binary": binary}
    operations = per_round * sum(
        timing.count_epochs(own, **learned) * timing.count_operations(own, **shape, **learned)
        for own in members.recipes(spec)
    )
    return {
        "train": operations / timing.OPERATIONS_PER_SECOND,
        "evaluate": EVALUATED * sum(windows.values()),
        "explain": EXPLAINED * networks * PASSES * features * spec.window.lookback,
    }
