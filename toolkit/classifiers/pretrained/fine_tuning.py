"""Fine-tuning with the Trainer of transformers: losses, early stopping, adapters, checkpoints that can be trusted."""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.classifiers.pretrained.job import Job, TransformerModel
from toolkit.classifiers.pretrained.starting import start
from toolkit.classifiers.pretrained.weights import calm, need
from toolkit.storage import file_sha256, write_text
from toolkit.work import Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["fine_tune", "newest_checkpoint"]

_WHOLE = "whole.json"


def fine_tune(job: Job, work: Work) -> tuple[Any, Any]:
    """Return the fine-tuned model and its tokeniser. Raises ModelError where the weights cannot be had.

    Under ``torch.distributed`` every process calls this with the same job and trains on its share.
    """
    transformers = need("transformers")
    with calm(), _workplace(work) as folder:
        transformers.set_seed(job.seed)
        model, tokenizer = start(job)
        rows = _rows(job, tokenizer)
        # Early stopping compares the epochs on the last of the folds, and on nothing without it.
        aside = (job.folds == job.folds.max()) & (job.config.early_stopping is not None)
        training = list(itertools.compress(rows, ~aside))
        trainer = transformers.Trainer(
            model=model,
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
