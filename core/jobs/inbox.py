"""The messages of the workers, each taken once and in the order of its sender, also across a broken connection."""

from collections.abc import Iterable
from typing import Any


class Inbox:
    """Counts the messages of each sender, which numbers them from 1; `incomplete` once one is missing.

    After a gap the later messages of that sender are left alone: the scheduler has a log of all, for `catch_up`.
    """

    def __init__(self) -> None:
        self.incomplete = False
        self._taken: dict[str, int] = {}

    def take(self, message: dict[str, Any]) -> bool:
        """Whether this message is the next of its sender."""
        sender, number = message["from"], message["number"]
        before = self._taken.get(sender, 0)
        if number != before + 1:
            self.incomplete = self.incomplete or number > before
            return False
        self._taken[sender] = number
        return True

    def catch_up(self, messages: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of the logged messages that were not taken before, in their order; the log may have lost its oldest."""
        missed = [message for message in messages if message["number"] > self._taken.get(message["from"], 0)]
        self._taken |= {message["from"]: message["number"] for message in missed}
        self.incomplete = False
        return missed
