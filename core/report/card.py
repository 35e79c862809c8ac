"""The model card of a run as plain frozen data, in the language of the screen.

What the run was trained on, how, how it was judged, what it cannot do, and where it was computed.
"""

from dataclasses import dataclass

import pandas as pd

from core.charts import text
from core.charts.explanation.importance import Z_95
from core.data.frame import columns, symbols
from core.data.quality import describe_frequency
from core.data.sources.registry import SOURCES
from core.datasets import row_notes
from core.datasets.split import SPLITS, TITLES
from core.datasets.targets import TARGETS
from core.datasets.windows import Prepared
from core.evaluation import alarms
from core.evaluation.descriptions import SCORES
from core.evaluation.shares import describe_shares
from core.evaluation.verdict import show_p_value
from core.language import shown, tr, tr_n
from core.report import limits, names
from core.report.figures import shown_symbols, times_of
from core.spec import Spec, compact
from core.types import Run

MOST_COLUMNS = 30  # of the data that are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of written cells under `heads`; `marked` is the row of the model, if it is one of them."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a card: sentences, pairs of a label and a value, and a table. `name` is that of its charts."""

    name: str
    title: str
    sentences: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A model card: the run, its verdict (`tone` is good, none or bad), titled alarms, and its sections in order."""

    run_id: str
    created: str
    title: str
    tone: str
    verdict: str
    alarms: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


def compute(run: Run, prepared: Prepared) -> Card:
    """The card of a run; `prepared` are its windows."""
    evaluation = run.evaluation
    return Card(
        run_id=run.id,
        created=run.created,
        title=names.of_run(run),
        tone=evaluation.verdict.tone,
        verdict=shown(evaluation.verdict.text),
        alarms=tuple((_alarm_title(alarm.name), shown(alarm.text)) for alarm in evaluation.alarms),
        sections=(
            _forecast(run),
            _scores(run),
            _intervals(run),
            _importances(run),
            _data(run),
            _splits(run, prepared),
            _recipe(run),
            Section(name="limits", title=tr("What it cannot tell you"), sentences=limits.describe(run)),
            _environment(run),
        ),
    )


def _alarm_title(name: str) -> str:
    return shown(alarms.TITLES.get(name, name))


def _forecast(run: Run) -> Section:
    live = run.forecast[(run.forecast["part"] == "live") & (run.forecast["model"] == run.spec.model.kind)]
    several = len(symbols(run.frame)) > 1
    heads = (tr("Symbol"), tr("Time"), tr("Forecast"), tr("Band from"), tr("to"))
    rows = [
        (str(row.symbol), text.day(row.time.to_datetime64()), *map(_number, (row.yhat, row.lo, row.hi)))
        for row in live.itertuples()
    ]
    at, hidden = 0 if several else 1, len(symbols(run.frame)) - len(shown_symbols(run))
    omitted = tr_n("{count} more symbol is not drawn here.", "{count} more symbols are not drawn here.", hidden)
    return Section(
        name="forecast",
        title=tr("Forecast"),
        sentences=(*map(shown, row_notes.missing_live(run)), *([omitted] if hidden else [])),
        table=Table(heads=heads[at:], rows=tuple(row[at:] for row in rows)) if rows else None,
    )


def _scores(run: Run) -> Section:
    evaluation, verdict = run.evaluation, run.evaluation.verdict
    facts = [
        (tr("Skill"), text.skill(verdict.skill)),
        (tr("95 % interval of the skill"), " – ".join(map(text.skill, verdict.interval))),
        (tr("p-value"), show_p_value(verdict.p_value)),
        (tr("Reference"), names.baseline(verdict.reference)),
        (tr("Unit of errors"), text.unit_title(names.evaluation(run).unit)),
    ]
    heads = list(dict.fromkeys(name for scores in evaluation.scores.values() for name in scores))
    rows = [
        (text.model_name(model), *(_number(scores.get(name)) for name in heads))
        for model, scores in evaluation.scores.items()
    ]
    arrows = [f"{name} {SCORES[name].arrow}".strip() if name in SCORES else name for name in heads]
    models = [*evaluation.scores]
    return Section(
        name="scores",
        title=tr("Verdict and scores"),
        sentences=(
            tr(
                "Every model forecast the same windows of the test split, which no training saw. ↓ lower is better, ↑ "
                "higher is better, – undefined."
            ),
        ),
        facts=tuple(facts),
        table=Table(
            heads=(tr("Model"), *arrows),
            rows=tuple(rows),
            marked=models.index(run.spec.model.kind) if run.spec.model.kind in models else None,
        ),
    )


def _intervals(run: Run) -> Section:
    bands = run.evaluation.bands
    if not bands:
        return Section(
            name="intervals",
            title=tr("Intervals"),
            sentences=(tr("There is no interval: a probability says itself how uncertain it is."),),
        )
    rows = [
        (
            str(entry["step"]),
            text.percent(entry["coverage"]),
            *(_number(entry.get(name)) for name in ("width", "winkler")),
        )
        for entry in bands["by_step"]
    ]
    return Section(
        name="intervals",
        title=tr("Intervals"),
        facts=(
            (tr("Nominal coverage"), text.short_percent(bands["nominal"])),
            (tr("Coverage on the test split"), text.percent(bands["coverage"])),
            (tr("Mean width"), f"{_number(bands['width'])} {text.unit_title(names.unit(run))}".strip()),
            (tr("Winkler score"), _number(bands.get("winkler"))),
            (tr("Calibrated on"), tr(TITLES.get(bands["calibrated_on"], bands["calibrated_on"]))),
        ),
        table=Table(
            heads=(names.steps_ahead(names.step(run)), tr("Coverage"), tr("Mean width"), tr("Winkler score")),
            rows=tuple(rows),
        ),
    )


def _importances(run: Run) -> Section:
    title, explanation = tr("Importances"), run.explanation
    if explanation is None:
        return Section(name="importances", title=title, sentences=(tr("This run holds no explanation."),))
    errors, step = explanation.importance_error, names.step(run)
    rows = [
        (
            names.feature(code, step),
            code,
            _number(value),
            f"± {_number(Z_95 * errors[code])}" if code in errors else "–",
        )
        for code, value in explanation.importance.items()
    ]
    return Section(
        name="importances",
        title=title,
        sentences=(
            tr(
                "Mean absolute Shapley value of each feature over {count} forecasts; they add up to each forecast "
                "within {error}.",
                count=len(explanation.symbol_N),
                error=text.magnitude(explanation.additivity_error),
            ),
        ),
        table=Table(
            heads=(tr("Feature"), tr("Code"), text.unit_title(names.contribution_unit(run)), tr("95 % interval")),
            rows=tuple(rows),
        ),
    )


def _data(run: Run) -> Section:
    data, index = run.spec.data, pd.DatetimeIndex(run.frame.index)
    listed = columns(run.frame)
    more = tr(" and {count} more", count=len(listed) - MOST_COLUMNS) if len(listed) > MOST_COLUMNS else ""
    period = f"{text.day(index[0].to_datetime64())} – {text.day(index[-1].to_datetime64())}"
    facts = [
        (tr("Series"), ", ".join(symbols(run.frame))),
        (tr("Source"), tr(SOURCES[data.source].title)),
        (tr("Period"), period),
        (tr("Rows"), f"{len(index):,}, {shown(describe_frequency(index))}"),
        (tr("Columns"), ", ".join(listed[:MOST_COLUMNS]) + more),
        (tr("Past covariates"), ", ".join(data.join)),
        (tr("Known future covariates"), ", ".join(data.known_future)),
        (tr("Digest of the data"), run.data_digest),
    ]
    return Section(
        name="data",
        title=tr("Data"),
        facts=tuple((label, value) for label, value in facts if value),
        sentences=tuple(map(shown, row_notes.describe(run.spec, run.frame))),
    )


def _splits(run: Run, prepared: Prepared) -> Section:
    times = times_of(prepared)
    rows = [
        (tr(TITLES[name]), f"{run.rows[name]:,}", *(text.day(time) for time in times.get(name, ())))
        for name in SPLITS
        if run.rows.get(name)
    ]
    return Section(
        name="splits",
        title=tr("Splits"),
        sentences=(
            tr(
                "In the order of time. A window belongs to the split of its cutoff, its last row; windows whose "
                "outcome reaches into the next split are left out."
            ),
        ),
        table=Table(heads=(tr("Split"), tr("Windows"), tr("First cutoff"), tr("Last cutoff")), rows=tuple(rows)),
    )


def _recipe(run: Run) -> Section:
    spec, kind, step = run.spec, TARGETS[run.spec.target.kind], names.step(run)
    priced = names.are_prices(spec.data.source, spec.data.symbols, (spec.target.column or "close",))
    facts = [
        (tr("Forecast"), names.title_ahead(names.target(spec.target.kind, priced), spec.target.horizon, step)),
        (tr("Column"), "" if kind.only_column else str(spec.target.column or "")),
        (tr("Model"), names.model(spec.model.kind)),
        (tr("Window length"), text.steps(spec.window.lookback, names.unit(run))),
        (tr("Features"), "; ".join(names.feature(code, step) for code in spec.features)),
        (tr("Training"), shown(spec.train.budget)),
        (tr("Seed"), str(spec.seed)),
    ]
    shares = describe_shares(run, names.model(spec.model.kind))
    return Section(
        name="recipe",
        title=tr("Recipe"),
        facts=tuple((label, value) for label, value in facts if value),
        sentences=(shown(shares),) if shares else (),
        table=_changes(spec),
    )


def _changes(spec: Spec) -> Table | None:
    """The settings that differ from the defaults, without those that stand above."""
    rows = [
        (one.path, tr(one.field.label), names.setting(one.path, one.field, one.after))
        for one in compact.differences(Spec(), spec)
        if one.path.partition(".")[0] not in {"data", "target", "features"}
    ]
    heads = (tr("Setting"), tr("What it is"), tr("Value"))
    return Table(heads=heads, rows=tuple(rows)) if rows else None


def _environment(run: Run) -> Section:
    history = run.history
    facts = [
        (tr("Trained"), run.created.replace("T", " ")),
        (tr("Device"), history.device),
        (tr("Seconds of training"), f"{history.seconds:.1f}"),
        (tr("Epochs or validation passes"), f"{len(history.epochs)}"),
        *((name, str(version)) for name, version in run.environment.items()),
        (tr("Digest of the recipe"), run.spec.id),
    ]
    return Section(
        name="environment",
        title=tr("Environment"),
        facts=tuple(facts),
        sentences=(
            tr("The same recipe and data give the same numbers with these versions on the same kind of machine."),
        ),
    )


def _number(value: float | None) -> str:
    return "–" if value is None or value != value else text.number(value)
