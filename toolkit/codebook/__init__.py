"""A codebook that is read with its grammar: rules of a label scheme, found in statements, with evidence."""

from toolkit.codebook.coder import Codebook, Found, failing_examples

__all__ = ["Codebook", "Found", "failing_examples"]
