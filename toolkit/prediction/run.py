"""Prediction from files to a file: a plan, parts that are done once, and one table of all of them."""

from __future__ import annotations

import contextlib
import glob
import itertools
import json
import platform
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.model import find_model_folder
from toolkit.prediction.engines import Engine, Kept, local
from toolkit.prediction.joining import Frame
from toolkit.prediction.part import OURS, Job, Worker
from toolkit.prediction.parted import write_folder
from toolkit.prediction.plan import Partition, Plan
from toolkit.storage import file_sha256, write_tables
from toolkit.version import __version__
from toolkit.work import Workplace, alone

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Done", "Output", "fingerprint", "predict", "told", "whole_table", "work_folder"]

_HERE = local(1)
_MODULES = {"pyahocorasick": "ahocorasick", "scikit-learn": "sklearn"}


@dataclass(frozen=True, slots=True)
class Output:
    """Where the table goes, and what becomes of an interrupted run for the same file."""

    path: Path | None
    """None: JSON Lines to standard output."""
    formula_safe: bool = False
    resume: bool = False
    restart: bool = False
    parted: bool = False
    """Whether it is a folder of files."""
    work: Path | None = None
    """The folder in which parts are kept until all are done; None: that of the output."""
    deliver: Callable[[Path], None] | None = None
    """What takes the whole output elsewhere, before the parts are thrown away."""


@dataclass(slots=True)
class Done:
    """What came of it."""

    plan: Plan
    statements: int = 0
    parts: int = 0
    resumed: int = 0
    """Parts that an interrupted run had done."""
    renamed: dict[str, str] = field(default_factory=dict)
    """The columns that were added under another name, since the input has one of theirs."""
    kinds: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)

    @property
    def articles(self) -> int | None:
        """How many articles were read; None where the input holds statements."""
        return self.plan.read if self.plan.articles else None


def predict(
    plan: Plan, job: Job, output: Output, engine: Engine = _HERE, on_part: Callable[[int], None] = lambda done: None
) -> Done:
    """Do the job on every row of the plan's input and write a row per statement, in order.

    ``on_part`` is told how many statements are done. What is done is kept beside the output, or in ``output.work``
    (``.NAME.work``), until all of it is, so that an interrupted run can go on. Nothing is left under the output's name
    if the work fails. Raises UsageError where another process is at the same output, and where an interrupted run is
    there that is neither to go on nor to be thrown away.
    """
    done = Done(plan)
    with _kept(plan, job, output) as kept, contextlib.closing(_parts(plan, job, kept, engine, done)) as parts:
        tables = _told(_in_order(parts), kept, done, on_part)
        if output.path is None:
            first = list(itertools.islice(tables, 1))
            frame, tables = Frame.of([table.schema for table in first]), itertools.chain(first, tables)
        else:
            schemas = list({table.schema: None for table in tables})  # of all parts, in their order
            frame, tables = Frame.of(schemas), map(kept.get, range(done.parts))
        done.renamed = frame.renamed
        if output.path is not None and output.parted:
            write_folder(frame.fit(tables), output.path, schema=frame.schema, formula_safe=output.formula_safe)
        else:
            write_tables(frame.fit(tables), output.path, schema=frame.schema, formula_safe=output.formula_safe)
        if output.path is not None and output.deliver is not None:
            output.deliver(output.path)
    return done


def whole_table(plan: Plan, worker: Worker) -> pa.Table:
    """Return what :func:`predict` would write, in memory: a row per statement of the plan's input, in order."""
    import pyarrow as pa

    parts = [worker(partition.table) for partition in plan.partitions()]
    frame = Frame.of(list({table.schema: None for table in parts}))
    return pa.concat_tables(frame.fit(parts)) if parts else frame.schema.empty_table()


def fingerprint(plan: Plan, job: Job) -> dict[str, str]:
    """Return all that decides what comes out."""
    models = [f"{name} {_digest(folder)[:16]}" for name, folder in job.models]
    options = json.dumps(job.told(), default=list)
    return {**plan.fingerprint(), "models": "; ".join(models), "options": options, "toolkit": __version__}


def told(done: Done, job: Job) -> dict[str, Any]:
    """Return what a reader of the output must know to trust it and to make it again, as plain values."""
    plan, names = done.plan, ("numpy", "pyarrow", "pyahocorasick", "scikit-learn", "torch", "transformers")
    installed = {name: metadata.version(name) for name in names if find_spec(_MODULES.get(name, name))}
    return {
        "models": [{"name": name, "sha256": _digest(folder)} for name, folder in job.models],
        "inputs": [{"file": name, "sha256": digest} for name, digest in plan.digests.items()],
        "read_as": json.loads(plan.fingerprint()["read as"]),
        "options": json.loads(json.dumps(job.told(), default=list)),
        "counts": {
            "read": plan.read + plan.aside.count,
            "fit": plan.read,
            "set_aside": plan.aside.count,
            "written": done.statements,
            "ids_made": plan.made_ids,
        },
        "renamed_columns": done.renamed,
        "versions": {"toolkit": __version__, "python": platform.python_version(), **installed},
    }


def _digest(folder: Path) -> str:
    """Return the SHA-256 of a model's description, which holds those of all its files."""
    return file_sha256(find_model_folder(folder) / "model.json")


def _parts(plan: Plan, job: Job, kept: Kept, engine: Engine, done: Done) -> Generator[int, None, None]:
    """Yield the number of every part as soon as it is there."""
    there: list[int] = []

    def missing() -> Iterator[Partition]:
        for partition in plan.partitions():
            if kept.has(partition.number):
                there.append(partition.number)
            else:
                yield partition

    yield from engine(job, missing(), kept)
    done.resumed = len(there)
    yield from there


def _in_order(numbers: Iterable[int]) -> Iterator[int]:
    """Yield 0, 1, 2 and so on, each as soon as it has come."""
    waiting, following = set[int](), 0
    for number in numbers:
        waiting.add(number)
        while following in waiting:
            waiting.remove(following)
            yield following
            following += 1


def _told(numbers: Iterable[int], kept: Kept, done: Done, on_part: Callable[[int], None]) -> Iterator[pa.Table]:
    """Yield every part, and count what is in it."""
    for number in numbers:
        table = kept.get(number)
        done.parts += 1
        done.statements += len(table)
        if done.plan.articles:
            done.kinds.update(table[f"{OURS}kind"].to_pylist())
            done.acts.update(act or "said" for act in table[f"{OURS}act"].to_pylist())
        on_part(done.statements)
        yield table


def work_folder(output: Path, below: Path | None = None) -> Path:
    """Return where the parts for an output are kept until all are done: below a folder, or beside the output."""
    return (below or output.parent) / f".{output.name}.work"


@contextlib.contextmanager
def _kept(plan: Plan, job: Job, output: Output) -> Iterator[Kept]:
    """Give a place for the parts: one that outlives this process where the output is a file."""
    if output.path is None:
        with tempfile.TemporaryDirectory(prefix="stance-") as name:
            yield Kept(Path(name))
        return
    path = output.path
    root = work_folder(path, output.work)
    with alone(root, f"another process is writing {path}"):
        for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()  # of a process that was killed while it wrote
        told = fingerprint(plan, job)
        with Workplace(root, output.resume, output.restart, single=True).open(path.name, told) as work:
            folder = work.below("parts").folder
            assert folder is not None
            yield Kept(folder)
