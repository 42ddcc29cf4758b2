"""Extracted statements against gold: matched by their spans, counted, judged."""
