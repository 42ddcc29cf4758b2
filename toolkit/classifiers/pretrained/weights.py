"""Weights that somebody else trained: where they are, whether they may be used, and copies that travel with a model.

Only safetensors are loaded, never pickles; Python files of a model are run only where the configuration says so.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import logging
import os
import shutil
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from pydantic import Field

from toolkit.errors import ModelError, first_line
from toolkit.settings import ModelSettings, Most
from toolkit.storage import file_sha256

__all__ = [
    "Pretrained",
    "batches",
    "calm",
    "check_keys",
    "copy_weights",
    "digest",
    "find_weights",
    "has_bf16",
    "load_classifier",
    "need",
    "use_threads",
]

_FILES = ("*.json", "*.safetensors", "*.txt", "*.model", "*/*.json", "*/*.safetensors", "*/*.txt")
_EXTRAS = {"model2vec": "static"}


class Pretrained(ModelSettings):
    """Whatever starts from weights that somebody else trained."""

    model: str = Field(min_length=1)
    """A folder (as it stands, or below the project's folder) or the id of a model on the Hugging Face hub."""
    revision: str | None = None
    """The commit, tag or branch of a hub id."""
    trust_remote_code: bool = False
    """Whether Python files that come with the model may be run. They can do whatever you can."""
    max_length: int = Field(default=128, ge=8, le=Most.WORD_PIECES)
    """Longer inputs are cut after so many word pieces."""
    batch_size: int = Field(default=16, ge=1, le=Most.BATCH)
    """Texts that go through the model together."""

    @property
    def runs_remote_code(self) -> bool:
        """Whether Python code that came with the weights is run."""
        return self.trust_remote_code

    def found_below(self, root: Path) -> Self:
        """Return the settings with a folder of weights below the project's folder named in full."""
        found = root / self.model
        return self.model_copy(update={"model": str(found.resolve())}) if found.is_dir() else self


def need(package: str) -> Any:
    """Import an optional package. Raises ModelError that says how to install it."""
    quietly()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecations inside other people's imports
            return importlib.import_module(package)
    except ImportError as error:
        extra = _EXTRAS.get(package, "transformers")
        raise ModelError(
            f"the package {error.name or package} is not installed; install it with: pip install "
            f"'stance-toolkit[{extra}]'."
        ) from None


def quietly() -> None:
    """Turn the chatter and the threads of tokenizers off, before the libraries are imported."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    for name in ("transformers", "sentence_transformers", "setfit", "accelerate", "peft", "huggingface_hub", "torch"):
        logging.getLogger(name).setLevel(logging.ERROR)


def use_threads(threads: int | None) -> None:
    """Set the threads of torch."""
    if threads is not None:
        need("torch").set_num_threads(threads)


@contextmanager
def calm() -> Iterator[None]:
    """Keep warnings and progress bars of the libraries away from the person who waits."""
    transformers_logging = need("transformers").utils.logging
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def has_bf16(device: str) -> bool:
    """Say whether a processor computes in bf16 itself; one that has to make do is slower than in fp32."""
    torch = need("torch")
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return any(has for name, has in torch.cpu.get_capabilities().items() if name.endswith("bf16"))


def batches(
    tokenizer: Any, texts: Sequence[str], pairs: Sequence[str] | None = None, *, size: int, most: int
) -> Iterator[tuple[list[int], Any]]:
    """Yield all texts in batches, those of as many word pieces together: which ones they are, and the tensors.

    With ``pairs``, every text stands before another one, which is never cut.
    """
    if not texts:
        return
    cut = True if pairs is None else "only_first"
    told = tokenizer(list(texts), None if pairs is None else list(pairs), truncation=cut, max_length=most)
    order = sorted(range(len(texts)), key=lambda i: len(told["input_ids"][i]))
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        pieces = {name: [values[i] for i in batch] for name, values in told.items()}
        yield batch, tokenizer.pad(pieces, return_tensors="pt")


def find_weights(config: Pretrained) -> Path:
    """Return the folder of a model's weights: a folder on this machine, else the hub's, by its cache or the network.

    Raises ModelError where they cannot be had, hold no safetensors, or ask for remote code that is not allowed.
    """
    folder = Path(config.model).expanduser()
    if not folder.is_dir():
        if config.model.startswith((".", "/", "~")) or config.model.count("/") > 1 or "\\" in config.model:
            raise ModelError(
                f"{config.model}: there is no such folder; give a folder with weights or the id of a hub model."
            )
        folder = _download(config)
    _may_be_used(folder, config)
    return folder


def _download(config: Pretrained) -> Path:
    hub = need("huggingface_hub")
    patterns = [*_FILES, "*.py"] if config.trust_remote_code else list(_FILES)
    try:
        return Path(hub.snapshot_download(config.model, revision=config.revision, allow_patterns=patterns))
    except Exception as error:  # no network, a wrong id, a gated model: all of them mean that it cannot be had
        how = (
            "HF_HUB_OFFLINE is set and it is not in the cache"
            if os.environ.get("HF_HUB_OFFLINE")
            else first_line(error)
        )
        raise ModelError(
            f"the model {config.model!r} is no folder here and cannot be had from the Hugging Face hub ({how}); give a "
            "folder with its weights, or check the id and the network."
        ) from None


def _may_be_used(folder: Path, config: Pretrained) -> None:
    if not any(folder.rglob("*.safetensors")):
        raise ModelError(
            f"{config.model}: holds no .safetensors weights; other formats can hide code and are not loaded."
        )
    for path in folder.rglob("*.json"):
        if path.name in ("config.json", "tokenizer_config.json", "modules.json"):
            told = path.read_text(encoding="utf-8", errors="replace")
            if _own_code(told) and not config.trust_remote_code:
                raise ModelError(
                    f"{config.model}: brings Python code of its own ({path.name}), which is run only with "
                    "trust_remote_code: true in its configuration."
                )


def _own_code(told: str) -> bool:
    try:
        value = json.loads(told)
    except (ValueError, RecursionError):
        return False
    if isinstance(value, dict):
        return "auto_map" in value
    known = ("sentence_transformers.",)
    return any(isinstance(m, dict) and not str(m.get("type", "")).startswith(known) for m in value)


@functools.lru_cache(maxsize=16)
def digest(folder: Path) -> str:
    """Return the SHA-256 of every file that :func:`copy_weights` copies, names included."""
    total = hashlib.sha256()
    for path in _files(folder):
        total.update(path.relative_to(folder).as_posix().encode() + b"\n")
        total.update(bytes.fromhex(file_sha256(path)))
    return total.hexdigest()


def copy_weights(folder: Path, to: Path, code: bool = False) -> None:
    """Copy configuration, tokeniser and safetensors, and with ``code`` Python files; nothing else."""
    for path in _files(folder, (*_FILES, "*.py") if code else _FILES):
        place = to / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


def _files(folder: Path, patterns: Iterable[str] = _FILES) -> list[Path]:
    return sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})


def check_keys(info: Mapping[str, Any], folder: Path, *, new: tuple[str, ...] = (), unused: bool = False) -> None:
    """Raise ModelError where a checkpoint lacks weights or holds others than the model.

    ``info`` is what ``from_pretrained(output_loading_info=True)`` tells; names that hold one of ``new`` may be missing
    (a head that is to be trained), and with ``unused`` the checkpoint may hold more (the head of its own task).
    """
    missing = sorted(k for k in info["missing_keys"] if not any(part in k for part in new))
    unexpected = [] if unused else sorted(info["unexpected_keys"])
    mismatched = sorted(str(k[0] if isinstance(k, tuple) else k) for k in info.get("mismatched_keys", ()))
    mismatched = [k for k in mismatched if not any(part in k for part in new)]
    for what, keys in (("lacks", missing), ("has unexpected", unexpected), ("has another shape for", mismatched)):
        if keys:
            raise ModelError(
                f"{folder}: the checkpoint {what} {keys[0]!r} ({len(keys)} such weights); it is not loaded."
            )


def load_classifier(folder: Path, trust_remote_code: bool = False) -> tuple[Any, Any]:
    """Load a sequence classifier and its tokeniser, with every weight from the file and no other.

    Raises ModelError where weights are missing, unexpected or of another shape.
    """
    transformers = need("transformers")
    options = {"local_files_only": True, "trust_remote_code": trust_remote_code}
    with calm():
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **options)
            model, info = transformers.AutoModelForSequenceClassification.from_pretrained(
                folder, use_safetensors=True, output_loading_info=True, **options
            )
        except Exception as error:  # whatever a damaged folder makes it raise
            raise ModelError(f"{folder}: cannot be loaded: {first_line(error)}.") from None
    check_keys(info, folder)
    return model, tokenizer
