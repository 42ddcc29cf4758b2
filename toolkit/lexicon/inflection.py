"""The forms of English verbs: regular ones by rule, irregular ones from a list."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["IRREGULAR", "Forms", "forms"]


class Forms(NamedTuple):
    """A verb's five forms: ``write, writes, wrote, written, writing``."""

    base: str
    third: str
    past: str
    participle: str
    gerund: str


_PAST_AND_PARTICIPLE = """
arise arose arisen; be was been; bear bore borne; beat beat beaten; become became become; begin began begun;
bid bid bid; bind bound bound; bring brought brought; build built built; buy bought bought; cast cast cast;
catch caught caught; choose chose chosen; come came come; cut cut cut; deal dealt dealt; do did done; draw drew drawn;
drive drove driven; fall fell fallen; feel felt felt; fight fought fought; find found found; flee fled fled;
fly flew flown; forbid forbade forbidden; foresee foresaw foreseen; forget forgot forgotten; get got got;
give gave given; go went gone; grow grew grown; have had had; hear heard heard; hit hit hit; hold held held;
keep kept kept; know knew known; lay laid laid; lead led led; leave left left; lend lent lent; let let let;
lose lost lost; make made made; mean meant meant; meet met met; pay paid paid; put put put; read read read;
rise rose risen; run ran run; say said said; see saw seen; seek sought sought; sell sold sold; send sent sent;
set set set; shake shook shaken; shoot shot shot; show showed shown; shut shut shut; sing sang sung; sit sat sat;
speak spoke spoken; spend spent spent; stand stood stood; strike struck struck; swear swore sworn; take took taken;
teach taught taught; tell told told; think thought thought; throw threw thrown; understand understood understood;
overrun overran overrun; overcome overcame overcome; undertake undertook undertaken; undergo underwent undergone;
rebuild rebuilt rebuilt; mistake mistook mistaken; outlive outlived outlived; overthrow overthrew overthrown;
oversee oversaw overseen; stick stuck stuck; steal stole stolen; freeze froze frozen; hide hid hidden;
hurt hurt hurt; quit quit quit; ride rode ridden; sink sank sunk; slide slid slid; spread spread spread;
swim swam swum; tear tore torn; wear wore worn; wake woke woken; sleep slept slept; sweep swept swept;
uphold upheld upheld; win won won; withdraw withdrew withdrawn; write wrote written
"""
IRREGULAR: dict[str, tuple[str, str]] = {
    base: (past, participle)
    for base, past, participle in (entry.split() for entry in _PAST_AND_PARTICIPLE.replace("\n", " ").split(";"))
}
"""The past and the participle of irregular verbs."""

_DOUBLED = frozenset(
    "admit aver ban beg begin blog brag chat commit concur dub extol forbid fret nod permit pin plan put quip rap "
    "rebut refer regret slam snap spur submit tip".split()
)
"""Verbs that double their last consonant before -ed and -ing."""


def forms(base: str) -> Forms:
    """Return the forms of a verb given its base form."""
    ends_in_y = base.endswith("y") and base[-2:-1] not in tuple("aeiou")
    if ends_in_y:
        third = base[:-1] + "ies"
    elif base.endswith(("s", "sh", "ch", "x", "z", "o")):
        third = base + "es"
    else:
        third = base + "s"
    stem = base + base[-1] if base in _DOUBLED else base
    if base.endswith("e"):
        past, gerund = base + "d", base if base.endswith("ee") else base[:-1]
    elif ends_in_y:
        past, gerund = base[:-1] + "ied", base
    else:
        past, gerund = stem + "ed", stem
    irregular = IRREGULAR.get(base, (past, past))
    return Forms(base, third, irregular[0], irregular[1], gerund + "ing")
