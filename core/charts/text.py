"""Format numbers, times, model names and user-supplied names for charts and their captions."""

import html
import math

import numpy as np

from core.baselines.registry import BASELINES, phrase
from core.evaluation.score import NETWORK
from core.models.kinds import MODELS
from core.types import Times


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
            return f"{value / size:,.4g} {word}".replace("-", "−")
    digits = f"{value + 0.0:,.0f}" if abs(value) >= 1000 else f"{value + 0.0:.4g}"
    return digits.replace("-", "−")


def percent(share: float) -> str:
    """A share with one decimal: 0.884 → 88.4%."""
    return f"{share:.1%}".replace("-", "−") if math.isfinite(share) else "undefined"


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


def lead_time(step: int) -> str:
    """1 step ahead, 5 steps ahead."""
    return f"{pluralize(step, 'step')} ahead"


def forecast_and_average(cutoff: np.datetime64, step: int, symbol: str, forecast: float, base: float, unit: str) -> str:
    """The opening of a caption about one explained forecast: cutoff, lead time, forecast and average forecast."""
    return (
        f"From {day(cutoff)}, {lead_time(step)}, the forecast for {symbol} is {amount(forecast, unit)} where the "
        f"average is {amount(base, unit)}"
    )


def iso(time_N: Times) -> tuple[str, ...]:
    """Times as ISO strings, each no finer than it needs to be: 2018-12-31, 2018-12-31T10:30."""
    return tuple(str(np.datetime_as_string(time, unit="auto")) for time in np.asarray(time_N))


def day(time: np.datetime64) -> str:
    """One time for a sentence: 2018-12-31, or 2018-12-31 10:30 within a day."""
    return iso(np.array([time]))[0].replace("T", " ")
