"""The verdict on a strategy: its Sharpe ratio against that of buying and holding; N steps of the test split."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.evaluation.trading import sharpe
from core.evaluation.trading.positions import Book
from core.language import message

LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The annual Sharpe ratio of the strategy less that of buy-and-hold, with the interval of that difference.

    NaN if the returns of either do not vary.
    """

    difference: float
    low: float
    high: float

    @property
    def tone(self) -> Literal["good", "bad", "none"]:
        """Good or bad if the interval of the difference lies on one side of zero."""
        return "good" if self.low > 0 else "bad" if self.high < 0 else "none"

    @property
    def headline(self) -> str:
        """The verdict in a few words."""
        return {
            "good": message("The strategy beats buy-and-hold"),
            "bad": message("The strategy is worse than buy-and-hold"),
            "none": message("No evidence that the strategy beats buy-and-hold"),
        }[self.tone]

    @property
    def text(self) -> str:
        """The verdict in one sentence, with the difference and its interval."""
        if math.isnan(self.difference):
            return message(
                "{headline}: the returns of one of them do not vary, so there is no ratio to compare.",
                headline=self.headline,
            )
        parts = {
            "headline": self.headline,
            "difference": f"{abs(self.difference):.2f}",
            "low": _signed(self.low),
            "high": _signed(self.high),
        }
        if self.difference >= 0:
            return message(
                "{headline}: after costs its Sharpe ratio is {difference} higher, with a 95 % interval of the "
                "difference from {low} to {high}.",
                **parts,
            )
        return message(
            "{headline}: after costs its Sharpe ratio is {difference} lower, with a 95 % interval of the "
            "difference from {low} to {high}.",
            **parts,
        )


def compare(book: Book) -> Comparison:
    """The strategy of a book against buy-and-hold over the same steps; blocks are at least a holding long."""
    annual, block = math.sqrt(book.per_year), max(float(book.holding), len(book.net_N) ** (1 / 3))
    difference = sharpe.sharpe_ratio(book.net_N) - sharpe.sharpe_ratio(book.hold_N)
    low, high = sharpe.difference_interval(book.net_N, book.hold_N, block, LEVEL)
    return Comparison(difference=annual * difference, low=annual * low, high=annual * high)


def _signed(value: float) -> str:
    return f"{np.round(value, 2) + 0.0:+.2f}".replace("-", "−")
