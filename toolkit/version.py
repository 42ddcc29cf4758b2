"""Which version of the toolkit this is, and where it lies."""

from __future__ import annotations

from pathlib import Path

__all__ = ["PACKAGE", "__version__"]

__version__ = "0.2.0"
PACKAGE = Path(__file__).resolve().parent
"""The folder of the package."""
