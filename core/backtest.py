"""Walk forward: a model trained anew for each fold, and all their forecasts judged together; a job beside the pipeline.

Axis letters: N windows, H steps, Q quantiles, O outputs (quantiles, or one probability).
"""

import time
from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pandas as pd

from core import pipeline
from core.data import frame as frames
from core.datasets import leakage, windows
from core.datasets import panel as rows
from core.errors import DataError, SpecError
from core.evaluation.backtest import result as walked
from core.evaluation.backtest.plan import Layout, Plan, lay
from core.evaluation.backtest.result import Backtest, FoldResult
from core.events import Event, Fold, Stage
from core.features import registry
from core.forecasting import table as tables
from core.intervals import calibrate
from core.spec import QUANTILES, Spec, Split
from core.types import Floats, History, Windows

PROBABILITY = "probability"
ANSWERS = tuple(f"q{round(100 * q):02d}" for q in QUANTILES)  # of the network, before any band is calibrated
NAMES = ("part", "symbol", "cutoff", "step")


def layout(spec: Spec, frame: pd.DataFrame, plan: Plan) -> tuple[tuple[Layout, ...], pd.DatetimeIndex]:
    """The folds of a plan and the sessions that their positions count: those in which every feature has a value, and
    its warm-up before them. Raises SpecError where the folds do not fit, DataError and FeatureError as a run does."""
    spec = windows.resolve(spec, frame)
    shares = replace(spec, split=Split())
    index = rows.span(shares, rows.build(spec, frame), frame)
    return lay(plan, len(index), spec.target.horizon), index


def check(spec: Spec, frame: pd.DataFrame, plan: Plan) -> None:
    """Raise what the first fold, which has the fewest rows, would raise before it is trained."""
    frames.check(frame)
    folds, index = layout(spec, frame, plan)
    windows.prepare(*_cut(windows.resolve(spec, frame), frame, folds[0], index))


def run(spec: Spec, frame: pd.DataFrame, plan: Plan) -> Generator[Event, None, Backtest]:
    """Every fold, one after another, put together. Raises as `fold` does, before the first one where it can."""
    check(spec, frame, plan)
    results = []
    for number in range(1, plan.folds + 1):
        results.append((yield from fold(spec, frame, plan, number)))
    return collect(spec, frame, plan, tuple(results))


def fold(spec: Spec, frame: pd.DataFrame, plan: Plan, number: int) -> Generator[Event, None, FoldResult]:
    """Train fold `number` (from 1) on the rows before its test part and forecast that; no row after it is seen.

    The same recipe, frame and plan give the same numbers, whatever other folds do. Raises as core.pipeline.run does.
    """
    began, head = time.perf_counter(), f"Fold {number} of {plan.folds}"
    yield Stage(name="features", text=f"{head}: computing features and checking that none looks ahead")
    frames.check(frame)
    spec = windows.resolve(spec, frame)
    folds, index = layout(spec, frame, plan)
    part, cut = _cut(spec, frame, folds[number - 1], index)
    ahead = pipeline.refuse_look_ahead(part, cut)
    prepared = windows.prepare(part, cut)
    calibrate.check(part, prepared)
    from core.forecasting import forecast
    from core.training import trainer

    yield Stage(name="train", text=f"{head}: training on {len(prepared.splits.train)} windows")
    trained = yield from trainer.train(part, prepared)
    yield Stage(name="evaluate", text=f"{head}: forecasting its test part")
    answer, model = forecast.network(trained.net, prepared.kind.binary), spec.model.kind
    compared = forecast.compare(part, prepared, answer)
    beside = {
        name: tables.matrix(compared.table, name)
        for name in ("val", "calib", "test")
        if len(getattr(prepared.splits, name))
    }
    made = [
        _answers(
            name,
            getattr(prepared.splits, name),
            forecast.quantiles(answer, getattr(prepared.splits, name), prepared),
            matrix,
            model,
        )
        for name, matrix in beside.items()
    ]
    reference = walked.best(beside["val"], model, prepared.kind, prepared.score_SC)
    skill = walked.skill(beside["test"], model, reference, prepared.kind, prepared.score_SC)
    seconds = time.perf_counter() - began
    yield Fold(fold=number, folds=plan.folds, skill=skill, seconds=seconds)
    counts = {name: len(getattr(prepared.splits, name)) for name in ("train", "val", "calib", "test")}
    return FoldResult(
        fold=number,
        folds=plan.folds,
        table=pd.concat(made, ignore_index=True),
        rows=counts,
        history=_plain(trained.history),
        scale_SC=np.asarray(prepared.score_SC),
        naive_mae=compared.naive_mae,
        skill=skill,
        seconds=seconds,
        left_out=compared.left_out,
        alarms=(*pipeline.look_ahead_alarms(ahead), *leakage.target_copies(prepared)),
    )


def collect(spec: Spec, frame: pd.DataFrame, plan: Plan, results: tuple[FoldResult, ...]) -> Backtest:
    """The folds that are there, in whatever order they came, as one forecast table with its band, scores and verdict.

    The band is calibrated over all out-of-sample scores in time order, those of the first fold's calibration part
    (validation where it has none) before all others. Raises DataError when no fold is there.
    """
    from core.evaluation.score import evaluate

    if not results:
        raise DataError("No fold is finished yet, so there is nothing to put together. Start the walk first.")
    spec, results = windows.resolve(spec, frame), tuple(sorted(results, key=lambda result: result.fold))
    panel, first, model = rows.build(spec, frame), results[0], spec.model.kind
    seed = "calib" if first.rows["calib"] else "val"
    forecast = _forecast(spec, panel, results, seed)
    evaluation = evaluate(
        forecast,
        model,
        panel.kind,
        scale_SC=first.scale_SC,
        naive_mae=first.naive_mae,
        horizon=spec.target.horizon,
        nominal=spec.bands.coverage,
        calibrated_on=seed,
    )
    there = {result.fold for result in results}
    return Backtest(
        spec=spec,
        plan=plan,
        forecast=forecast,
        evaluation=walked.warned(results, evaluation),
        folds=walked.score(results, forecast, model, panel.kind, evaluation.verdict.reference),
        missing=tuple(k for k in range(1, plan.folds + 1) if k not in there),
        seconds=sum(result.seconds for result in results),
    )


def _cut(spec: Spec, frame: pd.DataFrame, fold: Layout, index: pd.DatetimeIndex) -> tuple[Spec, pd.DataFrame]:
    """The recipe and the rows of one fold: nothing after its test part, and before it the warm-up of its features."""
    before = min(fold.start, registry.rows_needed(spec.features))
    start, end = index[fold.start - before], index[fold.end - 1]
    return replace(spec, split=fold.split(before)), frame.loc[start:end]


def _answers(part: str, made: Windows, made_NHO: Floats, beside: tables.Matrix, model: str) -> pd.DataFrame:
    """The rows of FoldResult.table of one part."""
    names = (PROBABILITY,) if made_NHO.shape[2] == 1 else ANSWERS
    whole = tables.rows(model, part, made, *np.full((2, *made_NHO.shape[:2]), np.nan))
    own = {name: made_NHO[:, :, o].ravel() for o, name in enumerate(names)}
    rules = {name: yhat_NH.ravel() for name, yhat_NH in beside.yhat_NH.items() if name != model}
    return whole[[*NAMES]].astype({"part": str, "symbol": str}).assign(**own, **rules)


def _forecast(spec: Spec, panel: rows.Panel, results: tuple[FoldResult, ...], seed: str) -> pd.DataFrame:
    """The long table: validation and calibration of the first fold, test of all; the band follows the outcomes."""
    from core.forecasting import forecast

    first = results[0].table
    parts = {name: first[first["part"] == name] for name in ("val", "calib") if results[0].rows[name]}
    parts["test"] = pd.concat([result.table[result.table["part"] == "test"] for result in results], ignore_index=True)
    made = {name: (_windows(spec, panel, part), _raw(part, len(panel.rows.steps))) for name, part in parts.items()}
    # A baseline that one fold had to leave out is no baseline of the whole.
    rules = [
        rule
        for rule in parts["test"].columns
        if rule not in (*NAMES, PROBABILITY, *ANSWERS) and all(part[rule].notna().all() for part in parts.values())
    ]
    joined = []
    for name, (at, made_NHO) in made.items():
        band = None
        if name == "test" and not panel.kind.binary:
            made_NHO, band = calibrate.calibrate(spec, panel.kind, *made[seed], at, made_NHO)
        y_NH, shape = panel.kind.to_user(at.y_NH), made_NHO.shape[:2]
        joined.append(forecast.model_rows(spec.model.kind, name, at, made_NHO, band, panel.kind))
        joined += [tables.rows(rule, name, at, y_NH, parts[name][rule].to_numpy().reshape(shape)) for rule in rules]
    return tables.join(joined)


def _raw(part: pd.DataFrame, steps: int) -> Floats:
    names = [PROBABILITY] if PROBABILITY in part.columns else list(ANSWERS)
    return part[names].to_numpy().reshape(-1, steps, len(names))


def _windows(spec: Spec, panel: rows.Panel, part: pd.DataFrame) -> Windows:
    """The windows of these rows among all sessions of the frame. Raises SpecError where the frame is another."""
    each = part.iloc[:: len(panel.rows.steps)]
    at_N = np.full(len(each), -1)
    for s, name in enumerate(panel.rows.symbols):
        own_N = (each["symbol"] == name).to_numpy()
        found_N = panel.index(s).get_indexer(pd.DatetimeIndex(each["cutoff"][own_N]))
        at_N[own_N] = np.where(found_N >= 0, found_N + panel.offset[s], -1)
    if (at_N < 0).any():
        raise SpecError(
            f"{(at_N < 0).sum()} cutoffs of the folds are no sessions of this series: its data have "
            "changed since. Start the walk anew."
        )
    return Windows(rows=panel.rows, lookback=spec.window.lookback, cutoff_row_N=at_N)


def _plain(history: History) -> History:
    """Without the norms of the gradients, which nobody reads of a fold."""
    return replace(
        history, epochs=tuple(replace(e, grad_norm=None, grad_norm_max=None, layer_norms=None) for e in history.epochs)
    )
