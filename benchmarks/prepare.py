"""Time and memory of preparing windows: python -m benchmarks.prepare

100 symbols of 5,000 rows, 30 features, lookback 120. It runs in a child process, so that no earlier work counts towards
its peak.
"""

import os
import resource
import subprocess
import sys
import threading
import time

import psutil

from benchmarks.series import bars
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
        measure()
        return
    subprocess.run([sys.executable, "-m", "benchmarks.prepare", "child"], check=True)


def measure() -> None:
    """Prepare the windows in this process and print seconds and megabytes."""
    names = [f"S{s:03d}" for s in range(SYMBOLS)]
    frame = frames.build({name: bars(s, ROWS) for s, name in enumerate(names)})
    spec = with_values(Spec(), {"data.symbols": names, "window.lookback": LOOKBACK, "features": list(FEATURES)})
    windows.prepare(with_values(spec, {"data.symbols": names[:2]}), frame[names[:2]])  # imports and compiles
    before, peak_memory = _resident(), _PeakMemory()
    start = time.perf_counter()
    panel.build_panel(spec, frame)
    features = time.perf_counter() - start
    start = time.perf_counter()
    splits = windows.prepare(spec, frame).splits
    seconds, peak = time.perf_counter() - start, peak_memory.stop()
    count = sum(len(split) for split in (splits.train, splits.val, splits.calib, splits.test))
    copied = count * LOOKBACK * len(FEATURES) * 4 / 2**20
    print(f"{SYMBOLS} symbols x {ROWS:,} rows x {len(FEATURES)} features, lookback {LOOKBACK}: {count:,} windows")
    print(f"prepared in           {seconds:8.1f} s   (goal {GOAL_SECONDS})")
    print(f"features and labels   {features:8.1f} s   (alone, measured first)")
    print(
        f"memory without frame  {peak - before:8.0f} MB  (goal {GOAL_MB}; the frame itself "
        f"{frame.memory_usage().sum() / 2**20:.0f} MB)"
    )
    print(f"windows as copies     {copied:8.0f} MB  ({copied / (peak - before):.0f} x)")
    print(f"peak of the process   {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")


def _resident() -> float:
    return psutil.Process(os.getpid()).memory_info().rss / 2**20


class _PeakMemory:
    """The largest resident memory since construction, MB, sampled every 5 ms."""

    def __init__(self) -> None:
        self.peak, self.running = _resident(), True
        self.thread = threading.Thread(target=self._sample, daemon=True)
        self.thread.start()

    def _sample(self) -> None:
        while self.running:
            self.peak = max(self.peak, _resident())
            time.sleep(0.005)

    def stop(self) -> float:
        self.running = False
        self.thread.join()
        return self.peak


if __name__ == "__main__":
    main()
