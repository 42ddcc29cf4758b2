"""The engine of a Ray cluster: one that is there, or one of this machine that is begun and ended with the work."""

from __future__ import annotations

import logging
import os
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.errors import ToolkitError, first_line
from toolkit.prediction.engines.cluster import Cluster, Task, do, engine_of, lost, needed, signals_kept
from toolkit.prediction.engines.kept import Engine

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ray"]

_OBJECTS = 200 * 2**20
"""Bytes of Ray's store of objects, through which nothing but numbers and words passes."""


def ray(processes: int, address: str | None = None) -> Engine:
    """Return the engine of the Ray cluster at an address, or at ``RAY_ADDRESS``; without either, one of this machine.

    On this machine it works with so many processes, on another cluster with one for every core.
    Raises UsageError where Ray is not installed.
    """
    needed("ray")
    return engine_of(lambda: _begun(processes, address or os.environ.get("RAY_ADDRESS") or None))


@dataclass(frozen=True)
class _Ray:
    cores: int

    def map(self, task: Task, numbers: list[int]) -> Iterator[tuple[int, str]]:
        import ray
        from ray.data import ActorPoolStrategy

        told: Any = ray.data.from_items([{"number": one} for one in numbers], override_num_blocks=len(numbers))
        size = min(self.cores, len(numbers))
        done = told.map_batches(
            _Actor,
            fn_constructor_args=(task,),
            batch_size=None,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(size=size),
            num_cpus=1,
        )
        try:
            for row in done.iter_rows():
                yield row["number"], row["problem"]
        except ray.exceptions.RayError as error:
            raise lost("Ray", error) from None


class _Actor:
    """A process of the cluster that works on one partition after the other."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __call__(self, batch: pa.Table) -> pa.Table:
        problems = [do(self._task, number) for number in batch["number"].to_pylist()]
        return batch.append_column("problem", [problems])


@contextmanager
def _begun(processes: int, address: str | None) -> Iterator[Cluster]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    told: dict[str, Any] = {"address": address, "logging_level": logging.ERROR, "log_to_driver": False}
    with ExitStack() as after:
        if address is None:
            folder = after.enter_context(tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True))
            told |= {"address": "local", "num_cpus": processes, "include_dashboard": False}
            told |= {"object_store_memory": _OBJECTS, "_temp_dir": folder}
        with signals_kept(), _silent():
            import ray

            after.callback(ray.shutdown)
            try:
                if address and (place := re.fullmatch(r"([^:/]+):(\d+)", address)):
                    socket.create_connection((place[1], int(place[2])), 10).close()  # Ray itself tries for minutes
                ray.init(**told)
            except (OSError, ValueError, RuntimeError) as error:
                where = f"at {address}" if address else "to be had on this machine"
                why = getattr(error, "strerror", None) or first_line(error)
                raise ToolkitError(f"there is no Ray cluster {where}: {why}.") from None
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)
        yield _Ray(max(1, int(ray.cluster_resources().get("CPU", 1))))


@contextmanager
def _silent() -> Iterator[None]:
    """Drop what is printed to standard error: Ray's own part says that it has been told to be silent."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
