"""What a model reads of a statement."""

from toolkit.inputs.compose import compose, mentions
from toolkit.inputs.given import statements_given
from toolkit.inputs.masking import mask_names
from toolkit.inputs.read import Input, Texts, read_by, statement_of, text_array

__all__ = [
    "Input",
    "Texts",
    "compose",
    "mask_names",
    "mentions",
    "read_by",
    "statement_of",
    "statements_given",
    "text_array",
]
