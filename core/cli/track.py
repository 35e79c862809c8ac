"""The track record on the command line: refresh it, verify its log, print what forecasts were worth."""

import argparse
import math
from typing import Any

from core.cli import inputs
from core.cli.commands import Answer, print_progress
from core.data import load
from core.data.sources import files
from core.evaluation.track import score
from core.evaluation.track.score import TrackRecord
from core.jobs.local import run as exhaust
from core.language import figures
from core.storage import atomic, forecast_log
from core.storage.serialize import to_json
from core.tracking import refresh


def track(options: argparse.Namespace) -> Answer:
    """The track record of every run in the log, after a refresh if one is asked for; with `--verify` the log alone."""
    failed: tuple[refresh.Failure, ...] = ()
    lines = list[str]()
    if options.refresh or options.data is not None:
        atomic.check_writable(options.runs)
        given = None
        if options.data is not None:
            given = load.from_tables(files.read_path(options.data, inputs.corrections(options))[0])
        refreshed = exhaust(refresh.refresh(options.runs, inputs.CACHE, given=given), print_progress)
        refresh.keep(refreshed, options.runs)
        failed, lines = refreshed.failed, [refreshed.summary]
        lines += [f"failed: {one.what}: {one.why}" for one in failed]
    log = forecast_log.load(options.runs)
    state = {"entries": log.entries, "intact": log.intact, "problem": log.problem or None, "head": log.head}
    values: dict[str, Any] = {"log": state | {"line": log.line}}
    if not log.intact:
        lines.append(f"warning: {log.problem}")
    if not options.verify:
        tracks, now = score.compute(log.records), forecast_log.now()
        values |= {"runs": [_of_run(one, now) for one in tracks], "all": _of_all(tracks), "failed": to_json(failed)}
        lines += [_line(one) for one in tracks] or ["No live forecast is logged yet. Train a model: python -m core run"]
    elif log.intact:
        lines.append(f"The log of {log.entries} lines is intact; its last hash is {log.head}.")
    return values, "\n".join(lines)


def _of_run(one: TrackRecord, now: str) -> dict[str, Any]:
    """One run as JSON values; losses are squared errors in standard deviations of the training labels."""
    model, drift = one.model, one.drift
    since = None if drift.since is None else str(drift.since.astype("M8[s]"))
    return to_json(
        {
            "run_id": model.run,
            "symbols": model.symbols,
            "forecasts": len(one.cutoff_N),
            "scored": int(one.scored_N.sum()),
            "ahead": int(one.ahead_N.sum()),
            "coverage": one.coverage,
            "nominal": model.nominal,
            "expected_coverage": model.coverage,
            "skill": one.skill,
            "expected_skill": model.skill,
            "reference": model.reference,
            "loss": one.loss,
            "expected": model.loss,
            "age_days": score.age(model, now),
            "drift": {"flag": drift.flag, "e_value": drift.e_value, "since": since},
            "parent": model.parent or None,
        }
    )


def _of_all(tracks: tuple[TrackRecord, ...]) -> dict[str, Any]:
    return to_json(score.total(tracks))


def _line(one: TrackRecord) -> str:
    """One run in words."""
    scored, model = int(one.scored_N.sum()), one.model
    text = f"{model.run}  {','.join(model.symbols)}  {len(one.cutoff_N)} forecasts, {scored} scored"
    if scored:
        text += f"  skill {one.skill:+.1%} (test {model.skill:+.1%})"
        if not math.isnan(one.coverage):
            text += f"  coverage {one.coverage:.1%} of {figures.short_percent(model.nominal)}"
    if one.drift.since is not None:
        text += f"  DRIFTED since {str(one.drift.since)[:10]} (e = {one.drift.e_value:.3g})"
    return text
