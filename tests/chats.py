"""A server on this machine that answers chats as OpenAI's does, and misbehaves as it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Chats:
    """What the server was asked, and how it answers: ``reply`` gets the request and its number, from 1 on."""

    reply: Callable[[dict[str, Any], int], Any]
    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    """How often each statement was asked about."""
    headers: list[dict[str, str]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    most_at_once: int = 0
    now: int = 0


@dataclass
class Answer:
    """Anything but a usual answer: a status, headers, a body, half a body, silence for a while."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    silence: float = 0.0


def statement_of(body: dict[str, Any]) -> str:
    return str(json.loads(body["messages"][1]["content"])["statement"])


def chat(content: str | None, tokens: tuple[int, int] = (100, 10), **message: Any) -> Answer:
    """An answer of the usual shape."""
    reason = message.pop("finish_reason", "stop")
    told = {
        "choices": [{"finish_reason": reason, "message": {"role": "assistant", "content": content, **message}}],
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]},
    }
    return Answer(body=json.dumps(told).encode())


def labels(*pairs: tuple[str, str]) -> Answer:
    return chat(json.dumps({"labels": [{"label": label, "quote": quote} for label, quote in pairs]}))


def obedient(body: dict[str, Any], number: int) -> Answer:
    """Calls every statement with the word "deny" a denial, and no other anything."""
    return labels(("denial", "deny")) if "deny" in statement_of(body) else labels()


@contextmanager
def chats(reply: Callable[[dict[str, Any], int], Any] = obedient) -> Iterator[Chats]:
    """Serve on a free port of the loopback."""
    told = Chats(reply)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # two small packets would wait 40 ms for each other

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with told.lock:
                told.asked[statement_of(body)] += 1
                told.headers.append(dict(self.headers))
                told.at.append(time.monotonic())
                number = sum(told.asked.values())
                told.now += 1
                told.most_at_once = max(told.most_at_once, told.now)
            answer = told.reply(body, number)
            with told.lock:
                told.now -= 1
            if answer.silence:
                time.sleep(answer.silence)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            try:
                self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
            except OSError:
                pass
            if answer.cut:
                self.close_connection = True

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
