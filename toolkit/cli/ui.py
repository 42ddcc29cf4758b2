"""``stance ui``: MLflow's page on this store."""

from __future__ import annotations

import subprocess
from typing import Annotated

import typer

from toolkit.cli import console

__all__ = ["ui_command"]


def ui_command(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 5000,
) -> None:
    """Show the runs in MLflow's page, on this machine only (127.0.0.1), until interrupted.

    Example: [bold]stance ui --port 5001[/]
    """
    from toolkit.errors import TrackingError
    from toolkit.tracking import open_store, server_command

    command, environment = server_command(open_store(must_exist=True), "127.0.0.1", port)
    console.say(f"http://127.0.0.1:{port} shows the runs; Ctrl-C ends it.")
    done = subprocess.run(command, env=environment, check=False)
    if done.returncode not in (0, -2, -15, 130, 143):
        raise TrackingError(f"MLflow's server ended with exit code {done.returncode}; is port {port} taken?")
