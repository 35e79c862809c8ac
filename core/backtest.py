"""Walk-forward backtest: the model is retrained for each fold, and all its forecasts are evaluated together.

Axis letters: N windows, H steps, Q quantiles, O outputs (quantiles, or one probability).
"""

import time
from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pandas as pd

from core import pipeline
from core.data import frame as frames
from core.datasets import label_floor, windows
from core.datasets import panel as panels
from core.errors import DataError, SpecError
from core.evaluation.backtest import result as results_
from core.evaluation.backtest.plan import FoldLayout, Plan, layout_folds
from core.evaluation.backtest.result import Backtest, FoldResult
from core.events import Cost, Event, Fold, Stage
from core.features import registry
from core.forecasting import table as tables
from core.language import message
from core.spec import QUANTILES, Spec, Split
from core.types import Floats, History, Windows

PROBABILITY = "probability"
OUTPUTS = (*(f"q{round(100 * q):02d}" for q in QUANTILES), "expected")  # of the network, before any calibration
NAMES = ("part", "symbol", "cutoff", "step")


def layout(spec: Spec, frame: pd.DataFrame, plan: Plan) -> tuple[tuple[FoldLayout, ...], pd.DatetimeIndex]:
    """The folds of a plan, and the times to which their positions refer: those with every feature, and the warm-up.

    Raises SpecError if the folds do not fit, DataError and FeatureError as a run does.
    """
    spec = windows.resolve(spec, frame)
    shares = replace(spec, split=Split())
    index = panels.times_to_split(shares, panels.build_panel(spec, frame), frame)
    return layout_folds(plan, len(index), spec.target.horizon), index


def check(spec: Spec, frame: pd.DataFrame, plan: Plan) -> None:
    """Raise before training what the first fold, which has the fewest rows, would raise."""
    frames.check(frame)
    folds, index = layout(spec, frame, plan)
    windows.prepare(*_cut(windows.resolve(spec, frame), frame, folds[0], index))


def run(spec: Spec, frame: pd.DataFrame, plan: Plan) -> Generator[Event, None, Backtest]:
    """Run all folds one after another and evaluate them together. Raises as `fold` does, before the first if it can."""
    check(spec, frame, plan)
    results = []
    for number in range(1, plan.folds + 1):
        results.append((yield from fold(spec, frame, plan, number)))
    return collect(spec, frame, plan, tuple(results))


def fold(spec: Spec, frame: pd.DataFrame, plan: Plan, number: int) -> Generator[Event, None, FoldResult]:
    """Train fold `number` (from 1) on the rows before its test split and forecast that; no later row is used.

    Equal recipes, frames and plans give equal numbers, whatever happens in other folds. Raises as core.pipeline.run
    does.
    """
    began, place = time.perf_counter(), {"fold": number, "folds": plan.folds}
    text = message("Fold {fold} of {folds}: computing features and checking that none looks ahead", **place)
    yield Stage(name="features", text=text)
    frames.check(frame)
    spec = windows.resolve(spec, frame)
    folds, index = layout(spec, frame, plan)
    inputs = pipeline.prepare(*_cut(spec, frame, folds[number - 1], index))
    prepared, model = inputs.prepared, spec.model.kind

    from core.forecasting import forecast
    from core.training import cost, trainer

    yield Cost(seconds=cost.estimate(inputs.spec, prepared, ("train", "evaluate")))
    text = message("Fold {fold} of {folds}: training on {count} windows", count=len(prepared.splits.train), **place)
    yield Stage(name="train", text=text, unit=spec.train.unit)
    trained = yield from trainer.train(inputs.spec, prepared)

    yield Stage(name="evaluate", text=message("Fold {fold} of {folds}: forecasting its test split", **place))
    net = forecast.network(trained.net, prepared.kind.binary)
    comparison = forecast.compare(inputs.spec, prepared, net)
    rows = [
        _rows(name, part, output_NHO, tables.to_matrix(comparison.table, name, unscored=True), model)
        for name, (part, output_NHO) in comparison.outputs.items()
    ]
    val, test = (tables.to_matrix(comparison.table, name) for name in ("val", "test"))
    reference = results_.choose_reference(val, model, prepared.kind, prepared.score_SC)
    skill = results_.skill(test, model, reference, prepared.kind, prepared.score_SC)
    seconds = time.perf_counter() - began
    yield Fold(fold=number, folds=plan.folds, skill=skill, reference=reference, seconds=seconds)
    return FoldResult(
        fold=number,
        folds=plan.folds,
        table=pd.concat(rows, ignore_index=True),
        rows=inputs.rows,
        history=_without_gradient_norms(trained.history),
        scale_SC=np.asarray(prepared.score_SC),
        naive_mae_S=comparison.naive_mae_S,
        skill=skill,
        seconds=seconds,
        reference=reference,
        left_out=comparison.left_out,
        alarms=inputs.alarms,
    )


def collect(spec: Spec, frame: pd.DataFrame, plan: Plan, results: tuple[FoldResult, ...]) -> Backtest:
    """The finished folds, in any order, as one forecast table with its intervals, scores and verdict.

    Intervals are calibrated on all out-of-sample scores in time order; those of the first fold's calibration split
    (validation if it has none) come first. Raises DataError if no fold is finished.
    """
    from core.evaluation.score import evaluate

    if not results:
        raise DataError(message("No fold is finished yet, so there is nothing to evaluate. Start the backtest first."))
    spec, results = windows.resolve(spec, frame), tuple(sorted(results, key=lambda result: result.fold))
    first, model = results[0], spec.model.kind
    panel = _build_panel(spec, frame, plan, first.fold)
    calibrated_on = "calib" if first.rows["calib"] else "val"
    forecast = _forecast(spec, panel, results, calibrated_on)
    evaluation = evaluate(
        forecast,
        model,
        panel.kind,
        scale_SC=first.scale_SC,
        naive_mae_S=first.naive_mae_S,
        horizon=spec.target.horizon,
        nominal=spec.bands.coverage,
        calibrated_on=calibrated_on,
    )
    finished = {result.fold for result in results}
    return Backtest(
        spec=spec,
        plan=plan,
        forecast=forecast,
        evaluation=results_.add_fold_alarms(results, evaluation),
        folds=results_.score_folds(results, forecast, model, panel.kind, evaluation.verdict.reference),
        missing=tuple(k for k in range(1, plan.folds + 1) if k not in finished),
        seconds=sum(result.seconds for result in results),
    )


def _build_panel(spec: Spec, frame: pd.DataFrame, plan: Plan, fold: int) -> panels.Panel:
    """The panel of all rows; where labels have a floor, that of this fold, since all folds are scored together."""
    panel = panels.build_panel(spec, frame)
    if not panel.kind.floor:
        return panel
    folds, index = layout(spec, frame, plan)
    least_SC = windows.prepare(*_cut(spec, frame, folds[fold - 1], index)).y_scaler.low_SC
    return replace(panel, rows=label_floor.apply(panel.rows, least_SC))


def _cut(spec: Spec, frame: pd.DataFrame, fold: FoldLayout, index: pd.DatetimeIndex) -> tuple[Spec, pd.DataFrame]:
    """The recipe and the rows of one fold: nothing after its test split, and before it the warm-up of its features."""
    warm_up = min(fold.start, registry.rows_needed(spec.features))
    start, end = index[fold.start - warm_up], index[fold.end - 1]
    return replace(spec, split=fold.split(warm_up)), frame.loc[start:end]


def _rows(split: str, windows: Windows, output_NHO: Floats, matrix: tables.ForecastMatrix, model: str) -> pd.DataFrame:
    """The rows of FoldResult.table for one split: the model's outputs and each baseline's forecast."""
    names = (PROBABILITY,) if output_NHO.shape[2] == 1 else OUTPUTS
    rows = tables.build_rows(model, split, windows, *np.full((2, *output_NHO.shape[:2]), np.nan))
    outputs = {name: output_NHO[:, :, o].ravel() for o, name in enumerate(names)}
    baselines = {name: yhat_NH.ravel() for name, yhat_NH in matrix.yhat_NH.items() if name != model}
    return rows[[*NAMES]].astype({"part": str, "symbol": str}).assign(**outputs, **baselines)


def _forecast(spec: Spec, panel: panels.Panel, results: tuple[FoldResult, ...], calibrated_on: str) -> pd.DataFrame:
    """The long table: validation and calibration of the first fold, test of all, with intervals in time order."""
    from core.forecasting import forecast

    first = results[0].table
    parts = {name: first[first["part"] == name] for name in ("val", "calib") if results[0].rows[name]}
    parts["test"] = pd.concat([result.table[result.table["part"] == "test"] for result in results], ignore_index=True)
    outputs = {
        name: (_windows(spec, panel, part), _outputs(part, len(panel.rows.steps))) for name, part in parts.items()
    }
    # A baseline that is missing in one fold is left out of the backtest.
    baselines = [
        name
        for name in parts["test"].columns
        if name not in (*NAMES, PROBABILITY, *OUTPUTS)
        and all(name in part and part[name].notna().all() for part in parts.values())
    ]
    joined = forecast.split_rows(spec, panel.kind, outputs, calibrated_on)
    windows = {split: part for split, (part, _) in outputs.items()}
    for name in baselines:
        yhat = {split: parts[split][name].to_numpy().reshape(len(part), -1) for split, part in windows.items()}
        joined += forecast.baseline_rows(spec, panel.kind, name, windows, yhat, calibrated_on)
    return tables.concat(joined)


def _outputs(part: pd.DataFrame, steps: int) -> Floats:
    names = [PROBABILITY] if PROBABILITY in part.columns else list(OUTPUTS)
    if OUTPUTS[-1] not in part.columns:  # a fold of version 0.1, whose forecast was the median
        part = part.assign(**{OUTPUTS[-1]: part.get("q50")})
    return part[names].to_numpy().reshape(-1, steps, len(names))


def _windows(spec: Spec, panel: panels.Panel, part: pd.DataFrame) -> Windows:
    """The windows of the panel that belong to these rows. Raises SpecError if the frame has changed since."""
    cutoffs = part.iloc[:: len(panel.rows.steps)]
    row_N = np.full(len(cutoffs), -1)
    for s, name in enumerate(panel.rows.symbols):
        own_N = (cutoffs["symbol"] == name).to_numpy()
        position_N = panel.index(s).get_indexer(pd.DatetimeIndex(cutoffs["cutoff"][own_N]))
        row_N[own_N] = np.where(position_N >= 0, position_N + panel.start[s], -1)
    if (row_N < 0).any():
        raise SpecError(
            message(
                "{count} cutoffs of the folds are not in this series: its data have changed since. Start the backtest "
                "again.",
                count=(row_N < 0).sum(),
            )
        )
    return Windows(rows=panel.rows, lookback=spec.window.lookback, cutoff_row_N=row_N)


def _without_gradient_norms(history: History) -> History:
    return replace(
        history, epochs=tuple(replace(e, grad_norm=None, grad_norm_max=None, layer_norms=None) for e in history.epochs)
    )
