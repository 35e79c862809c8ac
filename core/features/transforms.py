"""Transforms that may follow a feature after a bar: `rsi:14|zscore:60`, `column:OT|log|diff`; each only looks back."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.errors import FeatureError
from core.features.feature import Feature, Values, formula, lag_rows, no_rows, window_rows
from core.language import Message, join, message
from core.types import Floats

WINSORIZE = "winsorize"
FRACTION = 0.4  # the order of a fractional difference in examples, and at which a person begins
MIN_WEIGHT = 1e-4  # smaller weights of a fractional difference are left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """A function of the values of a feature. A new one is a function and a line in `TRANSFORMS`.

    `function(values, number)` gets the values from the first that is not NaN on and returns as many; the first
    `rows(number)` of them are NaN. `low` and `high` are inclusive.
    """

    name: str
    title: str
    function: Callable[[Values, Any], Values]
    rows: Callable[[Any], int] = no_rows
    number: type[int] | type[float] | None = None
    default: int | None = None
    low: float = 1
    high: float = 1000


def log(values: Values, _: None = None) -> Values:
    """ln x_t. Raises FeatureError if a value is not above zero."""
    bad = values <= 0.0
    if bad.any():
        first = values[bad].index[0]
        raise FeatureError(
            message(
                "A logarithm needs values above 0; {count} are not (first {value} at {first}). Use diff or zscore "
                "instead of log.",
                count=int(bad.sum()),
                value=f"{values[first]:g}",
                first=first,
            )
        )
    return pd.Series(np.log(values.to_numpy(dtype=np.float64)), index=values.index)


def diff(values: Values, steps: int) -> Values:
    """x_t − x_{t−n}."""
    return values.diff(steps)


def zscore(values: Values, window: int) -> Values:
    """(x_t − m) / s, m and s mean and standard deviation (n − 1) of the last n values, t included; 0 if flat."""
    rolling = values.rolling(window)
    moved = rolling.max() > rolling.min()
    score = ((values - rolling.mean()) / rolling.std()).where(moved, 0.0)
    score = score.where(np.isfinite(score), 0.0)  # a standard deviation lost in rounding
    score.iloc[: window - 1] = np.nan
    bound = (window - 1) / window**0.5  # no sample has a larger score: what lies beyond is rounding
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
    """Return the weights of a fractional difference of this order, latest value first: (K,), K the window width."""
    weights = [1.0]
    while abs(following := -weights[-1] * (order - len(weights) + 1) / len(weights)) >= MIN_WEIGHT:
        weights.append(following)
    return np.asarray(weights)


def lag(values: Values, steps: int) -> Values:
    """x_{t−n}."""
    return values.shift(steps)


def mean(values: Values, window: int) -> Values:
    """Mean of the last n values, t included."""
    return values.rolling(window).mean()


def winsorize(values: Values, _: None = None) -> Values:
    """x_t, clipped at the 0.5 % and 99.5 % quantiles of the training rows, later, by the scaler, which knows them."""
    return values


def is_winsorized(text: str) -> bool:
    """Return whether this feature asks for its outliers to be clipped."""
    return WINSORIZE in split_transforms(text)[1]


TRANSFORMS: dict[str, Transform] = {
    t.name: t
    for t in (
        Transform(name="log", title="natural logarithm", function=log),
        Transform(name="diff", title="change over n steps", function=diff, rows=lag_rows, number=int, default=1),
        Transform(
            name="zscore",
            title="standard deviations from the mean of n steps",
            function=zscore,
            rows=window_rows,
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
        Transform(name="lag", title="value n steps before", function=lag, rows=lag_rows, number=int, default=1),
        Transform(name="mean", title="mean of n steps", function=mean, rows=window_rows, number=int, default=5, low=2),
        Transform(
            name=WINSORIZE,
            title="outliers clipped at the training rows' 0.5 % and 99.5 % quantiles",
            function=winsorize,
        ),
    )
}


def grammar() -> str:
    """Return what may be written after a bar, in one sentence."""
    examples = ", ".join(_example(t) for t in TRANSFORMS.values())
    return message("Allowed after a bar: {examples}.", examples=examples)


def split_transforms(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the feature and the transforms in a text such as rsi:14|zscore:60.

    The name of a column may have bars in it: its transforms are the last parts that can be read as such.
    """
    base, *chain = (part.strip() for part in text.split("|"))
    if not base.startswith(("column:", "change:", "known:")):
        return base, tuple(chain)
    parts, first = text.split("|"), len(chain)
    while first and chain[first - 1].partition(":")[0] in TRANSFORMS:
        first -= 1
    return "|".join(parts[: first + 1]).strip(), tuple(chain[first:])


def apply_transforms(feature: Feature, chain: tuple[str, ...]) -> Feature:
    """Return `feature` followed by these transforms: its name, formula and rows grow with them, its kind stays.

    The transforms of a known feature run over past and future alike. Raises FeatureError, with what is allowed, for an
    unknown transform and for a number that does not fit.
    """
    if WINSORIZE in chain[:-1]:
        raise FeatureError(
            message(
                "{name} clips what the model sees and comes last; got {chain}. Move it to the end.",
                name=WINSORIZE,
                chain="|".join(chain),
            )
        )
    for text in chain:
        feature = _apply(feature, *_parse(text))
    return feature


def _apply(feature: Feature, transform: Transform, number: float | None) -> Feature:
    compute, feature_rows = feature.function, feature.rows

    def function(inputs: pd.DataFrame, parameter: Any) -> Values:
        values = compute(inputs, parameter).iloc[feature_rows(parameter) :]
        return transform.function(values, number).reindex(inputs.index)

    name = transform.name if number is None else f"{transform.name}:{number:g}"
    function.__doc__ = message(
        "{transform} of: {formula} {transform} is {own}",
        transform=name,
        formula=formula(compute),
        own=formula(transform.function),
    )
    return replace(
        feature,
        name=f"{feature.name}|{name}",
        title=f"{feature.title}, {transform.name}",
        text=message(
            "{feature}; then its {transform}.", feature=_clause(feature.text), transform=_describe(transform, number)
        ),
        function=function,
        rows=lambda parameter: feature_rows(parameter) + transform.rows(number),
    )


def _parse(text: str) -> tuple[Transform, float | None]:
    name, colon, value = text.partition(":")
    if name not in TRANSFORMS:
        near = difflib.get_close_matches(name, TRANSFORMS, n=1, cutoff=0.5)
        hint = message("Did you mean {name}?", name=near[0]) if near else ""
        raise FeatureError(join([message("There is no transform {name}.", name=repr(name)), hint, grammar()]))
    transform = TRANSFORMS[name]
    if not colon:
        if transform.number is not None and transform.default is None:
            raise FeatureError(
                message(
                    "{name} needs a number. Write {example}, for example. {grammar}",
                    name=name,
                    example=_example(transform),
                    grammar=grammar(),
                )
            )
        return transform, transform.default
    return transform, _parse_number(transform, value)


def _parse_number(transform: Transform, value: str) -> float:
    if transform.number is None:
        raise FeatureError(
            message(
                "{name} takes no number; got {value}. {grammar}",
                name=transform.name,
                value=repr(value),
                grammar=grammar(),
            )
        )
    plain = value.isascii() and len(value) < 10 and value.replace(".", "", int(transform.number is float)).isdigit()
    number = transform.number(value) if plain else -1
    if not transform.low <= number <= transform.high:
        kind = message("whole number") if transform.number is int else message("number")
        raise FeatureError(
            message(
                "{name} takes a {kind} from {low} to {high}; got {value}. Write {example}, for example.",
                name=transform.name,
                kind=kind,
                low=f"{transform.low:g}",
                high=f"{transform.high:g}",
                value=repr(value),
                example=_example(transform),
            )
        )
    return number


def _example(transform: Transform) -> str:
    if transform.number is None:
        return transform.name
    return f"{transform.name}:{transform.default if transform.default is not None else FRACTION}"


def _describe(transform: Transform, number: float | None) -> str:
    if transform.number is float and number is not None:
        return message(
            "{transform} ({number}, {steps} steps wide)",
            transform=message(transform.title),
            number=f"{number:g}",
            steps=len(fraction_weights(number)),
        )
    title = message(transform.title)
    return title if number is None else message("{transform} ({number})", transform=title, number=f"{number:g}")


def _clause(sentence: str) -> Message:
    """A sentence without its full stop in English, where another clause follows, and with it in other languages."""
    text = sentence if isinstance(sentence, Message) else message(sentence)
    return Message(text.rstrip("."), text.key, text.values)
