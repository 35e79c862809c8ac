"""The panels run on the same folders and queues as the pages."""

from tests.pages.conftest import idle, queue, saved

__all__ = ["idle", "queue", "saved"]
