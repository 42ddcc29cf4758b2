"""Where fine-tuning starts: pretrained weights, a head that is new, adapters."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, Any

from toolkit.classifiers.pretrained.job import Job, TransformerModel
from toolkit.classifiers.pretrained.weights import check_keys, find_weights, need
from toolkit.errors import ModelError, first_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["start"]

_HEADS = ("classifier", "score", "pooler", "pre_classifier")


def start(job: Job) -> tuple[Any, Any]:
    """Return the model that is to be fine-tuned, with its adapters, and its tokeniser.

    Raises ModelError where the weights cannot be had or lack what is no head.
    """
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
    resized = {key if isinstance(key, str) else key[0] for key in info["mismatched_keys"]}
    _begin_head(model, old - resized, _expected(job))
    return _with_adapters(model, config), tokenizer


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
