"""A famous feature that looks ahead. It can be named and is never offered: the check refuses it, unless a person
overrides the check to see what such a leak looks like."""

import pandas as pd

from core.features.feature import Feature, Parameter, Values
from core.features.ta_backend import answered, library


def detrended_centred(inputs: pd.DataFrame, length: int) -> Values:
    """(x_t − mean of n sessions, the last of which lies n / 2 + 1 sessions ahead) / x_t: the detrended price oscillator
    as libraries draw it. Not a number in the last n / 2 + 1 rows."""
    values = answered(library().dpo(inputs["level"], length=length, centered=True), inputs, length)
    return values / inputs["level"]


FEATURES = {
    f.name: f
    for f in (
        Feature(
            name="dpo_centred",
            title="Detrended price, centred",
            family="trend",
            kind="past",
            parameter=Parameter(default=20, low=4, high=250),
            function=detrended_centred,
            rows=lambda n: n - 1 - (n // 2 + 1),
            needs=("level",),
            positive=("level",),
            text="Level minus a mean of n sessions that reaches into the future. It looks ahead.",
        ),
    )
}
