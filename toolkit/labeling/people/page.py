"""The page in the terminal on which people label: a statement in its context, numbered labels, one key an answer.

Only the commands that show it import this module, since the terminal library takes long to be imported.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from toolkit.codebook import Codebook
from toolkit.errors import UsageError
from toolkit.labeling.people.project import Session
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement

__all__ = ["LabelPage", "Readings", "Suggestion", "codebook_text", "keys_of", "statement_text"]

_COMMANDS = "0bchnqsu?"
_FREE = [*"123456789", *(c for c in "abcdefghijklmnopqrstuvwxyz" if c not in _COMMANDS), *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]


def keys_of(scheme: LabelScheme) -> dict[str, str]:
    """Return the labels of a scheme by the key that chooses them: digits, then letters that mean nothing else."""
    if len(scheme.labels) > len(_FREE):
        told = f"has {len(scheme.labels)} labels; a page has keys for {len(_FREE)}"
        raise UsageError(f"the scheme '{scheme.name}' {told}.")
    return dict(zip(_FREE, scheme.label_names, strict=False))


def _plain(text: str) -> str:
    """Return a text without the characters that would steer a terminal."""
    return "".join(c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs") else "\ufffd" for c in text)


def _pieces(statement: Statement) -> list[str]:
    """Return the parts of a statement that lie apart in its article."""
    lengths, pieces, at = [end - start for start, end in statement.spans], [], 0
    if sum(lengths) + len(lengths) - 1 != len(statement.text):
        return [statement.text]
    for length in lengths:
        pieces.append(statement.text[at : at + length])
        at += length + 1
    return pieces


def statement_text(statement: Statement) -> Text:
    """Return a statement as it is read: highlighted in its context, or by itself where the context does not show it."""
    context, at = statement.context or "", 0
    places: list[tuple[int, int]] = []
    for piece in _pieces(statement):
        start = context.find(piece, at)
        if start < 0:
            places = []
            break
        at = start + len(piece)
        places.append((start, at))
    if not places:
        text = Text(_plain(statement.text), style="bold reverse")
        return text.append(f"\n\n{_plain(context)}", style="not bold not reverse dim") if context else text
    text = Text(_plain(context))
    for start, end in places:
        text.stylize("bold reverse", start, end)
    return text


def _about(statement: Statement) -> Text:
    text = Text()
    named = {"speaker": statement.speaker, "cue": statement.cue}
    named |= {"to": statement.addressee} if statement.addressee else {}
    named |= {"about": statement.target} if statement.target else {}
    for name, value in named.items():
        text.append(f"{name} ", style="dim").append(_plain(value or "-"), style="bold").append("   ")
    told = " | ".join(_plain(one) for one in (statement.title, statement.source, statement.published) if one)
    return text.append(f"\n{told}", style="dim") if told else text


def codebook_text(scheme: LabelScheme) -> Text:
    """Return the codebook as it is looked up: what each label means, what counts, what does not, and examples."""
    text = Text(f"{_plain(scheme.question)}\n", style="bold")
    for key, name in keys_of(scheme).items():
        label = scheme.labels[name]
        text.append(f"\n{key}  {name}\n", style="bold").append(f"   {_plain(label.definition).strip()}\n")
        for what, lines in (
            ("counts", label.counts),
            ("does not count", label.does_not_count),
            ("examples", label.examples),
        ):
            if lines:
                text.append(f"   {what}\n", style="dim")
                for line in lines:
                    text.append(f"   - {_plain(line).strip()}\n")
    return text


class Suggestion:
    """What the rules of the codebook say of a statement, with the words they found: shown where it is asked for."""

    def __init__(self, scheme: LabelScheme) -> None:
        if not any(label.rules for label in scheme.labels.values()):
            raise UsageError(f"--assist: the scheme '{scheme.name}' has no rules.")
        self._codebook = Codebook(scheme)

    def __call__(self, statement: Statement) -> Text:
        """Return what is shown beside a statement."""
        text = Text("the codebook's rules: ", style="dim")
        found = self._codebook.evidence(self._codebook.find(statement))
        if not found:
            return text.append("none of the labels")
        for number, one in enumerate(found):
            words = (getattr(statement, one.field) or "")[one.start : one.end]
            text.append("; " if number else "").append(one.label, style="bold")
            text.append(f" (rule {one.rule}: ").append(_plain(words), style="italic").append(f", {one.field})")
        return text


class Readings:
    """What annotators gave who do not agree on a statement, with their comments."""

    def __init__(self, scheme: LabelScheme, given: Mapping[str, Sequence[Labels]]) -> None:
        self._scheme, self._given = scheme, given

    def __call__(self, statement: Statement) -> Text:
        """Return what is shown beside a statement."""
        text = Text()
        for number, labels in enumerate(self._given.get(statement.statement_id, ())):
            text.append("\n" if number else "").append(f"{_plain(labels.annotator or '')}: ", style="dim")
            text.append(", ".join(labels.by_scheme[self._scheme.name]) or "none", style="bold")
            if labels.comment:
                text.append(f"  ({_plain(labels.comment)})", style="italic")
        return text


class _Lookup(ModalScreen[None]):
    """The codebook over the page."""

    DEFAULT_CSS = "_Lookup > VerticalScroll { background: $surface; border: round $primary; padding: 0 1; }"

    def __init__(self, scheme: LabelScheme) -> None:
        super().__init__()
        self._scheme = scheme

    def compose(self) -> ComposeResult:
        """Lay out the codebook."""
        with VerticalScroll() as scroll:
            scroll.border_title = f"codebook: {self._scheme.name}"
            scroll.border_subtitle = "h, ? or Esc goes back"
            yield Static(codebook_text(self._scheme))

    def on_key(self, event: Key) -> None:
        """Go back to the statement by any key that is not for scrolling."""
        if event.key in ("escape", "enter", "space") or event.character in ("h", "?", "q"):
            event.stop()
            self.dismiss(None)


class LabelPage(App[None]):
    """A session on the screen."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+c,ctrl+q", "leave", "Leave")]
    CSS = """
    #progress { background: $primary; color: $text; padding: 0 1; height: 1; }
    #reading { height: 1fr; min-height: 5; padding: 1 1 0 1; }
    #about { padding: 0 1; }
    #beside { padding: 0 1; border-top: solid $primary; max-height: 8; }
    #labels { padding: 0 1; border-top: solid $primary; }
    #comment { display: none; }
    #message { padding: 0 1; height: 1; color: $warning; }
    #keys { padding: 0 1; color: $text-muted; }
    """

    def __init__(
        self, session: Session, beside: Callable[[Statement], Text] | None = None, message: str = "", what: str = ""
    ) -> None:
        super().__init__()
        self.session, self._beside, self._message, self._what = session, beside, message, what
        self._keys = keys_of(session.scheme)
        self._drawn: Statement | None = None
        self._warned = False
        self.failed: OSError | None = None
        """Why an answer could not be written; the page ends by it."""

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        yield Static(id="progress", markup=False)
        with VerticalScroll(id="reading"):
            yield Static(id="statement", markup=False)
        with Vertical(id="foot"):
            yield Static(id="about", markup=False)
            if self._beside is not None:
                with VerticalScroll(id="beside"):
                    yield Static(id="told", markup=False)
            yield Static(id="labels", markup=False)
            yield Static(id="message", markup=False)
            yield Input(id="comment", placeholder="comment: Enter keeps it, Esc leaves it as it was")
            yield Static(id="keys", markup=False)

    def on_mount(self) -> None:
        """Show the first statement."""
        self.query_one("#foot").styles.height = "auto"
        for name in ("#about", "#labels", "#keys"):
            self.query_one(name).styles.height = "auto"
        if self._beside is not None:
            self.query_one("#beside").styles.height = "auto"
        self.query_one("#reading").focus()
        none = "  0/n none of them" if self.session.scheme.multi_label else ""
        self._write("#keys", f"Space/Enter save{none}  c comment  b back  s skip  u undo  h/? codebook  q leave")
        self._draw()

    def _write(self, where: str, text: Text | str) -> None:
        self.query_one(where, Static).update(text if isinstance(text, Text) else Text(text))

    def _draw(self) -> None:
        session = self.session
        told = f"{session.answered} of {len(session.by_id)} answered"
        waiting = len([name for name in session.skipped if name not in session.journal.answers])
        told += f", {waiting} skipped" if waiting else ""
        told += f"   {session.journal.annotator}   {session.scheme.name}{self._what}"
        told += "   assisted" if session.journal.assisted else ""
        self._write("#progress", told)
        self._write("#message", self._message)
        statement = session.current
        if statement is None:
            self._write("#statement", Text("Every statement has an answer: q leaves, b goes back.", style="bold"))
            for name in ("#about", "#labels", *(("#told",) if self._beside is not None else ())):
                self._write(name, "")
            self._drawn = None
            return
        self._write("#labels", self._labels())
        if statement is not self._drawn:
            self._write("#statement", statement_text(statement))
            self._write("#about", _about(statement))
            if self._beside is not None:
                self._write("#told", self._beside(statement))
        self._drawn = statement

    def _labels(self) -> Text:
        session = self.session
        text = Text(f"{_plain(session.scheme.question)}\n", style="dim")
        for key, name in self._keys.items():
            chosen = name in session.chosen
            text.append(f"{'[x]' if chosen else '[ ]'} {key} {name}", style="bold" if chosen else "").append("   ")
        if session.scheme.multi_label:
            text.append(f"{'[x]' if session.none else '[ ]'} 0 none of them", style="bold" if session.none else "")
        if session.comment:
            text.append("\ncomment: ", style="dim").append(_plain(session.comment))
        return text

    def on_key(self, event: Key) -> None:
        """Do what a key says."""
        if len(self.screen_stack) > 1:
            return
        box = self.query_one("#comment", Input)
        if box.display:
            if event.key == "escape":
                self._close_comment()
            return
        before, self._message = self.session.current, ""
        try:
            if not self._act(event):
                return
        except OSError as error:
            self.failed = error
            self.exit()
            return
        event.stop()
        self._draw()
        if self.session.current is not before:
            self.query_one("#reading", VerticalScroll).scroll_home(animate=False)

    def _act(self, event: Key) -> bool:
        """Do what a key says and say whether it says anything."""
        session, key = self.session, event.character or ""
        told: str | None = None
        warned, self._warned = self._warned, False
        if event.key in ("space", "enter"):
            told = session.save()
        elif key in self._keys:
            session.choose(self._keys[key])
        elif key and key in "0n":
            told = session.choose_none()
        elif key == "b":
            told = session.back()
        elif key == "s":
            told = session.skip()
        elif key == "u":
            told = session.undo()
        elif key == "c":
            self._open_comment()
        elif key and key in "h?":
            self.push_screen(_Lookup(session.scheme))
        elif key == "q" and session.unsaved and not warned:
            told, self._warned = "What is chosen here is not saved yet: Space saves it, q leaves without it.", True
        elif key == "q":
            self.exit()
        else:
            return False
        self._message = told or ""
        return True

    def _open_comment(self) -> None:
        if self.session.current is not None:
            box = self.query_one("#comment", Input)
            box.value, box.display = self.session.comment or "", True
            box.focus()

    def _close_comment(self) -> None:
        box = self.query_one("#comment", Input)
        box.display = False
        self.query_one("#reading").focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep a comment; it is saved with the answer."""
        event.stop()
        self.session.comment = event.value.strip() or None
        self._close_comment()
        self._draw()

    def action_leave(self) -> None:
        """Leave; what was saved is on the disk."""
        self.exit()
