"""The ways to draw an error band: one function each from a symbol's forecasts and past outcomes to nested bands.

Axis letters: N forecasts in time order, the last M of which ask for a band, H steps, Q quantiles, C coverages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from core.intervals import conformal
from core.spec import QUANTILES
from core.types import Floats, Ints

MEDIAN = QUANTILES.index(0.5)
PAIRS = ((0, 6), (1, 5), (2, 4))  # of QUANTILES: what a model itself calls its 90, 80 and 50 % bands
TINY = 1e-3  # of the mean error: the narrowest width by which an error is scaled


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a symbol's bands are drawn from, in the units in which they are; the outcomes of live forecasts are NaN.

    `known_N` is the row at which the label of cutoff row `row_N` is known. `scale_NH` is the standard deviation that
    GARCH gives each label, and `dof` its degrees of freedom, where the method asks for them.
    """

    y_NH: Floats
    made_NHQ: Floats
    row_N: Ints
    known_N: Ints
    asked: int  # M
    scale_NH: Floats | None = None
    dof: float = float("inf")

    @property
    def median_NH(self) -> Floats:
        return self.made_NHQ[:, :, MEDIAN]

    @property
    def scale(self) -> Floats:
        """The spread of each label by GARCH; a method asks for it only where there is one."""
        assert self.scale_NH is not None
        return self.scale_NH

    @property
    def at_M(self) -> Ints:
        return self.row_N[-self.asked :]


def bands(past: Past, method: str, coverages: tuple[float, ...], window: int, joint: bool = False) -> Floats:
    """The bands of the last M forecasts: (C, 2, M, H), low and high, in the order of `coverages`; none crosses itself.

    `joint` bands hold whole paths. What is not known at a cutoff moves no band of it.
    """
    if joint and past.y_NH.shape[1] > 1:
        return _joint(past, method, coverages, window)
    made_C2MH = np.stack([np.stack(band) for band in METHODS[method](past, coverages, window)])
    middle_CMH = made_C2MH.mean(axis=1)
    return np.stack([np.minimum(made_C2MH[:, 0], middle_CMH), np.maximum(made_C2MH[:, 1], middle_CMH)], axis=1)


def pair(coverage: float) -> tuple[int, int]:
    """The two of QUANTILES whose band comes nearest to a coverage: the outermost two from 85 % on."""
    return min(PAIRS, key=lambda p: abs(QUANTILES[p[1]] - QUANTILES[p[0]] - coverage))


def _cqr(past: Past, coverages: tuple[float, ...], window: int) -> list[tuple[Floats, Floats]]:
    """Rolling conformalised quantile regression (Romano, Patterson & Candès 2019)."""
    return _by_pair(
        past,
        coverages,
        lambda score_NH, some: conformal.rolling_margins(score_NH, past.known_N, past.at_M, some, window),
    )


def _auto(past: Past, coverages: tuple[float, ...], window: int) -> list[tuple[Floats, Floats]]:
    """Rolling CQR and, where each label is known at the next cutoff, adaptive inference (Gibbs & Candès 2021) on top.

    Over several sessions the level would be moved by misses that say the same thing again and again.
    """
    if (past.known_N - past.row_N).max(initial=0) > 1 or past.y_NH.shape[1] > 1:
        return _cqr(past, coverages, window)
    return _by_pair(
        past,
        coverages,
        lambda score_NH, some: conformal.adaptive_margins(score_NH[:, 0], past.known_N, past.row_N, some, window)[
            :, -past.asked :, None
        ],
    )


def _by_pair(
    past: Past, coverages: tuple[float, ...], margins: Callable[[Floats, tuple[float, ...]], Floats]
) -> list[tuple[Floats, Floats]]:
    """The model's own bands moved by margins; coverages that start from the same quantiles share their scores."""
    found: dict[float, tuple[Floats, Floats]] = {}
    for low, high in dict.fromkeys(pair(c) for c in coverages):
        some = tuple(c for c in coverages if pair(c) == (low, high))
        low_NH, high_NH = past.made_NHQ[:, :, low], past.made_NHQ[:, :, high]
        margin_CMH = margins(conformal.scores(past.y_NH, low_NH, high_NH), some)
        for coverage, margin_MH in zip(some, margin_CMH, strict=True):
            found[coverage] = conformal.widen(low_NH[-past.asked :], high_NH[-past.asked :], margin_MH)
    return [found[c] for c in coverages]


def _split(past: Past, coverages: tuple[float, ...], window: int) -> list[tuple[Floats, Floats]]:
    """Split conformal (Lei et al. 2018): one width for good, from the errors known at the first cutoff that asks."""
    first = int(np.searchsorted(past.known_N, past.at_M[0], side="right"))
    error_NH = np.abs(past.y_NH - past.median_NH)[:first]
    margin_CH = conformal.fixed_margins(error_NH, coverages) if first else np.zeros((len(coverages), 1))
    middle_MH = past.median_NH[-past.asked :]
    return [(middle_MH - margin_H, middle_MH + margin_H) for margin_H in margin_CH]


def _historical(past: Past, coverages: tuple[float, ...], window: int) -> list[tuple[Floats, Floats]]:
    """The quantiles of the latest errors around the forecast."""
    error_NH, middle_MH = past.y_NH - past.median_NH, past.median_NH[-past.asked :]
    found = [conformal.rolling_quantiles(error_NH, past.known_N, past.at_M, c, window) for c in coverages]
    return [(middle_MH + np.nan_to_num(low), middle_MH + np.nan_to_num(high)) for low, high in found]


def _gaussian(past: Past, coverages: tuple[float, ...], window: int) -> list[tuple[Floats, Floats]]:
    """The spread that the model itself announces, as a normal distribution; no outcome moves it."""
    low_MH, high_MH = past.made_NHQ[-past.asked :, :, 0], past.made_NHQ[-past.asked :, :, -1]
    middle_MH, half_MH = past.median_NH[-past.asked :], (high_MH - low_MH) / 2
    normal = NormalDist()
    times = [normal.inv_cdf((1 + c) / 2) / normal.inv_cdf(QUANTILES[-1]) for c in coverages]
    return [(middle_MH - k * half_MH, middle_MH + k * half_MH) for k in times]


def _garch(past: Past, coverages: tuple[float, ...], window: int) -> list[tuple[Floats, Floats]]:
    """The quantiles of Student's t around the forecast, as wide as GARCH says."""
    middle_MH, scale_MH = past.median_NH[-past.asked :], past.scale[-past.asked :]
    return [
        (middle_MH - student(c, past.dof) * scale_MH, middle_MH + student(c, past.dof) * scale_MH) for c in coverages
    ]


def _garch_conformal(past: Past, coverages: tuple[float, ...], window: int) -> list[tuple[Floats, Floats]]:
    """Rolling conformal margins of errors in units of the GARCH spread (normalised scores, Papadopoulos et al.

    2008).
    """
    score_NH = np.abs(past.y_NH - past.median_NH) / past.scale
    margin_CMH = conformal.rolling_margins(score_NH, past.known_N, past.at_M, coverages, window)
    middle_MH, scale_MH = past.median_NH[-past.asked :], past.scale[-past.asked :]
    return [(middle_MH - margin_MH * scale_MH, middle_MH + margin_MH * scale_MH) for margin_MH in margin_CMH]


METHODS: dict[str, Callable[[Past, tuple[float, ...], int], list[tuple[Floats, Floats]]]] = {
    "auto": _auto,
    "cqr": _cqr,
    "split": _split,
    "historical": _historical,
    "gaussian": _gaussian,
    "garch": _garch,
    "garch_conformal": _garch_conformal,
}


def student(coverage: float, dof: float) -> float:
    """Half the width of a band of that coverage in standard deviations, Student's t with `dof` degrees of freedom."""
    from scipy import stats

    if not np.isfinite(dof):
        return NormalDist().inv_cdf((1 + coverage) / 2)
    return float(stats.t.ppf((1 + coverage) / 2, dof) * np.sqrt((dof - 2) / dof))


def _joint(past: Past, method: str, coverages: tuple[float, ...], window: int) -> Floats:
    """Bands for whole paths: the margin is a quantile of each path's largest error, in units of the width at its step.

    Split conformal with the score max over steps (Lei, Rinaldo & Wasserman 2015 take the supremum of a curve).
    """
    first = int(np.searchsorted(past.known_N, past.at_M[0], side="right"))
    middle_NH, made = past.median_NH, []
    error_NH = past.y_NH - middle_NH
    floor_H = TINY * np.abs(error_NH[:first]).mean(axis=0) + 1e-300 if first else 1e-300
    for coverage in coverages:
        low, high = pair(coverage)
        below_NH, above_NH = (
            (past.scale, past.scale)
            if method == "garch_conformal"
            else (
                np.maximum(middle_NH - past.made_NHQ[:, :, low], floor_H),
                np.maximum(past.made_NHQ[:, :, high] - middle_NH, floor_H),
            )
        )
        worst_N = np.maximum(error_NH / above_NH, -error_NH / below_NH).max(axis=1)
        if method == "split":
            margin_M1 = np.broadcast_to(conformal.fixed_margins(worst_N[:first, None], (coverage,))[0], (past.asked, 1))
        else:
            margin_M1 = conformal.rolling_margins(worst_N[:, None], past.known_N, past.at_M, (coverage,), window)[0]
        middle_MH = middle_NH[-past.asked :]
        made.append(
            np.stack([middle_MH - margin_M1 * below_NH[-past.asked :], middle_MH + margin_M1 * above_NH[-past.asked :]])
        )
    return np.stack(made)
