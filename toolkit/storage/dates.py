"""Dates as articles bear them, to ISO dates; what can be read in two ways is not read.

Read are ISO dates (with or without time and zone, 20240301, 2024-03, 2024), 2024/03/01, 01.03.2024, and dates with
the month's English name (March 1, 2024; 1 Mar 2024; Fri, 01 Mar 2024 08:00:00 GMT, as feeds have it). 03/04/2024 is
the third of April or the fourth of March: not read, while 13/04/2024 can only be one day. The day is the one that is
written, in the zone that is written. Seconds since 1970 and years of two digits are not read.
"""

from __future__ import annotations

import contextlib
import datetime
import re

__all__ = ["iso_date"]

_NAMES = "january february march april may june july august september october november december".split()
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
_ZONE = r"(?:Z|[A-Z]{2,5}|(?:UTC|GMT)?[+-]\d{2}:?\d{2})?"
_TIME = rf"(?:[T,]?\s*(?:at\s+)?\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?\s*(?:[ap]\.?m\.?)?\s*{_ZONE})?"
_DAY_NAME = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_FORMS = [
    re.compile(form + _TIME, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})",
        r"(?P<either>\d{1,2})(?P<sign>[/-])(?P<other>\d{1,2})(?P=sign)(?P<year>\d{4})",
        _DAY_NAME + r"(?P<name>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
        _DAY_NAME + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-](?:of\s+)?(?P<name>[a-z]{3,9})\.?,?[\s-](?P<year>\d{4})",
        r"(?P<name>[a-z]{3,9})\.?,?\s+(?P<year>\d{4})",
    )
]


def iso_date(text: str) -> str | None:
    """Return a date as 2024-03-01 (2024-03 or 2024 where no more is told), None where it is not read."""
    text = " ".join(text[:100].split())
    if not text.isdigit():  # digits alone may be seconds since 1970
        with contextlib.suppress(ValueError):
            return _in_range(datetime.datetime.fromisoformat(text).date())
    for form in _FORMS:
        if found := form.fullmatch(text):
            return _iso(found.groupdict())
    return None


def _iso(told: dict[str, str | None]) -> str | None:
    name, month = told.get("name"), told.get("month")
    day = told.get("day")
    if name:
        number = _MONTHS.get(name.lower())
        if number is None:
            return None
        month = str(number)
    if (either := told.get("either")) and (other := told.get("other")):
        days = [n for n in (int(either), int(other)) if n > 12]
        if int(either) != int(other) and len(days) != 1:
            return None
        day, month = (other, either) if int(other) > 12 else (either, other)
    try:
        date = _in_range(datetime.date(int(told["year"] or 0), int(month or 1), int(day or 1)))
    except ValueError:
        return None
    return date and date[: 10 if day else 7 if month else 4]


def _in_range(date: datetime.date) -> str | None:
    """Return a date as text; None where nobody can have published anything, so that it is something else."""
    return date.isoformat() if 1000 <= date.year < 2200 else None
