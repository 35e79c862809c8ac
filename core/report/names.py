"""What things are called in the report and on the screen: the titles of their records in place of their code names."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import pandas as pd

from core.baselines.registry import BASELINES
from core.charts.text import Unit, escape, lead_time, step_axis, unit_title
from core.data.frame import select_symbol, symbols
from core.data.quality import describe_span, step_noun
from core.data.sources.samples import SAMPLES
from core.datasets.targets import TARGETS
from core.datasets.windows import anchored
from core.evaluation.trading.positions import PRICES
from core.features import naming
from core.features.naming import FeatureName
from core.language import shown, tr
from core.models.kinds import title_of
from core.spec import Spec
from core.spec.fields import Field
from core.spec.registries import registry
from core.types import Evaluation, Run


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
    return tr(BASELINES[name].phrase) if name in BASELINES else name.replace("_", " ")


def choice(field: Field, value: str) -> str:
    """The title of one of a field's choices; its words if it has no record with a title."""
    records = registry(field.registry) if field.registry else {}
    return tr(getattr(records.get(value), "title", value.replace("_", " ")))


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


def recipe(spec: Spec, step: str = "step") -> str:
    """LSTM on SP500: realised volatility, 5 days ahead."""
    column = spec.target.column or "close"
    aim = lower(target(spec.target.kind, are_prices(spec.data.source, spec.data.symbols, (column,))))
    if spec.target.kind in TARGETS and TARGETS[spec.target.kind].named_by_column and spec.target.column:
        aim = spec.target.column
    series, ahead = ", ".join(spec.data.symbols), title_ahead(aim, spec.target.horizon, step)
    return tr("{model} on {series}: {aim}", model=model(spec.model.kind), series=series, aim=ahead)


def of_run(run: Run) -> str:
    """The same with how long steps that have no name last: …, 12 steps ahead (1 hour)."""
    words = recipe(run.spec, step(run))
    return words if step(run) != "step" else f"{words} ({span(run.frame, run.spec.target.horizon)})"


def span(series: pd.DataFrame, count: int) -> str:
    """How long so many steps of a series last: 1 hour, 3 days."""
    return shown(describe_span(pd.DatetimeIndex(select_symbol(series, symbols(series)[0]).index), count))


def title_ahead(title: str, horizon: int, step: str = "step") -> str:
    """Realised volatility, 5 days ahead."""
    return tr("{title}, {ahead}", title=title, ahead=lead_time(horizon, Unit("", step)))


def lower(title: str) -> str:
    """The title as it stands in a sentence."""
    return title[:1].lower() + title[1:]


def contribution_unit(run: Run) -> Unit:
    """The unit of contributions: if the network learns the distance from the last value, that of the distance."""
    own = unit(run)
    if not anchored(run.spec):
        return own
    if run.spec.window.log:
        return Unit(tr("times the last value"), own.step)
    return Unit(tr("{unit} from the last value", unit=unit_title(own)), own.step)


def setting(path: str, about: Field, value: Any) -> str:
    """The value of a field of a recipe in words; `path` is its dotted path."""
    if value is None or value == about.open:
        return tr(about.empty or "none")
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, float):
        return f"{value:g}"
    if path == "features":
        return feature(str(value))
    return choice(about, value) if about.choices and isinstance(value, str) else str(value)
