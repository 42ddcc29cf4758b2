"""Telling somebody how far the work has come."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "Silent"]


class Progress(Protocol):
    """Who wants to be told."""

    def start(self, what: str, total: int) -> None:
        """A long part of so many steps begins."""

    def advance(self) -> None:
        """One of its steps is done."""

    def note(self, what: str) -> None:
        """Something worth showing beside the steps."""


class Silent:
    """Tells nobody."""

    def start(self, what: str, total: int) -> None:
        """Do nothing."""

    def advance(self) -> None:
        """Do nothing."""

    def note(self, what: str) -> None:
        """Do nothing."""
