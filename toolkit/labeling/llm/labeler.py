"""A language model as a labeler: it is told the codebook, its replies are checked, and none is paid twice."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from toolkit.config import read_as
from toolkit.errors import DataError
from toolkit.labeling.labeler import Asked, Refusal
from toolkit.labeling.llm.endpoint import Endpoint, Unanswered, Usage, content_of
from toolkit.labeling.llm.prompt import Prompt, shape_of
from toolkit.labeling.llm.reply import labels_in
from toolkit.records import Evidence, Labels, Statement
from toolkit.settings import Most, Strict
from toolkit.storage import file_name
from toolkit.work import Cache, cache_folder

__all__ = ["LanguageModel", "LanguageModelConfig", "load_language_model"]

_AHEAD = 8
"""How many questions wait for each thread."""
_LETTERS_OF_A_TOKEN = 4
"""About so many, in English: for what a run will cost, before it runs."""
_REPLY = 40
"""Tokens of a usual reply."""


class Prices(Strict):
    """What a million tokens cost."""

    input: float = Field(ge=0, le=1e6)
    output: float = Field(ge=0, le=1e6)
    currency: str = Field(default="USD", max_length=10)


class LanguageModelConfig(Strict):
    """How a language model is asked."""

    kind: Literal["llm"] = "llm"
    base_url: str
    """Of any endpoint that speaks as OpenAI's: ``https://api.openai.com/v1``, a server of vLLM, llama.cpp, Ollama."""
    model: str = Field(min_length=1, max_length=200)
    key: str = Field(default="OPENAI_API_KEY", pattern="^[A-Za-z_][A-Za-z0-9_]*$")
    """The environment variable that holds the key."""
    template: str | None = None
    """A prompt of one's own: a jinja2 file, its path from the configuration's folder."""
    temperature: float = Field(default=0.0, ge=0, le=2)
    max_tokens: int = Field(default=512, ge=16, le=Most.WORD_PIECES)
    samples: int = Field(default=1, ge=1, le=25)
    """How often each statement is asked, every time with another order of the labels; the share of the replies that
    say the same is the confidence."""
    concurrency: int = Field(default=8, ge=1, le=256)
    requests_per_minute: float | None = Field(default=None, gt=0, le=1e6)
    timeout: float = Field(default=60.0, gt=0, le=3600)
    """Seconds."""
    retries: int = Field(default=6, ge=0, le=100)
    prices: Prices | None = None


def load_language_model(path: Path) -> LanguageModelConfig:
    """Read the configuration of a language model. Raises ConfigError with every mistake at once."""
    config = read_as(LanguageModelConfig, path)
    if config.template is None:
        return config
    return config.model_copy(update={"template": str(path.parent / config.template)})


class LanguageModel:
    """Asks a language model what the codebook says of a statement.

    Each reply is kept on disk as soon as it has come, by model, prompt and settings, so that what was answered is never
    asked again, whatever happens to the run. ``again`` asks anew where the kept reply could not be used.
    """

    def __init__(self, asked: Asked, config: LanguageModelConfig, *, again: bool = False) -> None:
        self._asked, self.config, self._again = asked, config, again
        template = None if config.template is None else Path(config.template)
        self.prompt = Prompt(asked.scheme, template)
        self.usage = Usage()
        self._shape = shape_of(asked.scheme)
        self._endpoint = Endpoint(
            config.base_url,
            config.key,
            timeout=config.timeout,
            retries=config.retries,
            per_minute=config.requests_per_minute,
        )
        self._cache = Cache(cache_folder() / "llm" / f"{file_name(config.model)}.sqlite")
        self._lock = threading.Lock()

    def body(self, statement: Statement, sample: int = 0) -> dict[str, Any]:
        """Return what is sent for a statement."""
        shape = {"name": self._asked.scheme.name, "strict": True, "schema": self._shape}
        return {
            "model": self.config.model,
            "messages": self.prompt.messages(statement, sample),
            "temperature": self.config.temperature,
            "max_tokens": self.config.max_tokens,
            "response_format": {"type": "json_schema", "json_schema": shape},
        }

    def cost(self, input_tokens: int, output_tokens: int) -> float | None:
        """Return what so many tokens cost, None where the configuration gives no prices."""
        prices = self.config.prices
        return None if prices is None else (input_tokens * prices.input + output_tokens * prices.output) / 1e6

    def about(self, statements: Sequence[Statement]) -> tuple[int, int]:
        """Return about how many tokens statements will take, in and out, where nothing is kept of them yet."""
        letters = 0
        for statement in statements:
            for sample in range(self.config.samples):
                letters += sum(len(one["content"]) for one in self.prompt.messages(statement, sample))
        return letters // _LETTERS_OF_A_TOKEN, len(statements) * self.config.samples * _REPLY

    def __call__(self, statements: Sequence[Statement]) -> Iterator[Labels | Refusal]:
        """Yield what the model says of every statement, in their order.

        Raises ToolkitError where the endpoint cannot be reached, or refuses the key; what has been answered is kept.
        """
        pool = ThreadPoolExecutor(self.config.concurrency, "asking")
        waiting: deque[tuple[Statement, list[Future[_Reply]]]] = deque()
        running: dict[str, Future[_Reply]] = {}
        source = iter(statements)
        try:
            while True:
                while len(waiting) < _AHEAD * self.config.concurrency and (one := next(source, None)) is not None:
                    asked = [self._submit(pool, running, one, sample) for sample in range(self.config.samples)]
                    waiting.append((one, asked))
                if not waiting:
                    return
                statement, futures = waiting.popleft()
                yield self._together(statement, [future.result() for future in futures])
        except BaseException:
            self._endpoint.stopped.set()  # nobody waits for its turn any more
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _submit(
        self, pool: ThreadPoolExecutor, running: dict[str, Future[_Reply]], statement: Statement, sample: int
    ) -> Future[_Reply]:
        body = self.body(statement, sample)
        key = json.dumps([self._endpoint.url, sample, body], sort_keys=True, ensure_ascii=True)
        name = hashlib.sha256(key.encode()).hexdigest()
        if name not in running:
            running[name] = pool.submit(self._reply, key, body, statement)
        return running[name]

    def _reply(self, key: str, body: dict[str, Any], statement: Statement) -> _Reply:
        """Return the reply that is kept, or ask and keep it."""
        kept = self._cache.get(key)
        if kept is not None:
            found = _Reply(json.loads(kept), self._asked, statement)
            if not self._again or found.problem is None:
                with self._lock:
                    self.usage.cached += 1
                return found
        try:
            answer = self._endpoint.ask(body)
        except Unanswered as error:
            with self._lock:
                if not self.usage.answered and not self.usage.cached:
                    raise DataError(f"{self._endpoint.url}: {str(error).rstrip('.')}.") from None
            return _Reply({"refused": str(error), "raw": error.reply}, self._asked, statement)
        told = {"answer": answer, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        self._cache.put(key, json.dumps(told, ensure_ascii=True).encode())
        used = answer.get("usage")
        with self._lock:
            self.usage.answered += 1
            if isinstance(used, dict):
                self.usage.input_tokens += _whole(used.get("prompt_tokens"))
                self.usage.output_tokens += _whole(used.get("completion_tokens"))
        return _Reply(told, self._asked, statement)

    def _together(self, statement: Statement, replies: Sequence[_Reply]) -> Labels | Refusal:
        """Return what most replies say, and the share of all that say just that."""
        good = [reply for reply in replies if reply.problem is None]
        if 2 * len(good) <= len(replies):
            worst = next(reply for reply in replies if reply.problem is not None)
            return Refusal(worst.problem or "", worst.raw)
        scheme = self._asked.scheme
        times = Counter(label for reply in good for label in reply.labels)
        if scheme.multi_label:
            labels = tuple(label for label in scheme.labels if 2 * times[label] > len(good))
        else:
            labels = (max(scheme.labels, key=lambda label: times[label]),)
        evidence = dict.fromkeys(one for reply in good for one in reply.evidence if one.label in labels)
        return Labels(
            statement.statement_id,
            {scheme.name: labels},
            annotator=f"llm:{self.config.model}",
            confidence=round(sum(reply.labels == labels for reply in good) / len(replies), 6)
            if len(replies) > 1
            else None,
            given_at=max(reply.at for reply in good),
            codebooks=self._asked.codebooks,
            evidence={scheme.name: tuple(evidence)} if evidence else {},
        )


class _Reply:
    """One reply, read: labels and evidence, or what is wrong with it."""

    def __init__(self, told: dict[str, Any], asked: Asked, statement: Statement) -> None:
        self.at: str = told.get("at") or ""
        self.labels: tuple[str, ...] = ()
        self.evidence: tuple[Evidence, ...] = ()
        self.problem: str | None = None
        self.raw: str | None = told.get("raw")
        if "refused" in told:
            self.problem = told["refused"]
            return
        content, self.problem = content_of(told["answer"])
        self.raw = content if content is not None else json.dumps(told["answer"], ensure_ascii=False)
        if content is not None:
            try:
                self.labels, self.evidence = labels_in(content, statement, asked.scheme)
            except DataError as error:
                self.problem = str(error)


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
