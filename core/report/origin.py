"""The parts of a model card on where a run comes from: data, splits, recipe and environment."""

import pandas as pd

from core.charts import text
from core.data.frame import columns, symbols
from core.data.quality import describe_frequency
from core.data.sources.registry import SOURCES
from core.datasets import row_notes
from core.datasets.split import SPLITS, TITLES
from core.datasets.targets import TARGETS
from core.datasets.windows import Prepared
from core.evaluation.shares import describe_shares
from core.language import shown, tr
from core.report import names
from core.report.card import Section, Table
from core.report.figures import times_of
from core.spec import Spec, compact
from core.types import Run

MOST_COLUMNS = 30  # of the data that are named


def data(run: Run) -> Section:
    """What the run was trained on."""
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


def splits(run: Run, prepared: Prepared) -> Section:
    """The splits with their windows and dates."""
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


def recipe(run: Run) -> Section:
    """How it was trained, in words, and what differs from the defaults."""
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


def environment(run: Run) -> Section:
    """Where it was trained, and with which versions."""
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
