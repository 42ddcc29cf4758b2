"""A language model behind an endpoint that speaks as OpenAI's: prompt, replies that are checked, nothing paid twice."""

from toolkit.labeling.llm.endpoint import Endpoint, Usage
from toolkit.labeling.llm.labeler import LanguageModel, LanguageModelConfig, load_language_model

__all__ = ["Endpoint", "LanguageModel", "LanguageModelConfig", "Usage", "load_language_model"]
