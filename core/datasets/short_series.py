"""Window and splits of a short series: what the defaults leave no windows for is divided by what each split needs."""

from dataclasses import replace

import pandas as pd

from core.datasets import frequency
from core.datasets.panel import observed_times
from core.datasets.split import MIN_WINDOWS
from core.features import registry
from core.spec import Spec, Split
from core.spec.presets import EFFORTS

SHARES = {"val": 0.15, "test": 0.2}  # of the rows, if that is enough for their windows
SPARE = 3  # windows more than the least
USUAL = 60  # rows of a window
LEAST_SEASON = 4  # steps: a shorter one is no pattern to see twice


def fit(spec: Spec, frame: pd.DataFrame, free: bool) -> Spec:
    """The recipe, resolved but for this, with window and splits that its rows can carry.

    Only a recipe with the default splits is changed, and only if they leave a split too few windows: then validation
    and test get the rows that their windows need, at least their usual shares, and training the rest; there is no
    calibration split, so that validation windows calibrate the interval. A window that is `free`, for nobody chose it,
    is measured as one of 60 rows, and becomes two seasons, if there is a season, and at most half of what training can
    spare. A recipe that does not fit even so is returned as it is.
    """
    times, reach = observed_times(spec, frame), spec.target.horizon
    usable = len(times) - registry.rows_needed(spec.features)
    apart = max(0, (spec.split.gap or 0) - reach)
    lookback = spec.window.lookback
    if replace(spec.split, gap=None) != Split() or _carries(usable, max(lookback, USUAL if free else 0), reach, apart):
        return spec
    sizes = {
        name: max(round(share * usable), MIN_WINDOWS[name] + SPARE + reach + apart) for name, share in SHARES.items()
    }
    left = usable - sum(sizes.values()) - reach - apart
    if free:
        season = frequency.season(times)
        lookback = min(lookback, 2 * season if season >= LEAST_SEASON else lookback, left // 2)
    if lookback < 2 or left - lookback < MIN_WINDOWS["train"]:
        return spec
    split = replace(spec.split, train=len(times) - sum(sizes.values()), val=sizes["val"], calib=0, test=sizes["test"])
    return with_lookback(replace(spec, split=split), lookback)


def with_lookback(spec: Spec, lookback: int) -> Spec:
    """The recipe with windows of this length, and what may not be longer shortened to it."""
    least = spec.window.min_length
    window = replace(spec.window, lookback=lookback, min_length=None if least is None else min(least, lookback))
    return replace(spec, window=window, model=replace(spec.model, segment=min(spec.model.segment, lookback)))


def is_free(spec: Spec) -> bool:
    """Whether the length of the window is left to the data, or is that of an effort: nobody chose it by hand."""
    return spec.window.lookback in {USUAL, *(int(settings["window.lookback"]) for settings in EFFORTS.values())}


def _carries(usable: int, lookback: int, reach: int, apart: int) -> bool:
    """Whether every split of the default has enough windows of that length."""
    rows = {name: int(float(getattr(Split(), name)) * usable) for name in MIN_WINDOWS}
    rows["train"] -= lookback
    return all(rows[name] - reach - apart >= least for name, least in MIN_WINDOWS.items())
