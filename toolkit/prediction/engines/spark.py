"""The engine of a Spark cluster: one whose master is named, or one of this machine that ends with the work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ToolkitError, first_line
from toolkit.prediction.engines.cluster import AGAIN, Cluster, Task, do, engine_of, lost, needed, signals_kept
from toolkit.prediction.engines.kept import Engine

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["spark"]

_FAILURES = 2 * AGAIN
"""How many lost processes end the work: more than :func:`do` allows, which says it better."""
_LOGS = """
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n
"""


def spark(processes: int, master: str | None = None) -> Engine:
    """Return the engine of the Spark cluster with a master (``spark://host:7077``); None: some cores of this machine.

    Under ``spark-submit`` it is the cluster that this was told. Raises UsageError where PySpark is not installed.
    """
    needed("pyspark")
    return engine_of(lambda: _begun(processes, master))


@dataclass(frozen=True)
class _Spark:
    session: Any
    cores: int

    def map(self, task: Task, numbers: list[int]) -> Iterator[tuple[int, str]]:
        def done(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            import pyarrow as pa

            for batch in batches:
                mine = [numbers[row] for row in batch["id"].to_pylist()]
                problems = pa.array([do(task, number) for number in mine], pa.string())
                yield pa.record_batch({"number": pa.array(mine, pa.int64()), "problem": problems})

        rows = self.session.range(0, len(numbers), 1, len(numbers))  # a task each: a slow one holds up no other
        told = rows.mapInArrow(done, "number long, problem string")
        # In a thread, for a signal that came between question and answer would leave no way to talk to Spark.
        with ThreadPoolExecutor(1) as beside:
            future = beside.submit(told.collect)
            try:
                found = future.result()
            except BaseException:
                self.session.sparkContext.cancelAllJobs()
                raise
        for row in found:
            yield row["number"], row["problem"]


@contextmanager
def _begun(processes: int, master: str | None) -> Iterator[Cluster]:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    with tempfile.TemporaryDirectory(prefix="spark-", ignore_cleanup_errors=True) as name, warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")  # of pandas, which is not used here
        log = Path(name) / "log"
        try:
            with signals_kept():
                session, process = _session(Path(name), processes, master)
        except (PySparkException, Py4JError, OSError) as error:
            raise ToolkitError(f"Spark cannot be begun: {_why(log, error)}.") from None
        try:
            yield _Spark(session, max(1, session.sparkContext.defaultParallelism))
        except (PySparkException, Py4JError) as error:
            raise lost("Spark", error) from None
        finally:
            _end(session, process)


def _session(folder: Path, processes: int, master: str | None) -> tuple[Any, subprocess.Popen[bytes] | None]:
    """Begin a session, and with it Java, unless ``spark-submit`` has done so; what Java prints goes into a file."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    (folder / "log4j2.properties").write_text(_LOGS)
    given = "PYSPARK_GATEWAY_PORT" in os.environ  # by spark-submit
    told = {
        "spark.app.name": "stance predict",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.artifact.isolation.enabled": "false",
        "spark.task.maxFailures": str(_FAILURES),
    }
    if not given:
        told["spark.driver.extraJavaOptions"] = f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}"
        if master is None:
            told |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
            told["spark.local.dir"] = str(folder)
        told["spark.master"] = master or f"local[{processes},{_FAILURES}]"
    conf = SparkConf().setAll(list(told.items()))
    with (folder / "log").open("wb") as log:
        gateway: Any = launch_gateway(conf, {"stdout": log, "stderr": log, "cwd": str(folder) if not given else None})
    session = SparkSession(SparkContext(conf=conf, gateway=gateway))
    session.sparkContext.setLogLevel("ERROR")
    return session, gateway.proc


def _end(session: Any, process: subprocess.Popen[bytes] | None) -> None:
    """End the session, and Java where it was begun for it."""
    from pyspark import SparkContext

    gateway: Any = SparkContext._gateway
    with suppress(Exception):
        session.stop()
    if process is None:
        return
    with suppress(Exception):
        gateway.shutdown()
    SparkContext._gateway = SparkContext._jvm = None
    if process.stdin is not None:
        process.stdin.close()  # upon which it ends, and those that it has started with it
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _why(log: Path, error: BaseException) -> str:
    """Return why Spark did not begin: the first line that Java has printed of an error, or what Python says."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    told = (line.strip() for line in lines if re.search("error|exception|JAVA", line, re.IGNORECASE))
    return next(told, first_line(error)).rstrip(".")
