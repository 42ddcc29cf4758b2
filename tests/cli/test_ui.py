"""``stance ui``: a port that is taken is told, and no server outlives the command."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.conftest import copy_store
from toolkit.cli.ui import _serving

CHILD = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "


@pytest.fixture
def store(tmp_path: Path, empty_store: Path) -> Path:
    copy_store(empty_store, tmp_path)
    return tmp_path


def test_a_port_in_use_is_one_sentence_and_exit_1(store: Path, run_stance, socket_enabled) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run_stance("ui", "--port", str(port), cwd=store)
    assert done.returncode == 1 and done.stdout == ""
    assert re.fullmatch(rf"error: port {port} is in use; --port names another, for example \d+\.\n", done.stderr)


def test_the_server_ends_with_the_command_and_so_do_its_workers() -> None:
    with pytest.raises(KeyboardInterrupt), _serving([sys.executable, "-c", CHILD + "time.sleep(600)"], {}) as server:
        while len(family := psutil.Process(server.pid).children(recursive=True)) < 1:
            time.sleep(0.02)
        raise KeyboardInterrupt
    assert server.returncode == -signal.SIGTERM
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 143)])
def test_mlflows_server_shows_the_runs_and_ends(store: Path, socket_enabled, number: int, code: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "toolkit", "ui", "--port", str(port)]
    process = subprocess.Popen(command, cwd=store, env=dict(os.environ), start_new_session=True)
    try:
        answer = _wait_for(f"http://127.0.0.1:{port}/health", 90)
        assert answer == b"OK"
        family = psutil.Process(process.pid).children(recursive=True)
        assert family
        process.send_signal(number)
        assert process.wait(20) == code
        _, alive = psutil.wait_procs(family, timeout=5)
        assert not alive
    finally:
        process.kill()


def _wait_for(address: str, seconds: float) -> bytes:
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                return bytes(answer.read())
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.3)
