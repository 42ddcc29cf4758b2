"""Public corpora, read as they are published and turned into our records. The files themselves stay outside."""

from toolkit.corpora.polnear import read_polnear

__all__ = ["READERS", "read_polnear"]

READERS = {"polnear": read_polnear}
"""Corpora by the name that ``stance data import`` takes."""
