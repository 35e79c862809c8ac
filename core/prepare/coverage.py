"""Which sessions every feature can speak of, and which feature costs the others theirs."""

import numpy as np
import pandas as pd

from core.prepare import rows
from core.records import Coverage, Reach
from core.spec import Spec


def coverage(spec: Spec, frame: pd.DataFrame) -> tuple[Coverage, ...]:
    """The coverage of each symbol under a resolved recipe. Raises DataError and FeatureError as a training would."""
    panel = rows.build(spec, frame)
    return tuple(_of_symbol(panel, s) for s in range(len(panel.offset)))


def _of_symbol(panel: rows.Panel, symbol: int) -> Coverage:
    at = slice(panel.offset[symbol], panel.offset[symbol] + panel.observed[symbol])
    there_TF, time_T = np.isfinite(panel.rows.x_TF[at]), panel.rows.time_T[at]
    reaches = []
    for name, there_T in zip(panel.rows.features, there_TF.T, strict=True):
        seen = time_T[there_T] if there_T.any() else np.array(["NaT"], dtype=time_T.dtype)
        reaches.append(Reach(feature=name, first=seen[0], last=seen[-1], missing=int((~there_T).sum())))
    return Coverage(symbol=panel.rows.symbols[symbol], total=len(time_T), usable=int(there_TF.all(axis=1).sum()),
                    start=time_T[0], end=time_T[-1], reaches=tuple(reaches))
