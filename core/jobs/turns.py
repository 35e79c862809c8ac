"""Whose job is next: owners take turns, so that nobody waits for more than one job of another."""

from collections.abc import Iterable, Mapping, Sequence

from core.jobs.job import Entry


def choose(waiting: Sequence[Entry], running: Iterable[Entry], served: Mapping[str, int]) -> Entry:
    """The next of the waiting entries, of which there is at least one.

    One that lost its worker goes on first. Else it is the turn of the owner with the fewest running jobs, and among
    those of the one who was served longest ago: `served` numbers the launches, owner → their last one. The jobs of one
    owner keep their order.
    """
    lost = [entry for entry in waiting if entry.attempt > 1]
    if lost:
        return lost[0]
    busy = [entry.owner for entry in running]
    return min(waiting, key=lambda entry: (busy.count(entry.owner), served.get(entry.owner, 0)))
