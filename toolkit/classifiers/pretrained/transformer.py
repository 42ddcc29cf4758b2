"""A transformer with a classification head, fine-tuned as a whole or by low-rank adapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.classifiers.coding import with_findings
from toolkit.classifiers.pretrained.fine_tuning import fine_tune
from toolkit.classifiers.pretrained.job import Job, TransformerModel
from toolkit.classifiers.pretrained.processes import processes, tune_in_processes
from toolkit.classifiers.pretrained.weights import batches, calm, has_bf16, load_classifier, need, use_threads
from toolkit.codebook import Codebook
from toolkit.errors import ModelError
from toolkit.labels import LabelScheme
from toolkit.work import NOWHERE, Listener, Silent, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Transformer"]


class Transformer:
    """Fine-tunes pretrained weights once per seed; the answer is the mean of the seeds' probabilities."""

    Settings = TransformerModel
    thresholds = None

    def __init__(self, config: TransformerModel, scheme: LabelScheme, seed: int) -> None:
        self.config = config
        self.labels = scheme.label_names
        self.multi_label = scheme.multi_label
        self.seed = seed
        self._codebook = Codebook(scheme) if config.codebook else None
        self._tuned: list[tuple[Any, Any]] = []

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Fine-tune. With early stopping, the last of the folds is what the epochs are compared on.

        With a folder to work in, checkpoints are kept there, and a training that was killed goes on from the newest
        whole one. Raises ModelError where the weights cannot be had.
        """
        need("torch")
        use_threads(work.threads)
        self._tuned = []
        texts = self._read(texts)
        workers = processes()
        for number in range(self.config.seeds):
            seed = (self.seed + number) % 2**31
            step = work.below(f"seed-{number}")
            if number:
                step = step.heard_by(_Suffixed(work.listener, f"seed-{number}"))
            job = Job(self.config, self.labels, self.multi_label, texts, targets, folds, seed)
            self._tuned.append(fine_tune(job, step) if workers == 1 else tune_in_processes(job, step, workers))

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities, (n, labels); texts of as many word pieces go through the model together."""
        import numpy as np

        if not self._tuned:
            raise ModelError("this model has not been fitted.")
        texts = self._read(texts)
        answers = [self._ask(model, tokenizer, texts) for model, tokenizer in self._tuned]
        mean: NDArray[np.float64] = np.mean(answers, axis=0)
        return mean

    def _read(self, texts: Sequence[str]) -> Sequence[str]:
        return texts if self._codebook is None else with_findings(self._codebook, texts)

    def _ask(self, model: Any, tokenizer: Any, texts: Sequence[str]) -> NDArray[np.float64]:
        import numpy as np
        from scipy.special import expit, softmax

        torch = need("torch")
        scores = np.zeros((len(texts), len(self.labels)))
        device = "cuda" if torch.cuda.is_available() else "cpu"
        model.eval().to(device)
        half = torch.autocast(device, torch.bfloat16, enabled=self.config.precision == "bf16" and has_bf16(device))
        with calm(), torch.inference_mode(), half:
            size, most = 2 * self.config.batch_size, self.config.max_length
            for batch, pieces in batches(tokenizer, texts, size=size, most=most):
                scores[batch] = model(**pieces.to(device)).logits.float().cpu().numpy()
        answered: NDArray[np.float64] = expit(scores) if self.multi_label else softmax(scores, axis=1)
        return answered

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Write weights as safetensors and the tokeniser, a folder per seed."""
        with calm():
            for number, (model, tokenizer) in enumerate(self._tuned):
                place = folder / f"seed-{number}"
                model.save_pretrained(place)
                tokenizer.save_pretrained(place)
        return {"seeds": len(self._tuned)}

    @staticmethod
    def packages(config: TransformerModel) -> tuple[str, ...]:
        """What a model of this kind needs to be served."""
        return ("torch", "transformers")

    @classmethod
    def restore(
        cls, config: TransformerModel, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]
    ) -> Transformer:
        """Load what was saved. Raises ModelError where weights are missing, unexpected or of another shape.

        Raises ValueError where there are not as many as the configuration says.
        """
        model = cls(config, scheme, seed=0)
        if told["seeds"] != config.seeds:
            raise ValueError(f"seeds is {told['seeds']!r}, the configuration's are {config.seeds}")
        folders = [folder / f"seed-{number}" for number in range(config.seeds)]
        model._tuned = [load_classifier(place, config.trust_remote_code) for place in folders]
        return model


class _Suffixed(Silent):
    """Passes on the figures of one of several trainings."""

    def __init__(self, listener: Listener, suffix: str) -> None:
        self.listener, self.suffix = listener, suffix

    def tell(self, name: str, value: float, at: int) -> None:
        """Say which of them it is."""
        self.listener.tell(f"{name}/{self.suffix}", value, at)
