"""The theta method: half a trend line and half a smoothed level, fitted on training rows and carried over later ones.

Axis letters: T rows of one symbol, G regular steps, M steps of a season, H steps, K steps ahead.
"""

from dataclasses import dataclass

import numpy as np

from core.baselines.baseline import Baseline, from_rule
from core.baselines.naive import smooth
from core.baselines.regular import regular, search
from core.baselines.series import Series
from core.types import Floats

TITLE = "AutoTheta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """level = α value + (1 − α) level before, from `start`; `theta` weighs it against the trend line, which is fitted
    to all values so far and, if `dynamic`, to the forecasts too. `season_M` starts at the first step after the fit and
    multiplies or is added; None without a season."""

    alpha: float
    start: float
    theta: float
    dynamic: bool
    season_M: Floats | None
    multiplicative: bool


def forecast(series: Series) -> Floats:
    """The forecast at every row, (T, H) in model units; NaN before the rows to which the model is fitted.

    With the shortest season that the training rows show. Raises DataError if the history is short or does not vary, or
    if no model can be fitted.
    """
    history = regular(series, TITLE)
    fitted = fit(history.fitted_G, next(iter(history.periods), 1))
    return series.from_path(history.at_rows(paths(fitted, history.value_G, history.train, history.ahead)))


def fit(value_G: Floats, period: int) -> Fitted:
    """The best of the standard, optimised and dynamic theta models by mean squared error over three steps, as AutoTheta
    of statsforecast fits them (Fiorucci et al. 2016), on values without their classical seasonal pattern.

    Raises DataError if no model can be fitted.
    """
    from statsforecast.theta import auto_theta

    model = search(lambda: auto_theta(value_G, period), TITLE)
    parameters, seasonal = model["par"], model.get("decompose", False)
    return Fitted(
        alpha=float(parameters["alpha"]),
        start=float(parameters["initial_smoothed"]),
        theta=float(parameters["theta"]),
        dynamic=model["modeltype"].startswith("D"),
        season_M=model["seas_forecast"]["mean"] if seasonal else None,
        multiplicative=bool(seasonal and model["decomposition_type"] == "multiplicative"),
    )


def paths(fitted: Fitted, value_G: Floats, train: int, ahead: int) -> Floats:
    """Forecasts of the next `ahead` values at every step, (G, K); the first `train` steps are those of the fit.

    Step g uses no later one, and nothing is fitted but the line through all values so far, which is part of the method.
    """
    if fitted.season_M is None:
        return _without_season(fitted, value_G, ahead)
    place_G = np.arange(len(value_G)) - train
    season_G, season_GK = (
        fitted.season_M[place % len(fitted.season_M)] for place in (place_G, place_G[:, None] + np.arange(1, ahead + 1))
    )
    if fitted.multiplicative:
        return _without_season(fitted, value_G / season_G, ahead) * season_GK
    return _without_season(fitted, value_G - season_G, ahead) + season_GK


def _without_season(fitted: Fitted, value_G: Floats, ahead: int) -> Floats:
    """The recursions of Fiorucci et al. (2016): each forecast is the next value from which the next state follows."""
    keep, weight = 1 - fitted.alpha, 1 - 1 / fitted.theta
    level_G = smooth(np.concatenate([[fitted.start], value_G]), fitted.alpha)[1:]
    mean_G, slope_G = _line(value_G)
    count_G = np.arange(1.0, len(value_G) + 1)
    height_G = mean_G - slope_G * (count_G + 1) / 2
    path_GK = np.empty((len(value_G), ahead))
    for k in range(ahead):
        share_G = keep**count_G
        path_GK[:, k] = next_G = level_G + weight * (height_G * share_G + slope_G * (1 - share_G * keep) / fitted.alpha)
        level_G = fitted.alpha * next_G + keep * level_G
        count_G = count_G + 1
        if fitted.dynamic:
            gap_G = next_G - mean_G
            mean_G = mean_G + gap_G / count_G
            slope_G = ((count_G - 2) * slope_G + 6 * gap_G / count_G) / (count_G + 1)
            height_G = mean_G - slope_G * (count_G + 1) / 2
    return path_GK


def _line(value_G: Floats) -> tuple[Floats, Floats]:
    """The mean of all values so far and the slope of the least-squares line through them, zero for the first: (G,)."""
    count_G = np.arange(1.0, len(value_G) + 1)
    own_G = value_G - value_G[0]
    sum_G, product_G = np.cumsum(own_G), np.cumsum(own_G * count_G)
    slope_G = 12 * (product_G - sum_G * (count_G + 1) / 2) / np.maximum(count_G * (count_G**2 - 1), 1)
    return value_G[0] + sum_G / count_G, slope_G


AUTO_THETA = Baseline(
    name="auto_theta",
    title=TITLE,
    phrase=TITLE,
    fit=from_rule(forecast),
    applies=lambda kind: kind.level,
    naive=False,
    slow=True,
)
