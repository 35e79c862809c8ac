"""Series and recipes that several benchmarks share: ETTh1, twenty years of the S&P 500, and random walks."""

from pathlib import Path

import numpy as np
import pandas as pd

from core.data import frame as frames
from core.data.sources import samples
from core.datasets import windows
from core.datasets.windows import Prepared
from core.spec import Spec

ETTH1_ROWS = {"train": 8640, "val": 2880, "test": 2880}  # the convention of the published tables
ETTH1 = {
    "data.source": "file",
    "data.symbols": ["ETTH1"],
    "target.kind": "column",
    "target.column": "OT",
    "features": ["column:OT"],
    "split.train": ETTH1_ROWS["train"],
    "split.val": ETTH1_ROWS["val"],
    "split.calib": 0,
    "split.test": ETTH1_ROWS["test"],
}
ETTH1_DAY = ETTH1 | {"target.horizon": 24, "window.lookback": 96}  # the next day from the last four


def etth1(path: Path) -> pd.DataFrame:
    """The oil temperature of ETTh1.csv (Zhou et al. 2021), as many rows as the published tables use."""
    table = pd.read_csv(path, index_col=0, parse_dates=True)[["OT"]].iloc[: sum(ETTH1_ROWS.values())]
    return frames.build({"ETTH1": table})


def sp500() -> pd.DataFrame:
    """Twenty years of the S&P 500."""
    frame = frames.build({"SP500": samples.load("SP500")})
    assert np.isfinite(frame.to_numpy()).all()
    return frame


def bars(seed: int, rows: int) -> pd.DataFrame:
    """Open, high, low, close and volume of a random walk over business days."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, rows)))
    open_ = close * np.exp(rng.normal(0, 0.003, rows))
    high, low = np.maximum(open_, close) * 1.004, np.minimum(open_, close) * 0.996
    volume = rng.lognormal(12, 0.5, rows).round()
    index = pd.bdate_range("2004-01-01", periods=rows, name="time")
    return pd.DataFrame({"open": open_, "high": high, "low": low, "close": close, "volume": volume}, index=index)


def prepare(spec: Spec, frame: pd.DataFrame) -> tuple[Spec, Prepared]:
    """The resolved recipe and its windows."""
    spec = windows.resolve(spec, frame)
    return spec, windows.prepare(spec, frame)
