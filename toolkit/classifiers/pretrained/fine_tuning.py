"""Fine-tuning with the Trainer of transformers: losses, early stopping, adapters, checkpoints that can be trusted."""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from toolkit.classifiers.pretrained.weights import Pretrained, calm, check_keys, find_weights, need
from toolkit.errors import ModelError, first_line
from toolkit.settings import Most, Strict
from toolkit.storage import file_sha256, write_text
from toolkit.work import Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Job", "Lora", "TransformerModel", "fine_tune", "newest_checkpoint"]

_WHOLE = "whole.json"
_HEADS = ("classifier", "score", "pooler", "pre_classifier")


class Lora(Strict):
    """Low-rank adapters (Hu et al. 2021); merged into the weights when the model is saved."""

    r: int = Field(default=8, ge=1, le=Most.RANK)
    alpha: int = Field(default=16, ge=1, le=Most.RANK)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    target_modules: list[str] | None = None
    """Names of the layers that get adapters; null: PEFT's choice for the architecture, else every linear layer."""


class TransformerModel(Pretrained):
    """A transformer with a classification head, fine-tuned as a whole."""

    kind: Literal["transformer"]
    epochs: int = Field(default=5, ge=1, le=Most.EPOCHS)
    """How often it sees every training statement, at most."""
    learning_rate: float = Field(default=5e-5, gt=0, le=1)
    """The highest, after the warm-up."""
    weight_decay: float = Field(default=0.01, ge=0, le=1)
    """How much weights shrink at every step."""
    warmup: float = Field(default=0.1, ge=0, lt=1)
    """Share of the steps in which the learning rate rises."""
    gradient_accumulation: int = Field(default=1, ge=1, le=Most.BATCH)
    """Batches that are added up before a step."""
    loss: Literal["cross_entropy", "focal"] = "cross_entropy"
    """Focal loss: Lin et al. 2017."""
    focal_gamma: float = Field(default=2.0, ge=0, le=100)
    """How little what is already right weighs; for ``loss: focal``."""
    class_weight: Literal["balanced"] | None = None
    """Whether rare labels weigh more."""
    early_stopping: int | None = Field(default=None, ge=1, le=Most.EPOCHS)
    """Stop after so many epochs without a better loss on one fold of the training articles; the best epoch is kept."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """auto: bf16 on a GPU that has it, otherwise fp32. bf16 is for answers too, where the processor has it: about
    twice as many in the same time, probabilities to two digits. Otherwise answers are computed in fp32."""
    codebook: bool = False
    """Whether what the rules of the label scheme find in a statement is said in words before it."""
    lora: Lora | None = None
    """Train low-rank adapters (Hu et al. 2021) instead of all weights: their settings; null trains all."""
    seeds: int = Field(default=1, ge=1, le=Most.SEEDS)
    """Trained so many times from different seeds; their probabilities are averaged."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be fine-tuned on what: one text, one row of targets and one fold each."""

    config: TransformerModel
    labels: Sequence[str]
    multi_label: bool
    texts: Sequence[str]
    targets: NDArray[Any]
    folds: NDArray[np.int64]
    seed: int


def fine_tune(job: Job, work: Work) -> tuple[Any, Any]:
    """Return the fine-tuned model and its tokeniser. Raises ModelError where the weights cannot be had.

    Under ``torch.distributed`` every process calls this with the same job and trains on its share.
    """
    transformers = need("transformers")
    with calm(), _workplace(work) as folder:
        transformers.set_seed(job.seed)
        model, tokenizer = _load(job)
        rows = _rows(job, tokenizer)
        # Early stopping compares the epochs on the last of the folds, and on nothing without it.
        aside = (job.folds == job.folds.max()) & (job.config.early_stopping is not None)
        training = list(itertools.compress(rows, ~aside))
        trainer = transformers.Trainer(
            model=_with_adapters(model, job.config),
            args=_arguments(job.config, len(training), folder, job.seed),
            train_dataset=training,
            eval_dataset=list(itertools.compress(rows, aside)) or None,
            data_collator=transformers.DataCollatorWithPadding(tokenizer),
            processing_class=tokenizer,
            compute_loss_func=_loss(job.config, job.targets[~aside], job.multi_label),
            callbacks=_callbacks(job.config, work),
        )
        trainer.remove_callback(transformers.PrinterCallback)
        newest = newest_checkpoint(folder)
        trainer.train(resume_from_checkpoint=str(newest) if newest else None)
        tuned = trainer.model
        if job.config.lora is not None:
            tuned = tuned.merge_and_unload()
        return tuned.eval(), tokenizer


def _rows(job: Job, tokenizer: Any) -> list[dict[str, Any]]:
    import numpy as np

    options = {"truncation": True, "max_length": job.config.max_length}
    targets = job.targets.astype(np.float32) if job.multi_label else job.targets.argmax(axis=1)
    return [{**tokenizer(text, **options), "labels": target} for text, target in zip(job.texts, targets, strict=True)]


@contextmanager
def _workplace(work: Work) -> Iterator[Path]:
    if work.folder is not None:
        yield work.folder
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _load(job: Job) -> tuple[Any, Any]:
    transformers = need("transformers")
    config, labels = job.config, job.labels
    folder = find_weights(config)
    options = {"local_files_only": True, "trust_remote_code": config.trust_remote_code}
    names = dict(enumerate(labels))
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **options)
        model, info = transformers.AutoModelForSequenceClassification.from_pretrained(
            folder,
            num_labels=len(labels),
            id2label=names,
            label2id={name: number for number, name in names.items()},
            use_safetensors=True,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
            **options,
        )
    except Exception as error:  # whatever a damaged folder makes it raise
        raise ModelError(f"{config.model}: cannot be fine-tuned: {first_line(error)}.") from None
    check_keys(info, folder, new=_HEADS, unused=True)
    # An encoder of sentence-transformers may bring the pooler of an earlier model, which its embeddings do not use.
    old = set() if (folder / "modules.json").is_file() else set(model.state_dict()) - set(info["missing_keys"])
    _begin_head(
        model, old - {key if isinstance(key, str) else key[0] for key in info["mismatched_keys"]}, _expected(job)
    )
    return model, tokenizer


def _begin_head(model: Any, old: Set[str], expected: NDArray[np.float64]) -> None:
    """Begin the layers of a head that the checkpoint does not bring so that they learn at the encoder's pace.

    transformers draws them so small that an encoder of sentences takes epochs to be heard through two of them. Here a
    layer that only mixes begins as the identity, and the last one answers, before it has learnt, what is ``expected``.
    """
    torch = need("torch")
    for name, layer in model.named_modules():
        in_head = any(part in name.split(".") for part in _HEADS)
        if not in_head or not isinstance(layer, torch.nn.Linear) or f"{name}.weight" in old:
            continue
        layer.reset_parameters()
        if layer.out_features == len(expected) and layer.bias is not None:
            layer.bias.data.copy_(torch.as_tensor(expected))
        elif name.endswith("dense") and layer.in_features == layer.out_features:
            torch.nn.init.eye_(layer.weight)
            torch.nn.init.zeros_(layer.bias)


def _expected(job: Job) -> NDArray[np.float64]:
    """Return the scores of a head that gives every label in its share of the training statements (Lin et al. 2017).

    All alike where labels are weighted until they are as frequent.
    """
    import numpy as np

    shares = np.clip(job.targets.mean(axis=0), 1e-3, 1 - 1e-3)
    if job.config.class_weight is not None:
        return np.zeros_like(shares)
    scores: NDArray[np.float64] = np.log(shares / (1 - shares)) if job.multi_label else np.log(shares)
    return scores


def _with_adapters(model: Any, config: TransformerModel) -> Any:
    if config.lora is None:
        return model
    peft = need("peft")
    lora = config.lora
    options = {"r": lora.r, "lora_alpha": lora.alpha, "lora_dropout": lora.dropout}
    try:
        return peft.get_peft_model(
            model, peft.LoraConfig(task_type="SEQ_CLS", target_modules=lora.target_modules, **options)
        )
    except ValueError:
        if lora.target_modules:
            raise ModelError(
                f"{config.model}: has no layers named {', '.join(lora.target_modules)} for lora."
            ) from None
    return peft.get_peft_model(model, peft.LoraConfig(task_type="SEQ_CLS", target_modules="all-linear", **options))


def _arguments(config: TransformerModel, rows: int, folder: Path, seed: int) -> Any:
    torch, transformers = need("torch"), need("transformers")
    cuda = torch.cuda.is_available()
    precision = config.precision
    if precision == "auto":
        precision = "bf16" if cuda and torch.cuda.is_bf16_supported() else "fp32"
    an_epoch = max(1, -(-rows // (config.batch_size * config.gradient_accumulation)))
    stops = config.early_stopping is not None
    return transformers.TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=2 * config.batch_size,
        gradient_accumulation_steps=config.gradient_accumulation,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        warmup_steps=int(config.warmup * an_epoch * config.epochs),
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        use_cpu=not cuda,
        eval_strategy="epoch" if stops else "no",
        save_strategy="epoch" if stops else "steps",
        save_steps=min(500, an_epoch),
        save_total_limit=2,
        load_best_model_at_end=stops,
        metric_for_best_model="eval_loss" if stops else None,
        greater_is_better=False if stops else None,
        logging_strategy="steps",
        logging_steps=max(1, an_epoch // 4),
        seed=seed,
        data_seed=seed,
        train_sampling_strategy="group_by_length",
        disable_tqdm=True,
        report_to="none",
        dataloader_pin_memory=cuda,
        remove_unused_columns=False,
        label_names=["labels"],
    )


# -------------------------------------------------------------------------------------------------------- the loss


def _loss(config: TransformerModel, targets: NDArray[np.int64], multi_label: bool) -> Callable[..., Any]:
    """Cross entropy or focal loss (Lin et al. 2017), summed and divided by what the Trainer counts as one batch.

    Balanced weights: positives of a label by its negatives over its positives (multi-label, at most 20); labels by the
    mean count over their own (single-label).
    """
    import numpy as np

    torch = need("torch")
    counts = np.maximum(targets.sum(axis=0), 1).astype(np.float64)
    weight = np.minimum((len(targets) - counts) / counts, 20.0) if multi_label else counts.mean() / counts
    weights = torch.tensor(weight if config.class_weight else np.ones_like(weight), dtype=torch.float32)
    gamma = config.focal_gamma if config.loss == "focal" else 0.0

    def loss(outputs: Any, labels: Any, num_items_in_batch: Any = None) -> Any:
        logits = outputs["logits"].float()
        own = weights.to(logits.device)
        if multi_label:
            each = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
            right = torch.where(labels > 0, torch.sigmoid(logits), torch.sigmoid(-logits))
            scale = torch.where(labels > 0, own, torch.ones_like(own))
        else:
            each = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
            right, scale = torch.exp(-each), own[labels]
        if gamma:
            scale = scale * (1 - right) ** gamma
        return (each * scale).sum() / (each.numel() if num_items_in_batch is None else num_items_in_batch)

    return loss


# ----------------------------------------------------------------------------------------- callbacks and checkpoints


def _callbacks(config: TransformerModel, work: Work) -> list[Any]:
    transformers = need("transformers")

    class Streaming(transformers.TrainerCallback):  # type: ignore[name-defined,misc]
        """Tells how the training gets on, and marks every whole checkpoint."""

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            for name, value in (logs or {}).items():
                if name in ("loss", "eval_loss", "learning_rate", "grad_norm"):
                    work.listener.tell(f"training/{name}", float(value), int(state.global_step))

        def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            write_text(folder / _WHOLE, json.dumps(_digests(folder)))

    callbacks: list[Any] = [Streaming()]
    if config.early_stopping is not None:
        callbacks.append(transformers.EarlyStoppingCallback(config.early_stopping))
    return callbacks


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the newest whole checkpoint and throw away those after it, which a kill left half-written or changed."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]), reverse=True)
    for checkpoint in found:
        try:
            if json.loads((checkpoint / _WHOLE).read_text(encoding="utf-8")) == _digests(checkpoint):
                return checkpoint
        except (OSError, ValueError):
            pass
        shutil.rmtree(checkpoint, ignore_errors=True)  # another process may be at it too
    return None


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _WHOLE)
    return {path.relative_to(folder).as_posix(): file_sha256(path) for path in files}
