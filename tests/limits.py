"""A program in a process of its own with little memory and little time, as a bomb would have it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import textwrap
from typing import Any

MEMORY, SECONDS = 2**30, 60


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def in_little_memory(program: str) -> subprocess.CompletedProcess[str]:
    """Run Python with 1 GiB of memory and a minute of the processor."""
    command = [sys.executable, "-c", textwrap.dedent(program)]
    # Every thread of a library would ask for address space of its own.
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, preexec_fn=_limit, env={**os.environ, **threads}, capture_output=True, text=True, check=False
    )


def told_by(program: str, *arguments: object) -> tuple[Any, ...]:
    """Run Python, which sets limits of its own when it has imported what it needs; return the JSON that it prints."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return tuple(json.loads(done.stdout))
