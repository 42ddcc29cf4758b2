"""The program as a user runs it: in a process of its own, or much sooner in this one, by the same way in and out.

In this process the command goes through :func:`toolkit.cli.main`, so what turns errors into exit codes is tried too.
What a process of its own would have found untouched is put there before, and what the command leaves behind is taken
away after: folder, environment, standard streams, warning filters, handlers of logs and signals, MLflow's store.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO, Any

import toolkit


def stance_process(
    *arguments: str, cwd: Path, timeout: float = 240, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own: where signals, start-up or isolation are the matter."""
    return subprocess.run(
        [sys.executable, "-m", "toolkit", *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def stance(*arguments: str, cwd: Path, timeout: float = 240, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program in this process: the same call and the same result, without the seconds of a start."""
    command = [str(Path(toolkit.__file__).with_name("__main__.py")), *arguments]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with _environment(environment), contextlib.chdir(cwd), _streams(out, err), _warnings(), _logs(), _mlflow():
            with _signals(timeout), _threads(), _attribute(sys, "argv", command):
                code = _exit_code()
        told = [stream.seek(0) or stream.read().decode().replace("\r\n", "\n") for stream in (out, err)]
    return subprocess.CompletedProcess(command, code, *told)


def _exit_code() -> int:
    from toolkit.cli import console, main

    importlib.reload(console)  # a console as at the start: of this width, for these streams, without --debug
    try:
        main()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
            return 1
        return ended.code or 0
    except Exception:
        traceback.print_exc()
        return 1
    finally:
        importlib.reload(console)


# ------------------------------------------------------------------------------------- what a process has for itself


class TimedOut(BaseException):
    """The command took too long; no Exception, so that the program does not take it for its own."""


@contextlib.contextmanager
def _attribute(owner: Any, name: str, value: object) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextlib.contextmanager
def _environment(more: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(more)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update({name: value for name, value in before.items() if os.environ.get(name) != value})


@contextlib.contextmanager
def _streams(out: IO[bytes], err: IO[bytes]) -> Iterator[None]:
    """Standard output and error go into files, also those of programs that are started meanwhile."""
    sys.stdout.flush()
    sys.stderr.flush()
    with contextlib.ExitStack() as after:
        for number, name, file in ((1, "stdout", out), (2, "stderr", err)):
            kept = os.dup(number)
            after.callback(os.close, kept)
            after.callback(os.dup2, kept, number)
            os.dup2(file.fileno(), number)
            errors = "strict" if name == "stdout" else "backslashreplace"
            stream = open(number, "w", encoding="utf-8", errors=errors, closefd=False)
            after.callback(stream.close)
            after.enter_context(_attribute(sys, name, stream))
        yield


@contextlib.contextmanager
def _warnings() -> Iterator[None]:
    """Filters as Python starts with them, where pytest makes every warning an error; what is shown is printed."""

    def show(message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None) -> None:
        print(warnings.formatwarning(message, category, filename, lineno, line), end="", file=file or sys.stderr)

    with warnings.catch_warnings(), _attribute(warnings, "showwarning", show):
        warnings.resetwarnings()
        for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", category)
        warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")
        yield


@contextlib.contextmanager
def _logs() -> Iterator[None]:
    """No handler of pytest's listens: what nobody handles is printed, as in a program."""
    known = logging.root.manager.loggerDict
    levels = {name: one.level for name, one in known.items() if isinstance(one, logging.Logger)}
    try:
        with _attribute(logging.root, "handlers", []), _attribute(logging.root, "level", logging.WARNING):
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


@contextlib.contextmanager
def _signals(timeout: float) -> Iterator[None]:
    def too_long(number: int, frame: FrameType | None) -> None:
        raise TimedOut(f"took more than {timeout} s")

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, timeout)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _threads() -> Iterator[None]:
    """Those of torch; threadpoolctl puts back what it has changed."""
    before = sys.modules["torch"].get_num_threads() if "torch" in sys.modules else None
    try:
        yield
    finally:
        if before is not None:
            sys.modules["torch"].set_num_threads(before)


URIS = {
    "mlflow.tracking._tracking_service.utils": "_tracking_uri",
    "mlflow.tracking._model_registry.utils": "_registry_uri",
}
"""Where MLflow keeps the store that it was told of."""


@contextlib.contextmanager
def _mlflow() -> Iterator[None]:
    """MLflow knows no store from an earlier test, has forgotten this one's after, and no run is left open."""
    before = {module: getattr(sys.modules[module], name) for module, name in URIS.items() if module in sys.modules}
    for module in before:
        setattr(sys.modules[module], URIS[module], None)
    try:
        yield
        mlflow: Any = sys.modules.get("mlflow")
        if mlflow is not None and mlflow.active_run() is not None:
            mlflow.end_run("KILLED")
            raise AssertionError("the command has left a run open")
    finally:
        for module, name in URIS.items():
            if module in sys.modules:
                setattr(sys.modules[module], name, before.get(module))
