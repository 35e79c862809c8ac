"""Finds inputs that know the target's future: copies of it, shifted or smoothed, whatever they are called.

Axis letters: n rows looked at, A lags and leads of the target's changes.
"""

import numpy as np

from core.datasets.windows import Prepared
from core.types import Alarm, Floats

LEADS = 20  # changes of the target, before and after a row, that its newest value is held against
TOLD = 0.3  # share of a column's news that the target's future may explain; honest leading series stay far below
TOLD_AHEAD = 0.9  # of a column known ahead, which is there to tell the changes to come: a plan that works tells many
LEAST = 200  # rows: with fewer, 41 regressors explain anything
MOST = 2500  # rows that are looked at, the latest ones


def target_copies(prepared: Prepared) -> tuple[Alarm, ...]:
    """An alarm for each feature whose news is mostly the target's next changes, judged on training rows alone.

    The news of a feature is what its own last two values and the target's past leave unexplained. Where the next 20
    changes of the target explain more than 30 % of it, the feature was made with knowledge of them.
    """
    rows = prepared.splits.train.rows
    last_train = int(prepared.splits.train.cutoff_row_N.max())
    found = []
    for f, name in enumerate(rows.features):
        share = 0.0
        for s in range(len(rows.symbols)):
            inside = np.flatnonzero((rows.symbol_T == s) & (np.arange(len(rows.time_T)) <= last_train))
            if len(inside):
                value_T = prepared.raw_TF[inside, f]
                if name in rows.known:  # the model sees its values ahead: what it knows at t is the value of t + 1
                    value_T = np.append(value_T[1:], np.nan)
                share = max(share, told_by_future(value_T, rows.level_T[inside]))
        ahead = name in rows.known
        if share > (TOLD_AHEAD if ahead else TOLD):
            found.append(Alarm(name="target copy", feature=name, text=_said(name, share, ahead)))
    return tuple(found)


def _said(name: str, share: float, ahead: bool) -> str:
    if ahead:
        return (
            f"{name} is declared as known ahead and tells {share:.0%} of the target's next changes. It looks like "
            "the outcome itself. Make sure that it is a plan, and not a record of what came."
        )
    return (
        f"{share:.0%} of what is new in {name} each day is explained by the next {LEADS} changes of the target, "
        "which nobody could know then. It looks like a copy of the target's future, shifted or smoothed. Leave it "
        "out, or make sure when its values became known."
    )


def told_by_future(value_T: Floats, level_T: Floats) -> float:
    """Share of the news of `value_T` that the next changes of `level_T` explain, adjusted for their number; 0 … 1."""
    change_T = np.diff(level_T, prepend=np.nan)
    count = len(value_T)
    if count < LEAST + 2 * LEADS:
        return 0.0
    at_n = np.arange(max(LEADS + 2, count - LEADS - MOST), count - LEADS)
    past_nA = np.stack([change_T[at_n - k] for k in range(LEADS)], axis=1)
    future_nA = np.stack([change_T[at_n + k] for k in range(1, LEADS + 1)], axis=1)
    own_nA = np.stack([np.ones(len(at_n)), value_T[at_n - 1], value_T[at_n - 2], level_T[at_n - 1]], axis=1)
    whole = np.isfinite(np.column_stack([past_nA, future_nA, own_nA, value_T[at_n]])).all(axis=1)
    spread = value_T[at_n][whole].std() if whole.sum() >= LEAST else 0.0
    if spread <= 1e-9 * max(1.0, float(np.abs(value_T[at_n][whole]).max(initial=0.0))):
        return 0.0  # too short, or constant
    known_nA = np.column_stack([own_nA, past_nA])[whole]
    news_n = _unexplained(value_T[at_n][whole], known_nA)
    if news_n.std() <= 1e-6 * spread:
        return 0.0  # the target's own past, or a calendar: nothing is new in it
    left_n = _unexplained(value_T[at_n][whole], np.column_stack([known_nA, future_nA[whole]]))
    spare, used = len(news_n) - known_nA.shape[1], len(news_n) - known_nA.shape[1] - LEADS
    return float(max(0.0, 1 - (left_n @ left_n / used) / (news_n @ news_n / spare)))


def _unexplained(y_n: Floats, x_nA: Floats) -> Floats:
    """Residuals of the least-squares fit of y on x, columns put on one scale first."""
    scale_A = np.where(x_nA.std(axis=0) > 0, x_nA.std(axis=0), 1.0)
    solved = np.linalg.lstsq(x_nA / scale_A, y_n, rcond=None)[0]
    return y_n - (x_nA / scale_A) @ solved
