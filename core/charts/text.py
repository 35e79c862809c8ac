"""Format numbers, times, model names and user-supplied names for charts and their captions."""

import html
import math

import numpy as np

from core.baselines.registry import BASELINES, phrase
from core.evaluation.score import NETWORK
from core.models.kinds import MODELS
from core.types import Times

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
        return "network alone"
    return MODELS[model].title if model in MODELS else phrase(model).removeprefix("the ")


def the_model(model: str) -> str:
    """The display name as it stands in a sentence, with an article if it needs one: EWMA volatility, the last value."""
    return phrase(model) if model in BASELINES else model_name(model)


def number(value: float) -> str:
    """Four significant digits with thousands separators; "million" and "billion" spelled out, "undefined" for NaN."""
    if not math.isfinite(value):
        return "undefined"
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if abs(value) >= size:
            return minus(f"{value / size:,.4g} {word}")
    digits = f"{value + 0.0:,.0f}" if abs(value) >= 1000 else f"{value + 0.0:.4g}"
    return minus(digits)


def percent(share: float) -> str:
    """A share with one decimal: 0.884 → 88.4%."""
    return minus(f"{share:.1%}") if math.isfinite(share) else "undefined"


def signed_percent(share: float) -> str:
    """A share with its sign: 0.101 → +10.1%, −0.02 → −2.0%; zero has none."""
    return minus(f"{share:+.1%}") if math.isfinite(share) and round(share, 3) else percent(abs(share))


def skill(value: float) -> str:
    """A skill, 1 − error / error of the reference: +12.2%; from −100% on how many times as large the error is."""
    return f"{number(1 - value)} × error" if value <= -1 and math.isfinite(value) else signed_percent(value)


def magnitude(value: float) -> str:
    """The size of a tiny number, one digit and a power of ten: 3 × 10⁻⁷; 0 for zero."""
    if not math.isfinite(value) or not value:
        return "undefined" if value else "0"
    digit, power = f"{value:.0e}".split("e")
    return f"{minus(digit)} × 10{str(int(power)).translate(POWERS)}"


def minus(number: str) -> str:
    """A formatted number with the sign of typography in place of the hyphen of ASCII."""
    return number.replace("-", "−")


def short_percent(share: float) -> str:
    """A share without trailing zeros, for nominal coverages and thresholds: 0.9 → 90%."""
    return f"{100 * share:.4g}%"


def amount(value: float, unit: str) -> str:
    """A value with a unit that reads well: 28.08 % a year, 51.0% for probabilities; otherwise the number alone."""
    if unit.startswith("probability"):
        return percent(value)
    return f"{number(value)} {unit}" if unit.startswith("%") else number(value)


def pluralize(count: int, noun: str) -> str:
    """1 forecast, 1,002 forecasts."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def steps(count: int, unit: str) -> str:
    """1 step, 5 steps; 5 days if the unit knows what a step is called."""
    return pluralize(count, step_noun(unit))


def lead_time(step: int, unit: str = "") -> str:
    """1 step ahead, 5 days ahead."""
    return f"{steps(step, unit)} ahead"


def step_axis(unit: str) -> str:
    """The title of an axis over forecast steps: days ahead."""
    return f"{step_noun(unit)}s ahead"


def lag_axis(unit: str) -> str:
    """The title of an axis over the lags of a window."""
    return f"lag in {step_noun(unit)}s (1 = the latest)"


def step_noun(unit: str) -> str:
    """What one step of the series is called: day, hour, …; step if the unit does not know."""
    return getattr(unit, "step", "step")


def tooltip(name: str) -> str:
    """A feature in a tooltip that plotly shows literally: its name and its code."""
    code = getattr(name, "code", name)
    return escape(name, 80) if code == name else f"{escape(name, 80)} ({escape(code, 80)})"


def forecast_and_average(cutoff: np.datetime64, step: int, symbol: str, forecast: float, base: float, unit: str) -> str:
    """The opening of a caption about one explained forecast: cutoff, lead time, forecast and average forecast."""
    return (
        f"From {day(cutoff)}, {lead_time(step, unit)}, the forecast for {symbol} is {amount(forecast, unit)} where the "
        f"average is {amount(base, unit)}"
    )


def iso(time_N: Times) -> tuple[str, ...]:
    """Times as ISO strings, each no finer than it needs to be: 2018-12-31, 2018-12-31T10:30."""
    return tuple(str(np.datetime_as_string(time, unit="auto")) for time in np.asarray(time_N))


def day(time: np.datetime64) -> str:
    """One time for a sentence: 2018-12-31, or 2018-12-31 10:30 within a day."""
    return iso(np.array([time]))[0].replace("T", " ")
