"""Format numbers, times, model names and user-supplied names for charts and their captions."""

import html
import math

import numpy as np

from core.baselines.registry import BASELINES, phrase
from core.evaluation.score import NETWORK
from core.language import shown, tr
from core.language.figures import counted as pluralize
from core.language.figures import day, minus, number, percent, short_percent, undefined
from core.models.kinds import MODELS
from core.types import Times

__all__ = [
    "POWERS",
    "Unit",
    "amount",
    "day",
    "escape",
    "forecast_and_average",
    "iso",
    "lag_axis",
    "lead_time",
    "magnitude",
    "minus",
    "model_name",
    "number",
    "one_step",
    "percent",
    "pluralize",
    "several_steps",
    "short_percent",
    "signed_percent",
    "skill",
    "step_axis",
    "step_noun",
    "steps",
    "the_model",
    "tooltip",
    "truncate",
    "undefined",
    "unit_title",
]

POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Unit(str):
    """The unit of what a chart shows; `step` is what one step of the series is called: day, hour, … (plural with s)."""

    step: str

    def __new__(cls, unit: str, step: str = "step") -> "Unit":
        """The unit `unit` of a series whose steps are called `step`."""
        text = super().__new__(cls, unit)
        text.step = step
        return text


def truncate(name: str, limit: int = 32) -> str:
    """`name`, shortened to `limit` characters with an ellipsis."""
    return name if len(name) <= limit else name[: limit - 1] + "…"


def escape(name: str, limit: int = 32) -> str:
    """A user-supplied name that plotly shows literally: shortened to `limit` characters, HTML tags escaped."""
    return html.escape(truncate(name, limit))


def model_name(model: str) -> str:
    """The display name of a model or baseline; an unknown id is returned unchanged."""
    if model == NETWORK:
        return tr("network alone")
    return tr(MODELS[model].title) if model in MODELS else shown(phrase(model)).removeprefix("the ")


def the_model(model: str) -> str:
    """The display name as it stands in a sentence, with an article if it needs one: EWMA volatility, the last value."""
    return shown(phrase(model)) if model in BASELINES else model_name(model)


def signed_percent(share: float) -> str:
    """A share with its sign: 0.101 → +10.1%, −0.02 → −2.0%; zero has none."""
    return percent(share, sign=True) if math.isfinite(share) and round(share, 3) else percent(abs(share))


def skill(value: float) -> str:
    """A skill, 1 − error / error of the reference: +12.2%; from −100% on how many times as large the error is."""
    if value <= -1 and math.isfinite(value):
        return tr("{times} × error", times=number(1 - value))
    return signed_percent(value)


def magnitude(value: float) -> str:
    """The size of a tiny number, one digit and a power of ten: 3 × 10⁻⁷; 0 for zero."""
    if not math.isfinite(value) or not value:
        return undefined() if value else "0"
    digit, power = f"{value:.0e}".split("e")
    return f"{minus(digit)} × 10{str(int(power)).translate(POWERS)}"


def amount(value: float, unit: str) -> str:
    """A value with a unit that reads well: 28.08 % a year, 51.0% for probabilities; otherwise the number alone."""
    if unit.startswith("probability"):
        return percent(value)
    return tr(f"{{value}} {unit}", value=number(value)) if unit.startswith("%") else number(value)


def unit_title(unit: str) -> str:
    """The unit for an axis or a sentence: price, log return; a column of the user keeps its name."""
    return tr(str(unit)) if unit else ""


def steps(count: int, unit: str) -> str:
    """1 step, 5 steps; 5 days if the unit knows what a step is called."""
    return pluralize(count, step_noun(unit))


def lead_time(step: int, unit: str = "") -> str:
    """1 step ahead, 5 days ahead."""
    return tr("{steps} ahead", steps=steps(step, unit))


def step_axis(unit: str) -> str:
    """The title of an axis over forecast steps: days ahead."""
    return tr("{units} ahead", units=several_steps(unit))


def lag_axis(unit: str) -> str:
    """The title of an axis over the lags of a window."""
    return tr("lag in {units} (1 = the latest)", units=several_steps(unit))


def several_steps(unit: str) -> str:
    """What the steps of the series are counted in: days, hours, …, or steps."""
    return tr(f"{step_noun(unit)}s")


def one_step(unit: str) -> str:
    """What one step of the series is called, in the language of the screen."""
    return tr(step_noun(unit))


def step_noun(unit: str) -> str:
    """What one step of the series is called in English: day, hour, …; step if the unit does not know."""
    return getattr(unit, "step", "step")


def tooltip(name: str) -> str:
    """A feature in a tooltip that plotly shows literally: its name and its code."""
    code = getattr(name, "code", name)
    return escape(name, 80) if code == name else f"{escape(name, 80)} ({escape(code, 80)})"


def forecast_and_average(cutoff: np.datetime64, step: int, symbol: str, forecast: float, base: float, unit: str) -> str:
    """The opening of a caption about one explained forecast: cutoff, lead time, forecast and average forecast."""
    return tr(
        "From {cutoff}, {ahead}, the forecast for {symbol} is {forecast} where the average is {average}",
        cutoff=day(cutoff),
        ahead=lead_time(step, unit),
        symbol=symbol,
        forecast=amount(forecast, unit),
        average=amount(base, unit),
    )


def iso(time_N: Times) -> tuple[str, ...]:
    """Times as ISO strings, each no finer than it needs to be: 2018-12-31, 2018-12-31T10:30."""
    return tuple(np.datetime_as_string(np.asarray(time_N, dtype="datetime64"), unit="auto").tolist())
