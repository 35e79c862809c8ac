"""How long earlier jobs took, stage by stage: a small file next to the runs, from which the time left is estimated."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.language import message
from core.storage import atomic
from core.storage.runs import DEFAULT

NAME = ".durations.json"
FORMAT = 1
MOST = 200  # the latest; older ones tell of another machine
LARGEST = 10_000_000  # bytes; an intact file is smaller


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """One job that ended well: the full name of its function, and the seconds of each of its stages in order.

    `cost` are the seconds that its stages were to cost (see core.events.Cost). `used` is the share of the most epochs
    that its training took; 0 without a training.
    """

    work: str
    stages: tuple[tuple[str, float], ...]
    cost: dict[str, float] = field(default_factory=dict)
    used: float = 0.0


def load(root: Path = DEFAULT) -> tuple[Duration, ...]:
    """The stored durations, oldest first; those that cannot be read are left out."""
    path = root / NAME
    try:
        if path.stat().st_size > LARGEST:
            return ()
        content = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError):
        return ()
    if not isinstance(content, dict) or content.get("format") != FORMAT or not isinstance(content.get("jobs"), list):
        return ()
    return tuple(one for one in map(_read, content["jobs"]) if one is not None)


def add(duration: Duration, root: Path = DEFAULT) -> None:
    """Store one more in a single step. Raises RunError when the disk refuses."""
    latest = [*load(root), duration][-MOST:]
    content = json.dumps({"format": FORMAT, "jobs": [asdict(one) for one in latest]})
    atomic.write_file(root / NAME, content.encode(), message("The duration of the job"), advice=message("Free space."))


def _read(entry: Any) -> Duration | None:
    try:
        stages = tuple((_word(name), _seconds(seconds)) for name, seconds in entry["stages"])
        cost = {_word(name): _seconds(seconds) for name, seconds in entry["cost"].items()}
        used = _seconds(entry["used"])
        return Duration(work=_word(entry["work"]), stages=stages, cost=cost, used=min(used, 1.0)) if stages else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(value)
    return float(value)
