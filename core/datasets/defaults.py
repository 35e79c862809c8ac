"""What a recipe leaves to the data: the features of a target, and how levels are handled and scaled."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.calendars import weekdays
from core.data.frame import columns
from core.datasets import frequency, levels, log_scale, short_series, split, targets
from core.datasets.panel import observed_times
from core.datasets.sparse_columns import dense_columns
from core.features import registry
from core.spec import Spec
from core.spec.registries import MODELS
from core.spec.registries import registry as records

CYCLES = (("day", 1.0), ("week", 7.0), ("year", 365.25))  # days
HARMONICS = 2  # Fourier terms of a cycle, as far as its rows tell them apart
SHORTEST_WINDOW, LONGEST_WINDOW = 24, 120  # rows, of a recipe that leaves them to the data
LEAST_CYCLES = 2  # in the training split: of fewer nothing repeats


def resolve(spec: Spec, frame: pd.DataFrame) -> Spec:
    """The recipe with the target column, the features, the scale and the level handling filled in where it leaves them
    open, and window and splits that a short series can carry."""
    level = levels.level_column(spec.target, columns(frame))
    free = short_series.is_free(spec)
    spec = _with_window(replace(spec, target=replace(spec.target, column=level)), frame)
    features = spec.features or default_features(spec, frame)
    spec = replace(spec, features=tuple(dict.fromkeys(features)))
    spec = replace(spec, window=replace(spec.window, log=_log(spec, frame)))
    return short_series.fit(replace(spec, model=replace(spec.model, norm=_norm(spec))), frame, free)


def default_features(spec: Spec, frame: pd.DataFrame) -> tuple[str, ...]:
    """The features of a recipe that names none.

    Those of the target's group. For returns and directions also the Fourier terms of the week: if its days differ, no
    return of the past says so (on four price series they move the validation error by .02 %). For a level that is no
    price also its change, relative if it is learned as its log, and the Fourier terms of the whole calendar.
    """
    level, kind = levels.level_column(spec.target, columns(frame)), targets.TARGETS[spec.target.kind]
    names = dense_columns(_with_window(spec, frame), frame, level)
    usual = registry.defaults(kind.default_features, names, level, spec.data.known_future)
    if not plain_level(spec, level):
        terms = fourier_terms(training_times(spec, frame)) if kind.default_features == "returns" else ()
        return (*usual, *(term for term in terms if term.startswith("week_")))
    change = "return" if _log(replace(spec, features=usual), frame) else f"change:{level}"
    return (*usual, change, *fourier_terms(training_times(spec, frame)))


def training_times(spec: Spec, frame: pd.DataFrame) -> pd.DatetimeIndex:
    """The times of the training split, before the warm-up of features is known. Raises SpecError if no split fits."""
    times = observed_times(spec, frame)
    return times[: split.compute_bounds(spec.split, times).end["train"]]


def fourier_terms(times: pd.DatetimeIndex) -> tuple[str, ...]:
    """The Fourier terms of each cycle of the calendar of which these rows hold at least two, and that they resolve.

    A cycle of S rows has harmonics below S / 2 (Hyndman & Athanasopoulos 2021, 7.4), of which the first two are taken.
    A cycle of which a row is a whole number, as the week for weekly rows, has none.
    """
    if len(times) < 2:
        return ()
    step_T = np.diff(times.to_numpy()) / np.timedelta64(1, "D")
    step = float(np.median(step_T))
    span = step_T.sum() + step  # summed: three centuries are too long for a time difference
    terms = []
    for name, days in CYCLES:
        rows = len(weekdays(times)) if name == "week" and 0.9 <= step < 2 else round(days / step)
        harmonics = range(1, min(HARMONICS, (rows + 1) // 2 - 1) + 1)
        if span >= LEAST_CYCLES * days * 0.99:
            terms += [f"{name}_{wave}:{k}" for k in harmonics for wave in ("sin", "cos")]
    return tuple(terms)


def _with_window(spec: Spec, frame: pd.DataFrame) -> Spec:
    """The recipe with a window length."""
    return spec if spec.window.lookback else short_series.with_lookback(spec, _lookback(spec, frame))


def _lookback(spec: Spec, frame: pd.DataFrame) -> int:
    """Two seasons of a level that is no price, at least 24 rows; 60 of anything else, and where so many are too many.

    On the development series of benchmarks.accuracy networks and linear models on 24 rows have smaller validation
    errors than on 60, but for those that repeat with a season that 24 rows do not hold twice.
    """
    if not plain_level(spec, levels.level_column(spec.target, columns(frame))):
        return short_series.USUAL
    times = observed_times(spec, frame)
    wanted = max(SHORTEST_WINDOW, 2 * frequency.season(times))
    return wanted if wanted <= max(SHORTEST_WINDOW, min(LONGEST_WINDOW, len(times) // 12)) else short_series.USUAL


def plain_level(spec: Spec, level: str) -> bool:
    """Whether the target is a level that is no price: a price is as good as a random walk, and keeps its own inputs."""
    return targets.TARGETS[spec.target.kind].level and level != registry.PRICE_LEVEL


def _log(spec: Spec, frame: pd.DataFrame) -> bool:
    """Whether levels are learned as logs, where the recipe leaves it to the data."""
    if spec.window.log is not None:
        return spec.window.log
    level = levels.level_column(spec.target, columns(frame))
    return plain_level(spec, level) and log_scale.choose(spec, frame, level, training_times(spec, frame))


def _norm(spec: Spec) -> str:
    """The level handling of a recipe that leaves it to the data: reversible for a level that is no price."""
    if spec.model.norm != "auto":
        return spec.model.norm
    column = str(spec.target.column)
    fits = (
        plain_level(spec, column)
        and f"column:{column}" in spec.features
        and not records(MODELS)[spec.model.kind].anchors_columns
        and spec.window.min_length is None
    )
    return "reversible" if fits else "last"
