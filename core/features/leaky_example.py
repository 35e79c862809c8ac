"""A well-known feature that looks ahead. It is never offered and the check refuses it; a person may allow it by name,
to see what such a leak looks like."""

import pandas as pd

from core.features.feature import Feature, Parameter, Values
from core.features.ta_backend import pandas_ta, require_result


def detrended_centred(inputs: pd.DataFrame, length: int) -> Values:
    """(x_t − mean of n steps, the last of which is n / 2 + 1 steps ahead) / x_t: the detrended price oscillator as
    charts draw it. NaN in the last n / 2 + 1 rows."""
    values = require_result(pandas_ta().dpo(inputs["level"], length=length, centered=True), inputs, length)
    return values / inputs["level"]


FEATURES = (
    Feature(
        name="dpo_centred",
        title="Detrended price, centred",
        family="trend",
        parameter=Parameter(default=20, low=4, high=250),
        function=detrended_centred,
        rows=lambda n: n - 1 - (n // 2 + 1),
        needs=("level",),
        positive=("level",),
        text="Level minus a mean of n steps that reaches into the future. It looks ahead.",
    ),
)
