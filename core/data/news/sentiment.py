"""What headlines say of each session: their sentiment, counted only where a session's close had already seen them."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from core.data.news.headlines import Headlines
from core.errors import DataError
from core.types import Floats, Ints

COLUMNS = ("mean", "count", "dispersion")
LONGEST = 1000  # characters of a text that are scored; what follows a headline adds little
DAY = pd.Timedelta(days=1)
# General lexica misread the language of finance (Loughran & McDonald, 2011, "When Is a Liability Not a Liability?"):
# a share is no kindness and interest no delight, and to surge or to be sued is in none of them.
FINANCE = Path(__file__).with_name("lexicon.json")
STRENGTH = 2.0  # on the lexicon's scale from −4 to 4

# Yahoo's suffix → the exchange's zone and the end of its continuous trading; New York where nothing else is known.
_HOURS = {
    "KS": ("Asia/Seoul", "15:30"),
    "KQ": ("Asia/Seoul", "15:30"),
    "HK": ("Asia/Hong_Kong", "16:00"),
    "T": ("Asia/Tokyo", "15:00"),  # until November 2024; 15:30 since: the earlier one is never too late
    "SS": ("Asia/Shanghai", "15:00"),
    "SZ": ("Asia/Shanghai", "15:00"),
    "TW": ("Asia/Taipei", "13:30"),
    "SI": ("Asia/Singapore", "17:00"),
    "NS": ("Asia/Kolkata", "15:30"),
    "BO": ("Asia/Kolkata", "15:30"),
    "AX": ("Australia/Sydney", "16:00"),
    "L": ("Europe/London", "16:30"),
    "DE": ("Europe/Berlin", "17:30"),
    "PA": ("Europe/Paris", "17:30"),
    "AS": ("Europe/Amsterdam", "17:30"),
    "BR": ("Europe/Brussels", "17:30"),
    "LS": ("Europe/Lisbon", "16:30"),
    "MI": ("Europe/Rome", "17:30"),
    "MC": ("Europe/Madrid", "17:30"),
    "SW": ("Europe/Zurich", "17:20"),
    "ST": ("Europe/Stockholm", "17:25"),
    "CO": ("Europe/Copenhagen", "16:55"),
    "HE": ("Europe/Helsinki", "18:25"),
    "OL": ("Europe/Oslo", "16:20"),
    "TO": ("America/Toronto", "16:00"),
    "V": ("America/Toronto", "16:00"),
    "SA": ("America/Sao_Paulo", "17:00"),
    "JO": ("Africa/Johannesburg", "17:00"),
}
_INDEXES = {
    "^KS11": "KS",
    "^KQ11": "KQ",
    "^N225": "T",
    "^HSI": "HK",
    "^FTSE": "L",
    "^GDAXI": "DE",
    "^FCHI": "PA",
    "^STOXX50E": "DE",
    "^NSEI": "NS",
    "^BSESN": "BO",
    "^AXJO": "AX",
    "^TWII": "TW",
    "^SSMI": "SW",
}
_COINS = re.compile(r"[A-Z0-9]+-(?:USD|USDT|EUR|GBP|JPY|KRW|CAD|AUD|INR|BTC|ETH)")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """T sessions by `mean`, `count` and `dispersion` of their headlines' scores, and sentences on what counts where."""

    table: pd.DataFrame
    notes: tuple[str, ...]


def score(texts: Sequence[str]) -> Floats:
    """The sentiment of each text, from −1 (bad) through 0 (neutral, or no English) to 1: (N,) float64.

    VADER's rules and lexicon (Hutto & Gilbert, 2014) with the words of finance above. Each text is judged by itself.
    """
    judge = _judge()
    known = {text: judge.polarity_scores(text[:LONGEST])["compound"] for text in dict.fromkeys(texts)}
    return np.array([known[text] for text in texts], dtype=np.float64)


def daily(headlines: Headlines, sessions: pd.DatetimeIndex, close: str = "16:00", zone: str | None = None) -> News:
    """Mean, count and dispersion (population standard deviation) of the scores of each session: (T, 3) float64.

    A headline counts for the first session that closes at its time or later: on the session's date at `close` ("HH:MM"
    or "24:00"), the wall clock of the exchange; of intraday sessions, for the first row at or after it. A headline with
    a day and no clock counts once its day is over and for no session of that day. Times in UTC are taken to `zone`.
    Sessions without headlines are 0; before the first headline and after the last (or `headlines.until`, if later)
    nothing is known and they are NaN. `sessions` are sorted. Raises DataError for a close or zone that does not exist.
    """
    table = headlines.table
    intraday = bool((sessions != sessions.normalize()).any())
    close_T = sessions if intraday else sessions.normalize() + _clock(close)
    at_N = _positions(table, sessions, close_T, zone, intraday)
    early_N = _early(table, close_T, zone)
    inside_N = ~early_N & (at_N < len(sessions))
    values = table["score"].to_numpy(np.float64) if "score" in table else score(table["text"].tolist())
    made = _moments(at_N[inside_N], values[inside_N], len(sessions))
    first, last = _known(at_N, early_N, headlines.until, close_T, zone)
    made[:first] = np.nan
    made[last + 1 :] = np.nan
    notes = [*_zone_notes(table, zone), *_notes(table, early_N, at_N >= len(sessions), intraday, close)]
    return News(table=pd.DataFrame(made, index=sessions, columns=list(COLUMNS)), notes=tuple(notes))


def hours(symbol: str) -> tuple[str, str]:
    """The zone and the close of the exchange on which Yahoo lists `symbol`: ("America/New_York", "16:00") if unknown.

    Coins and currencies trade through the day, which ends at "24:00".
    """
    plain = symbol.strip().upper()
    if _COINS.fullmatch(plain):
        return "UTC", "24:00"
    if plain.endswith("=X"):
        return "Europe/London", "24:00"
    if plain.endswith(("=F", ".NYB")):
        return "America/New_York", "17:00"
    suffix = _INDEXES.get(plain) or plain.rpartition(".")[2] if "." in plain or plain in _INDEXES else ""
    return _HOURS.get(suffix, ("America/New_York", "16:00"))


@lru_cache(maxsize=1)
def _judge() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-untyped]

    made = SentimentIntensityAnalyzer()
    words = json.loads(FINANCE.read_text())
    made.lexicon.update(
        dict.fromkeys(words["neutral"], 0.0)
        | dict.fromkeys(words["good"], STRENGTH)
        | dict.fromkeys(words["bad"], -STRENGTH)
    )
    return made


def _positions(
    table: pd.DataFrame, sessions: pd.DatetimeIndex, close_T: pd.DatetimeIndex, zone: str | None, intraday: bool
) -> Ints:
    """The session for which each headline counts: (N,) positions, T where it is yet to come."""
    local_N = _local(pd.DatetimeIndex(table["time"]), zone)
    clock_N = table["clock"].to_numpy(dtype=bool)
    over_N = local_N + DAY  # the end of a day that is known without its clock
    if intraday:
        return close_T.searchsorted(local_N.where(clock_N, over_N), side="left")
    dated_N = np.maximum(
        close_T.searchsorted(over_N, side="left"), sessions.normalize().searchsorted(local_N.normalize(), side="right")
    )
    return np.where(clock_N, close_T.searchsorted(local_N, side="left"), dated_N)


def _early(table: pd.DataFrame, close_T: pd.DatetimeIndex, zone: str | None) -> np.ndarray:
    """Which headlines are more than two days older than the first close: they belong to sessions that are not here."""
    if not len(close_T):
        return np.zeros(len(table), dtype=bool)
    return np.asarray(_local(pd.DatetimeIndex(table["time"]), zone) < close_T[0] - 2 * DAY)


def _known(
    at_N: Ints, early_N: np.ndarray, until: pd.Timestamp | None, close_T: pd.DatetimeIndex, zone: str | None
) -> tuple[int, int]:
    """The first and the last session of which it is known what was published; the last before the first for none."""
    if not len(at_N):
        return len(close_T), -1
    last = int(at_N[~early_N].max(initial=-1))
    if until is not None:
        last = max(last, int(close_T.searchsorted(_local(pd.DatetimeIndex([until]), zone)[0], side="right")) - 1)
    return (0 if early_N.any() else int(at_N.min())), last


def _moments(at_n: Ints, value_n: Floats, count: int) -> Floats:
    """(T, 3): mean, count and population standard deviation; zeros where there is no headline."""
    count_T = np.bincount(at_n, minlength=count).astype(np.float64)
    mean_T = np.bincount(at_n, weights=value_n, minlength=count) / np.maximum(count_T, 1)
    square_T = np.bincount(at_n, weights=(value_n - mean_T[at_n]) ** 2, minlength=count)
    return np.stack([mean_T, count_T, np.sqrt(square_T / np.maximum(count_T, 1))], axis=1)


def _local(times: pd.DatetimeIndex, zone: str | None) -> pd.DatetimeIndex:
    """Times as wall clocks: in `zone`, or in UTC where none is given; those without a zone stay."""
    if times.tz is None:
        return times
    try:
        return times.tz_convert(ZoneInfo(zone or "UTC")).tz_localize(None)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise DataError(f"{str(zone)[:40]!r} is no time zone. Write one like America/New_York.") from error


def _clock(close: str) -> pd.Timedelta:
    if not re.fullmatch(r"(?:[01]?\d|2[0-3]):[0-5]\d|24:00", close):
        raise DataError(f"The close of a session is a time such as 16:00 or 24:00; got {close[:20]!r}.")
    hour, minute = close.split(":")
    return pd.Timedelta(hours=int(hour), minutes=int(minute))


def _zone_notes(table: pd.DataFrame, zone: str | None) -> list[str]:
    if not table["clock"].any():
        return []
    if table["time"].dt.tz is None:
        return ["The headlines' times name no zone; they are taken for the wall clock of the exchange."]
    return [] if zone else ["The exchange's time zone is not known; headlines are counted by their clock in UTC."]


def _notes(table: pd.DataFrame, early_N: np.ndarray, late_N: np.ndarray, intraday: bool, close: str) -> list[str]:
    dated = int((~table["clock"]).sum())
    rule = "row at its time or later" if intraday else f"session that closes ({close}) at its time or later"
    notes = [f"A headline counts for the first {rule}."]
    if dated:
        notes.append(
            f"{dated} of {len(table)} headlines have a day and no clock: they may have come after the close "
            "and count for the next session."
        )
    if early_N.any():
        notes.append(f"{int(early_N.sum())} headlines are older than the first session and count for none.")
    if late_N.any():
        notes.append(f"{int(late_N.sum())} headlines came after the last session's close and count for one to come.")
    if (early_N | late_N).all():
        notes.append("No session has a headline.")
    return notes
