"""Cues that are verbs: active and passive, with a subject of their own or that of the cue before."""

from __future__ import annotations

from dataclasses import replace

from toolkit.lexicon import ALSO_NOUNS, DOCUMENT_NOUNS, OF_SOMETHING, PLURAL_PEOPLE, REPORTED, TIME, Verb, VerbForm
from toolkit.quotes.attributions.attribution import Attribution
from toolkit.quotes.attributions.complements import Complement, complement
from toolkit.quotes.grammar.phrases import Place
from toolkit.quotes.grammar.reading import Group, Reading
from toolkit.quotes.grammar.tagging import (
    ADVERB,
    AUXILIARY,
    CONJUNCTION,
    DETERMINER,
    GERUND,
    NAME,
    NOUN,
    NUMBER,
    POSSESSIVE,
    PREPOSITION,
    PRONOUN,
    RELATIVE,
    VERB,
)

__all__ = ["read_verb"]


_CLAUSE_STARTS = frozenset(
    "that he she it they we i you the a an his her its their our there this these those to him them us".split()
)

_TOLD = frozenset(
    "tell ask urge order advise instruct warn direct command request encourage remind forbid expect".split()
)

_SOMEBODY = frozenset("one another others some many".split())

_PLURALS = frozenset("who people police many some others most and media both".split())

_NOBODY = frozenset("you nobody none neither nothing".split())

_PERHAPS = frozenset("may might must could should".split())

_HELD = frozenset("think believe expect hope agree guess imagine recall remember recognise recognize accept".split())
"""Verbs of opinion: who does not think that it will rain says that it will not."""

_CONTROL = frozenset("continue continued continues on began begun twitter facebook".split())


def read_verb(reading: Reading, i: int, form: VerbForm, last: int, found: list[Attribution]) -> Attribution | None:
    """The attribution whose cue is a verb, active or passive; None where the word is no cue here."""
    group = reading.group(i, form.forms)
    if group.mood == "noun" or not _is_verb(reading, i, form, group):
        return None
    words, verb = reading.words, form.verb
    if group.passive and len(verb.base.split()) == 1:
        return _passive(reading, i, verb, group)
    behind = complement(reading, verb, last + 1)
    modal = group.mood == "modal" and not group.negated
    if modal and behind is not None and behind.kind not in ("clause", "quote"):
        behind = None
    perhaps = modal and words[group.first].low in _PERHAPS
    if perhaps and behind is not None and not _first_person(reading, group):
        return None  # "critics may say that": nobody has
    if group.negated and behind is not None and words[behind.begins].low in ("anything", "nothing"):
        return None
    if group.negated and group.mood == "finite" and behind is not None and not _unsaid(reading, verb, behind):
        return None  # "has not accused Iran", "did not say that": nothing was done, nothing was said
    if group.mood == "to" and not (group.first and words[group.first - 1].low in _CONTROL):
        return None
    # Who "would not commit" has not committed: the cue says so itself.
    one = Attribution(
        verb, (group.first if group.negated else i, last), None, words[i].start, words[last].end, behind=behind
    )
    if group.mood in ("gerund", "to"):
        return _governed(reading, one, group, found, form.forms)
    before = reading.subject(group.first)
    behind_quote = group.first > 0 and words[group.first - 1].text in ('"', ",", "—", "–", "-")
    after = None
    if (before is None and behind_quote) or (before is not None and _is_weak(reading, before)) or group.first == 0:
        after = subject_behind(reading, last + 1)
    if after is not None and verb.takes("clause", "that", "quote"):
        return replace(one, speaker=after, end=words[after[1]].end, inverted=True, behind=None)
    if before is not None:
        if behind is not None and behind.kind in ("object", "to") and not reading.can_act(*before):
            return None
        k = before[0] - 1
        while k > 0 and reading.tags[k] in (NOUN, GERUND):
            k -= 1  # "..., wrestling promotion World Wonder Ring announced"
        parted = k >= 0 and words[k].text in (",", '"', "—", "–", "-", ")")
        if words[before[0]].low in _NOBODY or (behind is None and not parted):
            return None
        if found and before[0] < found[-1].cue[0]:
            return replace(one, speaker=before, shared=True)
        return replace(one, speaker=before, start=words[before[0]].start)
    return _governed(reading, one, group, found, form.forms)


def _governed(
    reading: Reading, one: Attribution, group: Group, found: list[Attribution], forms: frozenset[str]
) -> Attribution | None:
    """A cue without a subject of its own: ``, adding that``, ``and condemned``; it has that of the cue before."""
    words = reading.words
    k = group.first - 1
    if k < 0 or one.behind is None:
        return None
    mark = words[k].text
    if group.mood == "gerund":
        while k > 0 and (words[k].low in TIME or (words[k].low == "on" and reading.tags[k - 1] in (NOUN, NAME))):
            k -= 1
        with_whom = _with(reading, k)
        if with_whom is not None:
            return replace(one, speaker=with_whom, start=words[with_whom[0]].start)
        loose = words[k].low in DOCUMENT_NOUNS or words[k].low in PLURAL_PEOPLE or words[k].low in ("by", "and")
        told = one.behind.kind == "clause" and one.verb.takes("clause") and reading.tags[k] in (NOUN, NAME)
        if mark not in (",", '"', "—", "–", "-") and not loose and not told:
            return None
    elif mark != "," and group.mood != "to" and not _joined(reading, k):
        return None
    if group.mood == "finite" and group.first == one.cue[0] and forms == {"base"}:
        return None  # "would sit him down and tell him": it hangs on an auxiliary
    if found:
        speaker = found[-1].patient or found[-1].speaker
    else:
        speaker = reading.main_subject(group.first)
    if speaker is None:
        return None
    first = group.first if group.mood == "gerund" else one.cue[0]  # ", further remarking"
    return replace(one, speaker=speaker, start=words[first].start, shared=True)


def _first_person(reading: Reading, group: Group) -> bool:
    """Whether somebody says it of himself: ``I must say``, ``we should add``."""
    return group.first > 0 and reading.words[group.first - 1].low in ("i", "we")


def _unsaid(reading: Reading, verb: Verb, behind: Complement) -> bool:
    """Whether a statement is left behind ``not``: an opinion that is not held, a question that is left open."""
    if behind.kind in ("object", "to"):
        return False
    low = reading.words[behind.begins].low
    return behind.kind == "quote" or verb.base in _HELD or low == "if" or reading.tags[behind.begins] == RELATIVE


def _joined(reading: Reading, k: int) -> bool:
    """Whether ``and`` or ``but`` joins a verb to the one before, a short phrase between: ``and on Twitter called``."""
    if reading.tags[k] == CONJUNCTION:
        return True
    place = next(
        (n for n in range(k, max(-1, k - 5), -1) if reading.tags[n] in (CONJUNCTION, ",", VERB, AUXILIARY)), -1
    )
    return place >= 0 and reading.tags[place] == CONJUNCTION and reading.tags[place + 1] in (PREPOSITION, ADVERB)


def _with(reading: Reading, k: int) -> Place | None:
    """``with Zinichev describing``: the noun phrase that ends at ``k`` behind ``with``."""
    if reading.tags[k] not in (NOUN, NAME):
        return None
    found = reading.phrase_before(k)
    if found is None or found[0] == 0 or not reading.can_act(*found):
        return None
    opens = found[0] == 1 or reading.words[found[0] - 2].text in (",", "—", "–", "-")
    return found if opens and reading.words[found[0] - 1].low == "with" else None


def _passive(reading: Reading, i: int, verb: Verb, group: Group) -> Attribution | None:
    """``residents were told to``, ``the deal was condemned by``: the subject belongs to the content."""
    words, tags = reading.words, reading.tags
    patient = reading.subject(group.first)
    if patient is None or group.mood == "modal":
        return None
    if words[patient[0]].low == "it" and verb.takes("clause"):
        told = complement(reading, verb, i + 1)
        if told is not None and told.kind == "clause":  # "it was reported that": nobody is named
            return Attribution(verb, (i, i), None, words[patient[0]].start, words[i].end, behind=told)
    behind = complement(reading, verb, i + 1, passive=True)
    agent = None
    place = next((k for k in range(i + 1, min(len(words), i + 4)) if words[k].low in ("by", "to")), None)
    if place is not None and words[place].low == "to":
        place = None  # "was expected to pass by Norland": nobody expected it
    if place is not None and place + 1 < len(words) and tags[place + 1] != GERUND:
        last = reading.phrase_from(place + 1, bare=verb.base in OF_SOMETHING)
        if last > place and reading.can_speak(place + 1, last):
            agent = (place + 1, last)
            if tags[last + 1 : last + 2] == [","] and tags[last + 2 : last + 3] == [NAME]:
                apposed = reading.phrase_from(last + 2, bare=True)
                if tags[apposed + 1 : apposed + 2] == [","]:
                    last = apposed + 1  # "by her chairman, Lord Hennessy, to"
            behind = complement(reading, verb, last + 1, passive=True)
    if agent is None and not (behind is not None and (verb.base in _TOLD | REPORTED or behind.kind == "object")):
        return None
    if agent is not None and not verb.takes("object", "naming", "weak", "object-to", "that", "clause"):
        return None
    end = words[agent[1]].end if agent is not None and behind is None else words[i].end
    if behind is None and words[patient[0]].low == "it":
        return None  # "it was mentioned by the minister": what was?
    if behind is None and verb.takes("person") and reading.can_act(*patient):
        return None  # "was told by the minister of": whoever is told is no content
    start = words[patient[0]].start
    return Attribution(verb, (i, i), agent, start, end, behind=behind, patient=patient)


def _is_verb(reading: Reading, i: int, form: VerbForm, group: Group) -> bool:
    """Whether a form that may be a noun or an adjective is a verb here, by what stands around it."""
    words, tags = reading.words, reading.tags
    known = reading.is_verb(i)
    if known is not None:
        return known
    before = words[i - 1].low if i else ""
    if tags[i - 1 : i] in ([DETERMINER], [POSSESSIVE]) or (
        tags[i - 1 : i] == [PREPOSITION] and "gerund" not in form.forms
    ):
        return False
    if before.endswith("'s") and tags[i - 1] != PRONOUN and group.first == i and form.forms <= {"base", "third"}:
        return False  # "the minister's second attempt"
    if before in ("of", "his", "her", "no", "any") and tags[i] != GERUND:
        return False
    if group.mood in ("to", "modal") or group.passive or len(words[i].text) < 2:
        return True
    if (
        form.forms == {"base"}
        and group.first == i
        and not (
            before in (",", ")")
            or tags[i - 1 : i] == [PRONOUN]
            or before.endswith("s")
            or before in _PLURALS
            or tags[i - 1 : i] == [ADVERB]
        )
    ):
        return False
    if words[i].low in ALSO_NOUNS and group.first == i:
        return _verb_follows(reading, i)
    return True


def _verb_follows(reading: Reading, i: int) -> bool:
    words, tags = reading.words, reading.tags
    if i == 0 or i + 1 >= len(words):
        return False
    before, behind = words[i - 1], words[i + 1]
    if (
        tags[i - 1] in (PREPOSITION, DETERMINER, POSSESSIVE, NUMBER)
        or tags[i + 1] == CONJUNCTION
        or before.low in ("no", "in", "for", "'s", "and", "or")
        or before.low.endswith("'s")
    ):
        return False
    if (tags[i - 1] == PRONOUN and before.low != "you") or before.low == "who":
        return True
    plural = before.low.endswith("s") or before.low in _PLURALS
    agrees = words[i].low.endswith("s") != plural and tags[i - 1] in (NOUN, NAME)
    if agrees and reading.has_clause(i + 1, min(len(words), i + 14)):
        return True  # "the government claims Mahan flies fighters"
    return (
        behind.low in _CLAUSE_STARTS
        or behind.text in ('"', ":")
        or (behind.text == "," and i + 2 < len(words) and words[i + 2].text == '"')
        or (tags[i - 1] == NAME and behind.low in ("for", "on") and words[i].low in ("calls", "asks", "appeals"))
        or (tags[i + 1] == NAME and (tags[i - 1] == NAME or before.low.endswith("s")))
    )


def _is_weak(reading: Reading, span: Place) -> bool:
    """Whether the subject found before a cue may be the end of the content instead: it touches no sentence start."""
    first, last = span
    words = reading.words
    far = first > 0 and words[first - 1].text == "," and last - first > 6
    return far and reading.has_verb(words[0].start, words[first].start)


def subject_behind(reading: Reading, i: int) -> Place | None:
    """Return the noun phrase behind a cue: ``said Foreign Minister Ana Lund, who``."""
    if i >= len(reading.words) or reading.tags[i] not in (NOUN, NAME, DETERMINER, POSSESSIVE, PRONOUN, NUMBER):
        return None
    if reading.words[i].low in ("that", "it", "there", "no", "not", "you", "i", "we"):
        return None
    if reading.words[i].low in _SOMEBODY and (i + 1 == len(reading.words) or reading.tags[i + 1] in (",", ".")):
        return i, i
    last = reading.phrase_from(i)
    return (i, last) if last >= i and reading.can_speak(i, last) else None
