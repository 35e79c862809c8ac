"""The seasons that a series has: which of the calendar's (hour, day, week, year) repeat in it, and their patterns.

Axis letters: T rows of one symbol, E their times and those of later rows, C cycles, P phases of one cycle.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.wording import both, listing
from core.language import mark, message
from core.types import Flags, Floats, Ints, Times

CALENDAR = (("hour", 1 / 24), ("day", 1.0), ("week", 7.0), ("year", 365.25))  # days
NAMED = {
    "hour": mark("an hour ({rows} rows)"),
    "day": mark("a day ({rows} rows)"),
    "week": mark("a week ({rows} rows)"),
    "year": mark("a year ({rows} rows)"),
}
LEAST_ROWS = 4  # of one season: fewer are no pattern
LEAST_CYCLES = 3
MOST_PHASES = 10  # per row: an exchange may be closed for most of the day, but scattered rows need no finer phases
PHASES_OF_A_YEAR = 52  # at most: what repeats faster is the pattern of the week
SIGNIFICANT = 0.01  # of the test of one season; with three candidates about 3 in 100 series without a season show one
LEAST_STRENGTH = 0.01
TEST_WEIGHT = 0.1  # of the newest cycle, where shorter seasons are taken out before a longer one is tested
MICROSECONDS = 86_400e6  # of a day; 292 years of nanoseconds are all that fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """One season: its name in the calendar (empty if it has none), length, usual rows and distinct phases."""

    name: str
    days: float
    rows: int
    phases: int

    @property
    def text(self) -> str:
        """The season in a sentence: a day (24 rows)."""
        key = NAMED.get(self.name) or mark("{rows} rows")
        return message(key, rows=self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """The pattern of one season as it is known over time: `state_CP[c]` are the means of each phase before cycle c.

    A value enters half a season after its row, when the mean level around it is known, so nothing looks ahead.
    """

    state_CP: Floats
    phase_E: Ints
    seen_T: Floats  # phases since the first row of the latest value that has entered

    def at(self, ahead: int) -> Floats:
        """The pattern `ahead` rows after each row, as known at the row: (T,)."""
        phase_T = self.phase_E[ahead : ahead + len(self.seen_T)]
        cycles_T = ((self.seen_T - phase_T) // self.state_CP.shape[1]).astype(int) + 1
        return self.state_CP[np.maximum(cycles_T, 0), phase_T]


def find(value_T: Floats, time_T: Times) -> tuple[Season, ...]:
    """The seasons of these rows, the shortest first; each is tested on what the shorter ones leave.

    Candidates are those of the calendar, or, where fewer than three cycles of each are seen, the highest peak of the
    periodogram of the changes in the first half of the rows. A season is kept if the pattern of the cycles so far
    predicts the next one: the mean cosine between the two is positive (one-sided t-test over cycles, p < .01; the
    numerator is that of Clark & West 2007), and the prediction explains at least 1 % of the squared deviations from
    the mean level, an out-of-sample version of the strength of Wang, Smith & Hyndman (2006). Cycles are the replicates,
    so autocorrelation within them, as in a random walk, shows no season.
    """
    if len(value_T) < LEAST_ROWS * LEAST_CYCLES or not np.ptp(value_T) > 0:
        return ()
    day_T = to_days(time_T)
    candidates, first = _of_calendar(day_T), 0
    if not candidates:
        first = len(value_T) // 2
        candidates = _of_periodogram(value_T[:first], day_T)
    found: list[Season] = []
    for season in candidates:
        if _repeats(_cells(value_T, day_T, season, complete=True), first // season.rows):
            found.append(season)
            value_T = value_T - pattern(value_T, day_T, season, TEST_WEIGHT).at(0)
    return tuple(found)


def pattern(value_T: Floats, day_E: Floats, season: Season, weight: float) -> Pattern:
    """The pattern of one season: means over its cycles of the deviations from a centred mean over one season.

    The newest cycle counts `weight`, a plain mean until then. `day_E` are the times in days of the rows of `value_T`
    and of later ones. As in MSTL (Bandara, Hyndman & Bergmeir 2021) a longer season is one of what the shorter leave.
    """
    cell_CP = _cells(value_T, day_E[: len(value_T)], season)
    state_CP = np.zeros((len(cell_CP) + 1, season.phases))
    count_P = np.zeros(season.phases)
    for c, cell_P in enumerate(cell_CP):
        seen_P = np.isfinite(cell_P)
        count_P += seen_P
        share_P = np.maximum(weight, 1 / np.maximum(count_P, 1))
        state_CP[c + 1] = state_CP[c] + np.where(seen_P, share_P * (cell_P - state_CP[c]), 0.0)
    place_E = _places(day_E, season)
    seen_T = place_E[: len(value_T)] - 0.5 * (season.phases + 1) + 1e-6  # a phase holds rows half a place to each side
    return Pattern(state_CP=state_CP, phase_E=np.rint(place_E).astype(int) % season.phases, seen_T=seen_T)


def to_days(time_T: Times) -> Floats:
    """Times as days since the epoch."""
    return time_T.astype("datetime64[us]").astype(np.int64) / MICROSECONDS


def describe(found: Sequence[Season]) -> str:
    """One sentence: Seasons in the training rows: a day (24 rows) and a week (168 rows)."""
    texts = [season.text for season in found]
    listed = both([listing(texts[:-1]), texts[-1]] if len(texts) > 1 else texts) if texts else message("none found")
    return message("Seasons in the training rows: {seasons}.", seasons=listed)


def _of_calendar(day_T: Floats) -> list[Season]:
    """The calendar's seasons of which the rows show enough cycles, the shortest first."""
    step, span = float(np.median(np.diff(day_T))), day_T[-1] - day_T[0]
    candidates = []
    for name, days in CALENDAR:
        cycle_T = ((day_T - day_T[0]) // days).astype(int)
        rows = int(np.median(np.bincount(cycle_T)[np.unique(cycle_T)]))
        phases = min(round(days / step), PHASES_OF_A_YEAR if name == "year" else MOST_PHASES * rows)
        if rows >= LEAST_ROWS and span + step >= LEAST_CYCLES * days:
            candidates.append(Season(name=name, days=days, rows=rows, phases=phases))
    return candidates


def _of_periodogram(value_T: Floats, day_T: Floats) -> list[Season]:
    """The season of the highest peak of the periodogram of the changes, if these rows show enough cycles of it."""
    from scipy.signal import periodogram

    if len(value_T) < LEAST_ROWS * LEAST_CYCLES:
        return []
    frequency, power = periodogram(np.diff(value_T), nfft=8 * len(value_T))
    allowed = (frequency >= LEAST_CYCLES / len(value_T)) & (frequency <= 1 / LEAST_ROWS)
    rows = 1 / float(frequency[allowed][np.argmax(power[allowed])])
    step = (day_T[-1] - day_T[0]) / (len(day_T) - 1)
    return [Season(name="", days=rows * step, rows=round(rows), phases=round(rows))]


def _repeats(cell_CP: Floats, first: int) -> bool:
    """Whether the mean pattern of all cycles before predicts each cycle from `first` on."""
    from scipy.stats import t as student

    seen_CP = np.isfinite(cell_CP)
    value_CP = np.where(seen_CP, cell_CP, 0.0)
    count_CP = np.cumsum(seen_CP, axis=0) - seen_CP
    past_CP = (np.cumsum(value_CP, axis=0) - value_CP) / np.maximum(count_CP, 1)
    both_CP = seen_CP & (count_CP > 0)
    used_C: Flags = (both_CP.sum(axis=1) >= 0.4 * seen_CP.any(axis=0).sum()) & (np.arange(len(cell_CP)) >= first)
    now_CP, past_CP = (np.where(both_CP, each, 0.0)[used_C] for each in (value_CP, past_CP))
    size_C = np.sqrt((now_CP**2).sum(axis=1) * (past_CP**2).sum(axis=1))
    cosine_C = (now_CP * past_CP).sum(axis=1)[size_C > 0] / size_C[size_C > 0]
    if len(cosine_C) < LEAST_CYCLES - 1:
        return False
    error = cosine_C.std(ddof=1) / np.sqrt(len(cosine_C))
    p_value = float(student.sf(cosine_C.mean() / max(error, 1e-12), len(cosine_C) - 1))
    strength = 1 - ((now_CP - past_CP) ** 2).sum() / (now_CP**2).sum()
    return p_value < SIGNIFICANT and strength >= LEAST_STRENGTH


def _cells(value_T: Floats, day_T: Floats, season: Season, complete: bool = False) -> Floats:
    """The deviation of each cycle and phase from the mean over the season around it: (C, P), NaN where there is none.

    The first half season has no such mean; nor has the last, which is left out if `complete`.
    """
    half = season.days / 2
    index = pd.TimedeltaIndex(np.round((day_T - day_T[0]) * MICROSECONDS).astype("timedelta64[us]"))
    around_T = pd.Series(value_T, index=index).rolling(pd.Timedelta(days=season.days), center=True).mean().to_numpy()
    used_T = day_T - day_T[0] >= half
    if complete:
        used_T &= day_T[-1] - day_T >= half
    place_T = np.rint(_places(day_T, season)).astype(int)
    cells = (place_T[-1] // season.phases + 1) * season.phases
    count, total = (
        np.bincount(place_T[used_T], weight, minlength=cells) for weight in (None, (value_T - around_T)[used_T])
    )
    with np.errstate(invalid="ignore"):
        return (total / count).reshape(-1, season.phases)


def _places(day_E: Floats, season: Season) -> Floats:
    return (day_E - day_E[0]) / season.days * season.phases
