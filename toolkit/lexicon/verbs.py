"""Cues: what each verb of communication takes as its content, in one table that a linguist can read.

The complements are those of English verb-class dictionaries, cut down to what newspapers use:

clause      ``said (that) the talks would resume``; with or without ``that``
that        ``agreed that ...``: only with ``that``
whether     ``asked whether ...``, and with other question words
quote       only a quotation: ``barked, "No"``
to          ``threatened to close the port``
object      ``denied the charge``, ``accused X of theft``, ``described X as a friend``: noun phrase or gerund
object-to   ``urged X to leave``
naming      ``called the offer "a farce"``: an object and what it is said to be, or a quotation inside
gerund      ``recalled going to sea``
noun        ``mentioned the charge``: a noun phrase in which nobody does anything
light       ``issued a warning``: only with a noun for an act of speech
weak        an object, but only where it holds a quotation or is itself a matter of words (``attacked the decision``)
person      whoever is told stands between the verb and its content: ``told reporters that``
+for ...    behind a preposition: ``called for restraint``
"""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.lexicon.inflection import forms

__all__ = [
    "ALSO_NOUNS",
    "CUES",
    "DUBBING_VERBS",
    "EQUATED",
    "LOOSE_CLAUSE_VERBS",
    "NOMINAL_CUES",
    "OF_SOMETHING",
    "PHRASES",
    "REPORTED",
    "THIRD_PERSONS",
    "VERBS",
    "Verb",
    "VerbForm",
    "verbs_of",
]

_TABLE = """
clause                      : say add believe think maintain
clause                      : acknowledge admit allege announce argue assert claim concede confirm contend declare
clause                      : insist warn stress suggest explain estimate predict report state note reply tell
clause                      : indicate reveal rule find determine emphasise emphasize complain conclude hint hope fear
clause                      : promise vow pledge reiterate remark recall testify tweet write quip joke agree assure
clause                      : specify stipulate imply concur surmise aver attest certify divulge brag gripe grumble
clause                      : relay convey reassert restate theorise theorize hypothesise hypothesize swear disclose
clause                      : blog guess
clause person               : tell warn inform remind assure reassure advise notify alert
that                        : affirm caution charge comment counter lament mention observe posit proclaim reckon repeat
that                        : respond retort signal speculate threaten underline underscore clarify accuse post
that                        : pronounce mutter remember shout yell whisper cry exclaim protest dispute confess object
that                        : plead scoff interject gush pray preach boast guarantee recount opine muse urge demand
that                        : propose reaffirm inform reassure deny hold decide order request recommend accept forecast
that                        : foresee project worry doubt expect recognise recognize learn fret tease rumour rumor
that                        : establish show marvel rant highlight stress illustrate confirm regret
whether                     : ask question explain wonder inquire enquire reveal specify
quote                       : bark shout yell whisper cry snap sigh laugh mutter gush scoff object protest ask shoot
quote                       : continue go put post read answer chant sing begin conclude respond exclaim joke elaborate
quote                       : speak summarise summarize declaim intone thunder repeat finish text email
to                          : threaten promise pledge vow offer agree refuse swear propose decline commit undertake
to                          : volunteer consent
object                      : acknowledge admit allege announce claim confirm declare report reveal disclose estimate
object                      : predict forecast foresee project state note reiterate reaffirm explain suggest stress
object                      : emphasise emphasize highlight underline underscore recommend specify reassert restate
object                      : accuse blame condemn criticise criticize denounce praise welcome reject deny dismiss
object                      : thank congratulate propose demand request oppose defend dispute refute rebut advocate
object                      : deplore decry deride ridicule mock bemoan lament protest applaud commend laud hail pledge
object                      : promise question challenge urge endorse voice express reprimand rebuke warn
object                      : retract refuse decline attribute ascribe cite order subpoena second mourn
object                      : assail lambaste scold chide berate castigate censure chastise admonish insult belittle
object                      : disparage denigrate malign vilify extol salute regret disavow repudiate renounce rebuff
object                      : accept contradict contest solicit invoke echo outline
gerund                      : recall remember mention
noun                        : mention
naming                      : call label term brand dub describe characterise characterize portray deem declare style
naming                      : refer compare liken cite credit identify depict proclaim designate classify name rule find
weak                        : threaten attack blast slam mock tout trumpet offer support uphold find rule
weak                        : discuss detail unveil float downplay reserve reference
light                       : issue make give raise level renew repeat send deliver release publish submit lodge
object-to                   : urge ask tell order advise encourage request warn instruct beg implore forbid
object-to                   : command direct remind caution pressure exhort entreat press lobby challenge dare task
object-to                   : authorise authorize admonish
+for                        : call ask appeal push press apologise apologize argue advocate plead petition lobby beg
+of                         : warn complain speak boast
+on                         : insist call
+to                         : apologise apologize refer agree object point allude admit confess appeal commit
+against                    : warn advise speak argue rule caution rail inveigh protest
+about                      : complain warn speak joke boast talk lie brag gripe rant
+at                         : hint
+over                       : threaten
+with                       : disagree threaten plead
+upon                       : call
+in                         : rule
"""

_PHRASES = """
clause  : make clear; made clear; makes clear; making clear; made it clear; makes it clear; make it clear
clause  : made it plain; makes it plain; made plain; makes plain; making plain; making it plain; making it clear
clause  : point out; points out; pointed out; pointing out; quoted as saying; cited as saying; reported as saying
clause  : went on to say; goes on to say; turned out to say
object  : ruled out; rules out; ruling out; lashed out at; hit out at; hit back at; spoke out against; took issue with
object  : speaking out against; hitting out at; lashing out at; takes issue with
quote   : chimed in; chimes in; fired back; hit back; shot back
"""
"""Cues of several words."""

NOMINAL_CUES = frozenset(
    (
        "allegation allegations accusation accusations claim claims demand demands call calls threat threats promise "
        "promises pledge pledges offer offers warning warnings denial denials criticism condemnation refusal assertion "
        "assertions insistence suggestion suggestions assurance assurances announcement complaint complaints plea "
        "pleas request requests proposal proposals vow vows objection objections revelation revelations rumor rumors "
        "rumour rumours declaration contention prediction predictions estimate estimates forecast order orders appeal "
        "appeals statement statements apology apologies subpoena subpoenas ultimatum comment comments remarks report "
        "reports recommendation recommendations motion praise support concern concerns doubt doubts argument"
    ).split()
)
"""Nouns for an act of speech: ``Iran's threat to close the strait``, ``allegations of fraud by the opposition``."""

EQUATED = frozenset(
    (
        "argument counter-argument counterargument position view opinion belief conclusion explanation message claim "
        "accusation allegation complaint warning prediction promise pledge concern fear hope response answer reply"
    ).split()
)
"""Nouns that are said to be what was said: ``his position is that``."""


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of communication and the complements that hold what is communicated."""

    base: str
    complements: frozenset[str]

    def takes(self, *complements: str) -> bool:
        """Whether any of the complements is among its own."""
        return not self.complements.isdisjoint(complements)


@dataclass(frozen=True, slots=True)
class VerbForm:
    """A form of a verb as it is printed: which of ``base third past participle gerund`` it can be."""

    verb: Verb
    forms: frozenset[str]


def _table(text: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in text.strip().splitlines():
        complements, _, verbs = line.partition(":")
        for verb in verbs.split(";") if ";" in line else verbs.split():
            found[verb.strip()] = found.get(verb.strip(), frozenset()) | frozenset(complements.split())
    return found


VERBS = {base: Verb(base, complements) for base, complements in _table(_TABLE).items()}
"""Every verb of communication by its base form."""


def _by_form() -> dict[str, VerbForm]:
    found: dict[str, VerbForm] = {}
    for verb in VERBS.values():
        for name, form in forms(verb.base)._asdict().items():
            names = found[form].forms if form in found and found[form].verb is verb else frozenset()
            found[form] = VerbForm(verb, names | {name})
    return found


CUES = _by_form()
"""Every printed form of a verb of communication."""
PHRASES = {
    tuple(phrase.split()): Verb(phrase, complements)
    for phrase, complements in _table(_PHRASES.replace("\\n", "")).items()
}
"""Cues of several words, by their words."""


def verbs_of(*complements: str) -> frozenset[str]:
    """Return the base forms of the verbs that take one of the complements."""
    return frozenset(base for base, verb in VERBS.items() if verb.takes(*complements))


ALSO_NOUNS = frozenset(
    (
        "state states report reports estimate estimates note notes claim claims charge charges comment comments "
        "promise promises pledge pledges demand demands offer offers post posts tweet tweets signal signals vow vows "
        "answer answers reply address call calls attack attacks credit credits blame blast label labels brand brands "
        "hail mock fear fears hope hopes praise hint hints counter urge urges account accounts voice voices refuse "
        "express welcome defend propose order orders request requests command commands support supports question "
        "questions challenge challenges protest protests rule rules project projects forecast forecasts warrant "
        "dispute disputes doubt doubts process lament laments appeal appeals plea remark remarks mention mentions "
        "press campaign campaigns vote votes object objects answer refer term terms style dub decline declines "
        "desire advocate advocates talk talks read speak wish wishes direct deal plead invite invites push back "
        "approve endorse thank cite puts put think recount recounts"
    ).split()
)
"""Forms that are nouns or adjectives as often as verbs of communication."""

LOOSE_CLAUSE_VERBS = frozenset(
    "say tell add insist warn argue claim note stress acknowledge explain admit announce confirm "
    "report state think declare contend concede assert allege reply".split()
)
"""Verbs whose clause without ``that`` is taken as it comes; others need a subject and a finite verb to follow."""

REPORTED = frozenset("report project declare announce confirm believe allege say claim estimate find rule".split())
"""Verbs whose passive reports something of its subject: ``he is reported to be safe``."""

OF_SOMETHING = frozenset("accuse blame criticise criticize thank praise".split())
"""Verbs whose object is accused or blamed, thanked or praised, of or for something."""

DUBBING_VERBS = frozenset("call term label brand dub deem declare rule proclaim find".split())

THIRD_PERSONS = frozenset(
    "says tells adds insists argues asserts alleges acknowledges admits announces believes thinks concedes concludes "
    "confirms contends declares denies explains maintains predicts reiterates replies responds reveals suggests warns "
    "writes accuses condemns criticises criticizes describes rejects refuses agrees continues becomes begins brings "
    "builds comes gives goes keeps knows makes takes seems seeks sends includes contains remains requires provides "
    "allows wants appears exists belongs depends consists".split()
)
"""Third persons that are hardly ever nouns."""
