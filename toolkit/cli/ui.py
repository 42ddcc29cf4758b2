"""``stance ui``: MLflow's page on this store."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from toolkit.cli import console
from toolkit.errors import first_line

__all__ = ["ui_command"]

_PATIENCE = 5
"""Seconds in which the server may end by itself."""


def ui_command(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 5000,
) -> None:
    """Show the runs in MLflow's page, on this machine only (127.0.0.1), until interrupted.

    Example: [bold]stance ui --port 5001[/]
    """
    from toolkit.errors import TrackingError
    from toolkit.tracking import open_store, server_command

    command, environment = server_command(open_store(must_exist=True), "127.0.0.1", port)
    _refuse_taken(port)
    console.say(f"http://127.0.0.1:{port} shows the runs; Ctrl-C ends it.")
    with _serving(command, environment) as server:
        code = server.wait()
    if code != 0:
        raise TrackingError(f"MLflow's server ended with exit code {code}; is port {port} taken?")


def _refuse_taken(port: int) -> None:
    """Raise TrackingError where somebody listens on a port already: MLflow would say it in a page of text."""
    from toolkit.errors import TrackingError

    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            told = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({first_line(error)})"
            raise TrackingError(f"port {port} {told}; --port names another, for example {port % 65535 + 1}.") from None


@contextmanager
def _serving(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the server in a group of its own, and end all of the group, workers too, however this process ends."""
    before = signal.signal(signal.SIGHUP, lambda number, frame: console.end(console.Terminated))  # a terminal is closed
    server = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        yield server
    finally:
        _end_group(server)
        signal.signal(signal.SIGHUP, before)


def _end_group(server: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, number)
        except ProcessLookupError:
            break
        try:
            server.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            continue
    server.wait()
