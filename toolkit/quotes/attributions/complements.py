"""What follows a cue: where the content begins and of which kind it is, by what the verb takes."""

from __future__ import annotations

from typing import Literal, NamedTuple

from toolkit.lexicon import (
    CUES,
    DOCUMENT_NOUNS,
    DUBBING_VERBS,
    LOOSE_CLAUSE_VERBS,
    MATTERS_OF_WORDS,
    MEDIA_NOUNS,
    NEGATIONS,
    NOMINAL_CUES,
    OF_SOMETHING,
    REPORTED,
    TIME,
    VENUES,
    Verb,
)
from toolkit.quotes.grammar.reading import Reading
from toolkit.quotes.grammar.tagging import (
    ADVERB,
    AUXILIARY,
    BREAK,
    DETERMINER,
    GERUND,
    NAME,
    NOUN,
    NUMBER,
    OBJECT,
    POSSESSIVE,
    PREPOSITION,
    PRONOUN,
    QUOTATION,
    RELATIVE,
    THAT,
    TO,
    VERB,
)

__all__ = ["Complement", "complement", "introduced_quotation"]

_LEAD = 16
"""How many words may stand between a cue and the quotation that it leads to."""
_CLAUSAL = frozenset((AUXILIARY, VERB, PRONOUN, RELATIVE))
_TIME_AND_PLACE = frozenset("in on at during after before to from by with through via late early last this".split())
_ONLY_SUBJECTS = frozenset("i we they he she".split())
_OBJECTS = frozenset("me us him her them you reporters journalists parliament".split())
_ASIDES = frozenset("if when while in at on during as by after since because though although despite".split())
_NO_CLAUSE = (_TIME_AND_PLACE - {"this"}) | frozenset("of about for nothing so as yes no more goodbye".split())


class Complement(NamedTuple):
    """Where the content behind a cue begins, and what it is."""

    kind: Literal["quote", "clause", "to", "object"]
    begins: int
    that: bool = False


def complement(reading: Reading, verb: Verb, i: int, passive: bool = False) -> Complement | None:
    """Return the content that begins at token ``i`` or soon behind it; None where the verb takes nothing of it."""
    words, tags = reading.words, reading.tags
    if i >= len(words):
        return None
    while i + 1 < len(words) and tags[i] == ADVERB and words[i].low not in NEGATIONS:
        i += 1
    if verb.takes("object-to") and not passive and tags[i] in _CONTENT and _told(reading, i):
        return Complement("object", i)
    if verb.takes("person") and not passive:
        i = _skip_person(reading, i)
        if i >= len(words):
            return None
    if verb.takes("to"):
        i = _skip_time(reading, i)
    k, that = _skip_to_that(reading, i, verb.takes("person", "object-to"))
    if k + 1 < len(words) and words[k].text == "," and words[k + 1].text == '"':
        k += 1
    if k >= len(words):
        return None
    if that and verb.takes("clause", "that", "person", "object-to"):
        return Complement("clause", k, k == i + 1)
    if words[k].text == '"' and not passive:
        return Complement("quote", k)
    if passive:
        return _passive_complement(reading, verb, i)
    only_quotes = verb.complements == {"quote"}
    return _of_the_verb(reading, verb, i, k) or _led_to(reading, i, 6 if only_quotes else _LEAD)


def _skip_time(reading: Reading, i: int) -> int:
    """Return where an infinitive begins behind a word of time: ``pledged on Monday to``; ``i`` where none does."""
    words = reading.words
    k = i + 1 if words[i].low in ("on", "in") else i
    while k < len(words) and k < i + 4 and (words[k].low in TIME or words[k].low in ("last", "this", "late", "early")):
        k += 1
    return k if k > i and k < len(words) and words[k].low in ("to", *NEGATIONS) else i


def _led_to(reading: Reading, i: int, within: int) -> Complement | None:
    quote = introduced_quotation(reading, i, within)
    return None if quote is None else Complement("quote", quote)


def _passive_complement(reading: Reading, verb: Verb, i: int) -> Complement | None:
    words, tags = reading.words, reading.tags
    begins = i
    if i < len(words) and words[i].low in NEGATIONS:
        i += 1
    if i + 1 >= len(words):
        return None
    if words[i].low == "to" and (verb.takes("object-to") or verb.base in REPORTED):
        return Complement("to", begins) if tags[i + 1] in (NOUN, AUXILIARY, VERB, ADVERB) else None
    if words[i].low in ("of", "for") and verb.base in OF_SOMETHING:
        return Complement("object", i)
    if words[i].low == "as" and verb.takes("naming"):
        return Complement("object", i)
    return None


def _of_the_verb(reading: Reading, verb: Verb, i: int, k: int) -> Complement | None:
    """What the verb takes, the strongest sign first: a preposition, an infinitive, a question word, clause, object."""
    words, tags = reading.words, reading.tags
    low = words[i].low
    if f"+{low}" in verb.complements and i + 1 < len(words):
        inner = reading.phrase_from(i + 1)
        if verb.base == "call" and low in ("on", "upon"):
            return Complement("object", i + 1) if inner > i else None
        return Complement("object", i + 1) if tags[i + 1] in _CONTENT else None
    if low == "to" or (low in NEGATIONS and i + 1 < len(words) and words[i + 1].low == "to"):
        if not verb.takes("to") and not (
            verb.takes("that") and verb.base in ("ask", "demand", "request", "hope", "claim", "agree")
        ):
            return Complement("object", i) if verb.base == "claim" else None
        after = i + 1 if low == "to" else i + 2
        if after < len(words) and tags[after] in _NO_INFINITIVE:
            return None  # "delegates pledged to the senator", "conceded to them"
        return Complement("to", i)
    if (
        tags[i] == RELATIVE
        and verb.takes("whether", "clause")
        and words[i].low in ("whether", "why", "how", "what", "if", "when")
    ):
        return Complement("clause", i)
    if words[i].low == "if" and verb.takes("whether"):
        return Complement("clause", i)
    subject = tags[k] in (PRONOUN, OBJECT) and k + 1 < len(words) and words[k].low not in _OBJECTS - {"you"}
    acts = subject and (tags[k + 1] in (VERB, AUXILIARY) or (words[k].low in _ONLY_SUBJECTS and tags[k + 1] == NOUN))
    if acts and verb.takes("clause", "that"):
        return Complement("clause", k)  # "denied it bombed", "underlined they keep"
    if tags[k] == GERUND and verb.takes("object", "gerund") and not reading.has_clause(k, min(len(words), k + 14)):
        return Complement("object", k)  # "announced investigating itself"
    if verb.takes("clause") and _clause(reading, verb, k):
        return Complement("clause", k)
    if verb.takes("that") and tags[k] in _CONTENT and reading.has_clause(k, min(len(words), k + 14)):
        if not verb.takes("object", "naming", "weak", "quote"):
            return Complement("clause", k)
    i = k
    if tags[i] not in _CONTENT:
        return None
    noun = verb.takes("noun") and not reading.has_clause(i, min(len(words), i + 14))
    if (noun or verb.takes("object")) and (tags[i] != PRONOUN or _said_of_it(reading, i)):
        return Complement("object", i) if _worth(reading, i) else None
    if verb.takes("naming", "weak", "light") and _named(reading, verb, i):
        return Complement("object", i)
    return None


_CONTENT = frozenset("NM#DSG'OoV")
_NO_INFINITIVE = frozenset((NAME, DETERMINER, POSSESSIVE, OBJECT, NUMBER, GERUND))


def _clause(reading: Reading, verb: Verb, k: int) -> bool:
    words = reading.words
    word = words[k]
    if not word.text[0].isalnum() or word.low in (_TIME_AND_PLACE - {"this", "last"}) | {"of", "for", "so", "yes"}:
        if not (word.low == "at" and k + 1 < len(words) and words[k + 1].low in ("least", "most")):
            return False
    loose = verb.base in LOOSE_CLAUSE_VERBS and not verb.takes("object", "object-to", "naming", "weak")
    if loose and word.low not in _NO_CLAUSE:
        return len(words) - k >= 3 or any(w.text == '"' for w in words[k:])
    if reading.tags[k] == PRONOUN:
        return k + 1 < len(words) and (words[k + 1].text[0].isalnum() or words[k + 1].text == '"')  # not "believed it."
    return reading.has_clause(k, min(len(words), k + 30))


def _told(reading: Reading, i: int) -> bool:
    """Whether a noun phrase and an infinitive follow: ``urged residents to leave``."""
    words, tags = reading.words, reading.tags
    for k in range(i + 1, min(len(words), i + 14)):
        if words[k].low == "to" and k + 1 < len(words) and tags[k + 1] in (NOUN, AUXILIARY, VERB, ADVERB, '"'):
            return True
        if words[k].low in NEGATIONS and k + 1 < len(words) and words[k + 1].low == "to":
            return True
        if tags[k] in (",", ".", RELATIVE, BREAK, THAT, AUXILIARY, VERB):
            return False
    return False


def _worth(reading: Reading, i: int) -> bool:
    """Whether an object says more than a pronoun or a lone word of time."""
    words, tags = reading.words, reading.tags
    last = reading.phrase_from(i)
    if last < i:
        return tags[i] == GERUND
    if last + 1 < len(words) and tags[last + 1] == QUOTATION:
        return True  # "noted his '...'"
    if last + 2 < len(words) and words[last + 1].low in TIME and words[last + 2].low == "of":
        return True  # "announced three days of mourning"
    if words[last].low in TIME or (last == i and tags[i] in (PRONOUN, OBJECT, DETERMINER, POSSESSIVE)):
        said_of = tags[i] in (OBJECT, PRONOUN)
        return said_of and last + 1 < len(words) and words[last + 1].low in ("of", "for", "as")
    return True


def _said_of_it(reading: Reading, i: int) -> bool:
    """Whether what is said of a pronoun follows: ``praised it as "..."``."""
    following = i + 1 < len(reading.words)
    return following and (reading.tags[i + 1] == QUOTATION or reading.words[i + 1].low in ("as", "for", "of"))


def _named(reading: Reading, verb: Verb, i: int) -> bool:
    """Whether an object is said to be something, holds a quotation, or is itself a matter of words."""
    words, tags = reading.words, reading.tags
    last = reading.phrase_from(i, bare=True)
    until = next(
        (k for k in range(i, min(len(words), i + 24)) if tags[k] in (".", BREAK, RELATIVE) and words[k].text != ")"),
        min(len(words), i + 24),
    )
    if not verb.takes("light") and any(w.text == '"' for w in words[i:until]):
        return True
    ends = {last, reading.phrase_from(i)}
    if verb.takes("naming") and any(i <= k < until - 1 and _is_predicate(reading, verb, k + 1) for k in ends):
        return True
    if verb.takes("light"):
        last = next(
            (k - 1 for k in range(i, min(len(words), i + 7)) if tags[k] in (PREPOSITION, TO, ",", ".", THAT)), last
        )
    matters = NOMINAL_CUES - DOCUMENT_NOUNS if verb.takes("light") else MATTERS_OF_WORDS | NOMINAL_CUES
    return last >= i and any(words[k].low in matters for k in range(i, last + 1))


def _is_predicate(reading: Reading, verb: Verb, k: int) -> bool:
    """Whether what an object is said to be follows: ``as a friend``, ``to be unlawful``, ``a farce``."""
    words, tags = reading.words, reading.tags
    if words[k].low == "as" or (verb.base == "credit" and words[k].low == "with"):
        return True
    if words[k].low == "to":
        return verb.base in ("liken", "compare") or (k + 1 < len(words) and words[k + 1].low in ("be", "have"))
    return verb.base in DUBBING_VERBS and tags[k] in (DETERMINER, NOUN)


def _skip_person(reading: Reading, i: int) -> int:
    """Return where what was told begins, behind the one who was told."""
    words = reading.words
    for k in range(i, min(len(words), i + 12)):
        low = words[k].low
        if reading.tags[k] == AUXILIARY and RELATIVE not in reading.tags[i:k]:
            break  # "warned the strike could lead to shortages": nobody is told
        if low in ("that", "to") or words[k].text in (":", '"', ","):
            return k
        if low in _OBJECTS and reading.tags[k] != POSSESSIVE:
            return k + 1
        if k > i and words[k].text[0].isupper() and words[k - 1].text[0].isupper():
            following = words[k + 1] if k + 1 < len(words) else None
            if following is not None and not following.text[0].isupper():
                return k + 1
    return _behind_the_told(reading, i)


def _behind_the_told(reading: Reading, i: int) -> int:
    """``told the press his nephew was ill``: where a clause begins right behind whoever is told, else ``i``."""
    words, tags = reading.words, reading.tags
    last = reading.phrase_from(i)
    media = (
        k for k in range(i, last) if words[k].low in MEDIA_NOUNS and words[k].text[0].islower() and tags[k + 1] == NAME
    )
    last = next(media, last)  # "told local media Lund's term was over"
    if last < i or last + 2 >= len(words) or not reading.can_speak(i, last):
        return i
    opens = tags[last + 1] in (DETERMINER, POSSESSIVE, PRONOUN, NAME, NUMBER)
    return last + 1 if opens and reading.has_clause(last + 1, min(len(words), last + 24)) else i


def _skip_to_that(reading: Reading, i: int, told: bool) -> tuple[int, bool]:
    """Skip ``on Monday``, ``in a statement`` and the like up to the content; tell whether ``that`` introduced it."""
    words = reading.words
    across = (
        not told
        and i < len(words)
        and reading.tags[i] in (DETERMINER, NOUN, POSSESSIVE, OBJECT, GERUND)
        and words[i].low not in TIME
    )
    for k in range(i, i + 1 if across else min(len(words), i + 14)):
        if words[k].low == "that" and not (k > i and (reading.tags[k - 1] == PREPOSITION or words[k - 1].low == "all")):
            return k + 1, True  # but not "ruled on the appeal of that decision"
        if words[k].text in (";", '"') or reading.tags[k] in (PRONOUN, AUXILIARY) or _another(reading, k):
            break
    for k in range(i, min(len(words), i + 14)):
        if words[k].text == ":":
            return k + 1, True
        if words[k].text == '"' or (k > i and reading.tags[k] == AUXILIARY):
            break  # "said the West must "stop", adding:"
    j = i
    if words[j].text == "," and j + 1 < len(words) and words[j + 1].low in _ASIDES:
        closer = next((k for k in range(j + 2, min(len(words), j + 12)) if words[k].text == ","), None)
        if closer is not None and closer + 2 < len(words) and words[closer + 1].text != '"':
            return closer + 1, False
    while j + 1 < len(words) and (words[j].low in _TIME_AND_PLACE or words[j].low in TIME):
        if words[j + 1].low in ("least", "most"):
            break
        ends = (k for k in range(j, min(len(words), j + 8)) if words[k].low in TIME or words[k].low in VENUES)
        last = next((k for k in ends if reading.tags[k] != AUXILIARY), None)
        if last is None or any(reading.tags[k] in _CLAUSAL for k in range(j, last)):
            break  # "estimated this would take hours"
        while last + 1 < len(words) and (words[last + 1].low in TIME or words[last + 1].low in VENUES):
            last += 1
        j = last + 1
        if j < len(words) and words[j].text == ",":
            j += 1
    return _behind_where(reading, j), False


def _behind_where(reading: Reading, j: int) -> int:
    """``said in their filing the matter was closed``: where a clause begins behind where it was said, else ``j``."""
    words, tags = reading.words, reading.tags
    if j + 1 >= len(words) or words[j].low not in ("in", "on", "at", "during", "to", "via"):
        return j
    begins = reading.phrase_from(j + 1) + 1
    if j + 1 < begins < len(words) and tags[begins] in (DETERMINER, PRONOUN, POSSESSIVE):
        return begins if reading.has_clause(begins, min(len(words), begins + 14)) else j
    return j


def _another(reading: Reading, k: int) -> bool:
    """Whether another verb of communication begins: what follows is its content."""
    form = CUES.get(reading.words[k].low)
    return form is not None and reading.tags[k] in (VERB, GERUND) and form.verb.takes("clause")


def introduced_quotation(reading: Reading, i: int, within: int = _LEAD) -> int | None:
    """Return the place of a quotation that a comma or colon leads to within a few words."""
    words = reading.words
    places = (
        k for k in range(i + 1, min(len(words), i + within)) if words[k].text == '"' and words[k - 1].text in ",:—"
    )
    return next(places, None)
