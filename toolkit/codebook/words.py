"""Words of a statement with their places, and the closed classes that the reading of acts rests on."""

from __future__ import annotations

import re

from toolkit.lexicon import (
    ADVERBS,
    BE,
    CUES,
    DETERMINERS,
    IRREGULAR,
    MODALS,
    NEGATIONS,
    POSSESSIVES,
    PREPOSITIONS,
    TIME,
    forms,
    states,
)

__all__ = [
    "ALLEGED",
    "ALLEGING_NOUNS",
    "ARTICLES",
    "AUXILIARY",
    "BEFALLS",
    "BE_FORMS",
    "BREAKS",
    "CALLING",
    "CHARGING",
    "COMING",
    "CONDITIONAL",
    "CONDITIONS",
    "CONTROL",
    "DEMANDING",
    "DENIED",
    "DENYING",
    "DETERMINER",
    "FUTURE",
    "GENITIVE",
    "INSTITUTIONS",
    "INTENTIONS",
    "IRREGULAR_PAST",
    "LAWS",
    "MARKS",
    "MEANS",
    "NEGATIVE",
    "NO_GERUND",
    "OF_OTHERS",
    "OPENS_CONDITION",
    "OTHERS_DO",
    "OTHER_SIDES",
    "OUTSIDERS",
    "OWN_WORDS",
    "PAST",
    "PREPOSITION",
    "PRONOUNS",
    "REFUSING",
    "REQUESTS",
    "SAYING",
    "SKIPPED",
    "STATES",
    "SUBJECTS",
    "THANKING",
    "TIMES",
    "UNCHANGED",
    "plain",
    "verb_forms",
    "words_of",
]


_WORD = re.compile(r"n't\b|'(?:ll|re|ve|s|d|m)\b|\w+(?:-\w+)*|[^\w\s\"“”]")


_STATE, _US = "u\u017f", re.compile(r"\bUS\b")
"""The state by its capitals, which in lower case would be the pronoun; no other word ends in a long s."""


def plain(text: str) -> str:
    """Return a text in lower case with straight apostrophes; every place in it stays the same."""
    if "US" in text and not text.isupper():
        text = _US.sub(_STATE, text)
    lowered = text.lower()
    if len(lowered) != len(text):  # a few capitals have two small letters
        lowered = "".join(low if len(low := c.lower()) == 1 else c for c in text)
    return lowered.replace("\u2019", "'")


def words_of(text: str) -> list[str]:
    """Return the words and marks of a text that :func:`plain` made; ``won't`` is two, ``wo`` and ``n't``."""
    return _WORD.findall(text.replace("n't", " n't") if "n't" in text else text)


_DOUBLES = re.compile(r"(?:^|[^aeiou]|qu)[aeiou][^aeiouwxy]\Z")
"""A base that ends in one vowel and one consonant: it doubles the consonant, always or where it is stressed there."""
_VOWELS = re.compile(r"(?<!q)[aeiouy]+|(?<=q)u[aeiouy]+")
_IRREGULAR_TOO = {
    "bend": ("bent", "bent"),
    "break": ("broke", "broken"),
    "burn": ("burned", "burnt"),
    "forgive": ("forgave", "forgiven"),
    "forgo": ("forwent", "forgone"),
    "hang": ("hanged", "hung"),
    "mislead": ("misled", "misled"),
    "kneel": ("knelt", "kneeled"),
    "redo": ("redid", "redone"),
    "repay": ("repaid", "repaid"),
    "retake": ("retook", "retaken"),
    "rethink": ("rethought", "rethought"),
    "shrink": ("shrank", "shrunk"),
    "split": ("split", "split"),
    "undo": ("undid", "undone"),
    "unfreeze": ("unfroze", "unfrozen"),
    "withstand": ("withstood", "withstood"),
}
"""Irregular verbs of the rules that the lexicon does not have: extraction would take ``pews broken`` for a clause."""


def verb_forms(base: str) -> dict[str, str]:
    """Return the forms of a verb, each with what it can be: ``base``, ``finite``, ``past`` or ``gerund``.

    Where a consonant may be doubled or not, both spellings are forms: ``cancelled``, ``canceled``. Where two forms are
    spelt alike, ``set`` or ``cut``, the first stands.
    """
    _, third, past, participle, gerund = forms(base)
    pasts, gerunds = [past, participle], [gerund]
    if _DOUBLES.search(base):
        doubled, short = base + base[-1], len(_VOWELS.findall(base)) == 1  # "stopped", never "stoped"
        gerunds = [f"{doubled}ing"] if short else [f"{doubled}ing", gerund]
        if base not in IRREGULAR:
            pasts = [f"{doubled}ed"] if short else [f"{doubled}ed", past]
    kinds = {base: "base", third: "finite"}
    for form in _IRREGULAR_TOO.get(base, pasts):
        kinds.setdefault(form, "past")
    for form in gerunds:
        kinds.setdefault(form, "gerund")
    return kinds


def _all_forms(bases: str) -> frozenset[str]:
    return frozenset(form for base in bases.split() for form in verb_forms(base))


AUXILIARY = (BE | MODALS | frozenset("has have had do does did 've 'd 'm wo ca sha ai having".split())) - {"'s"}
"""``'s`` is not among them: it is a genitive as often as a verb."""
BE_FORMS = BE - {"'s"}
FUTURE = frozenset("will 'll wo shall sha would 'd may might could can ca".split())
PAST = frozenset("was were did had has have 've been".split())
NEGATIVE = NEGATIONS | frozenset("nor neither cannot".split())
DENIED = frozenset("no not n't never without neither nor any zero nothing none cannot".split())
"""What denies a noun in front of it; ``any`` does so only behind another one."""
REFUSING = _all_forms("refuse decline fail hesitate stop cease avoid reject deny oppose forbid prevent") | frozenset(
    "unwilling unable reluctant impossible instead".split()
)
"""Words behind which an act is not done: ``refused to talk``; behind a negation they give it back."""
DENYING = DENIED | NEGATIVE | REFUSING | frozenset(["nobody", "far", "too"])
"""All of them, and ``nobody``: without one of these nothing is denied."""
COMING = FUTURE | frozenset("should must to going".split())
"""Without one of these nothing is to come, unless the cue says so."""
CONTROL = _all_forms(
    "urge ask call tell order want expect force allow invite warn advise encourage require let make help permit press "
    "persuade request beg instruct task get enable compel direct remind leave"
)
"""Verbs whose object does what follows: ``urged them to leave``."""
DEMANDING = _all_forms(
    "urge ask call tell order want expect force warn advise encourage require press persuade request beg instruct "
    "task compel direct remind"
)
"""Those among them behind which it is a demand: who allows or helps somebody demands nothing."""
OTHERS_DO = _all_forms(
    "urge demand request require accuse blame blast cite condemn criticise criticize denounce deplore "
    "mock oppose question reject slam"
)
"""Verbs of the cue behind which a noun is what others do or are to do: ``demanded | support for the strike``."""
_TELLS_NO_CLAUSE = _all_forms(
    "accept accuse attack authorise authorize blame blast call cite command commend condemn contest contradict "
    "convey counter credit criticise criticize defend deliver denounce deplore describe direct discuss dismiss "
    "encourage endorse express finish float give hail hold invoke issue label level lodge make name object offer "
    "oppose order outline post praise press pressure project push put question rail raise refuse release renew "
    "renounce reserve retract send shoot sing submit subpoena support task tease thank unveil uphold volunteer "
    "welcome"
)
BEFALLS = _all_forms(
    "kill injure hurt harm wound hit damage destroy burn shoot strike steal detain arrest charge jail make seek take "
    "receive set give issue release find"
)
"""Verbs whose passive reports what befell, or what there is so far, and denies nothing: ``nobody was hurt``."""
CALLING = _all_forms("call label brand term describe denounce characterise characterize") - {"term", "terms", "brands"}
"""Verbs that say what something is: ``called the report a lie``."""
SAYING = (frozenset(CUES) - _TELLS_NO_CLAUSE) | _all_forms("think believe feel know see hear assume suppose pretend")
"""Verbs of communication behind which a clause may tell what is said."""
NO_GERUND = _all_forms(
    "say state note add argue believe think know claim warn tell insist stress explain declare assert reply conclude "
    "hope feel emphasise emphasize write doubt suspect"
)
"""Verbs that govern no gerund: one behind them is the subject of what is said, ``said | closing it was wrong``."""
INTENTIONS = frozenset(
    "intention intentions intent plan plans desire wish interest thought ambition ambitions aim purpose idea prospect "
    "chance possibility question hope".split()
)
"""Nouns of what may be done: where they are denied, so is it; ``no fear of`` and ``no doubt of`` deny nothing."""
REQUESTS = frozenset("request requests demand demands petition petitions plea pleas appeal appeals".split())
"""Nouns behind which an infinitive says what somebody else is to do."""
THANKING = _all_forms("thank commend applaud praise congratulate salute") | frozenset(("grateful", "thankful"))
"""Words behind which an infinitive says what has been done: ``thank those who work to``."""
CHARGING = frozenset("accused suspected convicted guilty acquitted charged".split())
"""Behind which ``of`` or ``with`` names what somebody is said to have done."""
LAWS = frozenset(
    "law laws statute statutes decree decrees ordinance ordinances amendment amendments constitution legislation "
    "regulation regulations rule rules article articles technology technologies clause clauses".split()
)
"""What is no side, though it is made to speak or act: ``the law forbids``."""
MEANS = frozenset(
    "effort efforts attempt attempts decision decisions ability capability capabilities capacity right freedom power "
    "powers way ways opportunity tool tools authority need price cost".split()
)
"""Nouns behind which an infinitive says what for, not what is to come: ``the tools to stop them``."""
GENITIVE = frozenset(("'s", "'", "their", "his", "her", "your"))
ALLEGED = frozenset("allegedly reportedly supposedly purportedly ostensibly".split())
ALLEGING_NOUNS = frozenset(
    "claim claims allegation allegations accusation accusations report reports suggestion suggestions rumour rumours "
    "rumor rumors idea notion fear fears charge charges assertion assertions speculation suspicion suspicions "
    "possibility danger risk prospect threat threats theory".split()
)
ARTICLES = frozenset("a an the no any every each another".split()) | POSSESSIVES
"""What a noun follows and no verb does: ``an attack``."""
MARKS = frozenset(',.?!;:()[]"“”—–-…')
CONDITIONS = frozenset("if unless whether lest until till".split())
CONDITIONAL = (
    "if|unless|until|till|once|provided|providing|otherwise|whenever|when|whoever|whichever|should|in exchange|"
    "in return|as long as|so long as|as soon as|the moment|the day|the hour|the minute|very moment|very day|"
    "on condition|those who|those that|anyone who|anyone that|anybody who"
).split("|")
"""With what a condition may begin."""
OPENS_CONDITION = frozenset(words.split()[0] for words in CONDITIONAL) - {"the", "very", "on", "in"} | frozenset(
    "moment day hour minute condition exchange return".split()
)
BREAKS = frozenset("but when while as because after before although though where since so whereas once".split())
PRONOUNS = frozenset("i we you he she it they who which that there this these those everyone everybody nobody".split())
SUBJECTS = frozenset("i we you he she it they nobody everyone everybody".split())
OWN_WORDS = frozenset("i we our my us me ourselves myself ours mine".split())
OTHER_SIDES = frozenset(
    "neighbour neighbours neighbor neighbors rival rivals enemy enemies opponent opponents adversary adversaries "
    "critics "
    "partner partners ally allies friend friends counterpart counterparts competitor competitors foes "
    "interlocutor interlocutors".split()
)
"""Whoever is none of the own side although it is ours: ``our neighbours``."""
STATES = frozenset(name[0] for name in states() if len(name) == 1 and len(name[0]) > 3) | frozenset(
    "u\u017f u.s uk eu states kingdom union president presidents administration government governments countries "
    "country nation nations leadership leaders sides kremlin".split()
)
"""States, their people and capitals, and what stands for a state's side."""
INSTITUTIONS = frozenset(
    "agency airline alliance army association authorities bank bloc board brigade broadcaster cabinet campaign "
    "church city club coalition commission company council delegation delegations embassy federation fighters firm "
    "forces front group guerrillas hospital junta kingdom league militants military ministry movement museum navy "
    "newspaper office operator parliament party police presidency rebels regulator republic school sides team town "
    "union".split()
)
"""What a spokesman speaks for: in indirect speech it is mostly his own."""
OUTSIDERS = frozenset(
    "analyst analysts economist economists expert experts historian historians journalist journalists observer "
    "observers professor professors reporter reporters researcher researchers scientist scientists scholar scholars "
    "witness witnesses resident residents survivor survivors refugee refugees author authors columnist commentator "
    "commentators blogger meteorologist biographer critic critics pollster strategist strategists coach".split()
)
"""Who speaks for no side when he speaks of states."""
DETERMINER = DETERMINERS | POSSESSIVES
PREPOSITION = PREPOSITIONS - {"to"}
SKIPPED = (ADVERBS | frozenset("very really fully certainly ready able".split())) - {"not", "n't"}
TIMES = TIME
OF_OTHERS = (POSSESSIVES - {"our", "my"}) | {"these", "those", "them", "you"}
UNCHANGED = frozenset(base for base, (_, participle) in IRREGULAR.items() if base == participle)
"""Verbs whose participle is as their base: ``cut``."""
IRREGULAR_PAST = frozenset(form for pair in IRREGULAR.values() for form in pair) - frozenset(IRREGULAR)
