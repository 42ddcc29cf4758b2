"""The command line: parse, one call, print. One file per command or group of commands."""

from toolkit.cli.main import main

__all__ = ["main"]
