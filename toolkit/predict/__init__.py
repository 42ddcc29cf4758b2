"""Whole files: articles or statements in, a row per statement out."""

from toolkit.predict.extraction import Extracted, extract_files
from toolkit.predict.run import predict
from toolkit.predict.sources import Counts, holds_statements, read_inputs

__all__ = ["Counts", "Extracted", "extract_files", "holds_statements", "predict", "read_inputs"]
