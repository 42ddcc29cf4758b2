"""What a model reads of a statement."""

from toolkit.inputs.compose import compose, mentions
from toolkit.inputs.masking import mask_names

__all__ = ["compose", "mask_names", "mentions"]
