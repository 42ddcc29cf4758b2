"""Who gives labels: the rules of a codebook, a trained model, or a language model that is told the codebook."""

from toolkit.labeling.fidelity import Fidelity, fidelity
from toolkit.labeling.labeler import Asked, Labeler, Refusal, label
from toolkit.labeling.llm import Endpoint, LanguageModel, LanguageModelConfig, Usage, load_language_model
from toolkit.labeling.machines import Rules, Trained, hypotheses

__all__ = [
    "Asked",
    "Endpoint",
    "Fidelity",
    "Labeler",
    "LanguageModel",
    "LanguageModelConfig",
    "Refusal",
    "Rules",
    "Trained",
    "Usage",
    "fidelity",
    "hypotheses",
    "label",
    "load_language_model",
]
