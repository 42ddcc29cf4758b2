"""What a person reads goes to standard error; data goes to standard output only where it was asked for.

A program that started the command can have standard error as JSON Lines (``--log-json``) or errors alone (``--quiet``),
and the counts, outputs and runs of the work as one object on standard output (``--json``, :func:`summarise`).
"""

from __future__ import annotations

import io
import json
import logging
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from toolkit.errors import Remark, UsageError, nearest
from toolkit.records import ACTS, Act

if TYPE_CHECKING:
    from toolkit.storage import SetAside

__all__ = [
    "Bars",
    "Logged",
    "Summary",
    "Terminated",
    "acts_option",
    "advise",
    "bounds",
    "console",
    "counted",
    "end",
    "error",
    "fitting",
    "most_errors",
    "refuse_two_on_stdout",
    "remarks_said",
    "report_aside",
    "say",
    "show",
    "standard_input",
    "summarise",
    "width",
    "work_kept",
]

console = Console(stderr=True, highlight=False, soft_wrap=True)
debug = False
quiet = False
"""Whether errors alone are said."""
log_json = False
"""Whether what is said is JSON Lines."""
Summary = Annotated[
    bool, typer.Option("--json", help="Print counts, outputs and runs as one JSON object on standard output.")
]
asked_to_end: type[BaseException] | None = None
"""What a signal has raised. Python drops it where it falls into a weak reference's callback; bars raise it again."""


class Terminated(BaseException):
    """The process was asked to end (SIGTERM)."""


def end(by: type[BaseException]) -> NoReturn:
    """End the work here, or where this is not heard, at its next step."""
    global asked_to_end
    asked_to_end = by
    raise by


def _go_on() -> None:
    if asked_to_end is not None:
        raise asked_to_end


def say(message: str) -> None:
    """Print a sentence; nothing where only errors are asked for."""
    if not quiet:
        _told("info", message, escape(message))


def advise(message: str) -> None:
    """Print what somebody needs whose work has failed, as errors are printed."""
    _told("info", message, escape(message))


def error(message: str) -> None:
    """Print what went wrong."""
    _told("error", message, f"[bold red]error:[/] {escape(message)}")


def _told(level: str, message: str, markup: str) -> None:
    if not log_json:
        console.print(markup)
    elif message.strip():
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": level,
            "message": message.strip(),
        }
        print(json.dumps(line, ensure_ascii=False), file=sys.stderr, flush=True)  # noqa: T201


class Logged(logging.Handler):
    """Says what libraries log as the program says things itself."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say what a record says, without its traceback."""
        level = "error" if record.levelno >= logging.ERROR else "warning"
        message = f"{record.name}: {record.getMessage()}"
        _told(level, message, escape(message))


def summarise(
    asked: bool,
    command: str,
    counts: Mapping[str, int | None],
    outputs: Sequence[Path | str | None] = (),
    run_ids: Sequence[str | None] = (),
    more: Mapping[str, Any] | None = None,
) -> None:
    """Print what a command has done as one JSON object on standard output, where that is asked for.

    ``counts`` are whole numbers (None: does not apply), ``outputs`` the files and folders that were written, as the
    user named them, ``run_ids`` the runs in MLflow that hold it; None among these two is left out. ``more`` stands
    beside them.
    """
    if not asked:
        return
    told = {
        "command": command,
        "counts": dict(counts),
        "outputs": [str(one) for one in outputs if one is not None],
        "run_ids": [one for one in run_ids if one is not None],
        **(more or {}),
    }
    typer.echo(json.dumps(told, indent=1, ensure_ascii=False))


def refuse_two_on_stdout(as_json: bool, output: str | Path | None) -> None:
    """Raise UsageError where both the rows and the summary would go to standard output."""
    if as_json and str(output) == "-":
        raise UsageError("--json: standard output holds the rows already (-o -); name a file with --output.")


@contextmanager
def remarks_said() -> Iterator[None]:
    """Print remarks on how files were read as sentences, each once; other warnings as Python does."""
    said = set[str]()
    with warnings.catch_warnings():
        before = warnings.showwarning

        def told(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            ours = issubclass(category, Remark)
            if quiet or str(message) in said:
                return
            if ours or log_json:
                said.add(str(message))
                _told("warning", str(message) if ours else f"{category.__name__}: {message}", escape(str(message)))
            else:
                before(message, category, *place, **more)

        warnings.simplefilter("always", Remark)
        warnings.showwarning = told
        yield


def show(renderable: object) -> None:
    """Print a table or another rich object; a line of JSON holds it as text of 200 columns."""
    if log_json:
        drawn = io.StringIO()
        Console(file=drawn, width=200, no_color=True, highlight=False).print(renderable)
        say(drawn.getvalue())
    elif not quiet:
        Console(stderr=True, highlight=False).print(renderable)


def width() -> int:
    """Return how many letters a line of the terminal holds."""
    return Console(stderr=True).width


def fitting(text: str, room: int) -> str:
    """Return a text in one line of so many letters, at least eight, its end left out where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= max(room, 8) else f"{line[: max(room, 8) - 1]}…"


class Bars:
    """Progress bars of the long parts, one below the other; silent where nobody watches."""

    def __init__(self) -> None:
        self._drawn = console.is_terminal and not (quiet or log_json)
        self._bars = RichProgress(
            TextColumn("{task.description:<32}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            disable=not self._drawn,
        )
        self._current: TaskID | None = None

    def __enter__(self) -> Bars:
        if self._drawn:  # rich 14 ends even disabled bars with a line
            self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._drawn:
            self._bars.stop()

    def start(self, what: str, total: int | None) -> None:
        """A long part of so many steps begins; None where nobody knows how many."""
        _go_on()
        if not self._drawn:
            say(what if total is None else f"{what} ({total} steps)")
        self._current = self._bars.add_task(escape(what), total=total, note="")

    def step(self) -> None:
        """One of its steps is done."""
        _go_on()
        if self._current is not None:
            self._bars.advance(self._current)

    def tell(self, name: str, value: float, at: int) -> None:
        """Show a figure beside the bar."""
        _go_on()
        if self._current is not None:
            self._bars.update(self._current, note=escape(f"{name} {value:.3f} (step {at})"))

    def tried(self, number: int, values: Mapping[str, Any], figure: float | None) -> None:
        """A point of a search is logged, not shown."""

    def reach(self, done: int) -> None:
        """So many of its steps are done."""
        _go_on()
        if self._current is not None:
            self._bars.update(self._current, completed=done)


def counted(count: int, what: str) -> str:
    """Return how many of what there are, ``3 rows`` and ``1 row``; ``what`` is in the plural, its first word a noun."""
    noun, blank, rest = what.partition(" ")
    return f"{count} {noun.removesuffix('s') if count == 1 else noun}{blank}{rest}"


def bounds(low: float | None, high: float | None, digits: int = 2) -> str:
    """Return an interval as tables tell it, ``0.41 to 0.54``; nothing where there is none."""
    return "" if low is None or high is None else f"{low:.{digits}f} to {high:.{digits}f}"


def report_aside(aside: SetAside, output: Path | None, what: str = "articles", said: str | None = None) -> None:
    """Tell what was set aside, and list it beside the output (``OUTPUT.rejected.jsonl``), whatever that is called."""
    beside = output.with_name(f"{output.name}.rejected.jsonl") if output is not None else None
    if beside is not None:
        aside.save(beside)
    if not aside.count:
        return
    where = f", listed in {beside if said is None else f'{said}.rejected.jsonl'}" if beside is not None else ""
    say(f"{counted(aside.count, what)} could not be read{where}:")
    for why in aside.reasons:
        say(f"  {why}")
    if aside.count > len(aside.reasons):
        say(f"  and {aside.count - len(aside.reasons)} more.")


@contextmanager
def standard_input(inputs: Sequence[str], format: str | None, called: dict[str, str]) -> Iterator[list[Path]]:
    """Give the paths of inputs, with a file in the place of ``-`` that holds what standard input did.

    ``called`` is told what messages call that file. Raises UsageError where ``format`` is missing or means nothing.
    """
    if "-" not in inputs:
        if format is not None:
            raise UsageError("--format tells the format of standard input (-); the ending tells that of a file.")
        yield [Path(name) for name in inputs]
        return
    if format is None:
        raise UsageError("standard input needs --format: the ending that it would have as a file (jsonl, csv.gz).")
    if inputs.count("-") > 1:
        raise UsageError("standard input (-) can be read only once.")
    with tempfile.TemporaryDirectory(prefix="stance-") as folder:
        path = Path(folder) / f"standard input.{format.removeprefix('.')}"
        called[str(path)] = path.name
        with path.open("wb") as stream:
            shutil.copyfileobj(sys.stdin.buffer, stream)
        yield [path if name == "-" else Path(name) for name in inputs]


@contextmanager
def work_kept(output: Path | None, below: Path | None = None) -> Iterator[None]:
    """Say where the work goes wrong, and some of it is kept (below a folder, or beside the output), how to go on."""
    from toolkit.prediction import work_folder

    try:
        yield
    except BaseException as error:
        kept = None if output is None else work_folder(output, below)
        if kept is not None and not isinstance(error, UsageError) and any(kept.glob("*/*/*.arrow")):
            advise(f"What is done is kept in {kept}: --resume goes on, --restart begins anew.")
        raise


def most_errors(strict: bool, most: int | None) -> int | None:
    """Return how many rows may be set aside; None: any number. Raises UsageError where both options are given."""
    if strict and most is not None:
        raise UsageError("--strict and --max-errors contradict each other; --strict is --max-errors 0.")
    return 0 if strict else most


def acts_option(values: Sequence[str] | None, name: str = "--include") -> tuple[Act, ...]:
    """Return the acts that an option names (``said,performed``, or the option repeated), each once, in their order.

    All where the option is absent. Raises UsageError for a word that is no act, and where there is no word at all.
    """
    if not values:
        return ACTS
    words = [word.strip() for value in values for word in value.split(",") if word.strip()]
    allowed = f"allowed are {', '.join(ACTS)}"
    for word in words:
        if word not in ACTS:
            raise UsageError(f"{name}: {word!r} is no act of a statement{nearest(word, ACTS)}; {allowed}.")
    if not words:
        raise UsageError(f"{name}: names no act of a statement; {allowed}.")
    return tuple(act for act in ACTS if act in words)
