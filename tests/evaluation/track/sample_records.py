"""Records of an invented model: daily returns of some series, one step ahead, with normal errors."""

import numpy as np
import pandas as pd

from core import spec as specs
from core.evaluation.track.record import ForecastRecord, ModelRecord, OutcomeRecord
from core.spec import Spec, with_values

RUN = "20260102-030405-0123abcd"
LOGGED = "2026-01-02T03:04:05+00:00"


def model(
    run: str = RUN, symbols: tuple[str, ...] = ("A",), seed: int = 0, sessions: int = 250, **values
) -> ModelRecord:
    """A model whose losses on the test split are those of standard normal errors, in intervals of 90 %."""
    spec = with_values(Spec(), {"target.kind": "log_return", "target.horizon": 1, "data.symbols": symbols})
    error_MS = np.random.default_rng(seed).normal(size=(sessions, len(symbols)))
    covered_M = (np.abs(error_MS) < 1.645).mean(axis=1)
    usual = {
        "run": run,
        "created": LOGGED,
        "logged": LOGGED,
        "data": "d" * 16,
        "last": "2026-01-01T00:00:00",
        "ends": ("2025-01-01T00:00:00.000000001",) * 3,
        "spec_id": spec.id,
        "recipe": specs.to_dict(spec),
        "symbols": symbols,
        "steps": (1,),
        "unit": "log return",
        "nominal": 0.9,
        "reference": "last_value",
        "scale_SC": np.ones((len(symbols), 1)),
        "loss": float((error_MS**2).mean()),
        "skill": 0.1,
        "coverage": float(covered_M.mean()),
        "loss_M": (error_MS**2).mean(axis=1),
        "covered_M": covered_M,
    }
    return ModelRecord(**usual | values)


def forecast(day: int, symbol: str = "A", run: str = RUN, yhat: float = 0.0, **values) -> ForecastRecord:
    """The forecast of a session, `yhat` ± 1.645, where the reference says ½."""
    cutoff = pd.Timestamp("2026-01-05") + pd.Timedelta(day, "D")
    usual = {
        "run": run,
        "symbol": symbol,
        "cutoff": cutoff.isoformat(),
        "logged": f"{cutoff.isoformat()}+00:00",
        "data": f"{day:016d}",
        "spec_id": "0123abcd",
        "nominal": 0.9,
        "level": 100.0,
        "time_H": ((cutoff + pd.Timedelta(1, "D")).isoformat(),),
        "yhat_H": (yhat,),
        "median_H": (yhat,),
        "lo_H": (yhat - 1.645,),
        "hi_H": (yhat + 1.645,),
        "reference_H": (0.5,),
    }
    return ForecastRecord(**usual | values)


def outcome(of: ForecastRecord, *y: float) -> OutcomeRecord:
    """What became of a forecast."""
    return OutcomeRecord(run=of.run, symbol=of.symbol, cutoff=of.cutoff, logged=LOGGED, data="e" * 16, y_H=y)


def live(y_TS: np.ndarray, symbols: tuple[str, ...] = ("A",), run: str = RUN) -> list:
    """Forecasts of zero and these outcomes, session by session."""
    records = []
    for day, y_S in enumerate(y_TS):
        for symbol, y in zip(symbols, y_S, strict=True):
            one = forecast(day, symbol, run)
            records += [one, outcome(one, float(y))]
    return records
