"""What things are called on the screen: the titles of their records in place of their code names."""

from functools import cache

from core.baselines.registry import BASELINES
from core.datasets.targets import TARGETS
from core.errors import CoreError
from core.features import parse
from core.models.kinds import MODELS
from core.spec import Spec, Target
from core.spec.fields import Field
from core.spec.registries import registry
from core.storage import runs
from ui import markdown


def model(kind: str) -> str:
    """LSTM, Segment GRU, …; the name itself if no model has it."""
    return MODELS[kind].title if kind in MODELS else kind


def target(kind: str) -> str:
    """Realised volatility, Log return, …; the name itself if no target has it."""
    return TARGETS[kind].title if kind in TARGETS else kind


def baseline(name: str) -> str:
    """The last value, GARCH, … within a sentence; the name itself if no baseline has it."""
    return BASELINES[name].phrase if name in BASELINES else name.replace("_", " ")


def choice(field: Field, value: str) -> str:
    """The title of one of a field's choices; its words if it has no record with a title."""
    records = registry(field.registry) if field.registry else {}
    return getattr(records.get(value), "title", value.replace("_", " "))


@cache
def feature(text: str) -> str:
    """`rsi:14|zscore:60` → Relative strength index (14), zscore 60; different features have different names."""
    base, *steps = text.split("|")
    try:
        record, parameter = parse(base)
    except CoreError:  # typed by hand, or a family of features
        return text
    number = f" ({parameter})" if ":" in base else ""
    return ", ".join([f"{record.title}{number}", *(step.replace(":", " ") for step in steps)])


def code(text: str) -> str:
    """The code name of a feature, as Markdown."""
    return markdown.escape(text) if "`" in text else f"`{text}`"


def with_code(text: str) -> str:
    """The name of a feature and its code name, as Markdown."""
    name = feature(text)
    return code(text) if name == text else f"{markdown.escape(name)} {code(text)}"


def recipe(spec: Spec) -> str:
    """LSTM on SP500: realised volatility, 5 steps ahead."""
    return f"{model(spec.model.kind)} on {', '.join(spec.data.symbols)}: {_aim(spec.target)}"


def summary(line: runs.Summary) -> str:
    """The same of a line in the list of runs, which does not hold the whole recipe."""
    aim = _ahead(_lower(target(line.target)), line.horizon)
    return f"{model(line.model)} on {', '.join(line.symbols)}: {aim}"


def _aim(aim: Target) -> str:
    by_column = aim.kind in TARGETS and TARGETS[aim.kind].named_by_column
    return _ahead(aim.column if by_column and aim.column else _lower(target(aim.kind)), aim.horizon)


def _ahead(title: str, horizon: int) -> str:
    return f"{title}, {horizon} {'step' if horizon == 1 else 'steps'} ahead"


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
