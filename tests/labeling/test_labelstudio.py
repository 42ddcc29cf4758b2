"""Label Studio itself: its server takes our interface and tasks, somebody annotates, and what it exports comes back.

LABEL_STUDIO names the program, where it does not lie on the path; it is a package of its own (``label-studio``).
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from toolkit.storage import read_rows

PROGRAM = os.environ.get("LABEL_STUDIO") or shutil.which("label-studio")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.enable_socket,
    pytest.mark.skipif(PROGRAM is None, reason="label-studio is not on the path, and LABEL_STUDIO names none"),
]
CONTEXT = "🎉🙂 An Lund of the Port said: We 🤝 talk. It rained."
TALKS = {
    "statement_id": "a#1",
    "article_id": "a",
    "text": "We 🤝 talk.",
    "spans": [[CONTEXT.index("We"), CONTEXT.index("We") + 10]],
    "kind": "indirect",
    "context": CONTEXT,
    "speaker": "An Lund",
    "speaker_start": CONTEXT.index("An"),
    "speaker_end": CONTEXT.index("An") + 7,
    "cue": "said",
}
DENIAL = {"statement_id": "a#2", "article_id": "a", "text": "We deny it.", "spans": [[0, 11]], "kind": "indirect"}
BY_BEN = {"stance": ["denial"], "annotator": "ben", "given_at": "2026-01-01T00:00:00+00:00", "comment": "sure"}
Ask = Callable[..., Any]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """A server on this machine with data, user and token of its own; its first start makes a database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, data = secrets.token_hex(20), tmp_path / "data"
    at = f"http://127.0.0.1:{port}"
    command = [str(PROGRAM), "start", "--no-browser", "--data-dir", str(data), "--port", str(port)]
    command += ["--internal-host", "127.0.0.1", "--username", "ann@example.org", "--password", secrets.token_hex(8)]
    off = {"COLLECT_ANALYTICS": "0", "LATEST_VERSION_CHECK": "0", "SENTRY_DSN": "", "FRONTEND_SENTRY_DSN": ""}
    own = {"HOME": str(tmp_path), "PATH": os.defpath, "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true", **off}

    def asked(path: str, told: Any = None) -> Any:
        head = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(at + path, None if told is None else json.dumps(told).encode(), head)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read())

    with (tmp_path / "server.log").open("wb") as log:
        server = subprocess.Popen([*command, "--user-token", token], env=own, stdout=log, stderr=log)
        try:
            _wait(server, lambda: asked("/api/current-user/whoami"), tmp_path / "server.log")
            yield asked
        finally:
            server.terminate()
            server.wait(30)


def _wait(server: subprocess.Popen[bytes], is_up: Callable[[], Any], log: Path) -> None:
    end = time.monotonic() + 400
    while server.poll() is None and time.monotonic() < end:
        try:
            is_up()
            return
        except OSError:  # nobody answers yet
            time.sleep(1)
    pytest.fail(f"Label Studio did not start: {log.read_text(errors='replace')[-2000:]}")


def test_what_goes_to_label_studio_comes_back_with_spans_comments_and_annotators(
    ask: Ask, tmp_path: Path, run_stance
) -> None:
    """The text has signs that are one code point and two of JavaScript's: Label Studio's editor counts code points too."""
    asked = ("annotate", "export", "s.jsonl", "--for", "labelstudio", "-o", "t.json", "--config-out", "l.xml")
    rows = [{**TALKS, "stance": None, "annotator": None}, {**DENIAL, **BY_BEN}]
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run_stance(*asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    project = ask("/api/projects", {"title": "stance", "label_config": (tmp_path / "l.xml").read_text()})["id"]
    made = ask(f"/api/projects/{project}/import", json.loads((tmp_path / "t.json").read_text()))
    assert (made["task_count"], made["annotation_count"], made["prediction_count"]) == (2, 1, 1)
    tasks = ask(f"/api/tasks?project={project}&fields=all")["tasks"]
    task = next(one for one in tasks if one["data"]["statement_id"] == "a#1")
    shown = task["predictions"][0]["result"]
    for one in shown[:2]:  # what the server keeps is what Python cuts out
        assert CONTEXT[one["value"]["start"] : one["value"]["end"]] == one["value"]["text"]
    chosen = {"from_name": "stance", "to_name": "text", "type": "choices", "value": {"choices": ["conciliatory"]}}
    comment = {"from_name": "comment", "to_name": "text", "type": "textarea", "value": {"text": ["Talks 🤝."]}}
    ask(f"/api/tasks/{task['id']}/annotations/", {"result": [*shown, chosen, comment], "lead_time": 4.2})
    exported = ask(f"/api/projects/{project}/export?exportType=JSON")
    (tmp_path / "e.json").write_text(json.dumps(exported, ensure_ascii=False), encoding="utf-8")
    asked = ("annotate", "import", "e.json", "--from", "labelstudio", "--statements", "s.jsonl", "-o", "back.jsonl")
    done = run_stance(*asked, cwd=tmp_path)
    assert done.returncode == 0 and "2 labels read: 2 written, 0 set aside" in done.stderr, done.stderr
    assert "marked" not in done.stderr  # spans and relation are those that went out
    talks, denial = (dict(row.values) for row in read_rows(tmp_path / "back.jsonl"))
    assert talks["stance"] == ["conciliatory"] and talks["comment"] == "Talks 🤝." and talks["given_at"]
    assert {name: talks[name] for name in TALKS} == TALKS
    assert {name: denial[name] for name in BY_BEN} == BY_BEN
