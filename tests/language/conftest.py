"""Sentences as a page in Korean shows them."""

import copy
import pickle
import re

from core.language import shown, use

ENGLISH = re.compile(r"[a-z]+(?: [a-z]+){2,}")  # three words in a row are a sentence that nobody translated


def korean(sentence: str) -> str:
    """A sentence as a page shows it that has it from a cache, a worker or a frame's notes."""
    with use("ko"):
        return shown(pickle.loads(pickle.dumps(copy.deepcopy(sentence))))  # noqa: S301
