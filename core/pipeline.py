"""The one path from a recipe and a frame to a finished run; each function is a generator of events."""

import platform
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data import frame as frames
from core.datasets import leakage, targets, windows
from core.errors import DataError
from core.events import Event, Saved, Stage
from core.features import lookahead, registry
from core.forecasting import table
from core.spec import Spec
from core.types import Alarm, Explanation, Floats, Run

if TYPE_CHECKING:
    from core.forecasting.forecast import Net
    from core.models.ensemble import Ensemble
    from core.models.network import Network

# torch, shap and statsmodels are imported by the functions that need them: a page may import this module for nothing.

EXPLAINED = 64  # windows of the test part that a run explains by itself


def run(spec: Spec, frame: pd.DataFrame, resume: Saved | None = None) -> Generator[Event, None, Run]:
    """Prepare, train, forecast, evaluate and explain. The same recipe and frame give the same numbers.

    With the last Saved event of a training that was stopped, of the same recipe and frame, it goes on from there.
    Raises DataError, FeatureError, SpecError and TrainError, all before anything is written anywhere.
    """
    yield Stage(name="features", text="Computing features and checking that none looks ahead")
    frames.check(frame)
    spec = windows.resolve(spec, frame)
    ahead = refuse_look_ahead(spec, frame)
    prepared = windows.prepare(spec, frame)
    doubts = (*look_ahead_alarms(ahead), *leakage.target_copies(prepared))

    again = f", on from epoch {resume.state['epoch']}" if resume else ""
    from core.evaluation import leak_attribution, verdict
    from core.evaluation.score import evaluate
    from core.explain import explainer
    from core.forecasting import forecast
    from core.intervals import calibrate
    from core.training import device, trainer

    calibrate.check(spec, prepared)
    where = device.choose(spec.train.device)
    yield Stage(name="train", text=f"Training on {len(prepared.splits.train)} windows, on the {where}{again}")

    trained = yield from trainer.train(spec, prepared, resume)

    yield Stage(name="evaluate", text="Forecasting, calibrating the band, comparing with simple rules")
    answer = forecast.network(trained.net, prepared.kind.binary)
    compared = forecast.compare(spec, prepared, answer)
    calibrated_on = "calib" if len(prepared.splits.calib) else "val"
    evaluation = evaluate(
        compared.table,
        spec.model.kind,
        prepared.kind,
        scale_SC=prepared.score_SC,
        naive_mae=compared.naive_mae,
        horizon=spec.target.horizon,
        nominal=spec.bands.coverage,
        calibrated_on=calibrated_on,
        members_MNH=forecast.members(trained.net, prepared),
    )
    too_good = leak_attribution.too_good(evaluation, prepared, answer)
    evaluation = replace(
        evaluation,
        left_out=compared.left_out,
        alarms=(*doubts, *evaluation.alarms, *((too_good,) if too_good else ())),
        verdict=verdict.overruled(evaluation.verdict, tuple(ahead)) if ahead else evaluation.verdict,
    )
    state = _state(prepared, getattr(prepared.splits, calibrated_on).cutoff_N.min())
    made = _with_live(compared.table, _live(spec, frame, state, answer))

    yield Stage(name="explain", text="Sharing the forecasts out among the features")
    explanation = yield from explainer.explain(spec, prepared, trained.net, "permutation", None, None, EXPLAINED)
    now = datetime.now(UTC)
    parts = {part: len(getattr(prepared.splits, part)) for part in ("train", "val", "calib", "test")}
    return Run(
        id=f"{now:%Y%m%d-%H%M%S}-{spec.id[:8]}",
        created=now.isoformat(timespec="seconds"),
        spec=spec,
        data_digest=frames.digest(frame),
        frame=frame,
        history=trained.history,
        forecast=made,
        evaluation=evaluation,
        weights={k: v.numpy() for k, v in trained.net.state_dict().items()},
        state=state,
        rows=parts | {"dropped": prepared.dropped},
        explanation=explanation,
        environment=environment(),
    )


def predict(saved: Run, frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """The live forecast of a saved run, on its own data or on a newer frame with the same columns and symbols.

    A long table as in core.forecasting.table. Raises DataError when the frame does not fit the recipe, or when its
    newest
    windows have holes.
    """
    from core.forecasting.forecast import network

    frame = saved.frame if frame is None else _named_as(saved.frame, frame)
    binary = targets.KINDS[saved.spec.target.kind].binary
    made = _live(saved.spec, frame, saved.state, network(_restore(saved), binary))
    if made is None and saved.spec.data.known_future:
        raise DataError(
            f"There is no live forecast: it takes {saved.spec.window.lookback} complete sessions and then "
            f"values of {', '.join(saved.spec.data.known_future)} for {saved.spec.target.horizon} sessions after "
            "the last outcome. Bring data that have both."
        )
    if made is None:
        raise DataError(
            f"The last {saved.spec.window.lookback} sessions are complete for no symbol, so there is no "
            "live forecast. Bring data in which every feature has a value up to the last session."
        )
    return made


def explain(
    saved: Run,
    method: str = "permutation",
    symbol: str | None = None,
    cutoffs: tuple[str, ...] | None = None,
    limit: int = EXPLAINED,
) -> Generator[Event, None, Explanation]:
    """Explain a saved run: `limit` windows of its test part with the live one, or those with these ISO cutoffs."""
    from core.explain import explainer

    yield Stage(name="explain", text="Sharing the forecasts out among the features")
    prepared = windows.again(saved)
    return (yield from explainer.explain(saved.spec, prepared, _restore(saved), method, symbol, cutoffs, limit))


def find_rate(spec: Spec, frame: pd.DataFrame) -> Generator[Event, None, tuple[Floats, Floats, float]]:
    """The curve of core.training.lr_finder as plain values, which a page reads without torch: rates, losses,
    suggestion."""
    yield Stage(name="train", text="Taking steps with rising learning rates")
    from core.training import lr_finder

    spec = windows.resolve(spec, frame)
    curve = yield from lr_finder.find_rate(spec, windows.prepare(spec, frame))
    return curve.lr_N, curve.loss_N, curve.suggestion


def replay(saved: Run) -> pd.DataFrame:
    """The forecast table of a saved run, computed anew from its weights and data: bit for bit the stored one."""
    from core.forecasting import forecast

    prepared = windows.again(saved)
    answer = forecast.network(_restore(saved), prepared.kind.binary)
    made = forecast.compare(saved.spec, prepared, answer)
    return _with_live(made.table, _live(saved.spec, saved.frame, saved.state, answer))


def warm() -> None:
    """Import what a training needs, so that the first click does not wait for it."""
    from core.training import device

    device.warm()
    for name in (
        "core.training.trainer",
        "core.explain.explainer",
        "statsmodels.tsa.stattools",
        "arch.univariate",
        "arch.bootstrap",
    ):
        import_module(name)


def environment() -> dict[str, str]:
    """Versions that decide the last digits of a run."""
    return {"python": platform.python_version(), "machine": platform.machine()} | {
        name: version(name) for name in ("torch", "numpy", "pandas")
    }


def look_ahead(spec: Spec, frame: pd.DataFrame) -> dict[str, int]:
    """The features of a resolved recipe that change their past as rows are added, each with how many rows ahead it
    looks at least."""
    columns = frames.columns(frame)
    level = targets.level_column(spec.target, columns)
    none = pd.DatetimeIndex([])
    found: dict[str, int] = {}
    for symbol in frames.symbols(frame):
        table = frames.of_symbol(frame, symbol)
        targets.check_level(table[level], targets.KINDS[spec.target.kind])  # before features, which it may upset
        ahead = lookahead.check(lambda part: registry.compute(part, spec.features, level, none), table)
        found = {name: max(rows, found.get(name, 0)) for name, rows in (found | ahead).items()}
    return found


def refuse_look_ahead(spec: Spec, frame: pd.DataFrame) -> dict[str, int]:
    """What `look_ahead` finds. Raises FeatureError naming it, unless the recipe overrides the check."""
    found = look_ahead(spec, frame)
    if found and not spec.allow_lookahead:
        raise lookahead.refusal(found)
    return found


def look_ahead_alarms(ahead: dict[str, int]) -> tuple[Alarm, ...]:
    """An alarm for each feature that was let pass although it looks ahead."""
    return tuple(
        Alarm(
            name="look-ahead",
            feature=name,
            text=f"{name} looks ahead {lookahead.by(rows)}: its values at a cutoff would not have been "
            "known then. The check refused it and was overridden.",
        )
        for name, rows in ahead.items()
    )


def _live(spec: Spec, frame: pd.DataFrame, state: dict[str, Floats], answer: "Net") -> pd.DataFrame | None:
    """The live forecast; None where no symbol has a whole newest window."""
    from core.forecasting import forecast

    after = np.datetime64(int(state["calibrate_from"][0]), "ns")
    recent = windows.recent(spec, frame, *windows.scalers_of(state), after)
    return forecast.live(spec, recent, answer) if len(recent.live) else None


def _with_live(past: pd.DataFrame, live: pd.DataFrame | None) -> pd.DataFrame:
    return past if live is None else table.join([past, live])


def _restore(saved: Run) -> "Network | Ensemble":
    from core.training.trainer import restore

    return restore(saved.spec, saved.weights, len(frames.symbols(saved.frame)))


def _state(prepared: windows.Prepared, calibrate_from: np.datetime64) -> dict[str, Floats]:
    """Everything but the weights that a forecast needs: scalers, and where the scores of the band begin."""
    return (
        prepared.x_scaler.state("x")
        | prepared.y_scaler.state("y")
        | {"calibrate_from": np.array([calibrate_from.astype("datetime64[ns]").astype(np.int64)])}
    )


def _named_as(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """`new` with the symbols of `old`: a single series may go by another name."""
    was, now = frames.symbols(old), frames.symbols(new)
    if len(was) == len(now) == 1:
        return new.rename(columns={now[0]: was[0]}, level="symbol")
    if set(was) - set(now):
        raise DataError(
            f"The run forecasts {', '.join(was)}; the new data have {', '.join(now)}. Bring the same symbols."
        )
    return new[list(was)]
