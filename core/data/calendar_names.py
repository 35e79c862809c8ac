"""The names that a recipe may give a calendar: all those of `exchange_calendars`, and none."""

from dataclasses import dataclass

from core.data.exchange_table import table
from core.data.future_times import NO_CALENDAR
from core.language import mark


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarName:
    """A name of a calendar, with its title for a list."""

    title: str


def _all() -> dict[str, CalendarName]:
    known = table()
    titles = dict(zip(known.codes, known.zones, strict=True)) | known.alias
    return {NO_CALENDAR: CalendarName(title=mark("none: weekdays only"))} | {
        name: CalendarName(title=f"{name} ({titles[name]})") for name in sorted(titles)
    }


CALENDARS = _all()
