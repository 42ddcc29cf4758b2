"""Pictures of MLflow's page for the README: the table of runs, and two models compared.

Run with ``python -m tests.benchmarks.screenshots FOLDER [EXPERIMENT]``, FOLDER being one in which an experiment was
trained (quickstart unless named); the pictures go to docs/images. Needs the package playwright and a Chromium or Chrome
of the system.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from toolkit.errors import ToolkitError, TrackingError
from toolkit.tracking import open_store, page_addresses, read_experiment

TARGET = Path(__file__).resolve().parents[2] / "docs" / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZE = {"width": 1600, "height": 880}
FOLDED = {"mlflow-compare": ("Visualizations", "Parameters")}
"""What is folded up for a picture, so that the figures below it are seen."""
PATIENCE = 120


def main() -> None:
    """Make the pictures."""
    folder, experiment = Path(sys.argv[1]), (sys.argv[2:] or ["quickstart"])[0]
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"No browser was found ({', '.join(BROWSERS)}): nothing was pictured.")
    try:
        pages = addresses(folder, experiment)
    except ToolkitError as error:
        sys.exit(str(error))
    TARGET.mkdir(parents=True, exist_ok=True)
    with server(folder) as address, opened(browser) as page:
        for name, (place, awaited) in pages.items():
            page.goto(f"{address}/#{place}")
            page.get_by_text(awaited).first.wait_for(timeout=PATIENCE * 1000)
            for one in page.get_by_role("button", name="Close").all():
                one.click()  # an assistant takes a third of the width, a notice some of the height
            for part in FOLDED.get(name, ()):
                page.get_by_text(part, exact=True).first.click()
            page.wait_for_timeout(4000)  # tables and plots are laid out after their rows are there
            page.screenshot(path=TARGET / f"{name}.png")
            print(f"docs/images/{name}.png: {(TARGET / f'{name}.png').stat().st_size // 1024} kB")


def addresses(folder: Path, experiment: str) -> dict[str, tuple[str, str]]:
    """Return where the page shows what, and a text that stands there when it is ready."""
    store = open_store(folder, must_exist=True)
    found = read_experiment(store, experiment)
    scheme = found.models[0].scheme.name
    two = [run for run in found.models if run.scheme.name == scheme][-2:]
    if len(two) < 2:
        raise TrackingError(f"{experiment}: has one model for {scheme}; two are needed to compare.")
    number = store.client().get_run(found.run_id).info.experiment_id
    ids, numbers = quote(json.dumps([run.run_id for run in two])), quote(json.dumps([number]))
    return {
        "mlflow-runs": (page_addresses(store, "")[found.name].removeprefix("/#"), f"{scheme}/{two[0].model}"),
        "mlflow-compare": (
            f"/compare-runs?runs={ids}&experiments={numbers}&workflowType=machine_learning",
            f"{scheme}/{two[0].model}",
        ),
    }


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Give the address at which ``stance ui`` shows the store of a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "toolkit", "ui", "--port", str(port)]
    running = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health", running)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(running)


def wait_for(address: str, running: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and running.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    sys.exit("MLflow's server did not start.")


def stop(running: subprocess.Popen[bytes]) -> None:
    """End the server with the processes that it has started, which have its group."""
    import os
    import signal

    os.killpg(running.pid, signal.SIGTERM)
    running.wait(timeout=30)


@contextmanager
def opened(browser: str) -> Iterator[Any]:
    """Give an empty page of a browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield started.new_page(viewport=SIZE)
        started.close()


if __name__ == "__main__":
    main()
