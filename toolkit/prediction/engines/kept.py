"""The parts that are done, on disk, and what an engine is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.prediction.part import Job
from toolkit.prediction.plan import Partition
from toolkit.storage import written_aside

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Engine", "Kept"]


class Kept:
    """The parts that are done, a file each, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def given(self) -> Kept:
        """The partitions that are handed to other processes and not done yet, in a folder below."""
        return Kept(self.folder / "in")

    def path(self, number: int) -> Path:
        """Return where a part is kept."""
        return self.folder / f"{number:08}.arrow"

    def has(self, number: int) -> bool:
        """Say whether a part is done."""
        return self.path(number).exists()

    def put(self, number: int, table: pa.Table) -> None:
        """Keep a part, whole or not at all."""
        import pyarrow as pa

        with written_aside(self.path(number)) as aside, pa.OSFile(str(aside), "wb") as stream:
            with pa.ipc.new_file(stream, table.schema) as writer:
                writer.write_table(table)

    def get(self, number: int) -> pa.Table:
        """Return a part."""
        import pyarrow as pa

        with pa.memory_map(str(self.path(number))) as stream:
            return pa.ipc.open_file(stream).read_all()


Engine = Callable[[Job, Iterable[Partition], Kept], Iterator[int]]
"""Does a job on partitions, keeps what comes of each, and yields the numbers of those that are done, in any order."""
