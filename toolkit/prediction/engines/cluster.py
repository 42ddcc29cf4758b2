"""What the engines of clusters share: partitions go to them and parts come back as files in one folder, in waves.

Only numbers and words pass through the cluster itself. A task that fails says so in words, which come out as the error
that this process would have raised, whatever the cluster makes of exceptions.
"""

from __future__ import annotations

import functools
import importlib.util
import itertools
import json
import shutil
import signal
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from toolkit.errors import ToolkitError, UsageError, first_line
from toolkit.prediction.engines.kept import Engine, Kept
from toolkit.prediction.part import Job, Worker
from toolkit.prediction.plan import Partition

__all__ = ["AGAIN", "Cluster", "Task", "do", "engine_of", "lost", "needed", "signals_kept"]

_EACH, _MOST = 32, 1000
"""How many partitions a wave has for each core, and at most: so many lie in the folder twice over."""
AGAIN = 3
"""How often a partition is begun again after the process that was at it has been lost."""
_SECONDS = 30
"""How long a machine waits for a file that another one has written: shared folders may be slow to show it."""


@dataclass(frozen=True, slots=True)
class Task:
    """What every machine is told: plain values."""

    job: Job
    given: Path
    """The folder of the partitions that are to be done."""
    kept: Path
    """The folder of the parts that are done."""


class Cluster(Protocol):
    """A cluster that has been started or joined."""

    @property
    def cores(self) -> int:
        """How many partitions it can do at once."""

    def map(self, task: Task, numbers: list[int]) -> Iterable[tuple[int, str]]:
        """Call :func:`do` for every number somewhere, and yield the number and what it returned, in any order."""


def engine_of(begin: Callable[[], AbstractContextManager[Cluster]]) -> Engine:
    """Return the engine that does parts on a cluster, which is begun when the first partition is there."""

    def run(job: Job, partitions: Iterable[Partition], kept: Kept) -> Iterator[int]:
        source = iter(partitions)
        if (first := next(source, None)) is None:
            return
        given = kept.given
        models = tuple((name, folder.absolute()) for name, folder in job.models)
        task = Task(replace(job, models=models), given.folder.absolute(), kept.folder.absolute())
        try:
            given.folder.mkdir(exist_ok=True)
            with begin() as cluster:
                waves = _waves(itertools.chain([first], source), given, min(_EACH * cluster.cores, _MOST))
                for number, problem in (done for wave in waves for done in cluster.map(task, wave)):
                    if problem:
                        raise _error(problem, job, task)
                    _shown(kept, number)
                    for left in given.folder.glob(f"{number:08}.*"):
                        left.unlink()
                    yield number
        finally:
            shutil.rmtree(given.folder, ignore_errors=True)

    return run


def _waves(partitions: Iterable[Partition], given: Kept, size: int) -> Iterator[list[int]]:
    """Write partitions and yield their numbers, so many at a time; the next are written while these are worked on."""
    source, ended = iter(partitions), threading.Event()

    def write() -> list[int]:
        numbers: list[int] = []
        for partition in itertools.islice(source, size):
            given.put(partition.number, partition.table)
            numbers.append(partition.number)
            if ended.is_set():
                break
        return numbers

    with ThreadPoolExecutor(1) as beside:
        try:
            following = beside.submit(write)
            while numbers := following.result():
                following = beside.submit(write)
                yield numbers
        finally:
            ended.set()


# -------------------------------------------------------------------------------------- on the machines of the cluster


def do(task: Task, number: int) -> str:
    """Do a partition if it is not done yet; return an empty text, or what went wrong as JSON."""
    try:
        if not Kept(task.kept).has(number):
            given = Kept(task.given)
            _shown(given, number)
            _begin(task, number)
            Kept(task.kept).put(number, _worker(task.job)(given.get(number)))
        return ""
    except ToolkitError as error:
        return json.dumps([error.exit_code, str(error), ""])
    except OSError as error:
        told = f"{error.filename or 'the work'}: {(error.strerror or first_line(error)).lower()}."
        return json.dumps([ToolkitError.exit_code, told, ""])
    except Exception as error:
        return json.dumps([0, f"{type(error).__name__}: {first_line(error)}", traceback.format_exc()])


def _begin(task: Task, number: int) -> None:
    """Count how often a partition was begun: clusters begin again without end. Raises ToolkitError at the fifth."""
    counts = task.given / f"{number:08}.begun"
    with counts.open("ab") as stream:
        stream.write(b".")
    if counts.stat().st_size > 1 + AGAIN:
        raise ToolkitError(
            f"a process that labels was ended from outside {1 + AGAIN} times at the same rows, perhaps for want of "
            "memory; --resume goes on, with --processes 1 in the memory of one."
        )


@functools.lru_cache(maxsize=1)
def _worker(job: Job) -> Worker:
    """Load the models of a job, once in every process."""
    return Worker(job)


def _shown(kept: Kept, number: int) -> None:
    """Wait for a file of another machine. Raises UsageError where it does not come."""
    end = time.monotonic() + _SECONDS
    while not kept.has(number):
        if time.monotonic() > end:
            raise UsageError(
                f"{kept.path(number)}: is not to be seen on {socket.gethostname()}; --work must name a folder that "
                "all machines of the cluster share."
            )
        time.sleep(0.2)


# ------------------------------------------------------------------------------------------------- what goes wrong


def _error(problem: str, job: Job, task: Task) -> Exception:
    """Return the error of a task as it would have come about here."""
    code, told, trace = json.loads(problem)
    for (_, here), (_, there) in zip(job.models, task.job.models, strict=True):
        told = told.replace(str(there), str(here))
    if code:
        return (UsageError if code == UsageError.exit_code else ToolkitError)(told)
    error = RuntimeError(told)
    error.add_note(trace)
    return error


def lost(cluster: str, error: BaseException) -> ToolkitError:
    """Return the error that says that a cluster gave up: a process or a machine was lost again and again."""
    return ToolkitError(f"{cluster} gave up, perhaps for want of memory or of a machine: {first_line(error)}.")


def needed(package: str) -> None:
    """Raise UsageError where the package of an engine is missing."""
    if importlib.util.find_spec(package) is None:
        extra = {"pyspark": "spark"}.get(package, package)
        raise UsageError(f"--engine {extra} needs the package {package}: pip install 'stance-toolkit[{extra}]'.")


@contextmanager
def signals_kept() -> Iterator[None]:
    """Put back what happens on Ctrl-C and SIGTERM, which clusters change when they are begun."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in before.items():
                signal.signal(number, handler)
