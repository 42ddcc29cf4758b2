"""Everything that can go wrong and is a person's to mend.

    ToolkitError          the work failed                        exit 1
    ├── UsageError        the command was called wrongly         exit 2
    │   └── ConfigError   a YAML file or an override is wrong    exit 2
    ├── DataError         a file, line or column is not readable exit 1
    ├── SplitError        the data cannot be split as asked      exit 1
    ├── ModelError        a model cannot be had or trusted       exit 1
    └── TrackingError     the tracking store cannot be used      exit 1

Each message is a sentence that names what is wrong, where it stands and what is allowed. What was decided for a file
and could have been decided otherwise is no error: it is a ``Remark``, issued by ``warnings.warn``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "ConfigError",
    "DataError",
    "ModelError",
    "Remark",
    "SplitError",
    "ToolkitError",
    "TrackingError",
    "UsageError",
    "first_line",
    "nearest",
]


class ToolkitError(Exception):
    """The work failed for a reason that a person can mend."""

    exit_code = 1


class UsageError(ToolkitError):
    """The command was called wrongly."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration is wrong; ``problems`` holds one sentence per mistake."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class DataError(ToolkitError):
    """A data file, or a line or column of it, is not what it should be."""


class Remark(UserWarning):
    """What a person should know of how a file was read: a sentence with its place, issued by ``warnings.warn``."""


class SplitError(ToolkitError):
    """The data cannot be split as asked, for example with too few examples of a label."""


class ModelError(ToolkitError):
    """A model cannot be found, read or trusted."""


class TrackingError(ToolkitError):
    """The tracking store cannot be used."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'X'?)"`` for the nearest known word, or an empty string."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean '{close[0]}'?)" if close else ""


def first_line(error: BaseException) -> str:
    """Return the first line of what an exception says, without a full stop; its type where it says nothing."""
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
