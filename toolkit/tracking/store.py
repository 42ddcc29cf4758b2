"""The tracking store: where it is, how it is made, and the runs in it whose process is gone.

Offline and private: telemetry is switched off before MLflow is imported, and the server that ``stance ui`` starts
listens on loopback only, without MLflow's background job workers.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from toolkit.errors import TrackingError, UsageError, first_line, without_passwords
from toolkit.tracking.moved import bring_home

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["PROCESS_TAG", "Store", "close_dead_runs", "mlflow_quietly", "open_store", "server_command", "this_process"]

PROCESS_TAG = "stance.process"
_PRIVATE = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
_LOCK_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Store:
    """A tracking store: ``uri`` for runs and the registry, ``artifacts`` for files (None: the server decides)."""

    uri: str
    artifacts: str | None

    @property
    def database(self) -> Path | None:
        """The file of an SQLite store."""
        return Path(self.uri.removeprefix("sqlite:///")) if self.uri.startswith("sqlite:///") else None

    def client(self) -> MlflowClient:
        """Return MLflow's client of this store."""
        mlflow_quietly()
        from mlflow import MlflowClient

        return MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let one process at a time in; only an SQLite store can be locked from here.

        Raises TrackingError where another process keeps it locked.
        """
        if self.database is None:
            yield
            return
        try:
            lock = FileLock(f"{self.database}.lock", timeout=_LOCK_SECONDS).acquire()
        except Timeout:
            raise TrackingError(f"{self.database}: another process has held the lock for {_LOCK_SECONDS} s.") from None
        with lock:
            yield


def mlflow_quietly() -> Any:
    """Import MLflow with telemetry off and its chatter turned down, and return it."""
    for name, value in _PRIVATE.items():
        os.environ.setdefault(name, value)
    # A shell that allows telemetry on purpose does not speak for this program.
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    with warnings.catch_warnings():
        # Deprecations inside MLflow's own imports are not for our users.
        warnings.simplefilter("ignore")
        import mlflow
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return mlflow


def open_store(folder: Path | None = None, *, must_exist: bool = False) -> Store:
    """Return the tracking store, made on first use under a file lock, with dead runs closed.

    MLFLOW_TRACKING_URI is honoured; the default is ``mlflow.db`` in ``folder`` (default: the working folder) with
    ``mlartifacts`` beside it. Raises TrackingError where the store cannot be used, UsageError for a file store, and
    with ``must_exist`` where there is none yet.
    """
    folder = (folder or Path.cwd()).resolve()
    given = os.environ.get("MLFLOW_TRACKING_URI")
    uri = given or f"sqlite:///{folder / 'mlflow.db'}"
    if _is_file_store(uri):
        raise UsageError(
            _FILE_STORE.format(
                where=f"MLFLOW_TRACKING_URI={uri}", source=without_passwords(uri).removeprefix("file://")
            )
        )
    store = Store(uri=_absolute(uri), artifacts=None)
    if store.database is not None:
        store = _on_this_machine(store, store.database, must_exist)
    mlflow = mlflow_quietly()
    _make(store)
    mlflow.set_tracking_uri(store.uri)
    mlflow.set_registry_uri(store.uri)
    if given is None:
        # MLflow writes it into the environment, where it would pass for the user's own wish the next time.
        os.environ.pop("MLFLOW_TRACKING_URI", None)
    close_dead_runs(store)
    return store


def _on_this_machine(store: Store, database: Path, must_exist: bool) -> Store:
    """Return a store with the artifacts beside its database, wherever the two were before."""
    old, artifacts = database.parent / "mlruns", (database.parent / "mlartifacts").as_uri()
    if not database.exists() and (old / "0" / "meta.yaml").is_file():
        raise UsageError(_FILE_STORE.format(where=f"{old}", source=old))
    if must_exist and not database.exists():
        told = "there is no tracking store yet; `stance train` makes one. MLFLOW_TRACKING_URI names one elsewhere."
        raise TrackingError(f"{database}: {told}")
    if database.exists():
        with store.locked():
            bring_home(database, artifacts)
    return Store(uri=store.uri, artifacts=artifacts)


_FILE_STORE = (
    "{where}: is a file store of an older MLflow, which MLflow 3 no longer writes; move it once with "
    "`mlflow migrate-filestore --source {source} --target sqlite:///mlflow.db`, or work in another folder."
)


def _is_file_store(uri: str) -> bool:
    return uri.startswith("file:") or ("://" not in uri and not uri.startswith(("sqlite:", "databricks")))


def _absolute(uri: str) -> str:
    """A relative SQLite path would mean another database in every folder."""
    path = uri.removeprefix("sqlite:///")
    return uri if path == uri else f"sqlite:///{Path(path).expanduser().resolve()}"


def _make(store: Store) -> None:
    """Create or open the database; one process at a time, since MLflow's own first start is no safe race."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        if store.database is None:
            store.client().search_experiments(max_results=1)
            return
        if not store.database.parent.is_dir():
            raise TrackingError(f"{store.database}: there is no folder {store.database.parent}.")
        with store.locked():
            client = store.client()
            client.search_experiments(max_results=1)
            client.search_registered_models(max_results=1)
    except TrackingError:
        raise
    except (SQLAlchemyError, OSError, ValueError, ImportError, _mlflow_exception()) as error:
        raise TrackingError(f"{store.uri}: the tracking store cannot be opened: {first_line(error)}.") from error


def _mlflow_exception() -> type[Exception]:
    from mlflow.exceptions import MlflowException

    found: type[Exception] = MlflowException
    return found


# --------------------------------------------------------------------------------------------------- dead runs


def this_process() -> str:
    """Return what tells this process from every other: host, process id and start time."""
    import psutil

    return f"{socket.gethostname()} {os.getpid()} {psutil.Process().create_time():.2f}"


def _is_gone(process: str) -> bool:
    import psutil

    host, pid, started = process.rsplit(" ", 2)
    if host != socket.gethostname():
        return False
    try:
        return abs(psutil.Process(int(pid)).create_time() - float(started)) > 1
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False


def close_dead_runs(store: Store) -> list[str]:
    """End every RUNNING run of this toolkit whose process on this machine is gone as KILLED; return their ids."""
    client = store.client()
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    found = client.search_runs(experiments, "attributes.status = 'RUNNING'", max_results=1000)
    dead = [r.info.run_id for r in found if PROCESS_TAG in r.data.tags and _is_gone(r.data.tags[PROCESS_TAG])]
    for run_id in dead:
        client.set_terminated(run_id, "KILLED")
    return dead


# ---------------------------------------------------------------------------------------------------- the server


def server_command(store: Store, host: str, port: int) -> tuple[list[str], dict[str, str]]:
    """Return the command that shows MLflow's page of a store, and its environment.

    The store is named in the environment: a command line, with whatever password stands in it, can be read by all.
    """
    command = [sys.executable, "-m", "mlflow", "server"]
    command += ["--host", host, "--port", str(port), "--workers", "1"]
    if store.artifacts:
        command += ["--default-artifact-root", store.artifacts]
    return command, {**os.environ, **_PRIVATE, "MLFLOW_BACKEND_STORE_URI": store.uri}
