"""The engine of one machine: this process, or several beside it."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import shutil
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from toolkit.errors import ToolkitError
from toolkit.prediction.engines.kept import Engine, Kept
from toolkit.prediction.part import Job, Worker
from toolkit.prediction.plan import Partition

__all__ = ["local"]

_AHEAD = 2
"""How many partitions wait for each process."""


def local(processes: int) -> Engine:
    """Return the engine of this machine: one process is this one, more are started beside it."""

    def run(job: Job, partitions: Iterable[Partition], kept: Kept) -> Iterator[int]:
        source = iter(partitions)
        begun = list(itertools.islice(source, 2))
        source = itertools.chain(begun, source)
        if processes > 1 and len(begun) > 1:
            yield from _side_by_side(job, source, kept, processes)
            return
        worker = Worker(job)
        for partition in source:
            kept.put(partition.number, worker(partition.table))
            yield partition.number

    return run


def _side_by_side(job: Job, source: Iterator[Partition], kept: Kept, processes: int) -> Iterator[int]:
    """Hand partitions over as files: what is too large for a pipe would keep this process from ending."""
    waiting: deque[tuple[int, Future[None]]] = deque()
    spawned = multiprocessing.get_context("spawn")
    kept.given.folder.mkdir(exist_ok=True)
    with ProcessPoolExecutor(processes, spawned, _begin, (job, kept)) as pool:
        try:
            while True:
                while len(waiting) < processes * _AHEAD and (one := next(source, None)) is not None:
                    kept.given.put(one.number, one.table)
                    waiting.append((one.number, pool.submit(_do, one.number)))
                if not waiting:
                    return
                number, future = waiting.popleft()
                future.result()
                yield number
        except BrokenProcessPool:
            raise ToolkitError(
                "a process that labels was ended from outside, perhaps for want of memory; --resume goes on, "
                "with --processes 1 in the memory of one."
            ) from None
        except BaseException:
            for child in multiprocessing.active_children():
                child.terminate()  # nobody waits for what they are at
            raise
        finally:
            for _, future in waiting:
                future.cancel()
            shutil.rmtree(kept.given.folder, ignore_errors=True)


_asked: tuple[Job, Kept] | None = None
"""Of a process beside the first one."""
_worker: Worker | None = None


def _begin(job: Job, kept: Kept) -> None:
    global _asked
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others
    first = multiprocessing.parent_process()
    if first is not None:
        threading.Thread(target=_end_with, args=(first,), daemon=True).start()
    _asked = job, kept


def _end_with(first: multiprocessing.process.BaseProcess) -> None:
    first.join()
    os._exit(1)


def _do(number: int) -> None:
    global _worker
    if _asked is None:
        raise RuntimeError("the process was not begun")
    job, kept = _asked
    if _worker is None:
        _worker = Worker(job)  # here, where what is wrong with a model is told to the first process
    kept.put(number, _worker(kept.given.get(number)))
    kept.given.path(number).unlink()
