"""From a recipe and a frame to a finished run, and what can be asked of a saved one.

Jobs are generators of events. torch, shap and statsmodels are imported only by the functions that need them: a page may
import this module without their cost.
"""

import platform
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data import frame as frames
from core.datasets import availability, leakage, lookahead_check, windows
from core.datasets.split import SPLITS
from core.datasets.targets import TARGETS
from core.datasets.windows import Prepared
from core.errors import DataError
from core.events import Checkpoint, Cost, Event, Stage
from core.forecasting import table
from core.language import message
from core.spec import Spec
from core.types import Alarm, Evaluation, Floats, Run

if TYPE_CHECKING:
    from core.forecasting.forecast import Comparison, Net
    from core.models.ensemble import Ensemble
    from core.models.network import Network
    from core.training.trainer import Trained

# What a run imports when it needs it. It takes longer than a short training, so workers import it before the first job.
MODULES = (
    "torch._dynamo",  # which an optimiser of torch imports
    "core.training.trainer",
    "core.explain.explainer",
    "statsmodels.tsa.stattools",
    "arch.univariate",
    "arch.bootstrap",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that a training needs, checked: the resolved recipe, its windows, and what is suspicious of them."""

    spec: Spec
    prepared: Prepared
    lookahead: tuple[str, ...]  # features that look ahead and were allowed
    alarms: tuple[Alarm, ...]

    @property
    def rows(self) -> dict[str, int]:
        """The number of windows in each split."""
        return {split: len(getattr(self.prepared.splits, split)) for split in SPLITS}


def run(spec: Spec, frame: pd.DataFrame, resume: Checkpoint | None = None) -> Generator[Event, None, Run]:
    """Prepare, train, forecast, evaluate and explain. Equal recipes and frames give equal numbers.

    `resume` is the last Saved event of an interrupted training of the same recipe and frame: it continues from there.
    Raises DataError, FeatureError, SpecError and TrainError.
    """
    yield Stage(name="features", text=message("Computing features and checking that none looks ahead"))
    inputs = prepare(spec, frame)
    spec, prepared = inputs.spec, inputs.prepared

    from core.explain import explainer
    from core.forecasting import forecast
    from core.training import cost, device, trainer

    yield Cost(seconds=cost.estimate(spec, prepared, ("train", "evaluate", "explain")))
    where = device.choose(spec.train.device)
    unit = spec.train.unit
    yield Stage(name="train", text=_describe_training(len(prepared.splits.train), where, unit, resume), unit=unit)
    trained = yield from trainer.train(spec, prepared, resume)

    yield Stage(name="evaluate", text=message("Forecasting, calibrating the intervals, comparing with baselines"))
    net = forecast.network(trained.net, prepared.kind.binary)
    comparison = forecast.compare(spec, prepared, net)
    evaluation = _evaluate(inputs, comparison, net, trained)
    state = _state(prepared)
    forecasts = _with_live(comparison.table, _live(spec, frame, state, net))

    yield Stage(name="explain", text=message("Attributing the forecasts to the features"))
    explanation = yield from explainer.explain(
        spec, prepared, trained.net, "permutation", None, None, explainer.WINDOWS
    )

    now = datetime.now(UTC)
    return Run(
        id=f"{now:%Y%m%d-%H%M%S}-{spec.id[:8]}",
        created=now.isoformat(timespec="seconds"),
        spec=spec,
        data_digest=frames.digest(frame),
        frame=frame,
        history=trained.history,
        forecast=forecasts,
        evaluation=evaluation,
        weights=_weights(trained),
        state=state,
        rows=inputs.rows | {"dropped": prepared.dropped},
        explanation=explanation,
        environment=environment(),
    )


def prepare(spec: Spec, frame: pd.DataFrame) -> Inputs:
    """Resolve the recipe, refuse features that look ahead, cut the windows and check what can fail later.

    Raises DataError, FeatureError and SpecError.
    """
    frames.check(frame)
    spec = windows.resolve(spec, frame)
    rows_ahead = lookahead_check.check(spec, frame)
    prepared = windows.prepare(spec, frame)
    from core.intervals import calibrate

    calibrate.check(spec, prepared)
    alarms = (*lookahead_check.alarms(rows_ahead), *leakage.find_target_copies(prepared))
    return Inputs(spec=spec, prepared=prepared, lookahead=tuple(rows_ahead), alarms=alarms)


def predict(saved: Run, frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """The live forecast of a saved run, on its own data or on a newer frame with the same columns and symbols.

    A long table as in core.forecasting.table. Raises DataError if the frame does not fit the recipe, or if its newest
    windows have holes.
    """
    from core.forecasting.forecast import network

    frame = saved.frame if frame is None else align_symbols(saved.frame, frame)
    spec = saved.spec
    forecast = _live(spec, frame, saved.state, network(_restore(saved), TARGETS[spec.target.kind].binary))
    if forecast is None:
        raise DataError(availability.why_no_live(spec, frame, frames.symbols(frame)[0]))
    return forecast


def find_rate(spec: Spec, frame: pd.DataFrame) -> Generator[Event, None, tuple[Floats, Floats, float]]:
    """The curve of core.training.lr_finder as plain values, readable without torch: rates, losses, suggestion."""
    yield Stage(name="train", text=message("Training steps with rising learning rates"))
    from core.training import lr_finder

    spec = windows.resolve(spec, frame)
    curve = yield from lr_finder.find_rate(spec, windows.prepare(spec, frame))
    return curve.lr_N, curve.loss_N, curve.suggestion


def replay(saved: Run) -> pd.DataFrame:
    """The forecast table of a saved run, recomputed from its weights and data: equal to the stored one bit for bit."""
    from core.forecasting import forecast

    prepared = windows.prepare_saved(saved)
    net = forecast.network(_restore(saved), prepared.kind.binary)
    comparison = forecast.compare(saved.spec, prepared, net)
    return _with_live(comparison.table, _live(saved.spec, saved.frame, saved.state, net))


def environment() -> dict[str, str]:
    """Versions that decide the last digits of a run."""
    return {"python": platform.python_version(), "machine": platform.machine()} | {
        name: version(name) for name in ("torch", "numpy", "pandas")
    }


def _describe_training(count: int, device: str, unit: str, resume: Checkpoint | None) -> str:
    """On how many windows and where a network is trained, and from where it goes on; a message."""
    parts = {"count": count, "device": message(device)}
    if resume is None:
        return message("Training on {count} windows, on the {device}", **parts)
    parts["at"] = f"{resume.state[unit]:,}"
    if unit == "epoch":
        return message("Training on {count} windows, on the {device}, resumed after epoch {at}", **parts)
    return message("Training on {count} windows, on the {device}, resumed after step {at}", **parts)


def _evaluate(inputs: Inputs, comparison: "Comparison", net: "Net", trained: "Trained") -> Evaluation:
    """Scores, verdict and alarms of a trained model on the test split."""
    from core.evaluation import leak_attribution, verdict
    from core.evaluation.score import evaluate
    from core.forecasting import forecast
    from core.models import registry

    spec, prepared = inputs.spec, inputs.prepared
    evaluation = evaluate(
        comparison.table,
        spec.model.kind,
        prepared.kind,
        scale_SC=prepared.score_SC,
        naive_mae_S=comparison.naive_mae_S,
        horizon=spec.target.horizon,
        nominal=spec.bands.coverage,
        calibrated_on=prepared.calibrated_on,
        members=forecast.members(trained.net, prepared),
        network=_network_alone(spec, prepared, trained),
    )
    too_good = leak_attribution.check_plausibility(evaluation, prepared, net)
    if inputs.lookahead:
        evaluation = replace(evaluation, verdict=verdict.overrule(evaluation.verdict, inputs.lookahead))
    alarms = (*inputs.alarms, *evaluation.alarms, *((too_good,) if too_good else ()))
    weights = _weights(trained)
    return replace(
        evaluation,
        left_out=comparison.left_out,
        alarms=alarms,
        shares=registry.shares(weights),
        skips=registry.skips(weights),
    )


def _weights(trained: "Trained") -> dict[str, Floats]:
    return {name: weight.numpy() for name, weight in trained.net.state_dict().items()}


def _network_alone(spec: Spec, prepared: Prepared, trained: "Trained") -> tuple[Floats, Floats] | None:
    """The test forecasts of the network without the linear models that it is combined with; None if it is alone."""
    from core.forecasting import forecast
    from core.models import registry
    from core.training import trainer

    weights = _weights(trained)
    if not registry.shares(weights):
        return None
    alone = trainer.restore(spec, registry.alone(weights), len(prepared.splits.test.rows.symbols))
    return forecast.points((alone,), prepared)


def _live(spec: Spec, frame: pd.DataFrame, state: dict[str, Floats], net: "Net") -> pd.DataFrame | None:
    """The live forecast; None if no symbol has a complete newest window."""
    from core.forecasting import forecast

    after = np.datetime64(int(state["calibrate_from"][0]), "ns")
    recent = windows.prepare_recent(spec, frame, *windows.restore_scalers(state), after)
    return forecast.live(spec, recent, net) if len(recent.live) else None


def _with_live(past: pd.DataFrame, live: pd.DataFrame | None) -> pd.DataFrame:
    return past if live is None else table.concat([past, live])


def _restore(saved: Run) -> "Network | Ensemble":
    from core.training.trainer import restore

    return restore(saved.spec, saved.weights, len(frames.symbols(saved.frame)))


def _state(prepared: Prepared) -> dict[str, Floats]:
    """Everything but the weights that a forecast needs: scalers, and where the scores of the intervals begin."""
    first = getattr(prepared.splits, prepared.calibrated_on).cutoff_N.min()
    calibrate_from = np.array([first.astype("datetime64[ns]").astype(np.int64)])
    return prepared.x_scaler.state("x") | prepared.y_scaler.state("y") | {"calibrate_from": calibrate_from}


def align_symbols(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """`new` with the symbols of `old`: a single series may have another name. Raises DataError if one is missing."""
    old_names, new_names = frames.symbols(old), frames.symbols(new)
    if len(old_names) == len(new_names) == 1:
        return new.rename(columns={new_names[0]: old_names[0]}, level="symbol")
    if set(old_names) - set(new_names):
        raise DataError(
            message(
                "The run forecasts {old_names}; the new data have {new_names}. Bring the same symbols.",
                old_names=", ".join(old_names),
                new_names=", ".join(new_names),
            )
        )
    return new[list(old_names)]
