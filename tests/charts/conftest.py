"""Small hand-written inputs, so that every number of a chart can be checked by eye."""

import numpy as np
import pandas as pd
import pytest

from core.types import Evaluation, Explanation, Verdict

QUANTILES = {
    "q025": -8.0,
    "q05": -6.0,
    "q10": -4.0,
    "q25": -2.0,
    "q50": 0.0,
    "q75": 2.0,
    "q90": 4.0,
    "q95": 6.0,
    "q975": 8.0,
}


def rows(model, part, days, steps, y, yhat, *, banded, symbol="AAA"):
    """One split of one model: y and yhat are functions of (cutoff number, step); the interval is yhat ± 6."""
    records = []
    for n, day in enumerate(days):
        for step in steps:
            forecast = float(yhat(n, step))
            records.append(
                {
                    "model": model,
                    "part": part,
                    "symbol": symbol,
                    "cutoff": day,
                    "step": step,
                    "time": day + pd.Timedelta(days=step),
                    "y": float(y(n, step)),
                    "yhat": forecast,
                    **{name: forecast + offset if banded else np.nan for name, offset in QUANTILES.items()},
                    "lo": forecast - 6 if banded else np.nan,
                    "hi": forecast + 6 if banded else np.nan,
                }
            )
    return pd.DataFrame(records)


def table(
    steps=(1, 2), count=10, *, banded=True, symbol="AAA", y=lambda n, step: 100 + n + step, yhat=lambda n, step: 100 + n
):
    """The long table of an LSTM and the last value: two validation days, `count` test days, one live window."""
    val, test = pd.date_range("2019-12-01", periods=2), pd.date_range("2020-01-01", periods=count)
    live = pd.DatetimeIndex([test[-1] + pd.Timedelta(days=max(steps))])
    unknown = lambda n, step: np.nan  # noqa: E731
    parts = [
        rows("lstm", "val", val, steps, y, yhat, banded=False, symbol=symbol),
        rows("last_value", "val", val, steps, y, yhat, banded=False, symbol=symbol),
        rows("lstm", "test", test, steps, y, yhat, banded=banded, symbol=symbol),
        rows("last_value", "test", test, steps, y, lambda n, step: 99 + n, banded=False, symbol=symbol),
        rows("lstm", "live", live, steps, unknown, lambda n, step: 200 + step, banded=banded, symbol=symbol),
    ]
    long = pd.concat([part.dropna(axis=1, how="all") for part in parts], ignore_index=True)
    long = long.reindex(columns=parts[0].columns)
    return long.astype({"model": "category", "part": "category", "symbol": "category"})


def evaluation(skill, by_step=None, bands=None, reference="ewma", unit="price"):
    """An evaluation with these skills; everything else is derived from them or empty."""
    return Evaluation(
        scores={name: {"skill": value} for name, value in skill.items()},
        by_step=by_step or {},
        bands=bands or {},
        alarms=(),
        unit=unit,
        verdict=Verdict(text="", tone="none", skill=0.0, p_value=1.0, reference=reference),
    )


def explanation(values_NHF, *, features=None, data_NF=None, base=10.0, by_lag=(4.0, 3.0, 2.0, 1.0), gap=0.0):
    """An explanation with these contributions, steps 1, 2, … and daily cutoffs."""
    values_NHF = np.asarray(values_NHF, dtype=float)
    count, steps, width = values_NHF.shape
    base_H = np.full(steps, base)
    return Explanation(
        method="permutation",
        features=tuple(features or (f"f{i}" for i in range(width))),
        steps=tuple(range(1, steps + 1)),
        symbol_N=("AAA",) * count,
        cutoff_N=pd.date_range("2020-01-01", periods=count).to_numpy(),
        values_NHF=values_NHF,
        base_H=base_H,
        data_NF=np.arange(count * width, dtype=float).reshape(count, width) if data_NF is None else np.asarray(data_NF),
        forecast_NH=base_H + values_NHF.sum(axis=2) + gap,
        by_lag_L=np.array(by_lag),
        additivity_error=0.0,
    )


def strings(node):
    """Every string in a figure as plotly receives it."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list | tuple | np.ndarray):
        for value in node:
            yield from strings(value)


@pytest.fixture
def hostile():
    """A name with an HTML link, and a check that a figure contains it only in escaped form."""
    name = "<a href='//x'>y</a>"

    def check(figure):
        texts = list(strings(figure.to_plotly_json()))
        assert not [text for text in texts if "<a" in text]
        assert [text for text in texts if "&lt;a" in text]

    return name, check
