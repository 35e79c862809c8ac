"""The training windows most similar to the window of a forecast, and what followed them.

Axis letters: K similar windows, R steps around the cutoff, S steps of the window up to its cutoff.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared
from core.explain import nearest_windows
from core.language import message, tr
from core.types import Flags, Floats, Ints, Windows

NUMERALS = ("none", "one", "two", "three", "four", "five")
RANDOM_DISTANCE = 2**0.5  # standard deviations by which two random windows differ
LEAST_SHOWN = 20  # steps before the cutoff that are drawn if the window is that long


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarWindows:
    """The level around the cutoff of each similar window, the most similar first: 100 at the cutoff (a difference of 0
    there if not `relative`); `step_R` is 0 at the cutoff. `window_S` is the level of the window itself.

    `y_K` are the targets that followed, in the user's unit, of which `above` went up in the sense of `criterion`: above
    the level at the cutoff, zero or the training mean. `distance_K` is in training standard deviations of a feature, a
    quadratic mean over the features and lags.
    """

    symbol: str
    cutoff: np.datetime64
    cutoff_K: tuple[np.datetime64, ...]
    symbol_K: tuple[str, ...]
    step_R: Ints
    path_KR: Floats
    window_S: Floats
    relative: bool
    unit: str
    step: int
    y_K: Floats
    above: int
    criterion: str
    distance_K: Floats

    @property
    def caption(self) -> str:
        """In how many of the similar windows the target went up, its range, and how similar they are."""
        count = len(self.y_K)
        total, up = (tr(NUMERALS[n]) if n < len(NUMERALS) else str(n) for n in (count, self.above))
        windows = tr("the most similar window") if count == 1 else tr("the {total} most similar windows", total=total)
        ahead = text.lead_time(self.step, self.unit)
        return tr(
            "After {windows} of the training split, the target, {ahead}, {criterion} in {up} and lay between {y} and "
            "{y_2}; {distance}.",
            windows=windows,
            ahead=ahead,
            criterion=self.criterion,
            up=up,
            y=text.amount(float(self.y_K.min()), self.unit),
            y_2=text.amount(float(self.y_K.max()), self.unit),
            distance=self._distance(),
        )

    def _distance(self) -> str:
        window = tr("the window of {cutoff}", cutoff=text.day(self.cutoff))
        if not self.distance_K.any():
            return tr("they equal {window} in every feature", window=window)
        low, high = (text.number(round(float(end), 2)) for end in (self.distance_K.min(), self.distance_K.max()))
        distance = tr(
            "they differ from {window} by {low} to {high} standard deviations of a feature on average",
            window=window,
            low=low,
            high=high,
        )
        if self.distance_K.min() < RANDOM_DISTANCE:
            return distance
        return tr(
            "{distance}, no less than random windows: nothing in the training split is similar", distance=distance
        )


def compute(prepared: Prepared, symbol: str, cutoff: np.datetime64, step: int, unit: str) -> SimilarWindows:
    """The five training windows most like the window of this cutoff, at least a horizon apart.

    Raises ValueError if the symbol has no window with this cutoff.
    """
    rows, lookback, kind = prepared.splits.test.rows, prepared.splits.test.lookback, prepared.kind
    s, h = rows.symbols.index(symbol), rows.steps.index(step)
    at_cutoff = np.flatnonzero((rows.symbol_T == s) & (rows.time_T == cutoff))
    if not len(at_cutoff):
        raise ValueError(
            message(
                "{symbol} has no row at the cutoff {cutoff}; choose a time of its data", symbol=symbol, cutoff=cutoff
            )
        )
    row, train = int(at_cutoff[0]), _full_length(prepared.splits.train, s)
    at_K, distance_K = nearest_windows.nearest(
        train, rows.x_TF[row - lookback + 1 : row + 1].astype(np.float64), prepared.horizon
    )
    # 1 if nothing varies: distances between constant features have no unit of their own
    spread = float(np.sqrt(rows.x_TF[train.cutoff_row_N].var(axis=0, dtype=np.float64).mean())) or 1.0
    near, past = train.take(at_K), min(lookback, max(LEAST_SHOWN, 3 * prepared.horizon))
    step_R = np.arange(1 - past, prepared.horizon + 1)
    level_T = kind.to_user(rows.level_T) if kind.level else rows.level_T
    relative = bool((level_T[np.isfinite(level_T)] > 0).all())
    y_K = kind.to_user(near.y_NH)[:, h]
    above_K, criterion = _went_up(kind, y_K, level_T[near.cutoff_row_N], kind.to_user(train.y_NH)[:, h])
    return SimilarWindows(
        symbol=symbol,
        cutoff=cutoff,
        cutoff_K=tuple(near.cutoff_N),
        step_R=step_R,
        symbol_K=tuple(rows.symbols[i] for i in near.symbol_N),
        relative=relative,
        unit=unit,
        step=step,
        path_KR=_path(level_T, near.cutoff_row_N, step_R, relative),
        y_K=y_K,
        above=int(above_K.sum()),
        window_S=_path(level_T, np.array([row]), step_R[step_R <= 0], relative)[0],
        criterion=criterion,
        distance_K=distance_K / spread,
    )


def draw(chart: SimilarWindows, height: int = 360) -> go.Figure:
    """The level of the window in black up to its cutoff, and of the similar windows before and after theirs in blue,
    the most similar darkest."""
    figure = go.Figure()
    for k, path_R in reversed(list(enumerate(chart.path_KR))):
        name = f"{text.day(chart.cutoff_K[k])}" + (
            f", {text.escape(chart.symbol_K[k])}" if chart.symbol_K[k] != chart.symbol else ""
        )
        figure.add_trace(
            go.Scatter(
                x=chart.step_R,
                y=path_R,
                name=name,
                mode="lines",
                hovertemplate="%{y:,.5~r}",
                line={"color": style.translucent(style.MODEL, 1 - 0.15 * k), "width": 2.2 if k == 0 else 1.6},
            )
        )
    figure.add_trace(
        go.Scatter(
            x=chart.step_R[: len(chart.window_S)],
            y=chart.window_S,
            mode="lines",
            name=text.day(chart.cutoff),
            hovertemplate="%{y:,.5~r}",
            line={"color": style.OUTCOME, "width": 3},
        )
    )
    figure.add_vline(x=0, line={"color": style.NEUTRAL, "width": 1.5, "dash": "dot"})
    title = tr("level (cutoff = 100)") if chart.relative else tr("level (difference from the cutoff)")
    return style.apply_layout(
        figure, title, height, tr("{units} from the cutoff", units=text.several_steps(chart.unit))
    )


def _full_length(train: Windows, symbol: int) -> Windows:
    """The training windows of full length of a symbol or, if it has none, of all symbols."""
    full = train if train.length_N is None else train.take(np.flatnonzero(train.length_N == train.lookback))
    of_symbol = full.take(np.flatnonzero(full.symbol_N == symbol))
    return of_symbol if len(of_symbol) else full


def _path(level_T: Floats, row_K: Ints, step_R: Ints, relative: bool) -> Floats:
    around_KR, cutoff_K1 = level_T[row_K[:, None] + step_R], level_T[row_K][:, None]
    return 100 * (around_KR / cutoff_K1) if relative else around_KR - cutoff_K1


def _went_up(kind: TargetKind, y_K: Floats, level_K: Floats, y_N: Floats) -> tuple[Flags, str]:
    """Which targets went up, and what that means in words."""
    if kind.level:
        return y_K > level_K, tr("went up")
    if kind.binary:
        return y_K > 0.5, tr("was a rise")
    if kind.origin == "zero":
        return y_K > 0, tr("was above zero")
    mean = float(np.mean(y_N))
    return y_K > mean, tr("was above its training mean of {mean}", mean=text.amount(mean, kind.unit))
