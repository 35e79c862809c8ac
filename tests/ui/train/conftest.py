"""The Train page on a short series, so that drawing it again and again costs little."""

import pytest

from ui import cache


@pytest.fixture
def short(monkeypatch, idle, frame):
    """Every recipe gets the 600 steps of `frame`."""
    monkeypatch.setattr(cache, "frame", lambda data, upload: frame)
