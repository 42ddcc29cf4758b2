"""Zero-shot classification by natural language inference (Yin, Hay and Roth 2019): nothing is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

from toolkit.classifiers.pretrained.weights import (
    Pretrained,
    batches,
    calm,
    copy_weights,
    digest,
    find_weights,
    load_classifier,
    need,
    use_threads,
)
from toolkit.errors import ModelError
from toolkit.labels import LabelScheme
from toolkit.settings import Most
from toolkit.work import NOWHERE, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ZeroShot", "ZeroShotModel"]


class ZeroShotModel(Pretrained):
    """A natural language inference model that is asked the codebook's hypotheses (Yin et al. 2019)."""

    kind: Literal["zero_shot"]
    templates: list[str] = Field(default=["{}"], min_length=1, max_length=Most.POINTS)
    """Sentences that say a hypothesis, at {}: ``In this statement, {}``. The answer is the mean over all of them."""

    @field_validator("templates")
    @classmethod
    def _hold_a_place(cls, templates: list[str]) -> list[str]:
        for template in templates:
            if template.count("{}") != 1:
                raise ValueError(f"{template!r} must have one {{}}, the place of the hypothesis")
        return templates


class ZeroShot:
    """Asks an NLI model whether a text entails the hypothesis of each label.

    Multi-label: entailment against contradiction, for each label on its own. Single-label: the entailment scores of all
    labels against each other. The hypotheses are those of the codebook, its definitions where it has none.
    """

    Settings = ZeroShotModel
    thresholds = None

    def __init__(self, config: ZeroShotModel, scheme: LabelScheme, seed: int = 0) -> None:
        self.config = config
        self.multi_label = scheme.multi_label
        self.hypotheses = [label.hypothesis or label.definition for label in scheme.labels.values()]
        self._folder: Path | None = None
        self._loaded: tuple[Any, Any, int, int] | None = None

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Find the weights; there is nothing to learn."""
        use_threads(work.threads)
        self._folder = find_weights(self.config)

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities, (n, labels)."""
        import numpy as np

        answers = [self._entailed(texts, template) for template in self.config.templates]
        mean: NDArray[np.float64] = np.mean(answers, axis=0)
        return mean

    def _entailed(self, texts: Sequence[str], template: str) -> NDArray[np.float64]:
        import numpy as np
        from scipy.special import expit, softmax

        torch = need("torch")
        tokenizer, model, entailed, contradicted = self._load()
        hypotheses = [template.replace("{}", one) for one in self.hypotheses]
        premises = [text for text in texts for _ in hypotheses]
        scores = np.zeros((len(premises), 2))
        options = {"size": self.config.batch_size, "most": self.config.max_length}
        with calm(), torch.inference_mode():
            for batch, pieces in batches(tokenizer, premises, hypotheses * len(texts), **options):
                logits = model(**pieces.to(model.device)).logits.float().cpu().numpy()
                scores[batch] = logits[:, [contradicted, entailed]]
        against, entailed_by = (scores[:, column].reshape(len(texts), -1) for column in (0, 1))
        answered: NDArray[np.float64]
        answered = expit(entailed_by - against) if self.multi_label else softmax(entailed_by, axis=1)
        return answered

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Write a copy of the weights, so that the model needs nothing else."""
        if self._folder is None:
            raise ModelError("this model has not been fitted.")
        copy_weights(self._folder, folder / "nli", code=self.config.trust_remote_code)
        return {"nli": digest(self._folder)}

    @staticmethod
    def packages(config: ZeroShotModel) -> tuple[str, ...]:
        """What a model of this kind needs to be served."""
        return ("torch", "transformers")

    @classmethod
    def restore(cls, config: ZeroShotModel, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]) -> ZeroShot:
        """Load what was saved."""
        model = cls(config, scheme)
        model._folder = folder / "nli"
        return model

    def _load(self) -> tuple[Any, Any, int, int]:
        if self._folder is None:
            raise ModelError("this model has not been fitted.")
        if self._loaded is None:
            self._loaded = _load(self._folder, self.config)
        return self._loaded


def _load(folder: Path, config: ZeroShotModel) -> tuple[Any, Any, int, int]:
    """Return tokeniser, model, and the numbers of entailment and contradiction among its labels."""
    model, tokenizer = load_classifier(folder, config.trust_remote_code)
    names = {str(name).lower(): int(number) for number, name in model.config.id2label.items()}
    if "entailment" not in names or not {"contradiction", "not_entailment"} & set(names):
        raise ModelError(
            f"{config.model}: is no NLI model: its labels are {', '.join(names)}, not entailment and contradiction."
        )
    against = names.get("contradiction", names.get("not_entailment", -1))
    model.eval().to("cuda" if need("torch").cuda.is_available() else "cpu")
    return tokenizer, model, names["entailment"], against
