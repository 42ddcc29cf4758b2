"""Extraction of attributed statements from newswire English, by rules a reader can follow; no model is downloaded."""

from toolkit.quotes.extract import extract
from toolkit.quotes.extraction import Extraction, load_grammar

__all__ = ["Extraction", "extract", "load_grammar"]
