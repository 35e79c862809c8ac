"""The sentiment of headlines by session: a headline counts only for sessions that close after it was published."""

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

from core.data.calendars import DAY
from core.data.news.headlines import Headlines
from core.data.wording import plural, quote
from core.errors import DataError
from core.language import message
from core.types import Floats, Ints

COLUMNS = ("mean", "count", "dispersion")
MAX_LENGTH = 1000  # characters of a text that are scored; what follows a headline adds little
# General lexicons misread the language of finance (Loughran & McDonald, 2011, "When Is a Liability Not a Liability?"):
# in them a share is a kindness and interest a delight, and neither "surges" nor "sued" is listed.
FINANCE_WORDS = Path(__file__).with_name("lexicon.json")
WORD_SCORE = 2.0  # of a good word of finance, on the lexicon's scale from −4 to 4

# Yahoo's suffix → the time zone of the exchange and the end of its continuous trading; New York for unknown ones.
_CLOSES = {
    "KS": ("Asia/Seoul", "15:30"),
    "KQ": ("Asia/Seoul", "15:30"),
    "HK": ("Asia/Hong_Kong", "16:00"),
    "T": ("Asia/Tokyo", "15:00"),  # until November 2024, 15:30 since: the earlier one is the safe choice
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
class SessionSentiment:
    """(T, 3) `mean`, `count` and `dispersion` of the scores of each session, and sentences on what counts where."""

    table: pd.DataFrame
    notes: tuple[str, ...]


def score_texts(texts: Sequence[str]) -> Floats:
    """Return the sentiment of each text, from −1 (bad) through 0 (neutral, or not English) to 1: (N,) float64.

    VADER's rules and lexicon (Hutto & Gilbert, 2014) with the words of finance above; each text is scored by itself.
    """
    analyzer = _analyzer()
    scores = {text: analyzer.polarity_scores(text[:MAX_LENGTH])["compound"] for text in dict.fromkeys(texts)}
    return np.array([scores[text] for text in texts], dtype=np.float64)


def aggregate_by_session(
    headlines: Headlines, sessions: pd.DatetimeIndex, close: str = "16:00", zone: str | None = None
) -> SessionSentiment:
    """Return mean, count and dispersion (population standard deviation) of the scores of each session: (T, 3) float64.

    A headline counts for the first session that closes at its time or later: on the session's date at `close` ("HH:MM"
    or "24:00") on the wall clock of the exchange; if sessions are intraday rows, for the first row at or after it. A
    headline without a clock time counts once its day is over, and for no session of that day. Times in UTC are
    converted to `zone`. Sessions without headlines are 0. Before the first headline, and after the last one (or
    `headlines.until`, if later), nothing is known and values are NaN. `sessions` are sorted. Raises DataError for an
    invalid close or zone.
    """
    table = headlines.table
    intraday = bool((sessions != sessions.normalize()).any())
    close_T = sessions if intraday else sessions.normalize() + _clock(close)
    at_N = _positions(table, sessions, close_T, zone, intraday)
    early_N = _early(table, close_T, zone)
    inside_N = ~early_N & (at_N < len(sessions))
    score_N = table["score"].to_numpy(np.float64) if "score" in table else score_texts(table["text"].tolist())
    moment_T3 = _moments(at_N[inside_N], score_N[inside_N], len(sessions))
    first, last = _known_range(at_N, early_N, headlines.until, close_T, zone)
    moment_T3[:first] = np.nan
    moment_T3[last + 1 :] = np.nan
    notes = [*_zone_notes(table, zone), *_notes(table, early_N, at_N >= len(sessions), intraday, close)]
    return SessionSentiment(table=pd.DataFrame(moment_T3, index=sessions, columns=list(COLUMNS)), notes=tuple(notes))


def exchange_hours(symbol: str) -> tuple[str, str]:
    """Return time zone and closing time of the exchange on which Yahoo lists `symbol`.

    ("America/New_York", "16:00") if unknown; coins and currencies trade through the day, which ends at "24:00".
    """
    plain = symbol.strip().upper()
    if _COINS.fullmatch(plain):
        return "UTC", "24:00"
    if plain.endswith("=X"):
        return "Europe/London", "24:00"
    if plain.endswith(("=F", ".NYB")):
        return "America/New_York", "17:00"
    suffix = _INDEXES.get(plain) or plain.rpartition(".")[2] if "." in plain or plain in _INDEXES else ""
    return _CLOSES.get(suffix, ("America/New_York", "16:00"))


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-untyped]

    analyzer = SentimentIntensityAnalyzer()
    words = json.loads(FINANCE_WORDS.read_text())
    analyzer.lexicon.update(
        dict.fromkeys(words["neutral"], 0.0)
        | dict.fromkeys(words["good"], WORD_SCORE)
        | dict.fromkeys(words["bad"], -WORD_SCORE)
    )
    return analyzer


def _positions(
    table: pd.DataFrame, sessions: pd.DatetimeIndex, close_T: pd.DatetimeIndex, zone: str | None, intraday: bool
) -> Ints:
    """Return the session for which each headline counts: (N,) positions, T for a session yet to come."""
    local_N = _local(pd.DatetimeIndex(table["time"]), zone)
    clock_N = table["clock"].to_numpy(dtype=bool)
    day_over_N = local_N + DAY  # the end of the day of a headline without a clock time
    if intraday:
        return close_T.searchsorted(local_N.where(clock_N, day_over_N), side="left")
    dated_N = np.maximum(
        close_T.searchsorted(day_over_N, side="left"),
        sessions.normalize().searchsorted(local_N.normalize(), side="right"),
    )
    return np.where(clock_N, close_T.searchsorted(local_N, side="left"), dated_N)


def _early(table: pd.DataFrame, close_T: pd.DatetimeIndex, zone: str | None) -> np.ndarray:
    """Return which headlines are more than two days older than the first close: they belong to earlier sessions."""
    if not len(close_T):
        return np.zeros(len(table), dtype=bool)
    return np.asarray(_local(pd.DatetimeIndex(table["time"]), zone) < close_T[0] - 2 * DAY)


def _known_range(
    at_N: Ints, early_N: np.ndarray, until: pd.Timestamp | None, close_T: pd.DatetimeIndex, zone: str | None
) -> tuple[int, int]:
    """Return the first and the last session with complete headlines; the last precedes the first if there is none."""
    if not len(at_N):
        return len(close_T), -1
    last = int(at_N[~early_N].max(initial=-1))
    if until is not None:
        last = max(last, int(close_T.searchsorted(_local(pd.DatetimeIndex([until]), zone)[0], side="right")) - 1)
    return (0 if early_N.any() else int(at_N.min())), last


def _moments(at_n: Ints, value_n: Floats, count: int) -> Floats:
    """Return (T, 3): mean, count and population standard deviation; zeros for sessions without a headline."""
    count_T = np.bincount(at_n, minlength=count).astype(np.float64)
    mean_T = np.bincount(at_n, weights=value_n, minlength=count) / np.maximum(count_T, 1)
    square_T = np.bincount(at_n, weights=(value_n - mean_T[at_n]) ** 2, minlength=count)
    return np.stack([mean_T, count_T, np.sqrt(square_T / np.maximum(count_T, 1))], axis=1)


def _local(times: pd.DatetimeIndex, zone: str | None) -> pd.DatetimeIndex:
    """Return times on the wall clock of `zone`, or of UTC if None; times without a zone stay as they are."""
    if times.tz is None:
        return times
    try:
        return times.tz_convert(ZoneInfo(zone or "UTC")).tz_localize(None)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise DataError(
            message("{zone} is not a time zone. Write one like America/New_York.", zone=quote(zone, 40))
        ) from error


def _clock(close: str) -> pd.Timedelta:
    if not re.fullmatch(r"(?:[01]?\d|2[0-3]):[0-5]\d|24:00", close):
        raise DataError(
            message("The close of a session is a time such as 16:00 or 24:00; got {close}.", close=repr(close[:20]))
        )
    hour, minute = close.split(":")
    return pd.Timedelta(hours=int(hour), minutes=int(minute))


def _zone_notes(table: pd.DataFrame, zone: str | None) -> list[str]:
    if not table["clock"].any():
        return []
    if table["time"].dt.tz is None:
        return [message("The times of the headlines have no time zone; the wall clock of the exchange is assumed.")]
    return (
        []
        if zone
        else [message("The time zone of the exchange is unknown; headlines are counted by their clock time in UTC.")]
    )


def _notes(table: pd.DataFrame, early_N: np.ndarray, late_N: np.ndarray, intraday: bool, close: str) -> list[str]:
    without_clock, early, late = (int(np.sum(rows)) for rows in (~table["clock"], early_N, late_N))
    notes: list[str] = [
        message("A headline counts for the first row at its time or later.")
        if intraday
        else message("A headline counts for the first session that closes ({close}) at its time or later.", close=close)
    ]
    if without_clock:
        notes.append(
            message(
                "{without_clock} of {headlines} have no clock time: they may have come after the close and count for "
                "the next session.",
                without_clock=without_clock,
                headlines=plural(len(table), "headline"),
            )
        )
    if early:
        notes.append(message("Headlines older than the first session count for none: {early}.", early=f"{early:,}"))
    if late:
        notes.append(
            message(
                "Headlines after the close of the last session count for one yet to come: {late}.", late=f"{late:,}"
            )
        )
    if (early_N | late_N).all():
        notes.append(message("No session has a headline."))
    return notes
