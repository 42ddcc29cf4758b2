"""``stance ui``: MLflow's page on this store."""

from __future__ import annotations

import subprocess
from typing import Annotated

import typer

from toolkit.cli import console

__all__ = ["ui_command"]

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
    console.say(f"{address} shows the runs; Ctrl-C ends it. The figures of an experiment stand at its own address:")
    for name, place in list(page_addresses(store, address).items())[:_SHOWN]:
        console.say(f"  {name}: {place}")
    done = subprocess.run(command, env=environment, check=False)
    if done.returncode not in (0, -2, -15, 130, 143):
        raise TrackingError(f"MLflow's server ended with exit code {done.returncode}; is port {port} taken?")
