"""Numbers, shares and dates as the language of the screen writes them: English by hand, others by Babel."""

import math
from decimal import Decimal

import numpy as np

from core.language.choice import ENGLISH, current
from core.language.sentences import tr, tr_n

COMPACT = 1e6  # from which a number is written with a word for its size


def number(value: float) -> str:
    """Four significant digits with thousands separators; large ones with a word: 1.235 million, 123.5만."""
    if not math.isfinite(value):
        return undefined()
    if current() != ENGLISH:
        return _babel_number(value)
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if abs(value) >= size:
            return minus(f"{value / size:,.4g} {word}")
    return minus(f"{value + 0.0:,.0f}" if abs(value) >= 1000 else f"{value + 0.0:.4g}")


def percent(share: float, digits: int = 1, sign: bool = False) -> str:
    """A share: 0.884 → 88.4%; with `sign`, +88.4%."""
    if not math.isfinite(share):
        return undefined()
    text = f"{share:{'+' if sign else ''}.{digits}%}"
    if current() != ENGLISH:
        from babel.numbers import format_percent

        zeros = "." + "0" * digits if digits else ""
        plain = format_percent(Decimal(text.strip("+-%")) / 100, f"#,##0{zeros}%", locale=current())
        text = ("" if text[0].isdigit() else text[0]) + plain
    return minus(text)


def short_percent(share: float) -> str:
    """A share without trailing zeros, for nominal coverages and thresholds: 0.9 → 90%."""
    return f"{100 * share:.4g}%"


def counted(count: int, noun: str) -> str:
    """1 forecast, 1,002 forecasts; 예측 1,002개."""
    return tr_n(f"{{count}} {noun}", f"{{count}} {noun}s", count)


def undefined() -> str:
    """What stands for a number that does not exist."""
    return tr("undefined")


def day(time: np.datetime64) -> str:
    """One time for a sentence: 2018-12-31, or 2018-12-31 10:30 within a day; 2018년 12월 31일 10:30."""
    iso = str(np.datetime_as_string(np.asarray([time]), unit="auto")[0])
    if current() == ENGLISH:
        return iso.replace("T", " ")
    return _babel_day(iso)


def minus(number: str) -> str:
    """A formatted number with the sign of typography in place of the hyphen of ASCII."""
    return number.replace("-", "−")


def _babel_number(value: float) -> str:
    from babel.numbers import format_compact_decimal, format_decimal

    if abs(value) >= COMPACT:
        return minus(format_compact_decimal(Decimal(f"{value:.4g}"), locale=current(), fraction_digits=2))
    text = f"{value + 0.0:.0f}" if abs(value) >= 1000 else f"{value + 0.0:.4g}"
    return minus(text if "e" in text else format_decimal(Decimal(text), "#,##0.################", locale=current()))


def _babel_day(iso: str) -> str:
    from babel.dates import format_date, format_skeleton

    time = np.datetime64(iso).astype("datetime64[us]").item()
    skeleton = {4: "y", 7: "yMMM"}.get(len(iso))
    if skeleton:
        return format_skeleton(skeleton, time, locale=current())
    date = format_date(time, "long", locale=current())
    return f"{date} {format_skeleton('Hm', time, locale=current())}" if "T" in iso else date
