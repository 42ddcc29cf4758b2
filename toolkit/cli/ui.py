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
_SHOWN = 10
"""How many experiments' addresses are told, the newest."""


def ui_command(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 5000,
) -> None:
    """Show the runs in MLflow's page, on this machine only (127.0.0.1), until interrupted.

    Example: [bold]stance ui --port 5001[/]
    """
    from toolkit.errors import TrackingError
    from toolkit.tracking import open_store, page_addresses, server_command

    store, address = open_store(must_exist=True), f"http://127.0.0.1:{port}"
    command, environment = server_command(store, "127.0.0.1", port)
    _refuse_taken(port)
    console.say(f"{address} shows the runs; Ctrl-C ends it. The figures of an experiment stand at its own address:")
    for name, place in list(page_addresses(store, address).items())[:_SHOWN]:
        console.say(f"  {name}: {place}")
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
