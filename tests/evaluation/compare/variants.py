"""The small finished run again, under other names and with other forecasts."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.spec import with_values
from core.types import Run


def variant(run: Run, number: int, noise: float = 0.0, **settings: Any) -> Run:
    """The run under another id, its forecasts of the test split moved at random by about so large a share."""
    rng = np.random.default_rng(number)
    own = (run.forecast["model"] == run.spec.model.kind) & (run.forecast["part"] == "test")
    moved = run.forecast["yhat"].where(~own, run.forecast["yhat"] * np.exp(noise * rng.normal(size=len(own))))
    spec = with_values(run.spec, {path.replace("__", "."): value for path, value in settings.items()})
    return replace(
        run,
        id=f"20200101-{number:06d}-0123abcd",
        created=f"2020-01-01T00:00:{number:02d}",
        spec=spec,
        forecast=run.forecast.assign(yhat=moved),
    )


def with_test(run: Run, keep: pd.Series) -> Run:
    """The run without the rows of the test split that `keep` (one flag a row of the table) leaves out."""
    return replace(run, forecast=run.forecast[(run.forecast["part"] != "test") | keep])
