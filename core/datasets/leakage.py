"""Finds inputs that contain the target's future: copies of it, shifted or smoothed, whatever they are called.

Axis letters: T rows, n rows tested, A regressors (lags and leads of the target's changes).
"""

import numpy as np

from core.datasets.windows import Prepared
from core.language import figures, message
from core.types import Alarm, Floats, Rows

LEADS = 20  # changes of the target before and after a row that are regressors of a feature's value in it
MAX_SHARE = 0.3  # of a feature's new information that future changes may explain; honest leading series stay far below
MAX_SHARE_KNOWN = 0.9  # of a known future covariate, whose purpose is to explain them: a plan that works does
MIN_ROWS = 200  # with fewer, 41 regressors explain anything
MAX_ROWS = 2500  # rows tested, the latest ones


def find_target_copies(prepared: Prepared) -> tuple[Alarm, ...]:
    """An alarm for each feature whose new information is mostly the target's next changes, from training rows alone.

    The new information of a feature is what its last two values and the target's past leave unexplained. If the next
    20 changes of the target explain more than 30 % of it, the feature was computed from them.
    """
    rows = prepared.splits.train.rows
    last_row = int(prepared.splits.train.cutoff_row_N.max())
    alarms = []
    for f, name in enumerate(rows.features):
        known = name in rows.known
        share = _largest_share(rows, prepared.raw_TF[:, f], known, last_row)
        if share > (MAX_SHARE_KNOWN if known else MAX_SHARE):
            alarms.append(Alarm(name="target copy", feature=name, text=_describe(name, share, known)))
    return tuple(alarms)


def _largest_share(rows: Rows, value_T: Floats, known: bool, last_row: int) -> float:
    """The share explained by the future for the symbol where it is largest, rows up to `last_row` only."""
    share = 0.0
    for s in range(len(rows.symbols)):
        train = np.flatnonzero((rows.symbol_T == s) & (np.arange(len(rows.time_T)) <= last_row))
        if len(train):
            train_value_T = value_T[train]
            if known:  # the model sees the next step's value already: at row t it knows the value of t + 1
                train_value_T = np.append(train_value_T[1:], np.nan)
            share = max(share, share_explained_by_future(train_value_T, rows.level_T[train]))
    return share


def _describe(name: str, share: float, known: bool) -> str:
    if known:
        return message(
            "{name} is declared as known in the future, and it explains {share} of the target's next changes. It "
            "looks like the outcome itself. Make sure that its values are planned, and not recorded afterwards.",
            name=name,
            share=figures.percent(share, 0),
        )
    return message(
        "The next {leads} changes of the target explain {share} of the new information in {name}, although nobody "
        "could know them then. It looks like a copy of the target's future, shifted or smoothed. Leave it out, or "
        "check when its values became known.",
        leads=LEADS,
        share=figures.percent(share, 0),
        name=name,
    )


def share_explained_by_future(value_T: Floats, level_T: Floats) -> float:
    """The share of the new information in `value_T` that the next changes of `level_T` explain, from 0 to 1.

    Adjusted for the number of regressors. 0 for fewer than 200 complete rows, for a constant, and for values that
    follow from the past alone.
    """
    change_T = np.diff(level_T, prepend=np.nan)
    count = len(value_T)
    if count < MIN_ROWS + 2 * LEADS:
        return 0.0
    row_n = np.arange(max(LEADS + 2, count - LEADS - MAX_ROWS), count - LEADS)
    past_nA = np.stack([change_T[row_n - k] for k in range(LEADS)], axis=1)
    future_nA = np.stack([change_T[row_n + k] for k in range(1, LEADS + 1)], axis=1)
    own_nA = np.stack([np.ones(len(row_n)), value_T[row_n - 1], value_T[row_n - 2], level_T[row_n - 1]], axis=1)
    complete_n = np.isfinite(np.column_stack([past_nA, future_nA, own_nA, value_T[row_n]])).all(axis=1)
    value_n = value_T[row_n][complete_n]
    spread = value_n.std() if complete_n.sum() >= MIN_ROWS else 0.0
    if spread <= 1e-9 * max(1.0, float(np.abs(value_n).max(initial=0.0))):
        return 0.0  # too short, or constant
    known_nA = np.column_stack([own_nA, past_nA])[complete_n]
    # Least squares by QR: what the first k columns leave of the last one, the values, is in its rows k and later.
    triangle_AA = np.asarray(np.linalg.qr(np.column_stack([known_nA, future_nA[complete_n], value_n]), mode="r"))
    left_A = triangle_AA[:, -1] ** 2
    known, rows = known_nA.shape[1], len(value_n)
    new, rest = left_A[known:].sum(), left_A[-1]  # sums of squares
    if np.sqrt(new / rows) <= 1e-6 * spread:
        return 0.0  # the target's own past, or a calendar: there is no new information
    return float(max(0.0, 1 - (rest / (rows - known - LEADS)) / (new / (rows - known))))
