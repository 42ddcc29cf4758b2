"""Fine-tuning in several processes, one per GPU or as many as asked, through accelerate and torch.distributed.

The experiment stays one process. It writes what is to be trained into a folder, starts the workers there, passes on
what the first of them tells, and loads the weights that it wrote. No configuration changes: ``STANCE_PROCESSES`` says
how many, otherwise every GPU of the machine gets one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from toolkit.classifiers.pretrained.fine_tuning import fine_tune
from toolkit.classifiers.pretrained.job import Job, TransformerModel
from toolkit.classifiers.pretrained.weights import calm, load_classifier, need, use_threads
from toolkit.errors import ModelError, UsageError
from toolkit.settings import Most
from toolkit.work import Silent, Work

__all__ = ["processes", "tune_in_processes"]


def processes() -> int:
    """Return how many processes train: ``STANCE_PROCESSES``, else the number of GPUs, at least 1."""
    asked = os.environ.get("STANCE_PROCESSES", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 5 and 0 < int(asked) <= Most.THREADS):
        raise UsageError(f"STANCE_PROCESSES={asked}: give a whole number from 1 to {Most.THREADS}.")
    return int(asked) if asked else max(1, int(need("torch").cuda.device_count()))


def tune_in_processes(job: Job, work: Work, number: int) -> tuple[Any, Any]:
    """Fine-tune as :func:`toolkit.classifiers.pretrained.fine_tuning.fine_tune` does, in so many processes.

    A batch is then so many times larger. Raises ModelError with the first thing that went wrong.
    """
    told = {
        **{name: getattr(job, name) for name in ("multi_label", "seed")},
        "config": job.config.model_dump(mode="json"),
        "labels": list(job.labels),
        "texts": list(job.texts),
        "targets": job.targets.tolist(),
        "folds": job.folds.tolist(),
    }
    place = {"threads": work.threads, "folder": str(work.folder) if work.folder else None}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "job.json").write_text(json.dumps({"job": told, "work": place}), encoding="utf-8")
        launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={number}"]
        command = [*launch, "-m", "toolkit.classifiers.pretrained.processes", str(folder)]
        environment = {**os.environ, "OMP_NUM_THREADS": str(work.threads or 1)}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        ) as workers:
            said = _listen(workers, work)
        if workers.returncode != 0:
            raise ModelError(f"fine-tuning in {number} processes failed: {said or 'they said nothing'}.")
        return load_classifier(folder / "tuned", job.config.trust_remote_code)


def _listen(workers: subprocess.Popen[str], work: Work) -> str:
    """Pass on what the first worker tells; return the first error that any of them names."""
    said = ""
    assert workers.stdout is not None
    for line in workers.stdout:
        name, _, rest = line.strip().partition("\t")
        if name == "told" and rest.count("\t") == 2:
            figure, value, step = rest.split("\t")
            work.listener.tell(figure, float(value), int(step))
        elif not said and (error := re.search(r"\w+Error: (.+)", line)):
            said = error[1].strip().rstrip(".")
    return said


class _Aloud(Silent):
    """Tells the process that listens (:func:`_listen`)."""

    def tell(self, name: str, value: float, at: int) -> None:
        """Write a line."""
        sys.stdout.write(f"told\t{name}\t{value!r}\t{at}\n")
        sys.stdout.flush()


def _worker(folder: Path) -> None:
    """Train a share, as one of several processes; the first tells how it gets on and writes the weights."""
    import numpy as np

    told = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    job, place = told["job"], told["work"]
    arrays = {"targets": np.array(job["targets"]), "folds": np.array(job["folds"], dtype=np.int64)}
    first = os.environ.get("RANK", "0") == "0"
    use_threads(place["threads"])

    with tempfile.TemporaryDirectory() as own:
        # Checkpoints are written by the first process only, and all go on from them.
        work = Work(Path(place["folder"] or own), _Aloud() if first else Silent(), place["threads"])
        config = TransformerModel.model_validate(job["config"])
        model, tokenizer = fine_tune(Job(**{**job, **arrays, "config": config}), work)
        if first:
            with calm():
                model.save_pretrained(folder / "tuned")
                tokenizer.save_pretrained(folder / "tuned")


if __name__ == "__main__":
    _worker(Path(sys.argv[1]))
