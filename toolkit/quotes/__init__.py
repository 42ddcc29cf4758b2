"""Extraction of attributed statements from newswire English, by rules a reader can follow; no model is downloaded."""

from toolkit.quotes.extract import extract

__all__ = ["extract"]
