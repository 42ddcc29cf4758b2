"""One place that answers chats over HTTP: asked again where it is busy, at a rate, by several threads."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from toolkit.errors import ToolkitError, UsageError

if TYPE_CHECKING:
    import requests

__all__ = ["Endpoint", "Unanswered", "Usage"]

_BUSY = (408, 409, 425, 429, 500, 502, 503, 504)
_MOST_WAIT = 120.0
"""Seconds; what an endpoint asks to wait is believed up to here."""
_MOST_REPLY = 2**22
"""Bytes of a reply."""


@dataclass(slots=True)
class Usage:
    """What was asked and paid: requests that were answered, and tokens as the endpoint counts them."""

    answered: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


class Unanswered(Exception):
    """The endpoint refuses this request and no other: too long, or against its rules. ``reply`` is what it says."""

    def __init__(self, reason: str, reply: str) -> None:
        super().__init__(reason)
        self.reply = reply


class _Busy(Exception):
    """Ask again, after so many seconds where the endpoint says so."""

    def __init__(self, told: str, after: float | None = None) -> None:
        super().__init__(told)
        self.after = after


class Endpoint:
    """An OpenAI-compatible ``chat/completions`` at a base URL. Safe for several threads.

    The key is read from an environment variable and goes into no message, file or run.
    """

    def __init__(
        self, base_url: str, key: str, *, timeout: float = 60, retries: int = 6, per_minute: float | None = None
    ) -> None:
        """``key`` names the variable. Raises UsageError where the URL is none, or holds a password."""
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"--base-url: {base_url!r} is no address of a server (https://HOST/v1).")
        if "@" in parts.netloc:
            raise UsageError(f"--base-url: put no password into the address; the key is read from ${key}.")
        self.url = f"{base_url.rstrip('/')}/chat/completions"
        self._key, self._name = os.environ.get(key), key
        self._timeout, self._retries = timeout, retries
        self._pause, self._next = 60 / per_minute if per_minute else 0.0, 0.0
        self._lock, self._own = threading.Lock(), threading.local()
        self.stopped = threading.Event()
        """When it is set, nobody waits any more to ask again."""

    def ask(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the endpoint answers to a request, as it came.

        Raises Unanswered where it refuses this one, ToolkitError where it cannot be reached or refuses all.
        """
        import tenacity

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome is not None else None
            asked = error.after if isinstance(error, _Busy) else None
            return min(asked, _MOST_WAIT) if asked is not None else backing_off(state)

        backing_off = tenacity.wait_random_exponential(multiplier=0.5, max=60)
        again = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Busy),
            stop=tenacity.stop_after_attempt(self._retries + 1) | tenacity.stop_when_event_set(self.stopped),
            wait=wait,
            sleep=tenacity.sleep_using_event(self.stopped),
            reraise=True,
        )
        try:
            return again(self._once, body)
        except _Busy as error:
            tries = "once" if not self._retries else f"{self._retries + 1} times"
            raise ToolkitError(f"{self.url}: {error} (asked {tries}).") from None

    def _once(self, body: Mapping[str, Any]) -> dict[str, Any]:
        import requests

        self._take_turn()
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            with self._session().post(
                self.url, json=body, headers=headers, timeout=self._timeout, stream=True, allow_redirects=False
            ) as answer:
                content = answer.raw.read(_MOST_REPLY + 1, decode_content=True)
                declared = answer.headers.get("Content-Length", "")
        except (requests.ConnectionError, requests.Timeout, OSError) as error:
            raise _Busy(f"cannot be reached: {_plainly(error)}") from None
        except Exception as error:  # what a reply that breaks off makes urllib3 raise
            raise _Busy(f"sent half a reply: {type(error).__name__}") from None
        if len(content) > _MOST_REPLY:
            raise Unanswered("the reply is longer than 4 MiB", "")
        whole = not declared.isdigit() or "Content-Encoding" in answer.headers or len(content) == int(declared)
        return self._read(answer, content.decode("utf-8", "replace"), whole)

    def _read(self, answer: requests.Response, text: str, whole: bool) -> dict[str, Any]:
        import json

        status, told = answer.status_code, " ".join(text.split())[:200]
        if self._key:
            told = told.replace(self._key, "***")
        if status in _BUSY:
            raise _Busy(f"answers {status}: {told}", _after(answer.headers.get("Retry-After")))
        if status in (400, 413, 422):
            raise Unanswered(f"the endpoint refuses the request ({status}): {told}", text)
        if status in (401, 403):
            key = f"the key in ${self._name}" if self._key else f"a request without a key (${self._name} is not set)"
            raise ToolkitError(f"{self.url}: refuses {key} ({status}): {told}.")
        if status != 200:
            raise ToolkitError(f"{self.url}: answers {status}: {told}.")
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not whole:
            raise _Busy("sent a reply that breaks off, or is no JSON")
        return found

    def _take_turn(self) -> None:
        """Wait until another request may be sent."""
        if not self._pause:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._pause
        self.stopped.wait(turn - now)

    def _session(self) -> requests.Session:
        import requests

        if not hasattr(self._own, "session"):
            self._own.session = requests.Session()
            self._own.session.trust_env = True
        session: requests.Session = self._own.session
        return session


def _after(value: str | None) -> float | None:
    """Return the seconds of a ``Retry-After``: a number, or a date."""
    from email.utils import parsedate_to_datetime

    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _plainly(error: Exception) -> str:
    """Say why nothing came, without the library's own words around it."""
    told = str(error)
    for known in ("Connection refused", "timed out", "Name or service not known", "getaddrinfo failed"):
        if known.lower() in told.lower():
            return known.lower()
    return type(error).__name__


def content_of(answer: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the text of an answer, or None and why there is none: refused, cut off, or of no known shape."""
    choices = answer.get("choices")
    first = choices[0] if isinstance(choices, Sequence) and not isinstance(choices, str) and choices else None
    message = first.get("message") if isinstance(first, Mapping) else None
    if not isinstance(first, Mapping) or not isinstance(message, Mapping):
        return None, "the answer has no message"
    if message.get("refusal"):
        return None, f"the model refuses: {str(message['refusal'])[:200]}"
    if first.get("finish_reason") == "content_filter":
        return None, "the endpoint's filter took the answer away"
    if first.get("finish_reason") == "length":
        return None, "the answer is cut off at the most tokens that were allowed (max_tokens)"
    content = message.get("content")
    return (content, None) if isinstance(content, str) else (None, "the message has no text")
