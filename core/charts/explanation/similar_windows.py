"""The windows of the training part most like the one of a forecast, and what followed them.

Axis letters: K neighbours, R sessions around the cutoff, S those of the window's own past.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared
from core.explain import nearest_windows
from core.types import Flags, Floats, Ints, Windows

WORDS = ("none", "one", "two", "three", "four", "five")
AT_RANDOM = 2**0.5  # standard deviations by which two windows drawn at random differ
LEAST_SHOWN = 20  # sessions before the cutoff that are drawn, where the window has as many


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """The level around each neighbour's cutoff as a share of its level there (its difference, where `shares` is
    false), the most similar first; `session_R` is 0 at the cutoff. `own_S` is the window's own, up to its cutoff.

    `y_K` are the targets that followed, user's units, and `mark` what they are held against: the level at each cutoff,
    zero, or the training mean (`against` says which). `distance_K` is in training standard deviations of a
    feature, a quadratic mean over the cells.
    """

    symbol: str
    cutoff: np.datetime64
    cutoff_K: tuple[np.datetime64, ...]
    symbol_K: tuple[str, ...]
    session_R: Ints
    path_KR: Floats
    own_S: Floats
    shares: bool
    unit: str
    step: int
    y_K: Floats
    above: int
    against: str
    distance_K: Floats

    @property
    def caption(self) -> str:
        """In how many of the neighbours the target went up, and how far they are from the window."""
        count = len(self.y_K)
        many, up = (WORDS[n] if n < len(WORDS) else str(n) for n in (count, self.above))
        if not self.distance_K.any():
            apart = f"They are the same as the window of {text.day(self.cutoff)} in every feature"
        else:
            apart = (
                f"They differ from the window of {text.day(self.cutoff)} by "
                f"{text.number(round(float(self.distance_K.min()), 2))} to "
                f"{text.number(round(float(self.distance_K.max()), 2))} standard deviations of a feature on "
                f"average{self._far}"
            )
        which = "the most similar window" if count == 1 else f"the {many} most similar windows"
        return (
            f"After {which} of the training part the target, {text.lead_time(self.step)}, {self.against} in {up}; it "
            f"lay between {text.amount(float(self.y_K.min()), self.unit)} and "
            f"{text.amount(float(self.y_K.max()), self.unit)}. {apart}."
        )

    @property
    def _far(self) -> str:
        return (
            ""
            if self.distance_K.min() < AT_RANDOM
            else ", no less than windows drawn at random: nothing in the training part is like it"
        )


def compute(prepared: Prepared, symbol: str, cutoff: np.datetime64, step: int) -> Similar:
    """The five training windows most like the window of this cutoff, at least a horizon apart.

    Raises ValueError for a cutoff that is no session of the symbol.
    """
    rows, lookback, kind = prepared.splits.test.rows, prepared.splits.test.lookback, prepared.kind
    s, h = rows.symbols.index(symbol), rows.steps.index(step)
    found = np.flatnonzero((rows.symbol_T == s) & (rows.time_T == cutoff))
    if not len(found):
        raise ValueError(f"{cutoff} is no session of {symbol}")
    row, train = int(found[0]), _whole(prepared.splits.train, s)
    at_K, distance_K = nearest_windows.nearest(
        train, rows.x_TF[row - lookback + 1 : row + 1].astype(np.float64), prepared.horizon
    )
    # as large where nothing varies: distances from what never moves have no unit of their own
    spread = float(np.sqrt(rows.x_TF[train.cutoff_row_N].var(axis=0, dtype=np.float64).mean())) or 1.0
    near, past = train.take(at_K), min(lookback, max(LEAST_SHOWN, 3 * prepared.horizon))
    session_R = np.arange(1 - past, prepared.horizon + 1)
    level_T = kind.to_user(rows.level_T) if kind.level else rows.level_T
    shares = bool((level_T[np.isfinite(level_T)] > 0).all())
    y_K = kind.to_user(near.y_NH)[:, h]
    above_K, against = _held(kind, y_K, level_T[near.cutoff_row_N], kind.to_user(train.y_NH)[:, h])
    return Similar(
        symbol=symbol,
        cutoff=cutoff,
        cutoff_K=tuple(near.cutoff_N),
        session_R=session_R,
        symbol_K=tuple(rows.symbols[i] for i in near.symbol_N),
        shares=shares,
        unit=kind.unit,
        step=step,
        path_KR=_path(level_T, near.cutoff_row_N, session_R, shares),
        y_K=y_K,
        above=int(above_K.sum()),
        own_S=_path(level_T, np.array([row]), session_R[session_R <= 0], shares)[0],
        against=against,
        distance_K=distance_K / spread,
    )


def draw(chart: Similar, height: int = 360) -> go.Figure:
    """The window's own level in black up to its cutoff.

    The neighbours' before and after theirs, the nearest darkest.
    """
    figure = go.Figure()
    for k, path_R in reversed(list(enumerate(chart.path_KR))):
        name = f"{text.day(chart.cutoff_K[k])}" + (
            f", {text.escape(chart.symbol_K[k])}" if chart.symbol_K[k] != chart.symbol else ""
        )
        figure.add_trace(
            go.Scatter(
                x=chart.session_R,
                y=path_R,
                name=name,
                mode="lines",
                hovertemplate="%{y:.4~g}",
                line={"color": style.translucent(style.MODEL, 1 - 0.15 * k), "width": 2.2 if k == 0 else 1.6},
            )
        )
    figure.add_trace(
        go.Scatter(
            x=chart.session_R[: len(chart.own_S)],
            y=chart.own_S,
            mode="lines",
            name=text.day(chart.cutoff),
            hovertemplate="%{y:.4~g}",
            line={"color": style.OUTCOME, "width": 3},
        )
    )
    figure.add_vline(x=0, line={"color": style.NEUTRAL, "width": 1.5, "dash": "dot"})
    title = "level (cutoff = 100)" if chart.shares else "level (difference from the cutoff)"
    return style.apply_layout(figure, title, height, "sessions from the cutoff")


def _whole(train: Windows, symbol: int) -> Windows:
    """The whole training windows of a symbol or, where it has none, of all."""
    whole = train if train.length_N is None else train.take(np.flatnonzero(train.length_N == train.lookback))
    own = whole.take(np.flatnonzero(whole.symbol_N == symbol))
    return own if len(own) else whole


def _path(level_T: Floats, row_K: Ints, session_R: Ints, shares: bool) -> Floats:
    around_KR, at_K1 = level_T[row_K[:, None] + session_R], level_T[row_K][:, None]
    return 100 * (around_KR / at_K1) if shares else around_KR - at_K1


def _held(kind: TargetKind, y_K: Floats, level_K: Floats, y_N: Floats) -> tuple[Flags, str]:
    """Which targets count as up, and how a sentence calls that."""
    if kind.level:
        return y_K > level_K, "went up"
    if kind.binary:
        return y_K > 0.5, "was a rise"
    if kind.name == "log_return":
        return y_K > 0, "was above zero"
    usual = float(np.mean(y_N))
    return y_K > usual, f"was above its training mean of {text.amount(usual, kind.unit)}"
