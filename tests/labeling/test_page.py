"""The page on which people label: keys are pressed, then the screen and the journal are looked at."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._context import active_app

from tests.conftest import REPOSITORY
from tests.labeling.test_project import NAMES, PLAIN, SENTIMENT, STANCE, answers, lines, some, table
from toolkit.cli.annotate.page import needs_terminal
from toolkit.config import load_scheme
from toolkit.errors import UsageError
from toolkit.labeling.people.journal import open_journal
from toolkit.labeling.people.page import LabelPage, Readings, Suggestion, codebook_text, keys_of, statement_text
from toolkit.labeling.people.project import Session
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement

THREAT = Statement(
    "t1",
    "a1",
    "would strike back",
    ((10, 27),),
    "indirect",
    speaker="The minister",
    cue="warned that they",
    addressee="the rebels",
    context="On Monday the minister warned that they would strike back [bold]at once[/].",
    title="A warning",
    source="Agency Northern",
    published="2021-02-16",
)


def screen(page: LabelPage) -> str:
    """Return what is on the screen, without the breaks of its lines."""
    strips = page.screen._compositor.render_strips()
    return " ".join("\n".join("".join(segment.text for segment in strip) for strip in strips).split())


Told = Callable[..., Awaitable[str]]


def on_page(
    path: Path,
    statements: list[Statement],
    play: Callable[[Told], Awaitable[None]],
    scheme: LabelScheme = STANCE,
    **more,
) -> LabelPage:
    """Open a page and let ``play`` press keys, each call of what it is given returns the screen after them."""

    async def run() -> LabelPage:
        with open_journal(path, scheme, more.pop("assisted", False)) as journal:
            page = LabelPage(Session(statements, journal), **more)
            async with page.run_test(size=(100, 40)) as pilot:

                async def press(*keys: str) -> str:
                    if keys:
                        await pilot.press(*keys)
                    await pilot.pause()
                    return screen(page) if page.is_running and page._exit is False else ""

                await play(press)
            return page

    return asyncio.run(run())


def test_a_statement_is_shown_in_its_context_and_an_answer_is_two_keys(tmp_path: Path) -> None:
    path = tmp_path / "ann.jsonl"

    async def play(press: Told) -> None:
        told = await press()
        strips = active_app.get().screen._compositor.render_strips()
        lit = [segment.text for strip in strips for segment in strip if segment.style and segment.style.reverse]
        assert "".join(lit).strip() == "would strike back"
        assert "0 of 4 answered ann stance" in told and "codebook's rules" not in told
        assert "they would strike back [bold]at once[/]." in told  # no markup of ours
        assert "speaker The minister cue warned that they to the rebels" in told
        assert "A warning | Agency Northern | 2021-02-16" in told
        assert "[ ] 1 conciliatory [ ] 2 threatening [ ] 3 denial [ ] 0 none of them" in told
        assert "[x] 2 threatening [x] 3 denial" in await press("2", "3", "1", "1")
        told = await press("space")
        assert "1 of 4 answered" in told and "text of s1" in told and "[x]" not in told
        assert "Choose a label first, or 0 for none of them." in await press("enter")
        assert "[x] 0 none of them" in await press("2", "0")
        assert "2 of 4 answered" in await press("enter") and lines(path)[1]["labels"] == []
        assert "[x] 0 none" not in await press("n", "1")

    on_page(path, [THREAT, *some()], play)
    assert answers(path) == {"t1": (("threatening", "denial"), None), "s1": ((), None)}


def test_comment_back_skip_undo_and_leave(tmp_path: Path) -> None:
    path = tmp_path / "ann.jsonl"

    async def play(press: Told) -> None:
        assert "text of s2" in await press("s") and "1 skipped" in await press()
        # Keys of labels and commands are text in a comment.
        assert "comment: q1 b" in await press("c", "q", "1", "space", "b", "enter")
        assert "comment: q1 b" in await press("c", "x", "escape") and not lines(path)
        assert "text of s3" in await press("3", "space")
        told = await press("b")
        assert "text of s2" in told and "[x] 3 denial" in told and "comment: q1 b" in told
        assert "text of s3" in await press("1", "enter")  # changed
        told = await press("u")
        assert "text of s2" in told and "[x] 3 denial" in told and "[x] 1" not in told and "Undone" in told
        assert "0 of 3 answered" in await press("u") and "There is nothing to undo." in await press("u")
        assert "text of s3" in await press("0", "space")
        assert "text of s1" in await press("0", "space")  # what was skipped comes at the end
        told = await press("0", "space")
        assert "Every statement has an answer" in told and "3 of 3 answered" in told and "skipped" not in told
        await press("b", "1")
        assert "not saved yet: Space saves it, q leaves without it" in await press("q")
        assert "not saved yet" not in await press("2") and "not saved yet" in await press("q")
        assert await press("q") == ""

    page = on_page(path, some(), play)
    assert page.return_code == 0
    changes = [(line["statement_id"], line["labels"], line.get("undo", False)) for line in lines(path)]
    assert changes == [
        ("s2", ["denial"], False),
        ("s2", ["conciliatory", "denial"], False),
        ("s2", ["denial"], True),
        ("s2", None, True),
        ("s2", [], False),
        ("s3", [], False),
        ("s1", [], False),
    ]
    assert [line["comment"] for line in lines(path)[:3]] == ["q1 b", "q1 b", "q1 b"]


def test_it_goes_on_where_it_stopped_with_a_torn_line_too(tmp_path: Path) -> None:
    path = tmp_path / "ann.jsonl"

    async def first(press: Told) -> None:
        await press("1", "space", "2", "space", "q")

    async def second(press: Told) -> None:
        told = await press()
        assert "1 of 3 answered" in told and "text of s2" in told and "mind this" in told
        assert "text of s1" in await press("b")

    on_page(path, some(), first)
    os.truncate(path, path.stat().st_size - 9)
    on_page(path, some(), second, message="mind this")
    assert answers(path) == {"s1": (("conciliatory",), None)}


def test_a_scheme_of_one_label_is_chosen_not_toggled(tmp_path: Path) -> None:
    path = tmp_path / "ann.jsonl"

    async def play(press: Told) -> None:
        told = await press("1", "2")
        assert "[ ] 1 negative [x] 2 neutral" in told and "none of them" not in told
        assert "takes exactly one label; none is no answer" in await press("0")
        assert "text of s2" in await press("space")

    on_page(path, some(), play, SENTIMENT)
    assert answers(path, SENTIMENT) == {"s1": (("neutral",), None)}


def test_the_codebook_is_at_hand(tmp_path: Path) -> None:
    path = tmp_path / "ann.jsonl"

    async def play(press: Told) -> None:
        told = await press("?")
        assert "codebook: stance" in told and "Offers, accepts, promises" in told and "does not count" in told
        await press("1", "space")  # closes, and answers nothing
        assert "[x]" not in await press() and not lines(path)
        assert "Offers, accepts" in await press("h") and "text of s1" in await press("escape")

    on_page(path, some(), play)
    told = codebook_text(STANCE).plain
    for label in STANCE.labels.values():
        assert label.definition.strip() in told and all(one in told for one in (*label.counts, *label.does_not_count))


def test_the_rules_are_shown_where_they_are_asked_for_and_the_journal_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ann.jsonl"

    async def play(press: Told) -> None:
        told = await press()
        assert "the codebook's rules: threatening (rule" in told and "strike" in told and "assisted" in told
        assert "the codebook's rules: none of the labels" in await press("2", "space")

    on_page(path, [THREAT, *some()], play, assisted=True, beside=Suggestion(STANCE))
    assert [line["assisted"] for line in lines(path)] == [True]


def test_readings_lie_side_by_side(tmp_path: Path) -> None:
    labels = [Labels("s1", {"stance": ("denial",)}, "ann", comment="[red]why"), Labels("s1", {"stance": ()}, "bob")]

    async def play(press: Told) -> None:
        assert "ann: denial ([red]why) bob: none" in await press()

    on_page(tmp_path / "c.jsonl", some(), play, beside=Readings(STANCE, {"s1": labels}))


def test_a_full_disk_ends_the_page_with_its_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    async def play(press: Told) -> None:
        await press("1", "space")
        monkeypatch.setattr("toolkit.labeling.people.journal.os.fsync", full)
        await press("1", "space")
        monkeypatch.undo()

    page = on_page(tmp_path / "ann.jsonl", some(), play)
    assert isinstance(page.failed, OSError) and list(answers(tmp_path / "ann.jsonl")) == ["s1"]


def test_what_is_highlighted() -> None:
    def marked(statement: Statement) -> list[str]:
        text = statement_text(statement)
        return [text.plain[span.start : span.end] for span in text.spans if "reverse" in str(span.style)]

    assert marked(THREAT) == ["would strike back"]
    pieces = replace(THREAT, text="Monday strike", spans=((3, 9), (40, 46)))
    assert marked(pieces) == ["Monday", "strike"]
    for odd in (replace(THREAT, context=None), replace(THREAT, context="Something else.")):
        text = statement_text(odd)
        assert text.plain.startswith("would strike back") and text.style == "bold reverse"
    steering = replace(THREAT, text="a\x1b[31mb", context="x a\x1b[31mb\x9b \udcff y\nz", spans=())
    assert statement_text(steering).plain == "x a\ufffd[31mb\ufffd \ufffd y\nz" and marked(steering) == ["a\ufffd[31mb"]


LETTERS = st.text("ab .\n\x1b\u202e\ud800é[]", max_size=12)


@given(
    text=LETTERS.filter(len), context=st.none() | LETTERS, around=LETTERS, spans=st.lists(st.integers(0, 9), max_size=4)
)
def test_any_statement_is_shown(text: str, context: str | None, around: str, spans: list[int]) -> None:
    cut = sorted(set(spans))
    pairs = tuple(zip(cut[::2], cut[1::2], strict=False))
    one = replace(THREAT, text=text, context=context, spans=pairs)
    assert "\x1b" not in statement_text(one).plain
    whole = statement_text(replace(one, context=around + text + around, spans=()))
    assert [whole.plain[span.start : span.end] for span in whole.spans] == [
        statement_text(replace(one, context=None)).plain
    ]


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_a_terminal_is_needed_on_every_side(monkeypatch: pytest.MonkeyPatch, stream: str) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.StringIO() if name == stream else Terminal())
    with pytest.raises(UsageError, match=rf"^it needs a terminal, and {stream} is none; so there\.$"):
        needs_terminal("it", "; so there")


def test_every_label_has_a_key_that_means_nothing_else(tmp_path: Path) -> None:
    labels = {f"l{number}": {"definition": "D"} for number in range(60)}
    told = {"name": "many", "question": "What?", "multi_label": True, "labels": dict(list(labels.items())[:40])}
    many = LabelScheme.model_validate(told)
    assert not set(keys_of(many)) & set("0bchnqsu? ") and len(keys_of(many)) == 40

    async def play(press: Told) -> None:
        assert "[x] a l9" in await press("a") and "[x] A l28" in await press("A")

    on_page(tmp_path / "ann.jsonl", some(), play, many)
    with pytest.raises(UsageError, match="the scheme 'many' has 60 labels; a page has keys for"):
        keys_of(LabelScheme.model_validate(told | {"labels": labels}))


def test_a_scheme_without_rules_cannot_assist(tmp_path: Path) -> None:
    (tmp_path / "plain.yaml").write_text(PLAIN)
    with pytest.raises(UsageError, match="--assist: the scheme 'plain' has no rules"):
        Suggestion(load_scheme("plain.yaml", tmp_path))


# ------------------------------------------------------------------------------------------------ in a real terminal


class Terminal:
    """A terminal of tmux in which a program runs."""

    def __init__(self, folder: Path, name: str, *command: str) -> None:
        self._tmux = ["tmux", "-S", str(folder / f"{name}.socket"), "-f", "/dev/null"]
        line = " ".join([f"PYTHONPATH={REPOSITORY}", sys.executable, "-m", "toolkit", *command])
        script = f"cd {folder}; {line}; echo exit=$?; exec sleep 60"
        self("new-session", "-d", "-x", "110", "-y", "40", "-s", "s", "sh", "-c", script)

    def __call__(self, *arguments: str) -> str:
        return subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, check=True).stdout

    def keys(self, *keys: str) -> None:
        self("send-keys", "-t", "s", *keys)

    def program(self) -> int:
        """Return the process of the program: the child of the pane's shell."""
        shell = self("display-message", "-p", "-t", "s", "#{pane_pid}").strip()
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", shell], capture_output=True, text=True, check=True)
        return int(found.stdout)

    def shows(self, text: str, seconds: float = 40) -> str:
        until = time.monotonic() + seconds
        while text not in (told := " ".join(self("capture-pane", "-p", "-t", "s").split())):
            assert time.monotonic() < until, told
            time.sleep(0.1)
        return told

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")
def test_two_people_label_and_a_third_decides_in_real_terminals(tmp_path: Path, run_stance) -> None:
    table(tmp_path / "s.jsonl")
    label = ("annotate", "label", "s.jsonl", "--project", "p", "--annotator")
    terminals: list[Terminal] = []

    def terminal(*command: str) -> Terminal:
        terminals.append(Terminal(tmp_path, f"t{len(terminals)}", *command))
        return terminals[-1]

    try:
        ann, bob = terminal(*label, "ann"), terminal(*label, "bob")
        ann.shows("0 of 3 answered")
        bob.shows("0 of 3 answered")
        ann.keys("3", "Space")
        ann.shows("1 of 3 answered")
        terminal(*label, "ann").shows("exit=2")
        assert "'ann' is at work here already" in terminals[-1].shows("error:")
        os.kill(ann.program(), signal.SIGKILL)
        ann.shows("exit=137")
        ann = terminal(*label, "ann")
        ann.shows("1 of 3 answered")
        ann.keys("0", "Space", "2", "Enter")
        ann.shows("Every statement has an answer")
        os.kill(ann.program(), signal.SIGTERM)  # asked to end: the terminal is as before
        ann.shows("exit=143")
        assert ann("display-message", "-p", "-t", "s", "#{alternate_on}#{mouse_any_flag}#{cursor_flag}") == "001\n"
        for keys in ("3", "3", "0"):
            bob.keys(keys, "Space")
        bob.shows("Every statement has an answer")
        bob.keys("C-c")
        bob.shows("3 of 3 statements have an answer of bob: p/bob.jsonl exit=0")
        done = run_stance("annotate", "collect", "p", "s.jsonl", "-o", "coded.jsonl", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        carla = terminal("annotate", "adjudicate", "coded.jsonl", "-o", "final.jsonl", "--annotator", "carla")
        assert "ann: none bob: denial" in carla.shows("0 of 2 answered")
        carla.keys("3", "Space")
        carla.shows("1 of 2 answered")
        carla.keys("q")
        carla.shows("1 of 2 statements are decided")
        assert not (tmp_path / "final.jsonl").exists()
        carla = terminal("annotate", "adjudicate", "coded.jsonl", "-o", "final.jsonl", "--annotator", "carla")
        carla.shows("1 of 2 answered")
        carla.keys("1", "Space")
        carla.shows("Every statement has an answer")
        carla.keys("q")
        carla.shows("3 rows, 2 of them decided by carla")
        rows = [json.loads(line) for line in (tmp_path / "final.jsonl").read_text().splitlines()]
        assert [(row["statement_id"], row["annotator"], row["comment"]) for row in rows] == [
            (NAMES[0], "ann+bob", None),
            (NAMES[1], "carla", "carla decided with bob against ann (none)"),
            (NAMES[2], "carla", "carla decided against ann (threatening) and bob (none)"),
        ]
    finally:
        for one in terminals:
            one.close()
