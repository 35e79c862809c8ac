"""What things are called on the screen: the titles of their records in place of their code names."""

import dataclasses
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from core.charts.text import Unit, escape, lead_time, step_axis
from core.data.frame import select_symbol, symbols
from core.data.quality import describe_span, step_noun
from core.data.sources.samples import SAMPLES
from core.datasets.targets import TARGETS
from core.errors import CoreError
from core.evaluation.trading.positions import PRICES
from core.evaluation.verdict import join_words
from core.features import naming
from core.features.naming import FeatureName
from core.language import shown, tr
from core.models.kinds import title_of
from core.spec import Spec
from core.spec.fields import Field
from core.spec.registries import registry
from core.storage import runs
from core.types import Evaluation, Run
from ui import cache, markdown


def model(kind: str) -> str:
    """LSTM, SegRNN, …; the name itself if no model has it."""
    return tr(title_of(kind))


def target(kind: str, priced: bool = True, column: str = "") -> str:
    """Realised volatility, Log return, …; of a series that is not a price in words that are not those of markets, with
    its column where it is given. The name itself if no target has it."""
    if priced or kind not in TARGETS:
        return tr(TARGETS[kind].title) if kind in TARGETS else kind
    aim = TARGETS[kind]
    if aim.only_column:
        return tr(aim.title)
    if aim.level:
        title = tr("Mean level") if aim.averaged else tr("Level")
    elif aim.binary:
        title = tr(aim.title)
    elif aim.volatility:
        title = tr("Size of the changes")
    else:
        title = tr("Change") if aim.origin == "zero" else tr("Largest fall")
    return tr("{title} of {column}", title=title, column=column) if column and aim.level else title


def are_prices(source: str, listed: Iterable[str], columns: Iterable[str]) -> bool:
    """Whether series of this source are prices: by the name of a column, and bundled ones only if they are known to
    be."""
    levels = (name for name in listed if source == "sample" and name in SAMPLES and SAMPLES[name].kind != "prices")
    return bool(set(columns) & set(PRICES)) and not any(levels)


def baseline(name: str) -> str:
    """The last value, GARCH, … within a sentence; the name itself if no baseline has it."""
    from core.baselines.registry import BASELINES

    return tr(BASELINES[name].phrase) if name in BASELINES else name.replace("_", " ")


def choice(field: Field, value: str) -> str:
    """The title of one of a field's choices; its words if it has no record with a title."""
    records = registry(field.registry) if field.registry else {}
    return tr(getattr(records.get(value), "title", value.replace("_", " ")))


def setting(path: str, field: Field, value: object) -> str:
    """A value of the recipe, or an entry of a list of it, as the form calls it."""
    if value is None or value == field.open:
        return tr(field.empty or "none")
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, float):
        return f"{value:g}"
    if path == "features":
        return feature(str(value))
    return choice(field, value) if field.choices and isinstance(value, str) else str(value)


def feature(text: str, step: str = "step") -> FeatureName:
    """`rsi:14|zscore:60` → Relative strength index, 14 days, zscore 60; `step` is what a step is called."""
    return naming.name(text, step)


def features_of(run: Run, result: Any) -> Any:
    """A result of a run with the names of its `features` in place of their codes, which the names remember; families
    of features, by which a result may be grouped, keep their names."""
    return dataclasses.replace(result, features=feature_names(run, result.features))


def feature_names(run: Run, codes: Iterable[str]) -> tuple[str, ...]:
    """The names of the features of a run; what is not among them, such as a family, keeps its name."""
    known, noun = set(run.spec.features), step(run)
    return tuple(feature(code, noun) if code in known else code for code in codes)


def step(run: Run) -> str:
    """What one step of the series of a run is called: day, hour, month, …, or step."""
    return step_of(run.frame)


def step_of(series: pd.DataFrame) -> str:
    """What one step of a series is called."""
    return step_noun(pd.DatetimeIndex(select_symbol(series, symbols(series)[0]).index))


def steps_ahead(step: str) -> str:
    """Days ahead, as the label of a box; `step` is what a step is called."""
    words = step_axis(Unit("", step))
    return words[:1].upper() + words[1:]


def unit(run: Run) -> Unit:
    """The unit of the target, which knows what a step is called; a column of its own is its unit."""
    kind, column = TARGETS[run.spec.target.kind], run.spec.target.column or ""
    plain = column == escape(column) and not column.startswith("probability")
    return Unit(column if kind.named_by_column and column and plain else kind.unit, step(run))


def evaluation(run: Run) -> Evaluation:
    """The evaluation, whose unit knows what a step is called."""
    scored = run.evaluation.unit
    by_column = scored == TARGETS[run.spec.target.kind].unit
    return dataclasses.replace(run.evaluation, unit=unit(run) if by_column else Unit(scored, step(run)))


def code(text: str) -> str:
    """The code name of a feature, as Markdown."""
    return markdown.escape(text) if "`" in text else f"`{text}`"


def with_code(text: str, step: str = "step") -> str:
    """The name of a feature and its code name, as Markdown."""
    name = feature(text, step)
    return code(text) if name == text else f"{markdown.escape(name)} {code(text)}"


def recipe(spec: Spec, step: str = "step") -> str:
    """LSTM on SP500: realised volatility, 5 days ahead."""
    column = spec.target.column or "close"
    aim = _lower(target(spec.target.kind, are_prices(spec.data.source, spec.data.symbols, (column,))))
    if spec.target.kind in TARGETS and TARGETS[spec.target.kind].named_by_column and spec.target.column:
        aim = spec.target.column
    series, ahead = ", ".join(spec.data.symbols), _ahead(aim, spec.target.horizon, step)
    return tr("{model} on {series}: {aim}", model=model(spec.model.kind), series=series, aim=ahead)


def of_run(run: Run) -> str:
    """The same with how long steps that have no name last: …, 12 steps ahead (1 hour)."""
    words = recipe(run.spec, step(run))
    return words if step(run) != "step" else f"{words} ({span(run.frame, run.spec.target.horizon)})"


def span(series: pd.DataFrame, count: int) -> str:
    """How long so many steps of a series last: 1 hour, 3 days."""
    return shown(describe_span(pd.DatetimeIndex(select_symbol(series, symbols(series)[0]).index), count))


def short(spec: Spec) -> str:
    """LSTM on SP500; of many symbols the first and how many there are beyond them."""
    return tr("{model} on {series}", model=model(spec.model.kind), series=join_words(list(spec.data.symbols)))


def summary(line: runs.Summary) -> str:
    """The same of a line in the list of runs, which does not hold the whole recipe."""
    aim = line.target
    by_column = aim in TARGETS and TARGETS[aim].named_by_column
    priced = are_prices(line.source, line.symbols, (line.column or "close",))
    words, series = line.column if by_column else _lower(target(aim, priced)), ", ".join(line.symbols)
    step = _step_of_saved(line.id, cache.RUNS)
    if not words:
        return _ahead(tr("{model} on {series}", model=model(line.model), series=series), line.horizon, step)
    ahead = _ahead(words, line.horizon, step)
    return tr("{model} on {series}: {aim}", model=model(line.model), series=series, aim=ahead)


def aim(line: runs.Summary) -> str:
    """What a line in the list of runs forecasts: Realised volatility, or the name of a column of its own."""
    by_column = line.target in TARGETS and TARGETS[line.target].named_by_column
    priced = are_prices(line.source, line.symbols, (line.column or "close",))
    return line.column if by_column and line.column else target(line.target, priced)


@lru_cache(maxsize=512)
def _step_of_saved(run_id: str, root: Path) -> str:
    """What a step of the series of a saved run is called; a run keeps its series for ever."""
    try:
        return step_noun(runs.load_times(run_id, root))
    except CoreError:  # deleted or damaged since
        return "step"


def _ahead(title: str, horizon: int, step: str = "step") -> str:
    return tr("{title}, {ahead}", title=title, ahead=lead_time(horizon, Unit("", step)))


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
