"""What every indicator shares: the library itself, imported late, and the way its answers are made whole."""

import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import FeatureError
from core.features.feature import Values


def library() -> Any:
    """pandas_ta_classic, its compiled functions kept in a folder of this user's own."""
    if "NUMBA_CACHE_DIR" not in os.environ:  # read when numba is imported, and inherited by worker processes
        os.environ["NUMBA_CACHE_DIR"] = _own_folder()
    import pandas_ta_classic

    return pandas_ta_classic


def _own_folder() -> str:
    """A cache folder that only this user can write: numba runs what it finds there."""
    user = getattr(os, "getuid", int)()
    folder = Path(tempfile.gettempdir()) / f"lookback-numba-{user}"
    if not os.path.lexists(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    open_to_others = os.name != "nt" and found.st_mode & 0o022
    private = stat.S_ISDIR(found.st_mode) and found.st_uid == user and not open_to_others
    return str(folder) if private else tempfile.mkdtemp(prefix="lookback-numba-")


def bars(inputs: pd.DataFrame) -> tuple[Values, Values, Values]:
    """High, low and close."""
    return inputs["high"], inputs["low"], inputs["close"]


def answered(result: Any, inputs: pd.DataFrame, rows: int) -> Any:
    """What the library returned; FeatureError with the rows needed where it returned nothing."""
    if result is None:
        raise FeatureError(
            f"The indicator needs at least {rows + 1} rows; got {len(inputs)}. Load more history or "
            "shorten its parameter."
        )
    return result


def settled(result: Any, inputs: pd.DataFrame, *, rows: int, neutral: float = 0.0, column: str = "") -> Values:
    """Nothing in the first `rows`, and `neutral` where a stretch without movement or trade leaves 0 / 0 later on."""
    result = answered(result, inputs, rows)
    values = (result[column] if column else result).to_numpy(dtype=np.float64, copy=True)
    values[~np.isfinite(values)] = neutral
    values[:rows] = np.nan
    return pd.Series(values, index=inputs.index)


def mean_volume(inputs: pd.DataFrame, window: int) -> Values:
    """Mean volume of the last n sessions; not a number where nothing was traded in any of them."""
    volume = inputs["volume"].rolling(window)
    return volume.mean().where(volume.max() > 0.0)  # the running mean of zeros may end a hair above zero
