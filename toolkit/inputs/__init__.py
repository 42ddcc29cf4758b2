"""What a model reads of a statement."""

from toolkit.inputs.compose import compose, mentions
from toolkit.inputs.given import statements_given
from toolkit.inputs.masking import mask_names
from toolkit.inputs.read import Input, read_by, statement_of

__all__ = ["Input", "compose", "mask_names", "mentions", "read_by", "statement_of", "statements_given"]
