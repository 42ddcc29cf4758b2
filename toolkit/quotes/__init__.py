"""Extraction of attributed statements from newswire English, by rules a reader can follow; no model is downloaded."""

from toolkit.quotes.extract import extract
from toolkit.quotes.extraction import Extraction, load_grammar
from toolkit.quotes.parallel import extract_many

__all__ = ["Extraction", "extract", "extract_many", "load_grammar"]
