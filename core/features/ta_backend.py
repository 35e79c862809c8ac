"""What every indicator shares: the library itself, imported on first use, and how its gaps are filled."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import FeatureError
from core.features.feature import Values
from core.language import mark, message

EXCLUDED = {
    "beta": mark("it needs a second series"),
    "correl": mark("it needs a second series"),
    "cpr": mark("its virgin levels look ahead"),
    "dpo": mark("centred, it looks ahead; use detrended"),
    "drawdown": mark("it depends on where the data begin; use ulcer"),
    "ichimoku": mark("its chikou span looks ahead; use cloud"),
    "supertrend": mark("its line begins with an arbitrary value; use supertrend_distance"),
    "td_seq": mark("it has values in some rows only"),
    "tos_stdevall": mark("it fits one line to the whole series"),
    "vp": mark("it sorts the whole series by price"),
}


def pandas_ta() -> Any:
    """Return pandas_ta_classic, with its compiled functions cached in a private folder."""
    if "NUMBA_CACHE_DIR" not in os.environ:  # read when numba is imported, and inherited by worker processes
        with suppress(OSError):  # on a full disk the functions are compiled in every process
            os.environ["NUMBA_CACHE_DIR"] = _private_folder()
    import pandas_ta_classic

    return pandas_ta_classic


def _private_folder() -> str:
    """Return a cache folder that only this user can write: numba runs the code that it finds there."""
    user = getattr(os, "getuid", int)()
    folder = Path(tempfile.gettempdir()) / f"lookback-numba-{user}"
    if not os.path.lexists(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    open_to_others = os.name != "nt" and status.st_mode & 0o022
    private = stat.S_ISDIR(status.st_mode) and status.st_uid == user and not open_to_others
    return str(folder) if private else tempfile.mkdtemp(prefix=f"lookback-numba-{os.getpid()}-")


def high_low_close(inputs: pd.DataFrame) -> tuple[Values, Values, Values]:
    return inputs["high"], inputs["low"], inputs["close"]


def require_result(result: Any, inputs: pd.DataFrame, rows: int) -> Any:
    """Return what the library returned; raise FeatureError with the rows that it needs if it returned nothing."""
    if result is None:
        raise FeatureError(
            message(
                "The indicator needs at least {least} rows; got {rows}. Load more history or shorten its parameter.",
                least=rows + 1,
                rows=len(inputs),
            )
        )
    return result


def fill_undefined(result: Any, inputs: pd.DataFrame, *, rows: int, neutral: float = 0.0, column: str = "") -> Values:
    """Return the result, or one column of it, with NaN in the first `rows` and `neutral` for later undefined values.

    Those are 0 / 0, for a period without movement or trade.
    """
    result = require_result(result, inputs, rows)
    values = (result[column] if column else result).to_numpy(dtype=np.float64, copy=True)
    values[~np.isfinite(values)] = neutral
    values[:rows] = np.nan
    return pd.Series(values, index=inputs.index)


def mean_volume(inputs: pd.DataFrame, window: int) -> Values:
    """Return the mean volume of the last n steps; NaN if nothing was traded in them."""
    volume = inputs["volume"].rolling(window)
    return volume.mean().where(volume.max() > 0.0)  # the running mean of zeros may end slightly above zero
