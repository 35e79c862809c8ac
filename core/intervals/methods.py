"""Ways to draw a prediction interval: from a symbol's forecasts and past outcomes to nested intervals.

Axis letters: N forecasts in time order, the last M of which need an interval, H steps, Q quantiles, C coverages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from core.intervals import conformal
from core.spec import MEDIAN, QUANTILES
from core.types import Floats, Ints

PAIRS = ((0, 6), (1, 5), (2, 4))  # of QUANTILES: the model's own 90, 80 and 50 % intervals
MIN_WIDTH = 1e-3  # of the mean error: the narrowest width by which an error is scaled

Bounds = list[tuple[Floats, Floats]]  # lower and upper bound (M, H) for each coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A symbol's forecasts and outcomes, in the units in which intervals are drawn; unknown outcomes are NaN.

    `known_N` is the row at which the label of cutoff row `row_N` is known. `scale_NH` is the standard deviation of each
    label by GARCH and `dof` the degrees of freedom of its shocks, for the methods that need them.
    """

    y_NH: Floats
    quantile_NHQ: Floats
    row_N: Ints
    known_N: Ints
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

    `draw` is (history, coverages, calibration window) → the bounds of the last M forecasts for each coverage.
    """

    name: str
    title: str
    description: str
    draw: Callable[[History, tuple[float, ...], int], Bounds]
    calibrated: bool = False  # past errors set the width, so it can also cover whole paths
    fixed: bool = False  # the width is set once, before the first interval
    needs_returns: bool = False  # it needs the variance of returns, by GARCH
    head: str = ""  # the head of the model that it needs


def intervals(history: History, method: str, coverages: tuple[float, ...], window: int, joint: bool = False) -> Floats:
    """Lower and upper bounds of the last M forecasts, (C, 2, M, H), in the order of `coverages`; none crosses itself.

    `joint` intervals cover whole paths. What is unknown at a cutoff changes no interval at that cutoff.
    """
    if joint and history.y_NH.shape[1] > 1:
        return _joint(history, METHODS[method], coverages, window)
    bound_C2MH = np.stack([np.stack(bounds) for bounds in METHODS[method].draw(history, coverages, window)])
    middle_CMH = bound_C2MH.mean(axis=1)
    return np.stack([np.minimum(bound_C2MH[:, 0], middle_CMH), np.maximum(bound_C2MH[:, 1], middle_CMH)], axis=1)


def pair(coverage: float) -> tuple[int, int]:
    """The two of QUANTILES whose interval is nearest to a coverage: the outermost two from 85 % on."""
    return min(PAIRS, key=lambda p: abs(QUANTILES[p[1]] - QUANTILES[p[0]] - coverage))


def student(coverage: float, dof: float) -> float:
    """Half the width of an interval of that coverage in standard deviations, Student's t with `dof` degrees."""
    from scipy import stats

    if not np.isfinite(dof):
        return NormalDist().inv_cdf((1 + coverage) / 2)
    return float(stats.t.ppf((1 + coverage) / 2, dof) * np.sqrt((dof - 2) / dof))


def _cqr(history: History, coverages: tuple[float, ...], window: int) -> Bounds:
    """Rolling conformalised quantile regression (Romano, Patterson & Candès 2019)."""
    return _by_pair(
        history,
        coverages,
        lambda score_NH, same: conformal.rolling_margins(score_NH, history.known_N, history.row_M, same, window),
    )


def _auto(history: History, coverages: tuple[float, ...], window: int) -> Bounds:
    """Rolling CQR; if each label is known at the next cutoff, also adaptive inference (Gibbs & Candès 2021).

    Over several steps overlapping labels would count the same miss again and again.
    """
    if (history.known_N - history.row_N).max(initial=0) > 1 or history.y_NH.shape[1] > 1:
        return _cqr(history, coverages, window)
    return _by_pair(
        history,
        coverages,
        lambda score_NH, same: conformal.adaptive_margins(score_NH[:, 0], history.known_N, history.row_N, same, window)[
            :, -history.count :, None
        ],
    )


def _by_pair(
    history: History, coverages: tuple[float, ...], margins: Callable[[Floats, tuple[float, ...]], Floats]
) -> Bounds:
    """The model's own intervals widened by margins; coverages that start from the same quantiles share their scores."""
    bounds: dict[float, tuple[Floats, Floats]] = {}
    for low, high in dict.fromkeys(pair(c) for c in coverages):
        same = tuple(c for c in coverages if pair(c) == (low, high))
        low_NH, high_NH = history.quantile_NHQ[:, :, low], history.quantile_NHQ[:, :, high]
        margin_CMH = margins(conformal.scores(history.y_NH, low_NH, high_NH), same)
        for coverage, margin_MH in zip(same, margin_CMH, strict=True):
            bounds[coverage] = conformal.widen(low_NH[-history.count :], high_NH[-history.count :], margin_MH)
    return [bounds[c] for c in coverages]


def _split(history: History, coverages: tuple[float, ...], window: int) -> Bounds:
    """Split conformal (Lei et al. 2018): one fixed width from the errors known at the first cutoff."""
    first = int(np.searchsorted(history.known_N, history.row_M[0], side="right"))
    error_NH = np.abs(history.y_NH - history.median_NH)[:first]
    margin_CH = conformal.fixed_margins(error_NH, coverages) if first else np.zeros((len(coverages), 1))
    middle_MH = history.median_NH[-history.count :]
    return [(middle_MH - margin_H, middle_MH + margin_H) for margin_H in margin_CH]


def _historical(history: History, coverages: tuple[float, ...], window: int) -> Bounds:
    """Quantiles of the latest errors around the forecast."""
    error_NH, middle_MH = history.y_NH - history.median_NH, history.median_NH[-history.count :]
    quantiles = [conformal.rolling_quantiles(error_NH, history.known_N, history.row_M, c, window) for c in coverages]
    return [(middle_MH + np.nan_to_num(low), middle_MH + np.nan_to_num(high)) for low, high in quantiles]


def _gaussian(history: History, coverages: tuple[float, ...], window: int) -> Bounds:
    """A normal distribution with the model's own standard deviation; past errors are not used."""
    low_MH, high_MH = history.quantile_NHQ[-history.count :, :, 0], history.quantile_NHQ[-history.count :, :, -1]
    middle_MH, half_MH = history.median_NH[-history.count :], (high_MH - low_MH) / 2
    normal = NormalDist()
    factors = [normal.inv_cdf((1 + c) / 2) / normal.inv_cdf(QUANTILES[-1]) for c in coverages]
    return [(middle_MH - k * half_MH, middle_MH + k * half_MH) for k in factors]


def _garch(history: History, coverages: tuple[float, ...], window: int) -> Bounds:
    """Quantiles of Student's t around the forecast, scaled by the GARCH standard deviation."""
    middle_MH, scale_MH = history.median_NH[-history.count :], history.scale[-history.count :]
    return [
        (middle_MH - student(c, history.dof) * scale_MH, middle_MH + student(c, history.dof) * scale_MH)
        for c in coverages
    ]


def _garch_conformal(history: History, coverages: tuple[float, ...], window: int) -> Bounds:
    """Rolling conformal margins of errors in GARCH standard deviations (normalised, Papadopoulos et al. 2008)."""
    score_NH = np.abs(history.y_NH - history.median_NH) / history.scale
    margin_CMH = conformal.rolling_margins(score_NH, history.known_N, history.row_M, coverages, window)
    middle_MH, scale_MH = history.median_NH[-history.count :], history.scale[-history.count :]
    return [(middle_MH - margin_MH * scale_MH, middle_MH + margin_MH * scale_MH) for margin_MH in margin_CMH]


METHODS: dict[str, IntervalMethod] = {
    method.name: method
    for method in (
        IntervalMethod(
            name="auto",
            title="Automatic",
            description="Rolling conformal quantile regression, one step ahead also adaptive.",
            draw=_auto,
            calibrated=True,
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
            description="One fixed width, set by the errors of the calibration split.",
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


def _joint(history: History, method: IntervalMethod, coverages: tuple[float, ...], window: int) -> Floats:
    """Intervals for whole paths: the margin is a quantile of each path's largest error, in units of the width at its
    step.

    Split conformal with the score max over steps (Lei, Rinaldo & Wasserman 2015 take the supremum of a curve).
    """
    first = int(np.searchsorted(history.known_N, history.row_M[0], side="right"))
    middle_NH, bounds = history.median_NH, []
    error_NH = history.y_NH - middle_NH
    floor_H = MIN_WIDTH * np.abs(error_NH[:first]).mean(axis=0) + 1e-300 if first else 1e-300
    for coverage in coverages:
        low, high = pair(coverage)
        below_NH, above_NH = (
            (history.scale, history.scale)
            if method.needs_returns
            else (
                np.maximum(middle_NH - history.quantile_NHQ[:, :, low], floor_H),
                np.maximum(history.quantile_NHQ[:, :, high] - middle_NH, floor_H),
            )
        )
        worst_N = np.maximum(error_NH / above_NH, -error_NH / below_NH).max(axis=1)
        if method.fixed:
            margin_M1 = np.broadcast_to(
                conformal.fixed_margins(worst_N[:first, None], (coverage,))[0], (history.count, 1)
            )
        else:
            margin_M1 = conformal.rolling_margins(
                worst_N[:, None], history.known_N, history.row_M, (coverage,), window
            )[0]
        middle_MH = middle_NH[-history.count :]
        bounds.append(
            np.stack(
                [middle_MH - margin_M1 * below_NH[-history.count :], middle_MH + margin_M1 * above_NH[-history.count :]]
            )
        )
    return np.stack(bounds)
