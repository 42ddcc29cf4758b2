"""Extraction of attributed statements from newswire English, by rules a reader can follow; no model is downloaded."""

from toolkit.quotes.extract import extract
from toolkit.quotes.parallel import extract_many

__all__ = ["extract", "extract_many"]
