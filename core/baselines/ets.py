"""Exponential smoothing in state space form: fitted on training rows, its states then follow every later row.

Axis letters: T rows of one symbol, G regular steps, H steps, K steps ahead.
"""

from typing import Any

import numpy as np

from core.baselines.baseline import Baseline, from_rule
from core.baselines.regular import regular, search
from core.baselines.series import Series
from core.types import Floats

LONGEST = 24  # steps of a season: each has a state that the search must find
TITLE = "AutoETS"


def forecast(series: Series) -> Floats:
    """The forecast at every row, (T, H) in model units; NaN before the rows to which the model is fitted.

    With the shortest season that the training rows show, if it has at most LONGEST steps. Raises DataError if the
    history is short or does not vary, or if no model can be fitted.
    """
    history = regular(series, TITLE)
    period = next((period for period in history.periods if period <= LONGEST), 1)
    fitted = fit(history.fitted_G, period)
    return series.from_path(history.at_rows(paths(fitted, history.value_G, history.ahead)))


def fit(value_G: Floats, period: int, season: str = "Z") -> dict[str, Any]:
    """The model of statsforecast that AutoETS (Hyndman et al. 2002) chooses by AICc: error, trend and season, each
    additive or multiplicative, the trend damped or not; a `season` of "N" is none.

    Each of at most 15 candidates has 1,000 iterations of the simplex search. Multiplicative ones need positive values.
    Raises DataError if no model can be fitted.
    """
    from statsforecast.ets import ets_f

    return search(lambda: ets_f(value_G, m=period, model=f"ZZ{season}"), TITLE)


def paths(fitted: dict[str, Any], value_G: Floats, ahead: int) -> Floats:
    """Forecasts of the next `ahead` values at every step, (G, K), from the states there.

    level + trend · (φ + φ² + …), then + or × season (Hyndman et al. 2008, table 2.1); statsforecast 2.1.1 counts the
    first φ twice. `value_G` starts where the data of the fit did. Step g uses no later one, and nothing is fitted.
    """
    from statsforecast.ets import forward_ets

    _, trend, season, damped = fitted["components"]
    state_GS = forward_ets(fitted, value_G)["states"][1:]
    path_GK = np.repeat(state_GS[:, :1], ahead, axis=1)
    if trend == "A":
        damping = fitted["par"][3] if damped == "D" else 1.0
        path_GK = path_GK + state_GS[:, 1:2] * np.cumsum(damping ** np.arange(1, ahead + 1))
    if season != "N":
        period = fitted["m"]
        season_GK = state_GS[:, -1 - np.arange(ahead) % period]  # the last state is the oldest: it is next
        path_GK = path_GK + season_GK if season == "A" else path_GK * season_GK
    return path_GK


AUTO_ETS = Baseline(
    name="auto_ets",
    title=TITLE,
    phrase=TITLE,
    fit=from_rule(forecast),
    applies=lambda kind: kind.level,
    naive=False,
    slow=True,
)
