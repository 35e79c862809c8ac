"""How long windows take to prepare, and how much memory beside the frame: python -m benchmarks.prepare

100 symbols of 5,000 rows, 30 features, lookback 120, in a process of its own, so that its peak is its own.
"""

import os
import resource
import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import psutil

from core.data import frame as frames
from core.datasets import panel, windows
from core.spec import Spec, with_values

SYMBOLS, ROWS, LOOKBACK = 100, 5000, 120
GOAL_SECONDS, GOAL_MB = 10, 400
FEATURES = (
    "return:1",
    "return:2",
    "return:3",
    "return:5",
    "return:10",
    "return:22",
    "abs_return",
    "negative_return",
    "log_range",
    "log_range_mean:5",
    "log_range_mean:10",
    "log_range_mean:22",
    "log_volatility:5",
    "log_volatility:10",
    "log_volatility:22",
    "volume_change:1",
    "volume_change:5",
    "volume_ratio:20",
    "ma_ratio:5",
    "ma_ratio:10",
    "ma_ratio:20",
    "ma_ratio:60",
    "close_to_open",
    "close_position",
    "column:close",
    "column:volume",
    "weekday",
    "rsi:14",
    "macd_hist",
    "momentum:60",
)


def main() -> None:
    """Measure in a child process and print."""
    if sys.argv[1:] == ["child"]:
        _measure()
        return
    subprocess.run([sys.executable, "-m", "benchmarks.prepare", "child"], check=True)


def _measure() -> None:
    names = tuple(f"S{s:03d}" for s in range(SYMBOLS))
    frame = frames.build({name: bars(s) for s, name in enumerate(names)})
    recipe = with_values(Spec(), {"data.symbols": list(names), "window.lookback": LOOKBACK, "features": list(FEATURES)})
    windows.prepare(*_part(recipe, frame, names[:2]))  # compiles and imports what is to be compiled and imported
    before, watch = _resident(), _Peak()
    began = time.perf_counter()
    panel.build_panel(recipe, frame)
    features = time.perf_counter() - began
    began = time.perf_counter()
    made = windows.prepare(recipe, frame)
    seconds, peak = time.perf_counter() - began, watch.stop()
    count = sum(len(part) for part in (made.splits.train, made.splits.val, made.splits.calib, made.splits.test))
    copied = count * LOOKBACK * len(FEATURES) * 4 / 2**20
    print(f"{SYMBOLS} symbols x {ROWS:,} rows x {len(FEATURES)} features, lookback {LOOKBACK}: {count:,} windows")
    print(f"prepared in           {seconds:8.1f} s   (goal {GOAL_SECONDS})")
    print(f"features and labels   {features:8.1f} s   (alone, a run before)")
    print(
        f"memory beside frame   {peak - before:8.0f} MB  (goal {GOAL_MB}; the frame itself "
        f"{frame.memory_usage().sum() / 2**20:.0f} MB)"
    )
    print(f"windows as copies     {copied:8.0f} MB  ({copied / (peak - before):.0f} x)")
    print(f"peak of the process   {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")


def _part(recipe: Spec, frame: pd.DataFrame, names: tuple[str, ...]) -> tuple[Spec, pd.DataFrame]:
    return with_values(recipe, {"data.symbols": list(names)}), frame[list(names)]


def bars(seed: int) -> pd.DataFrame:
    """A random walk of one symbol."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, ROWS)))
    open_ = close * np.exp(rng.normal(0, 0.003, ROWS))
    high, low = np.maximum(open_, close) * 1.004, np.minimum(open_, close) * 0.996
    volume = rng.lognormal(12, 0.5, ROWS).round()
    index = pd.bdate_range("2004-01-01", periods=ROWS, name="time")
    return pd.DataFrame({"open": open_, "high": high, "low": low, "close": close, "volume": volume}, index=index)


def _resident() -> float:
    return psutil.Process(os.getpid()).memory_info().rss / 2**20


class _Peak:
    """The largest resident memory since it was made, MB, looked at every 5 ms."""

    def __init__(self) -> None:
        self.most, self.running = _resident(), True
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while self.running:
            self.most = max(self.most, _resident())
            time.sleep(0.005)

    def stop(self) -> float:
        self.running = False
        self.thread.join()
        return self.most


if __name__ == "__main__":
    main()
