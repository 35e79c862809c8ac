"""What features are called: `log_range_mean:5` → Mean daily range, 5 days."""

from functools import cache

from core.errors import FeatureError
from core.features.feature import Feature, no_rows
from core.features.registry import CATALOGUE, parse
from core.language import Message, current, figures, mark, shown, tr

TITLES = {feature.title for feature in CATALOGUE.values()}
FAMILIES = {
    "price": mark("price"),
    "volume": mark("volume"),
    "momentum": mark("momentum"),
    "volatility": mark("volatility"),
    "trend": mark("trend"),
    "calendar": mark("calendar"),
    "macro": mark("macro"),
    "news": mark("news"),
    "other": mark("other"),
    "unknown": mark("unknown"),
}


class FeatureName(str):
    """The name of a feature as people read it; `code` is the feature as it stands in a recipe."""

    code: str

    def __new__(cls, text: str, code: str = "") -> "FeatureName":
        """The name `text` of the feature `code`; a copy gets the code with its other attributes."""
        name = super().__new__(cls, text)
        name.code = code
        return name


def name(code: str, step: str = "step") -> FeatureName:
    """The name of a feature; what is no feature, such as a family of them, keeps its text.

    `step` is what a step of the series is called: day, hour, … Different features have different names.
    """
    return _name(code, step, current())


def family(text: str) -> str:
    """The name of a family of features; what is none keeps its text."""
    return tr(FAMILIES[text]) if text in FAMILIES else text


def describe(code: str) -> str:
    """What a feature is, in a sentence. Raises FeatureError as `parse` does."""
    text = parse(code)[0].text
    return shown(text) if isinstance(text, Message) else tr(text)


@cache
def _name(code: str, step: str, language: str) -> FeatureName:
    base, *transforms = code.split("|")
    try:
        record, parameter = parse(base)
    except FeatureError:
        return FeatureName(code, code)
    return FeatureName(
        ", ".join([_base_name(record, parameter, step), *(t.replace(":", " ") for t in transforms)]), code
    )


def _base_name(record: Feature, parameter: int | str | None, step: str) -> str:
    if record.parameter == "column":
        column = str(parameter)
        named = tr("column {column}", column=column) if column in TITLES else column
        return tr(record.title.replace("Column", "{column}", 1), column=named)
    if parameter is None:
        return tr(record.title)
    if record.rows is no_rows:  # a number that counts no rows: the harmonic of a season
        return f"{tr(record.title)} ({parameter})"
    return tr("{title}, {steps}", title=tr(record.title), steps=figures.counted(int(parameter), step))
