"""Ways to draw a prediction interval: from a symbol's forecasts and past outcomes to calibrated quantiles.

Axis letters: N forecasts in time order, the last M of which need an interval, H steps, Q quantiles, L levels.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from core.intervals import conformal, spread
from core.spec import MEDIAN, QUANTILES
from core.types import Floats, Ints

PAIRS = ((0, 6), (1, 5), (2, 4))  # of QUANTILES: the model's own 90, 80 and 50 % intervals
MIN_WIDTH = 1e-3  # of the mean error: the narrowest width by which the error of a path is scaled
STEP_SIZE = 0.03  # expected absolute errors by which an outcome moves a margin, over the root of those that overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A symbol's forecasts and outcomes, in the units in which intervals are drawn; unknown outcomes are NaN.

    `known_NH` is the row at which the outcome of each step after cutoff row `row_N` is known. `scale_NH` is the
    standard deviation of each label by GARCH and `dof` the degrees of freedom of its shocks, for the methods that need
    them.
    """

    y_NH: Floats
    quantile_NHQ: Floats
    row_N: Ints
    known_NH: Ints
    count: int  # M
    scale_NH: Floats | None = None
    dof: float = float("inf")

    @property
    def median_NH(self) -> Floats:
        return self.quantile_NHQ[:, :, MEDIAN]

    @property
    def scale(self) -> Floats:
        """The standard deviation of each label by GARCH; only for methods that need it."""
        assert self.scale_NH is not None
        return self.scale_NH

    @property
    def row_M(self) -> Ints:
        return self.row_N[-self.count :]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalMethod:
    """One way to draw prediction intervals, and what it needs.

    `draw` is (history, levels, calibration window) → the quantiles of the last M forecasts, (L, M, H).
    """

    name: str
    title: str
    description: str
    draw: Callable[[History, tuple[float, ...], int], Floats]
    calibrated: bool = False  # past errors set the width, so it can also cover whole paths
    fixed: bool = False  # the width is set once, before the first interval
    follows: bool = False  # the width follows the size of the latest errors
    needs_returns: bool = False  # it needs the variance of returns, by GARCH
    head: str = ""  # the head of the model that it needs


def quantiles(history: History, method: str, levels: tuple[float, ...], window: int, joint: bool = False) -> Floats:
    """Quantiles of the last M forecasts at these ascending levels, (L, M, H); they do not cross.

    `joint` ones bound whole paths: an interval from level τ to 1 − τ contains 1 − 2τ of them at every step. What is
    unknown at a cutoff changes no quantile at that cutoff. Quantiles that cross are sorted (Chernozhukov,
    Fernández-Val & Galichon 2010).
    """
    if joint and history.y_NH.shape[1] > 1:
        return _joint(history, METHODS[method], levels, window)
    return np.sort(METHODS[method].draw(history, levels, window), axis=0)


def pair(coverage: float) -> tuple[int, int]:
    """The two of QUANTILES whose interval is nearest to a coverage: the outermost two from 85 % on."""
    return min(PAIRS, key=lambda p: abs(QUANTILES[p[1]] - QUANTILES[p[0]] - coverage))


def student(level: float, dof: float) -> float:
    """The quantile of Student's t with `dof` degrees of freedom, in its standard deviations."""
    from scipy import stats

    if not np.isfinite(dof):
        return NormalDist().inv_cdf(level)
    return float(stats.t.ppf(level, dof) * np.sqrt((dof - 2) / dof))


def stretched(history: History) -> tuple[Floats, Floats]:
    """The model's quantiles, drawn out from their median by how much larger errors have been of late than their widths
    said, (N, H, Q), and the absolute error to expect from that, (N, H)."""
    median_NH, error_NH = history.median_NH, np.abs(history.y_NH - history.median_NH)
    width_NH = history.quantile_NHQ[:, :, -1] - history.quantile_NHQ[:, :, 0]
    first_row = int(history.row_M[0])
    spread_NH = spread.own_spread(width_NH, error_NH, history.known_NH, history.row_N, first_row)
    # The errors of the first step are known soonest; a burst of them widens every step.
    first_N = history.known_NH[:, 0]
    delay = max(1, int((first_N - history.row_N).min()))
    stretch_N1 = spread.stretch(error_NH[:, 0] / spread_NH[:, 0], first_N, history.row_N, first_row, delay)[:, None]
    drawn_NHQ = median_NH[:, :, None] + stretch_N1[:, :, None] * (history.quantile_NHQ - median_NH[:, :, None])
    return drawn_NHQ, stretch_N1 * spread_NH


def _auto(history: History, levels: tuple[float, ...], window: int) -> Floats:
    """Normalised conformal quantiles, tracked: the model's quantiles, stretched to the size of the latest errors, plus
    a margin at each level in units of the error to expect (Romano, Patterson & Candès 2019; Papadopoulos, Gammerman &
    Vovk 2008), which follows the misses (conformal.track). The window counts outcomes that do not overlap.
    """
    quantile_NHQ, unit_NH = stretched(history)
    base_LNH = _at_levels(quantile_NHQ, levels)
    score_LNH = (history.y_NH - base_LNH) / unit_NH
    # Of outcomes that are known d rows later, d overlap and say little more than one.
    delay_H = np.maximum((history.known_NH - history.row_N[:, None]).min(axis=0), 1)
    rolling_LNH = _rolling(score_LNH, history, levels, window * delay_H, history.row_N)
    margin_LNH = conformal.track(
        score_LNH, rolling_LNH, history.known_NH, history.row_N, levels, STEP_SIZE / np.sqrt(delay_H)
    )
    return (base_LNH + margin_LNH * unit_NH)[:, -history.count :]


def _cqr(history: History, levels: tuple[float, ...], window: int) -> Floats:
    """Rolling conformalised quantile regression, each end on its own (Romano, Patterson & Candès 2019, theorem 2)."""
    base_LNH = _at_levels(history.quantile_NHQ, levels)
    margin_LMH = _rolling(history.y_NH - base_LNH, history, levels, window, history.row_M)
    return base_LNH[:, -history.count :] + margin_LMH


def _split(history: History, levels: tuple[float, ...], window: int) -> Floats:
    """Split conformal (Lei et al. 2018), each end on its own: fixed margins from the errors known at the first
    cutoff."""
    error_NH = history.y_NH - history.median_NH
    margin_L1H = conformal.quantiles(error_NH, history.known_NH, history.row_M[:1], levels, len(error_NH))
    return history.median_NH[-history.count :] + margin_L1H


def _historical(history: History, levels: tuple[float, ...], window: int) -> Floats:
    """Quantiles of the latest errors around the forecast."""
    error_NH = history.y_NH - history.median_NH
    margin_LMH = conformal.quantiles(error_NH, history.known_NH, history.row_M, levels, window)
    return history.median_NH[-history.count :] + margin_LMH


def _gaussian(history: History, levels: tuple[float, ...], window: int) -> Floats:
    """A normal distribution with the model's own standard deviation; past errors are not used."""
    normal, latest_MHQ = NormalDist(), history.quantile_NHQ[-history.count :]
    deviation_MH = (latest_MHQ[:, :, -1] - latest_MHQ[:, :, 0]) / (2 * normal.inv_cdf(QUANTILES[-1]))
    return np.stack([latest_MHQ[:, :, MEDIAN] + normal.inv_cdf(level) * deviation_MH for level in levels])


def _garch(history: History, levels: tuple[float, ...], window: int) -> Floats:
    """Quantiles of Student's t around the forecast, scaled by the GARCH standard deviation."""
    middle_MH, scale_MH = history.median_NH[-history.count :], history.scale[-history.count :]
    return np.stack([middle_MH + student(level, history.dof) * scale_MH for level in levels])


def _garch_conformal(history: History, levels: tuple[float, ...], window: int) -> Floats:
    """Rolling conformal margins of errors in GARCH standard deviations (normalised, Papadopoulos et al. 2008)."""
    score_NH = (history.y_NH - history.median_NH) / history.scale
    margin_LMH = conformal.quantiles(score_NH, history.known_NH, history.row_M, levels, window)
    return history.median_NH[-history.count :] + margin_LMH * history.scale[-history.count :]


METHODS: dict[str, IntervalMethod] = {
    method.name: method
    for method in (
        IntervalMethod(
            name="auto",
            title="Automatic",
            description="Conformal quantiles in units of the latest errors; each end follows its own misses.",
            draw=_auto,
            calibrated=True,
            follows=True,
        ),
        IntervalMethod(
            name="cqr",
            title="Rolling conformal (CQR)",
            description="Conformalised quantile regression, calibrated on the latest errors.",
            draw=_cqr,
            calibrated=True,
        ),
        IntervalMethod(
            name="split",
            title="Split conformal",
            description="One fixed distance on each side, set by the errors of the calibration split.",
            draw=_split,
            calibrated=True,
            fixed=True,
        ),
        IntervalMethod(
            name="historical",
            title="Historical errors",
            description="Quantiles of the latest errors around the forecast.",
            draw=_historical,
        ),
        IntervalMethod(
            name="gaussian",
            title="Gaussian head",
            description="The model's own standard deviation, not calibrated.",
            draw=_gaussian,
            head="gaussian",
        ),
        IntervalMethod(
            name="garch",
            title="GARCH",
            description="Student's t with the variance of a GJR-GARCH model of the returns, not calibrated.",
            draw=_garch,
            needs_returns=True,
        ),
        IntervalMethod(
            name="garch_conformal",
            title="Conformal GARCH",
            description="The GARCH standard deviation, scaled by the latest errors.",
            draw=_garch_conformal,
            calibrated=True,
            needs_returns=True,
        ),
    )
}


def _at_levels(quantile_NHQ: Floats, levels: tuple[float, ...]) -> Floats:
    """The model's quantiles at these levels, linear between its own, the outermost one beyond them: (L, N, H)."""
    above = np.clip(np.searchsorted(QUANTILES, levels), 1, len(QUANTILES) - 1)
    own = np.asarray(QUANTILES)
    share_L11 = np.clip((np.asarray(levels) - own[above - 1]) / (own[above] - own[above - 1]), 0, 1)[:, None, None]
    quantile_QNH = np.moveaxis(quantile_NHQ, 2, 0)
    return (1 - share_L11) * quantile_QNH[above - 1] + share_L11 * quantile_QNH[above]


def _rolling(score_LNH: Floats, history: History, levels: tuple[float, ...], window: int | Ints, row_M: Ints) -> Floats:
    """The rolling quantile of each level of the scores at that level: (L, M, H)."""
    if all(np.array_equal(score_NH, score_LNH[0], equal_nan=True) for score_NH in score_LNH[1:]):  # of a point
        return conformal.quantiles(score_LNH[0], history.known_NH, row_M, levels, window)
    return np.concatenate(
        [
            conformal.quantiles(score_NH, history.known_NH, row_M, (level,), window)
            for score_NH, level in zip(score_LNH, levels, strict=True)
        ]
    )


def _joint(history: History, method: IntervalMethod, levels: tuple[float, ...], window: int) -> Floats:
    """Bounds of whole paths: the margin is a quantile of each path's largest error, in units of the width at its step,
    and known when the whole path is. One half stays the median of the forecast.

    Split conformal with the score max over steps (Lei, Rinaldo & Wasserman 2015 take the supremum of a curve).
    """
    if method.follows:
        history = replace(history, quantile_NHQ=stretched(history)[0])
    known_N1, middle_NH = history.known_NH[:, -1:], history.median_NH
    first = int(np.searchsorted(known_N1[:, 0], history.row_M[0], side="right"))
    error_NH = history.y_NH - middle_NH
    floor_H = MIN_WIDTH * np.abs(error_NH[:first]).mean(axis=0) + 1e-300 if first else 1e-300
    row_M, window = (history.row_M[:1], len(error_NH)) if method.fixed else (history.row_M, window)
    bounds = []
    for level in levels:
        coverage = round(abs(1 - 2 * level), 6)
        low, high = pair(coverage)
        below_NH, above_NH = (
            (history.scale, history.scale)
            if method.needs_returns
            else (
                np.maximum(middle_NH - history.quantile_NHQ[:, :, low], floor_H),
                np.maximum(history.quantile_NHQ[:, :, high] - middle_NH, floor_H),
            )
        )
        worst_N1 = np.maximum(error_NH / above_NH, -error_NH / below_NH).max(axis=1, keepdims=True)
        # The coverage of the path is that of one bound on its largest error: one tail of the scores.
        margin_M1 = conformal.quantiles(worst_N1, known_N1, row_M, (coverage,), window)[0]
        side_NH = np.sign(level - 0.5) * (above_NH if level > 0.5 else below_NH)
        bounds.append(middle_NH[-history.count :] + margin_M1 * side_NH[-history.count :])
    return np.sort(np.stack(bounds), axis=0)
