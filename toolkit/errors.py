"""Everything that can go wrong and is a person's to mend.

    ToolkitError          the work failed                        exit 1
    ├── UsageError        the command was called wrongly         exit 2
    │   └── ConfigError   a YAML file or an override is wrong    exit 2
    ├── DataError         a file, line or column is not readable exit 1
    ├── SplitError        the data cannot be split as asked      exit 1
    ├── ModelError        a model cannot be had or trusted       exit 1
    └── TrackingError     the tracking store cannot be used      exit 1

Each message is a sentence that names what is wrong, where it stands and what is allowed. None tells a password, also
where the address of a server holds one. What was read in one way and could have been read in another is no error: it is
a ``Remark``, issued by ``warnings.warn``.
"""

from __future__ import annotations

import difflib
import re
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
    "without_passwords",
]

_LOGIN = re.compile(r"(?<=://)(?:[^\s/?#]{1,300}|[^\s/@:]{0,200}:(?!\d+/)[^\s@]{0,300})@")
"""User and password, or a token, before the name of a host."""
_QUERY = re.compile(r"(?i)([?&][^=&\s]{0,40}(?:password|passwd|token|secret|signature|sig|key)=)[^&\s'\"]+")


def without_passwords(text: str) -> str:
    """Return a text with asterisks for the passwords and tokens in its addresses."""
    return _QUERY.sub(r"\1***", _LOGIN.sub("***@", text))


class ToolkitError(Exception):
    """The work failed for a reason that a person can mend."""

    exit_code = 1

    def __str__(self) -> str:
        return without_passwords(super().__str__())


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
    return without_passwords((str(error) or type(error).__name__).splitlines()[0].rstrip("."))
