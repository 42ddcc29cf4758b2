"""A cue with its speaker and what stands behind it, and how two of them stand to each other."""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.lexicon import Verb
from toolkit.quotes.attributions.complements import Complement
from toolkit.quotes.grammar.phrases import Place
from toolkit.quotes.grammar.reading import Reading
from toolkit.quotes.grammar.tagging import BREAK, CONJUNCTION
from toolkit.records import Act

__all__ = ["ACCORDING", "NAMED", "Attribution", "is_coordinate", "led_to"]

ACCORDING = Verb("according to", frozenset(("quote",)))

NAMED = Verb("a noun", frozenset(("object",)))


@dataclass(frozen=True, slots=True)
class Attribution:
    """A cue with its speaker's mention, in tokens, and the region of the sentence that the two cover, in characters."""

    verb: Verb
    cue: Place
    speaker: Place | None
    start: int
    end: int
    inverted: bool = False
    """Whether the speaker stands behind the cue."""
    shared: bool = False
    """Whether the speaker is that of the sentence or of the cue before."""
    behind: Complement | None = None
    """What stands behind the cue."""
    patient: Place | None = None
    """In the passive, the subject: ``residents were told to``."""

    @property
    def that(self) -> bool:
        """Whether the content is introduced by ``that``."""
        return self.behind is not None and self.behind.that

    @property
    def act(self) -> Act:
        """Whether it is said, performed, or named by a noun."""
        if self.verb is NAMED:
            return "named"
        performed = self.patient is not None or (self.behind is not None and self.behind.kind in ("object", "to"))
        return "performed" if performed else "said"


def is_coordinate(reading: Reading, by: Attribution, other: Attribution) -> bool:
    """Whether another attribution stands beside one (``, adding that``, ``, she said``), not inside its content."""
    words, tags = reading.words, reading.tags
    k = next((n for n in range(other.cue[0], -1, -1) if words[n].start < other.start), -1)
    if by.behind is not None and words[by.behind.begins].low == "if" and by.behind.kind == "clause":
        commas = [n for n in range(by.behind.begins, k + 1) if words[n].text == ","]
        if commas == [k] and other.behind is None:
            return False  # "said if Iran did not stop, he would attack"
    if by.verb is ACCORDING and by.cue[0] == 0:
        # What follows a source in front is its content, unless somebody is said to speak in it.
        return words[k].text == ";" or (other.behind is not None and other.behind.kind in ("clause", "quote"))
    if k < 0 or other.shared or other.verb is ACCORDING or words[k].text in ('"', ";", "—", ","):
        return True
    if tags[k] == BREAK and words[k].low in ("while", "whereas", "although"):
        return True
    if by.behind is not None and by.behind.kind in ("object", "to"):
        return tags[k] in (CONJUNCTION, BREAK) or words[k].low in ("after", "before", "since", "as", "until", "with")
    return words[k].low in ("and", "but") and k > 0 and words[k - 1].text in (",", '"')


def led_to(reading: Reading, by: Attribution, other: Attribution) -> int | None:
    """``indicated talks failed: "We tried," he said``: where the colon stands that leads to the next attribution."""
    words = reading.words
    k = next((n for n in range(other.cue[0], -1, -1) if words[n].end <= other.start), 0)
    k -= words[k].text == ","
    if by.behind is None or by.behind.kind == "quote" or k < 1 or words[k].text != '"' or words[k - 1].text != ":":
        return None
    return words[k - 1].start if by.behind.begins < k - 1 else None
