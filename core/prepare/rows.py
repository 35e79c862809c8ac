"""From a frame to unscaled rows: the features and labels of every symbol, one block after another."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.frame import of_symbol, symbols
from core.data.sessions import next_sessions
from core.errors import DataError
from core.features import registry
from core.prepare import targets
from core.records import Flags, Floats, Rows
from core.spec import Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Unscaled rows and where each symbol's block lies in them: `observed` rows, then `horizon` future sessions."""

    rows: Rows  # x_TF unscaled, float64; known_TK empty
    kind: targets.Kind
    offset: tuple[int, ...]
    observed: tuple[int, ...]
    usable_T: Flags  # every feature is there

    def index(self, symbol: int) -> pd.DatetimeIndex:
        """The observed sessions of a symbol."""
        start = self.offset[symbol]
        return pd.DatetimeIndex(self.rows.time_T[start : start + self.observed[symbol]])


def build(spec: Spec, frame: pd.DataFrame) -> Panel:
    """The panel of a resolved recipe. Raises DataError (constant, non-positive, too short) and FeatureError."""
    kind, names = targets.KINDS[spec.target.kind], symbols(frame)
    blocks = [_block(spec, of_symbol(frame, name), kind) for name in names]
    lengths = [len(index) for _, _, _, index in blocks]
    x_TF = np.concatenate([x for x, _, _, _ in blocks])
    rows = Rows(
        x_TF=x_TF,
        known_TK=np.empty((len(x_TF), 0), dtype=np.float32),
        y_TH=np.concatenate([y for _, y, _, _ in blocks]),
        level_T=np.concatenate([level for _, _, level, _ in blocks]),
        time_T=np.concatenate([index.to_numpy() for _, _, _, index in blocks]),
        symbol_T=np.repeat(np.arange(len(blocks)), lengths),
        label_end_T=np.arange(len(x_TF)) + spec.target.horizon,
        symbols=names,
        features=spec.features,
        known=tuple(name for name in spec.features if registry.parse(name)[0].kind == "known"),
        steps=targets.steps(kind, spec.target.horizon),
    )
    offset = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(int)
    return Panel(rows=rows, kind=kind, offset=tuple(offset.tolist()), usable_T=np.isfinite(x_TF).all(axis=1),
                 observed=tuple(length - spec.target.horizon for length in lengths))


def ready(panel: Panel, lookback: int) -> Flags:
    """True at each cutoff row whose level is known and whose whole window is usable and lies in one symbol's block."""
    whole_T = np.zeros(len(panel.usable_T), dtype=bool)
    for start, count in zip(panel.offset, panel.observed, strict=True):
        bad = np.concatenate([[0], np.cumsum(~panel.usable_T[start : start + count])])
        if count >= lookback:
            whole_T[start + lookback - 1 : start + count] = bad[lookback:] == bad[: len(bad) - lookback]
    return whole_T & np.isfinite(panel.rows.level_T)


def _block(spec: Spec, table: pd.DataFrame, kind: targets.Kind) -> tuple[Floats, Floats, Floats, pd.DatetimeIndex]:
    """One symbol: features (T, F), labels (T, H), levels (T,) and times (T,), future sessions last."""
    horizon, index = spec.target.horizon, pd.DatetimeIndex(table.index)
    level = targets.level_column(spec.target, tuple(table.columns))
    targets.check_level(table[level], kind)
    if len(index) < 3:
        raise DataError(f"The series has {len(index)} rows; at least 3 are needed to see its rhythm. Load more "
                        "history.")
    future = next_sessions(index, horizon)
    x_TF = registry.compute(table, spec.features, level, future).to_numpy(dtype=float)
    level_T = table[level].to_numpy(dtype=float)
    y_TH = kind.label(level_T, horizon, targets.sessions_per_year(index))
    return (x_TF, np.pad(y_TH, ((0, horizon), (0, 0)), constant_values=np.nan),
            np.pad(level_T, (0, horizon), constant_values=np.nan), pd.DatetimeIndex(index.append(future)))
