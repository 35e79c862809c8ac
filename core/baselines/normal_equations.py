"""The normal equations of a ridge on overlapping windows, and of plans that meet the forecast of their step alone.

Axis letters: N windows, B windows of a block, F inputs, D numbers in a window, H steps, P plans (columns whose future
is known), R runs of consecutive cutoffs, T rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.types import Floats, Ints

BLOCK = 2**21  # numbers gathered at once


@dataclass(frozen=True, slots=True)
class Inputs:
    """Rows to cut windows from; with `relative`, values are measured from the window's last one, which drops out."""

    value_TF: Floats
    origin_T: Floats  # what labels are measured from, model units; NaN if unknown
    lookback: int
    relative: bool
    plan_TP: Floats  # known in the future: those of each step join its forecast
    steps: tuple[int, ...]

    def gather_plans(self, at_B: Ints) -> Floats:
        """The plans at each step after these cutoff rows: (B, H, P) in float64."""
        return self.plan_TP[at_B[:, None] + np.asarray(self.steps)].astype(float)

    def gather(self, at_B: Ints) -> Floats:
        """The windows with these cutoff rows, newest row first: (B, D) in float64."""
        view = sliding_window_view(self.value_TF, self.lookback, axis=0)
        x_BLF = np.moveaxis(view[at_B - self.lookback + 1], 2, 1)[:, ::-1].astype(float)
        if self.relative:
            x_BLF = x_BLF[:, 1:] - x_BLF[:, :1]
        return x_BLF.reshape(len(at_B), -1)


def blocks(history: Inputs, at_N: Ints) -> Iterator[tuple[slice, Floats]]:
    """Parts of the N windows, and their numbers (B, D)."""
    size = max(1, BLOCK // (history.lookback * history.value_TF.shape[1]))
    for start in range(0, len(at_N), size):
        part = slice(start, start + size)
        yield part, history.gather(at_N[part])


@dataclass(frozen=True, slots=True, kw_only=True)
class Products:
    """Sums of products of centred windows, plans of each step, and labels, and the means of windows and plans."""

    gram_DD: Floats
    cross_DH: Floats
    mean_D: Floats
    count: int
    window_HDP: Floats  # of the window with the plans of each step
    gram_HPP: Floats
    cross_HP: Floats
    mean_HP: Floats


def products(history: Inputs, at_N: Ints, y_NH: Floats) -> Products:
    """The products over the windows with these cutoff rows and labels."""
    features, count = history.value_TF.shape[1], len(at_N)
    width = features * (history.lookback - history.relative)
    first = width if history.relative else features  # rows of the products that are summed window by window
    steps, plans = y_NH.shape[1], history.plan_TP.shape[1]
    top_KD, cross_DH, sum_D = np.zeros((first, width)), np.zeros((width, steps)), np.zeros(width)
    window_HDP, gram_HPP = np.zeros((steps, width, plans)), np.zeros((steps, plans, plans))
    cross_HP, sum_HP = np.zeros((steps, plans)), np.zeros((steps, plans))
    for part, x_BD in blocks(history, at_N):
        top_KD += x_BD[:, :first].T @ x_BD
        cross_DH += x_BD.T @ y_NH[part]
        sum_D += x_BD.sum(axis=0)
        if plans:
            plan_HBP = history.gather_plans(at_N[part]).swapaxes(0, 1)
            window_HDP += x_BD.T @ plan_HBP
            gram_HPP += plan_HBP.swapaxes(1, 2) @ plan_HBP
            cross_HP += np.einsum("hbp,bh->hp", plan_HBP, y_NH[part])
            sum_HP += plan_HBP.sum(axis=1)
    gram_DD = top_KD if history.relative else _from_top(top_KD, history, at_N)
    gram_DD -= np.outer(sum_D, sum_D / count)
    return Products(
        gram_DD=gram_DD,
        cross_DH=cross_DH - np.outer(sum_D, y_NH.mean(axis=0)),
        mean_D=sum_D / count,
        count=count,
        window_HDP=window_HDP - sum_D[:, None] * sum_HP[:, None] / count,
        gram_HPP=gram_HPP - sum_HP[:, :, None] * sum_HP[:, None] / count,
        cross_HP=cross_HP - sum_HP * y_NH.mean(axis=0)[:, None],
        mean_HP=sum_HP / count,
    )


def _from_top(top_FD: Floats, history: Inputs, at_N: Ints) -> Floats:
    """All products from those of the newest row with all others, in N · F · D operations instead of N · D².

    Windows overlap: rows i + 1 and j + 1 before a cutoff are rows i and j before the previous cutoff, so over a run of
    cutoffs their products differ only by those of the first and the last window.
    """
    features, width = top_FD.shape
    breaks = np.flatnonzero(np.diff(at_N) != 1)
    in_RD = history.gather(at_N[np.concatenate([[0], breaks + 1])])[:, features:]
    out_RD = history.gather(at_N[np.concatenate([breaks, [len(at_N) - 1]])])[:, : width - features]
    gram_DD = np.empty((width, width))
    gram_DD[:features] = top_FD
    for at in range(features, width, features):
        here, before = slice(at, at + features), slice(at - features, at)
        moved = in_RD[:, before].T @ in_RD[:, before.start :] - out_RD[:, before].T @ out_RD[:, before.start :]
        gram_DD[here, at:] = gram_DD[before, before.start : width - features] + moved
        gram_DD[here, :at] = gram_DD[:at, here].T
    return gram_DD


def solve(products: Products, strength: float) -> tuple[Floats, Floats, Floats]:
    """The weights of windows (D, H) and plans (H, P), and the intercepts (H,), at this strength of the ridge.

    The plans of a step meet its forecast alone: each step is a system of its own, whose block of the window all steps
    share, so that block is eliminated once (the Schur complement).
    """
    from scipy.linalg import cho_factor, cho_solve

    p = products
    factor = cho_factor(_shrunk(p.gram_DD, strength, p.count), overwrite_a=True, check_finite=False)
    weight_DH, plan_HP = cho_solve(factor, p.cross_DH, check_finite=False), np.zeros_like(p.cross_HP)
    for h, window_DP in enumerate(p.window_HDP if plan_HP.size else ()):
        through_DP = cho_solve(factor, window_DP, check_finite=False)
        left_PP = _shrunk(p.gram_HPP[h], strength, p.count) - window_DP.T @ through_DP
        plan_HP[h] = np.linalg.solve(left_PP, p.cross_HP[h] - window_DP.T @ weight_DH[:, h])
        weight_DH[:, h] -= through_DP @ plan_HP[h]
    return weight_DH, plan_HP, -p.mean_D @ weight_DH - (p.mean_HP * plan_HP).sum(axis=1)


def _shrunk(gram_DD: Floats, strength: float, count: int) -> Floats:
    """The products with a ridge in units of the spread of each number; one that does not vary counts as one."""
    spread_D = np.diag(gram_DD)
    shrunk_DD = gram_DD.copy()
    shrunk_DD[np.diag_indices(len(spread_D))] += strength * np.where(spread_D > 1e-9 * count, spread_D, count)
    return shrunk_DD
