"""What things are called on the screen: the titles of their records in place of their code names."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import pandas as pd

from core.charts.text import Unit, escape
from core.data.frame import select_symbol, symbols
from core.data.quality import step_noun
from core.datasets.targets import TARGETS
from core.evaluation.verdict import join_words
from core.features import naming
from core.features.naming import FeatureName
from core.models.kinds import title_of
from core.spec import Spec, Target
from core.spec.fields import Field
from core.spec.registries import registry
from core.storage import runs
from core.types import Evaluation, Run
from ui import markdown


def model(kind: str) -> str:
    """LSTM, SegRNN, …; the name itself if no model has it."""
    return title_of(kind)


def target(kind: str) -> str:
    """Realised volatility, Log return, …; the name itself if no target has it."""
    return TARGETS[kind].title if kind in TARGETS else kind


def baseline(name: str) -> str:
    """The last value, GARCH, … within a sentence; the name itself if no baseline has it."""
    from core.baselines.registry import BASELINES

    return BASELINES[name].phrase if name in BASELINES else name.replace("_", " ")


def choice(field: Field, value: str) -> str:
    """The title of one of a field's choices; its words if it has no record with a title."""
    records = registry(field.registry) if field.registry else {}
    return getattr(records.get(value), "title", value.replace("_", " "))


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
    return f"{model(spec.model.kind)} on {', '.join(spec.data.symbols)}: {_aim(spec.target, step)}"


def short(spec: Spec) -> str:
    """LSTM on SP500; of many symbols the first and how many there are beyond them."""
    return f"{model(spec.model.kind)} on {join_words(list(spec.data.symbols))}"


def summary(line: runs.Summary) -> str:
    """The same of a line in the list of runs, which does not hold the whole recipe."""
    aim = line.target
    by_column = aim in TARGETS and TARGETS[aim].named_by_column  # the line does not say of which
    subject = f"{model(line.model)} on {', '.join(line.symbols)}"
    return _ahead(subject if by_column else f"{subject}: {_lower(target(aim))}", line.horizon)


def aim(line: runs.Summary) -> str:
    """What a line in the list of runs forecasts: Realised volatility, or the name of a column of its own."""
    by_column = line.target in TARGETS and TARGETS[line.target].named_by_column
    return line.column if by_column and line.column else target(line.target)


def _aim(aim: Target, step: str) -> str:
    by_column = aim.kind in TARGETS and TARGETS[aim.kind].named_by_column
    return _ahead(aim.column if by_column and aim.column else _lower(target(aim.kind)), aim.horizon, step)


def _ahead(title: str, horizon: int, step: str = "step") -> str:
    return f"{title}, {horizon} {step}{'' if horizon == 1 else 's'} ahead"


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
