"""Nouns that can speak, the titles before names, and the documents that speak for somebody."""

from __future__ import annotations

__all__ = [
    "DOCUMENT_NOUNS",
    "FEMALE_TITLES",
    "MALE_TITLES",
    "MATTERS_OF_WORDS",
    "MEDIA_NOUNS",
    "NOUNS_IN_LY",
    "ORGANISATION_NOUNS",
    "PARTIES",
    "PERSON_NOUNS",
    "PLURAL_PEOPLE",
    "ROYAL_TITLES",
    "TITLES",
]

TITLES = frozenset(
    (
        "maulvi mullah hadji metropolitan brig cllr master engineer mr mrs ms miss dr prof professor sir dame lord "
        "lady president prime minister vice deputy foreign defence defense interior finance trade energy environment "
        "justice health education secretary general admiral colonel major captain lieutenant commander sergeant "
        "ambassador envoy senator sen rep representative congressman congresswoman governor gov mayor chancellor king "
        "queen prince princess emir sheikh sultan pope bishop archbishop cardinal imam rabbi judge chief chairman "
        "chairwoman chair director spokesman spokeswoman spokesperson speaker premier councillor commissioner special "
        "acting former state undersecretary first lt col gen maj capt adm rear brigadier marshal officer police "
        "superintendent inspector constable attorney leader candidate mp mla mep opposition shadow home executive "
        "regional ex lawyer journalist activist analyst economist author actor singer coach manager player "
        "information culture tourism transport agriculture labour labor commerce communications head founder "
        "founder owner boss ceo historian scientist researcher doctor dean"
    ).split()
)
"""What stands before a name and is no part of it."""
ROYAL_TITLES = frozenset("king queen prince princess pope emperor empress emir sultan sheikh".split())

PERSON_NOUNS = frozenset(
    (
        "minister president premier chancellor spokesman spokeswoman spokesperson official officials envoy ambassador "
        "general commander admiral colonel secretary senator governor mayor chairman chairwoman chief director leader "
        "diplomat adviser analyst expert lawyer judge prosecutor professor critic aide aides source sources witness "
        "witnesses resident residents candidate speaker commissioner deputy captain officer farmer fisherman teacher "
        "doctor activist activists rebel rebels lawmaker lawmakers negotiator negotiators mediator mediators mother "
        "father man woman pilot scholar author host king queen prince bishop union unionist coach member members "
        "supporters opponents people voters observers user users attorney journalist journalists reporter reporters "
        "analysts experts critics leaders lawyers judges prosecutors ministers senators governors diplomats "
        "protesters demonstrators scientists researchers economists doctors engineers workers students parents "
        "victims locals investigators authorities mp mps congressman congresswoman representative representatives "
        "delegate delegates campaigners advocates politician politicians commentator commentators historian scientist "
        "researcher economist executive manager owner founder head boss ceo son daughter brother sister wife husband "
        "family relatives neighbours neighbors survivor survivors organisers organizers fans players player "
        "republicans democrats conservatives superintendent inspector sheriff firefighters paramedics soldiers troops "
        "militants separatists guerrillas hackers developers designers defendants defendant suspect suspects "
        "plaintiff plaintiffs others many some spokespeople spokespersons appellant pope bishops villagers attorneys "
        "daughters sons widow uncle cousin brothers sisters retailer retailers driver drivers passenger passengers "
        "tourist tourists employees employee staffers staffer owners couple crowd public neighbour neighbor agent "
        "specialist ecologist biologist terrorist guard co-author percent owner-operator majority half pollsters "
        "pollster respondents women men americans"
    ).split()
)

ORGANISATION_NOUNS = frozenset(
    (
        "ministry government embassy agency army navy police office commission council committee parliament party "
        "union bank company group command mission court authority administration cabinet coalition campaign statement "
        "communique report newspaper delegation presidency secretariat movement front organisation organization "
        "service department bureau staff palace kremlin junta house bloc alliance force forces coastguard consulate "
        "team board chamber ministers study poll jury tribunal senate congress assembly association federation "
        "foundation institute university network channel website magazine station club league regulator watchdog "
        "institution firm corporation airline manufacturer supplier militia military side country nation state states "
        "nations city town region province hospital school church media press outlets outlet militias companies "
        "agencies governments parties unions courts banks reports papers newspapers guard white"
    ).split()
)

DOCUMENT_NOUNS = frozenset(
    (
        "statement report ruling judgment judgement decision letter tweet post communique announcement document "
        "verdict summary memo memorandum email petition manifesto lawsuit complaint filing resolution declaration "
        "message speech website webpage release notice indictment order article editorial poll survey study analysis "
        "video statements reports documents papers tweets advisory bulletin opinion transcript paper studies polls "
        "surveys statistics data figures findings results records decree doctrine doctrines numbers log newsletter "
        "brief briefing"
    ).split()
)
"""Things that are written, and say what whoever wrote them says."""

PLURAL_PEOPLE = frozenset(
    noun
    for noun in PERSON_NOUNS | ORGANISATION_NOUNS
    if noun.endswith("s") and noun not in ("press", "boss", "congress")
) | {"people", "police", "media"}

MATTERS_OF_WORDS = frozenset(
    "decision decisions plan plans policy policies move moves proposal proposals bill deal agreement criticism record "
    "claim claims remarks comments statement speech idea law laws ruling resolution legislation sanctions withdrawal "
    "treaty act order investigation inquiry process impeachment vote budget measure measures reform reforms talks "
    "election results referendum proclamation suspension retaliation "
    "action strikes war consequences tariffs boycott".split()
)

NOUNS_IN_LY = frozenset(
    "family ally reply assembly supply anomaly monopoly rally bully elderly daily friendly unfriendly unlikely costly "
    "deadly cowardly".split()
)

FEMALE_TITLES = frozenset(
    "mrs ms miss lady dame queen princess spokeswoman chairwoman congresswoman woman mother sister daughter wife "
    "actress".split()
)

MALE_TITLES = frozenset("mr sir lord king prince spokesman chairman congressman man father brother son husband".split())

PARTIES = frozenset("republican democrat democratic conservative labour labor liberal green mp senator".split())

MEDIA_NOUNS = frozenset(
    "reporters journalists press media parliament news agency correspondents tv radio times post cnn bbc nbc abc cbs "
    "reuters afp ap presse guardian herald magazine daily newspaper broadcaster channel television".split()
)
"""Who is told something only so that others hear of it."""
