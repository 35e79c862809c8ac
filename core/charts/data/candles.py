"""Prices as candlesticks, with the volume below.

Axis letters: T rows, B candles.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts import style, text, thinning
from core.charts.data import quality_marks
from core.errors import DataError
from core.language import message, tr
from core.types import Floats, Times

COLUMNS = ("open", "high", "low", "close")
LIMIT = 300  # candles that can still be told apart
ROWS = (0.76, 0.24)  # shares of the height: prices, volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Candles:
    """Open, high, low and close in the user's units, and the volume (zeros if there is none), of B candles.

    Each covers `rows` consecutive rows, only the first perhaps fewer, and stands at the first of their times.
    """

    symbol: str
    rows: int
    time_T: Times
    time_B: Times
    open_B: Floats
    high_B: Floats
    low_B: Floats
    close_B: Floats
    volume_B: Floats
    marks: tuple[quality_marks.Marks, ...] = ()

    @property
    def caption(self) -> str:
        """The number of prices, their period and range, what a candle covers, and the marks."""
        if not len(self.time_B):
            return tr("{symbol} has no row with all of {columns}.", symbol=self.symbol, columns=", ".join(COLUMNS))
        covered = "" if self.rows == 1 else tr(" Each candle covers {rows} rows.", rows=self.rows)
        low, high = text.number(self.low_B.min()), text.number(self.high_B.max())
        return tr(
            "{prices} of {symbol} from {time} to {time_2}, between {low} and {high}.{covered}{summarize}",
            prices=text.pluralize(len(self.time_T), "price"),
            symbol=self.symbol,
            time=text.day(self.time_T[0]),
            time_2=text.day(self.time_T[-1]),
            low=low,
            high=high,
            covered=covered,
            summarize=quality_marks.summarize(self.marks),
        )


def suit(columns: Sequence[str]) -> bool:
    """Whether a series with these columns can be drawn as candlesticks."""
    return set(COLUMNS) <= set(columns)


def compute(frame: pd.DataFrame, symbol: str, marks: Sequence[quality_marks.Marks] = (), limit: int = LIMIT) -> Candles:
    """At most `limit` candles of `symbol` over its rows with all four prices; `marks` are those of the close.

    Raises DataError if the frame lacks one of the four columns.
    """
    if missing := [name for name in COLUMNS if (symbol, name) not in frame.columns]:
        raise DataError(
            message(
                "The data have no {missing} of {symbol}. Draw one column as a line instead.",
                missing=", ".join(missing),
                symbol=repr(symbol),
            )
        )
    table = pd.DataFrame(frame[symbol]).dropna(subset=list(COLUMNS))
    start_B = thinning.group_starts(len(table), limit)
    price = {name: table[name].to_numpy(dtype=float) for name in COLUMNS}
    volume_T = table["volume"].fillna(0.0).to_numpy(dtype=float) if "volume" in table else np.zeros(len(table))
    empty = np.zeros(0)
    return Candles(
        symbol=symbol,
        rows=int(len(table) - start_B[-1]) if len(start_B) else 1,
        time_T=table.index.to_numpy(),
        time_B=table.index.to_numpy()[start_B],
        open_B=price["open"][start_B],
        high_B=np.maximum.reduceat(price["high"], start_B) if len(start_B) else empty,
        low_B=np.minimum.reduceat(price["low"], start_B) if len(start_B) else empty,
        close_B=price["close"][np.append(start_B[1:], len(table)) - 1] if len(start_B) else empty,
        volume_B=np.add.reduceat(volume_T, start_B) if len(start_B) else empty,
        marks=tuple(marks),
    )


def draw(chart: Candles, height: int = 380) -> go.Figure:
    """Hollow candles rise and filled ones fall, so that colour is not needed; bars of the volume if there is any."""
    if not len(chart.time_B):
        return style.add_note(style.apply_layout(go.Figure(), "", height), chart.caption)
    traded = bool(chart.volume_B.any())
    figure = make_subplots(
        rows=1 + traded, cols=1, shared_xaxes=True, vertical_spacing=0.05, row_heights=ROWS if traded else [1.0]
    )
    x = text.iso(chart.time_B)
    figure.add_trace(
        go.Candlestick(
            x=x,
            open=chart.open_B,
            high=chart.high_B,
            low=chart.low_B,
            close=chart.close_B,
            name=text.escape(chart.symbol),
            showlegend=False,
            increasing={"line": {"color": style.GOOD, "width": 1.2}, "fillcolor": style.PAPER},
            decreasing={"line": {"color": style.BAD, "width": 1.2}, "fillcolor": style.BAD},
            yhoverformat=style.DIGITS,
        ),
        row=1,
        col=1,
    )
    if traded:
        bars = go.Bar(x=x, y=chart.volume_B, name=tr("volume"), showlegend=False, marker={"color": style.NEUTRAL})
        figure.add_trace(bars.update(hovertemplate="%{y:.3s}"), row=2, col=1)
    if chart.marks:
        quality_marks.draw(figure, chart.marks)
    style.apply_layout(figure, "", height)
    style.format_dates(figure, quality_marks.with_times(chart.time_T, chart.marks))
    figure.update_xaxes(rangeslider={"visible": False})
    figure.update_yaxes(
        title_text=style.wrap_title(tr("{symbol} price", symbol=text.truncate(chart.symbol))), row=1, col=1
    )
    if traded:
        figure.update_yaxes(title_text=tr("volume"), nticks=3, row=2, col=1)
    return figure.update_layout(hoversubplots="axis")
