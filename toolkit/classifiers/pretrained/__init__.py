"""Classifiers that start from weights somebody else trained: embeddings, few-shot, fine-tuned, zero-shot."""

from toolkit.classifiers.pretrained.embeddings import Embeddings
from toolkit.classifiers.pretrained.few_shot import FewShot
from toolkit.classifiers.pretrained.transformer import Transformer
from toolkit.classifiers.pretrained.zero_shot import ZeroShot

__all__ = ["Embeddings", "FewShot", "Transformer", "ZeroShot"]
