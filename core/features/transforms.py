"""What may follow a feature after a bar: `rsi:14|zscore:60`, `column:OT|log|diff`; each looks back alone."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.errors import FeatureError
from core.features.feature import Feature, Values
from core.types import Floats

WINSORIZE = "winsorize"
FRACTION_CUT = 1e-4  # weights of a fractional difference below this are left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """A step applied to the values of a feature; `rows` more rows at the start have no value. `low`, `high` inclusive.

    `function(values, number)` gets one value per session from the first that the feature has, and returns as many.
    """

    name: str
    title: str
    function: Callable[[Values, Any], Values]
    rows: Callable[[Any], int]
    number: type[int] | type[float] | None = None
    default: int | None = None
    low: float = 1
    high: float = 1000


def log(values: Values, _: None = None) -> Values:
    """ln x_t. Raises FeatureError where a value is not above zero."""
    bad = values <= 0.0
    if bad.any():
        first = values[bad].index[0]
        raise FeatureError(
            f"A logarithm needs values above 0; {int(bad.sum())} are not (first {values[first]:g} at "
            f"{first}). Take diff or zscore instead of log."
        )
    return pd.Series(np.log(values.to_numpy(dtype=np.float64)), index=values.index)


def diff(values: Values, sessions: int) -> Values:
    """x_t − x_{t−n}."""
    return values.diff(sessions)


def zscore(values: Values, window: int) -> Values:
    """(x_t − m) / s, with m and s the mean and the deviation (n − 1) of the last n values, t included; 0 where flat."""
    rolling = values.rolling(window)
    moved = rolling.max() > rolling.min()
    score = ((values - rolling.mean()) / rolling.std()).where(moved, 0.0)
    score = score.where(np.isfinite(score), 0.0)  # a deviation lost in rounding
    score.iloc[: window - 1] = np.nan
    bound = (window - 1) / window**0.5  # no sample holds a larger one: what lies beyond is rounding
    return score.clip(-bound, bound)


def fracdiff(values: Values, order: float) -> Values:
    """Σ_k w_k x_{t−k}, w_0 = 1, w_k = −w_{k−1} (d − k + 1) / k, as far as |w_k| ≥ 0.0001: between the level (d = 0) and
    its difference (d = 1), stationary with most of its memory (López de Prado 2018, ch. 5, fixed-width window)."""
    weights_K = fraction_weights(order)
    out_T = np.full(len(values), np.nan)
    if len(values) >= len(weights_K):
        out_T[len(weights_K) - 1 :] = np.convolve(values.to_numpy(dtype=np.float64), weights_K, mode="valid")
    return pd.Series(out_T, index=values.index)


def fraction_weights(order: float) -> Floats:
    """(K,) the weights of a fractional difference of this order, latest value first; K is the width of its window."""
    weights = [1.0]
    while abs(following := -weights[-1] * (order - len(weights) + 1) / len(weights)) >= FRACTION_CUT:
        weights.append(following)
    return np.asarray(weights)


def lag(values: Values, sessions: int) -> Values:
    """x_{t−n}."""
    return values.shift(sessions)


def mean(values: Values, window: int) -> Values:
    """Mean of the last n values, t included."""
    return values.rolling(window).mean()


def winsorize(values: Values, _: None = None) -> Values:
    """x_t, to be clipped at the 0.5 % and 99.5 % quantiles of the training rows: the scaler does it, which knows
    them."""
    return values


def clipped(text: str) -> bool:
    """Whether this feature asks for the clipping of its outliers."""
    return WINSORIZE in split(text)[1]


def _before(window: int) -> int:
    return window - 1


def _same(sessions: int) -> int:
    return sessions


TRANSFORMS: dict[str, Transform] = {
    t.name: t
    for t in (
        Transform(name="log", title="natural logarithm", function=log, rows=lambda _: 0),
        Transform(name="diff", title="change over n sessions", function=diff, rows=_same, number=int, default=1),
        Transform(
            name="zscore",
            title="deviations from the mean of n sessions",
            function=zscore,
            rows=_before,
            number=int,
            default=60,
            low=3,
        ),
        Transform(
            name="fracdiff",
            title="fractional difference of order d",
            function=fracdiff,
            rows=lambda order: len(fraction_weights(order)) - 1,
            number=float,
            low=0.05,
            high=0.95,
        ),
        Transform(name="lag", title="value of n sessions ago", function=lag, rows=_same, number=int, default=1),
        Transform(name="mean", title="mean of n sessions", function=mean, rows=_before, number=int, default=5, low=2),
        Transform(
            name=WINSORIZE,
            title="outliers clipped at the training rows' 0.5 % and 99.5 % quantiles",
            function=winsorize,
            rows=lambda _: 0,
        ),
    )
}


def grammar() -> str:
    """What may be written after a bar, in one sentence."""
    return "Allowed after a bar: " + ", ".join(_example(t) for t in TRANSFORMS.values()) + "."


def split(text: str) -> tuple[str, tuple[str, ...]]:
    """The feature of a text and the steps after it. A column may have bars in its name: its steps are the last parts
    that read as one."""
    base, *steps = (part.strip() for part in text.split("|"))
    if not base.startswith(("column:", "change:", "known:")):
        return base, tuple(steps)
    parts, first = text.split("|"), len(steps)
    while first and _name(steps[first - 1]) in TRANSFORMS:
        first -= 1
    return "|".join(parts[: first + 1]).strip(), tuple(steps[first:])


def then(feature: Feature, steps: tuple[str, ...]) -> Feature:
    """`feature` followed by each of these steps: its name, formula and rows grow with them, its kind stays.

    A known feature stays known: its steps run over past and future sessions alike. Raises FeatureError for an unknown
    step and for a number that does not fit, with what is allowed.
    """
    if WINSORIZE in steps[:-1]:
        raise FeatureError(
            f"{WINSORIZE} clips what the model sees and comes last; got {'|'.join(steps)}. Move it there."
        )
    for step in steps:
        feature = _followed(feature, *_read(step))
    return feature


def _followed(feature: Feature, transform: Transform, number: float | None) -> Feature:
    before, before_rows = feature.function, feature.rows

    def function(inputs: pd.DataFrame, parameter: Any) -> Values:
        settled = before(inputs, parameter).iloc[before_rows(parameter) :]
        return transform.function(settled, number).reindex(inputs.index)

    step = transform.name if number is None else f"{transform.name}:{number:g}"
    function.__doc__ = f"{step} of: {before.__doc__} {step} is {transform.function.__doc__}"
    text = f"{feature.text.rstrip('.')}; then its {_words(transform, number)}."
    return replace(
        feature,
        name=f"{feature.name}|{step}",
        title=f"{feature.title}, {transform.name}",
        text=text,
        function=function,
        rows=lambda parameter: before_rows(parameter) + transform.rows(number),
    )


def _read(step: str) -> tuple[Transform, float | None]:
    name, colon, value = step.partition(":")
    if name not in TRANSFORMS:
        near = difflib.get_close_matches(name, TRANSFORMS, n=1, cutoff=0.5)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise FeatureError(f"There is no transform {name!r}. {meant}{grammar()}")
    transform = TRANSFORMS[name]
    if not colon:
        if transform.number is not None and transform.default is None:
            raise FeatureError(f"{name} needs a number. Write {_example(transform)}, for example. {grammar()}")
        return transform, transform.default
    return transform, _number(transform, value)


def _number(transform: Transform, value: str) -> float:
    if transform.number is None:
        raise FeatureError(f"{transform.name} takes no number; got {value!r}. {grammar()}")
    plain = value.isascii() and len(value) < 10 and value.replace(".", "", int(transform.number is float)).isdigit()
    number = transform.number(value) if plain else -1
    if not transform.low <= number <= transform.high:
        kind = "whole number" if transform.number is int else "number"
        raise FeatureError(
            f"{transform.name} takes a {kind} from {transform.low:g} to {transform.high:g}; got "
            f"{value!r}. Write {_example(transform)}, for example."
        )
    return number


def _example(transform: Transform) -> str:
    if transform.number is None:
        return transform.name
    return f"{transform.name}:{transform.default if transform.default is not None else 0.4}"


def _words(transform: Transform, number: float | None) -> str:
    if transform.number is float and number is not None:
        return f"{transform.title} ({number:g}, {len(fraction_weights(number))} sessions wide)"
    return transform.title if number is None else f"{transform.title} ({number:g})"


def _name(step: str) -> str:
    return step.partition(":")[0]
