"""The track record of live forecasts, simulated: python -m benchmarks.track

The last year of the S&P 500 is fed day by day through refresh and log, and what they say is compared with one pass over
the same rows; a line is edited; worlds whose variance doubles are drawn (`--draws`); 50 runs are refreshed (`--runs`).
Goals: equal to a backtest; the edited line named; flagged within 40 sessions in 9 of 10 draws, falsely in 1 of 20.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import pipeline
from core.baselines.registry import BASELINES, fit
from core.data import frame as frames
from core.data.load import load
from core.data.sources import samples
from core.datasets import windows
from core.datasets.panel import build_panel
from core.datasets.targets import TargetKind
from core.evaluation import baseline_tests, metrics, significance
from core.evaluation.track import betting, record, score
from core.evaluation.track.record import ForecastRecord, ModelRecord, OutcomeRecord
from core.evaluation.track.score import TrackRecord
from core.forecasting import forecast, table
from core.intervals import calibrate
from core.jobs.local import run as exhaust
from core.spec import Spec, with_values
from core.storage import forecast_log
from core.storage.finish import finish
from core.tracking import refresh
from core.tracking.advance import freeze
from core.training import trainer
from core.types import Floats, Run, Windows

QUICK: dict[str, Any] = {"train.epochs": 3, "train.device": "cpu", "model.hidden": 16, "data.source": "file"}
RECIPES: dict[str, dict[str, Any]] = {
    "volatility, 5 days": {},
    "return, 1 day": {"target.kind": "log_return", "target.horizon": 1, "features": ()},
}
WITHIN, YEAR = 40, 250  # sessions
ROWS, BEFORE = 900, 100  # of a world before its model is trained, and before it changes late
REFRESHED = ("SP500", "NASDAQ", "WTI", "VIX", "AAPL")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=YEAR)
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--series", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--only", choices=("simulate", "power", "drift", "refresh"))
    options = parser.parse_args()
    if options.only in (None, "simulate"):
        for name, changes in RECIPES.items():
            simulate(name, with_values(samples.recipe("SP500"), QUICK | changes), options.sessions)
    if options.only in (None, "power"):
        for count in options.series:
            draw_errors(count, 5 * options.draws)
    if options.only in (None, "drift"):
        for count in options.series:
            draw_worlds(count, options.draws)
    if options.only in (None, "refresh"):
        refresh_many(options.runs)


def simulate(name: str, spec: Spec, sessions: int) -> None:
    """Feed the last sessions of a sample day by day, and compare the log with one pass over the same rows."""
    frame = load(with_values(spec, {"data.source": "sample"}).data, Path())
    trained = exhaust(pipeline.run(spec, frame.iloc[:-sessions]), lambda event: None)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        run, warning = finish(trained, None, root)
        assert not warning, warning
        began = time.perf_counter()
        for day in range(len(frame) - sessions + 1, len(frame) + 1):
            refreshed = exhaust(refresh.refresh(root, root, given=frame.iloc[:day]), lambda event: None)
            assert not refreshed.failed, refreshed.failed
            refresh.keep(refreshed, root)
        seconds = time.perf_counter() - began
        log = forecast_log.load(root)
        (live,) = score.compute(log.records)
        once, daily = (compute_once(run, frame, live.model, daily=each) for each in (False, True))
        print(
            f"{name}: {sessions} sessions, {int(live.scored_N.sum())} scored of {len(live.cutoff_N)} live forecasts, "
            f"{seconds / sessions:.2f} s a session; log of {log.entries} lines, {'intact' if log.intact else 'BROKEN'}"
        )
        print(
            f"  coverage, live / backtest  {live.coverage:.6f} / {daily.coverage:.6f}; {once.coverage:.6f} with "
            "intervals in one pass, whose scale is estimated once"
        )
        print(f"  skill, live / backtest     {live.skill:+.6f} / {once.skill:+.6f} over {live.model.reference}")
        gap = max(compare(live, daily, part) for part in ("yhat_NH", "lo_NH", "hi_NH", "reference_NH"))
        print(f"  largest difference of a forecast or a bound: {gap:.1e} of the interval's width")
        print(f"  drift: e = {live.drift.e_value:.2f}, flagged: {live.drift.flag}")
        print(f"  {edit_a_line(root)}")


def compare(live: TrackRecord, once: "Once", part: str) -> float:
    """The largest difference of a part of the scored forecasts, as a share of the width of the interval."""
    count, width_NH = len(once.yhat_NH), once.hi_NH - once.lo_NH
    return float((np.abs(getattr(live, part)[:count] - getattr(once, part)) / width_NH).max())


def edit_a_line(root: Path) -> str:
    """Change one digit in the middle of the log; what its check says."""
    path = root / forecast_log.FOLDER / forecast_log.FILE
    lines = path.read_text().splitlines(keepends=True)
    at = len(lines) // 2
    values = json.loads(lines[at])
    name = "yhat_H" if "yhat_H" in values else "y_H"
    old = json.dumps(values[name][0])
    lines[at] = lines[at].replace(old, json.dumps(values[name][0] * 1.01), 1)
    path.write_text("".join(lines))
    return f"line {at + 1} edited: {forecast_log.load(root).problem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """The forecasts after a training, all in one pass, with their scores; (N, H)."""

    cutoff_N: np.ndarray
    symbol_N: np.ndarray
    time_NH: np.ndarray
    y_NH: np.ndarray
    yhat_NH: np.ndarray
    lo_NH: np.ndarray
    hi_NH: np.ndarray
    reference_NH: np.ndarray
    coverage: float
    skill: float


def compute_once(run: Run, frame: pd.DataFrame, model: ModelRecord, daily: bool = False) -> Once:
    """What a backtest computes of a saved run on the rows after its training: outcomes, forecasts, rolling intervals,
    coverage and skill by the functions that judge a test split.

    The intervals of a live forecast are drawn again at every cutoff, with all outcomes by then; so they are if `daily`.
    Else they are drawn in one pass, as those of a test split: they follow the outcomes too, and what they estimate
    before the first of them stays.
    """
    scalers, panel = windows.restore_scalers(run.state), build_panel(run.spec, frame)
    prepared = windows.prepare(freeze(run.spec, model, frame), frame, scalers, panel=panel)
    after = np.datetime64(int(run.state["calibrate_from"][0]), "ns")
    recent = windows.prepare_recent(run.spec, frame, *scalers, after, panel)
    known = recent.known
    known = known.take(np.flatnonzero(np.isfinite(known.y_NH).all(axis=1)))
    last = np.datetime64(run.frame.index[-1])
    past, later = known.take(np.flatnonzero(known.cutoff_N < last)), known.take(np.flatnonzero(known.cutoff_N >= last))
    net = forecast.network(trainer.restore(run.spec, run.weights, len(model.symbols)), prepared.kind.binary)
    past_NHQ, output_NHO = forecast.quantiles(net, past, recent), forecast.predict(net, later, recent)
    later_NHQ = output_NHO[:, :, :-1]
    bands = calibrate.calibrate(run.spec, prepared.kind, past, past_NHQ, later, later_NHQ)
    if daily:
        all_NHQ = np.concatenate([past_NHQ, later_NHQ])
        bands = draw_daily(run.spec, prepared.kind, known, all_NHQ, len(past))
    rows = forecast.model_rows(run.spec, "test", later, output_NHO, bands, prepared.kind)
    naive = prepared.kind.to_user(fit(BASELINES[model.reference], prepared)(later))
    rule = table.build_rows(model.reference, "test", later, prepared.kind.to_user(later.y_NH), naive)
    test = table.to_matrix(table.concat([rows, rule]), "test")
    shape = test.y_NH.shape
    lo_NH, hi_NH = (rows[name].to_numpy().reshape(shape) for name in ("lo", "hi"))
    mse = [
        baseline_tests.mean_squared_error(test, name, prepared.kind, model.scale_SC)
        for name in (run.spec.model.kind, model.reference)
    ]
    return Once(
        cutoff_N=test.cutoff_N,
        symbol_N=test.symbol_N,
        time_NH=rows["time"].to_numpy().reshape(shape),
        y_NH=test.y_NH,
        yhat_NH=test.yhat_NH[run.spec.model.kind],
        lo_NH=lo_NH,
        hi_NH=hi_NH,
        reference_NH=test.yhat_NH[model.reference],
        coverage=metrics.coverage(test.y_NH, lo_NH, hi_NH),
        skill=baseline_tests.skill(*mse),
    )


def draw_daily(spec: Spec, kind: TargetKind, known: Windows, quantile_NHQ: Floats, first: int) -> calibrate.Calibrated:
    """The calibrated quantiles and bounds of the windows from the `first` on, of one symbol, each drawn on its own."""
    drawn = [
        calibrate.calibrate(
            spec, kind, known.take(np.arange(n)), quantile_NHQ[:n], known.take(np.array([n])), quantile_NHQ[n : n + 1]
        )
        for n in range(first, len(known))
    ]
    level_NHL = np.concatenate([one[0] for one in drawn])
    low_NH, high_NH = (np.concatenate([one[1][end] for one in drawn]) for end in (0, 1))
    return level_NHL, (low_NH, high_NH)


def draw_errors(count: int, draws: int) -> None:
    """The same as `draw_worlds` for normal errors in fixed intervals of 90 %, without a training: many draws."""
    hits, rng = np.zeros(4), np.random.default_rng(11)
    for _ in range(draws):
        test, same, wild = (rng.normal(size=(sessions, count)) for sessions in (YEAR, YEAR, WITHIN))
        changed = np.concatenate([same[:BEFORE], np.sqrt(2) * wild])
        early_T, same_T, late_T = (
            bet_on_errors(test, error) >= betting.ALARM for error in (np.sqrt(2) * wild, same, changed)
        )
        late = late_T.any() and not late_T[:BEFORE].any()
        hits += np.array([early_T.any(), late, same_T[:WITHIN].any(), same_T.any()], dtype=float)
    early, later, soon, year = (hits / draws).tolist()
    print(
        f"variance doubled, normal errors of {count} series, {draws} draws: within 40 sessions {early:.1%}, after 100 "
        f"good ones {later:.1%}; falsely within 40 {soon:.1%}, within 250 {year:.1%}"
    )


def bet_on_errors(test_MS: Floats, later_TS: Floats) -> Floats:
    """The wealth of the bet on drift after each session, as `core.evaluation.track.score` has it: (T,)."""
    by_loss_T = betting.bet_on_losses((test_MS**2).mean(axis=1), (later_TS**2).mean(axis=1))
    inside = [(np.abs(error) < 1.645).mean(axis=1) for error in (test_MS, later_TS)]
    low, high = significance.wilson_interval(float(inside[0].mean()), len(test_MS))
    by_coverage_T = betting.bet_on_coverage(inside[1], low, high)
    return score.STAKE_ON_LOSS * by_loss_T + (1 - score.STAKE_ON_LOSS) * by_coverage_T


def draw_worlds(count: int, draws: int) -> None:
    """How often a model of `count` series is flagged after their variance doubled, at once or later, and when nothing
    changed."""
    flagged = {"within 40 sessions": 0, "late change, within 40": 0, "falsely within 40": 0, "falsely within 250": 0}
    for seed in range(draws):
        early, late, same = (world(seed, count, change) for change in (0, BEFORE, None))
        model, once = same_model(early, (late, same), count)
        flagged["within 40 sessions"] += _first_alarm(model, once[0]) <= WITHIN
        flagged["late change, within 40"] += BEFORE < _first_alarm(model, once[1]) <= BEFORE + WITHIN
        flagged["falsely within 40"] += _first_alarm(model, once[2]) <= WITHIN
        flagged["falsely within 250"] += _first_alarm(model, once[2]) <= YEAR
    shares = ", ".join(f"{name} {hits}/{draws}" for name, hits in flagged.items())
    print(f"variance doubled, one model of {count} series: {shares}")


def world(seed: int, count: int, change: int | None) -> pd.DataFrame:
    """Prices with independent normal returns whose variance doubles `change` sessions after the training, or never."""
    rng, end = np.random.default_rng(seed), YEAR if change is None else change + WITHIN + 1
    spread = np.full((ROWS + YEAR, 1), 0.01)
    if change is not None:
        spread[ROWS + change :] *= np.sqrt(2)
    close = 100 * np.exp(np.cumsum(rng.normal(size=(ROWS + YEAR, count)) * spread, axis=0))[: ROWS + end]
    index = pd.bdate_range("2010-01-01", periods=len(close), name="time")
    return frames.build({f"S{s}": pd.DataFrame({"close": close[:, s]}, index=index) for s in range(count)})


def same_model(first: pd.DataFrame, others: Sequence[pd.DataFrame], count: int) -> tuple[ModelRecord, list[Once]]:
    """A model trained before the worlds part, and its forecasts in each of them."""
    changes = {"target.kind": "log_return", "target.horizon": 1, "window.lookback": 10, "train.epochs": 1}
    changes |= {"data.symbols": tuple(f"S{s}" for s in range(count)), "model.hidden": 4, "data.source": "file"}
    spec = with_values(Spec(), changes | {"train.device": "cpu"})
    run = exhaust(pipeline.run(spec, first.iloc[:ROWS]), lambda event: None)
    model = record.of_model(run, windows.prepare_saved(run), forecast_log.now())
    return model, [compute_once(run, frame, model) for frame in (first, *others)]


def _first_alarm(model: ModelRecord, once: Once) -> float:
    """The number of scored sessions at which the track record flags the model; infinite if it never does."""
    track = track_of(model, once)
    reached = np.flatnonzero(track.drift.wealth_T >= betting.ALARM)
    return float(reached[0] + 1) if len(reached) else np.inf


def track_of(model: ModelRecord, once: Once) -> TrackRecord:
    """The track record of forecasts that were computed in one pass."""
    records: list[Any] = [model]
    for n, cutoff in enumerate(once.cutoff_N):
        names: dict[str, Any] = {
            "run": model.run,
            "symbol": model.symbols[once.symbol_N[n]],
            "data": "",
            "logged": model.logged,
        }
        names["cutoff"] = pd.Timestamp(cutoff).isoformat()
        parts: dict[str, Any] = {
            f"{part}_H": tuple(getattr(once, f"{part}_NH")[n]) for part in ("yhat", "lo", "hi", "reference")
        }
        times = tuple(pd.Timestamp(time).isoformat() for time in once.time_NH[n])
        common: dict[str, Any] = {
            "spec_id": model.spec_id,
            "nominal": model.nominal,
            "level": 1.0,
            "median_H": parts["yhat_H"],
        }
        records += [ForecastRecord(**names, **parts, **common, time_H=times)]
        records += [OutcomeRecord(**names, y_H=tuple(once.y_NH[n]))]
    return score.compute(records)[0]


def refresh_many(count: int) -> None:
    """The seconds that a refresh of so many saved runs takes when each has new rows, and when none has."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in REFRESHED[:count]:
            recipe = samples.recipe(name)
            end = load(recipe.data, root).index[-20]
            spec = with_values(recipe, QUICK | {"data.source": "sample", "data.end": f"{end:%Y-%m-%d}"})
            run = exhaust(pipeline.run(spec, load(spec.data, root)), lambda event: None)
            for _ in range(len(range(REFRESHED.index(name), count, len(REFRESHED)))):
                finish(run, None, root)
        for state in ("new rows for each", "no new rows"):
            began = time.perf_counter()
            refreshed = exhaust(refresh.refresh(root, root), lambda event: None)
            refresh.keep(refreshed, root)
            print(
                f"refresh of {refreshed.runs} runs, {state}: {time.perf_counter() - began:.1f} s, {refreshed.summary}"
            )


if __name__ == "__main__":
    main()
