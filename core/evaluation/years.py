"""Groups of outcomes by calendar year, or by spans of years where a year holds too few of them.

Axis letter: N outcomes.
"""

import numpy as np

from core.types import Ints, Times

SPANS = (1, 2, 5, 10, 20, 50, 100)  # years
LEAST = 10  # times of a group on average, of which a share or an error is taken
MOST = 30  # groups that can still be read side by side


def group(time_N: Times, least: int = LEAST, most: int = MOST) -> tuple[int, Ints, dict[int, str]]:
    """The years in a group, the first year of the group of each time (N,), and the name of each group by that year, in
    time order: 2018, or 1950–1959.

    The shortest of SPANS with at most `most` groups of at least `least` times on average; else the longest. Groups
    without a time are left out; there must be a time.
    """
    year_N = time_N.astype("M8[Y]").astype(np.int64) + 1970
    first, last = int(year_N.min()), int(year_N.max())
    for span in SPANS:
        start_N = year_N // span * span
        starts = np.unique(start_N).tolist()
        if last - first + 1 <= most * span and len(time_N) >= least * len(starts):
            break
    ends = [(max(year, first), min(year + span - 1, last)) for year in starts]
    names = [str(a) if a == b else f"{a}–{b}" for a, b in ends]
    return span, start_N, dict(zip(starts, names, strict=True))
