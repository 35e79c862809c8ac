"""How numbers, times, models and foreign names read in charts and in the sentences beside them."""

import html
import math

import numpy as np

from core.types import Times

MODELS = {
    "last_value": "last value",
    "drift": "drift",
    "mean": "historical mean",
    "seasonal": "seasonal naive",
    "majority": "majority class",
    "ewma": "EWMA",
    "har": "HAR",
    "garch": "GARCH",
    "ridge": "ridge",
    "nlinear": "NLinear",
    "arima": "ARIMA",
    "lightgbm": "LightGBM",
    "lstm": "LSTM",
    "gru": "GRU",
    "rnn": "RNN",
    "transformer": "Transformer",
    "segment": "segment GRU",
    "dlinear": "DLinear",
}


def clip(name: str, limit: int = 32) -> str:
    """A name of at most `limit` characters."""
    return name if len(name) <= limit else name[: limit - 1] + "…"


def safe(name: str, limit: int = 32) -> str:
    """A name from outside as plotly may show it: at most `limit` characters, with no tag left that it would obey."""
    return html.escape(clip(name, limit))


def model(name: str) -> str:
    """What a model is called on the screen; an unknown name is left as it is."""
    return MODELS.get(name, name)


def rule(name: str) -> str:
    """What a model is called within a sentence: EWMA, the last value."""
    shown = model(name)
    return f"the {shown}" if shown[:1].islower() else shown


def number(value: float) -> str:
    """Four significant digits, thousands separated, millions and billions named; "undefined" for what is no number."""
    if not math.isfinite(value):
        return "undefined"
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if abs(value) >= size:
            return f"{value / size:,.4g} {word}".replace("-", "−")
    shown = f"{value + 0.0:,.0f}" if abs(value) >= 1000 else f"{value + 0.0:.4g}"
    return shown.replace("-", "−")


def percent(share: float) -> str:
    """A share with one decimal: 0.884 → 88.4%."""
    return f"{share:.1%}".replace("-", "−") if math.isfinite(share) else "undefined"


def level(share: float) -> str:
    """A nominal coverage without needless decimals: 0.9 → 90%."""
    return f"{100 * share:.4g}%"


def amount(value: float, unit: str) -> str:
    """A value with its unit where that reads well: 28.08 % a year, 51.0% for probabilities, else the bare number."""
    if unit.startswith("probability"):
        return percent(value)
    return f"{number(value)} {unit}" if unit.startswith("%") else number(value)


def counted(count: int, noun: str) -> str:
    """1 forecast, 1,002 forecasts."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def ahead(step: int) -> str:
    """1 session ahead, 5 sessions ahead."""
    return f"{counted(step, 'session')} ahead"


def beside_average(cutoff: np.datetime64, step: int, symbol: str, forecast: float, base: float, unit: str) -> str:
    """How the sentence about one explained forecast begins: whence it is, what it is and what the average is."""
    return (
        f"From {day(cutoff)}, {ahead(step)}, the forecast for {symbol} is {amount(forecast, unit)} where the "
        f"average is {amount(base, unit)}"
    )


def iso(time_N: Times) -> tuple[str, ...]:
    """Times as ISO texts, no finer than each of them needs: 2018-12-31, 2018-12-31T10:30."""
    return tuple(str(np.datetime_as_string(time, unit="auto")) for time in np.asarray(time_N))


def day(time: np.datetime64) -> str:
    """One time as a person reads it: 2018-12-31, or 2018-12-31 10:30."""
    return iso(np.array([time]))[0].replace("T", " ")
