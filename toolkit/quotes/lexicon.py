"""The words that extraction knows: verbs of saying, titles, first names, what a time phrase begins with."""

from __future__ import annotations

__all__ = [
    "ABBREVIATIONS",
    "BE_CUES",
    "CUES",
    "FEMALE_NAMES",
    "INFINITIVE_CUES",
    "MALE_NAMES",
    "NAMING_CUES",
    "NOUN_CUES",
    "ORGANISATION_NOUNS",
    "PERSON_NOUNS",
    "QUOTE_CUES",
    "TITLES",
]


def _regular(*stems: str) -> dict[str, str]:
    """Map the forms of regular verbs to the verb."""
    forms: dict[str, str] = {}
    for stem in stems:
        base = stem.rstrip("!")
        if stem.endswith("!"):  # the last consonant is doubled
            past, going = base + base[-1] + "ed", base + base[-1] + "ing"
        elif base.endswith("e"):
            past, going = base + "d", base[:-1] + "ing"
        elif base.endswith("y") and base[-2] not in "aeiou":
            past, going = base[:-1] + "ied", base + "ing"
        else:
            past, going = base + "ed", base + "ing"
        third = base[:-1] + "ies" if base.endswith("y") and base[-2] not in "aeiou" else base + "s"
        if base.endswith(("s", "sh", "ch", "x", "z")):
            third = base + "es"
        forms |= {base: base, third: base, past: base, going: base}
    return forms


_IRREGULAR = {
    "say": ("say", "says", "said", "saying"),
    "tell": ("tell", "tells", "told", "telling"),
    "write": ("write", "writes", "wrote", "written", "writing"),
    "read": ("reads", "read"),
    "swear": ("swear", "swears", "swore", "swearing"),
    "hold": ("holds", "held"),
    "put": ("put", "puts"),
    "go": ("went",),
    "think": ("think", "thinks", "thought"),
    "make": ("made clear", "makes clear", "make clear", "making clear"),
    "point": ("pointed out", "points out", "point out", "pointing out"),
    "quote": ("quoted as saying", "cited as saying", "reported as saying"),
}

_THAT_CLAUSE = _regular(
    "acknowledge", "add", "admit!", "affirm", "allege", "announce", "argue", "assert", "assure", "believe",
    "caution", "charge", "claim", "comment", "complain", "concede", "conclude", "confirm", "contend", "counter",
    "declare", "deny", "disclose", "emphasise", "emphasize", "estimate", "explain", "indicate", "inform", "insist",
    "joke", "lament", "maintain", "mention", "note", "observe", "pledge", "posit", "predict", "proclaim", "promise",
    "quip!", "reaffirm", "reassure", "recall", "reckon", "reiterate", "remark", "remind", "repeat", "reply",
    "report", "respond", "retort", "reveal", "signal", "speculate", "state", "stress", "suggest", "testify",
    "threaten", "tweet", "underline", "underscore", "vow", "warn", "clarify", "advise", "accuse", "hint", "post",
    "ask", "answer", "shoot", "continue", "imply", "pronounce", "mutter", "remember", "bark", "shout", "yell",
    "whisper", "cry", "exclaim", "protest", "dispute", "confess", "object", "plead", "scoff", "snap!", "interject",
    "write", "gush", "sigh", "laugh", "pray", "preach", "boast", "guarantee", "recount", "opine", "muse", "urge",
    "demand", "agree", "hope", "fear", "propose",
)  # fmt: skip

CUES: dict[str, str] = _THAT_CLAUSE | {form: verb for verb, forms in _IRREGULAR.items() for form in forms}
"""Every form of a verb of saying, to the verb."""

QUOTE_CUES = frozenset(
    "bark shout yell whisper cry snap sigh laugh mutter gush scoff object protest ask shoot continue go put post "
    "read think believe hold answer".split()
)
"""Verbs that introduce a quotation, but no reported clause of their own."""

NOUN_CUES = frozenset("deny reject dispute".split())
"""Verbs whose object, a noun phrase or a gerund, is the content: ``denied having armed the group``."""

INFINITIVE_CUES = frozenset("threaten promise pledge vow offer agree refuse swear propose".split())
"""Verbs whose infinitive is the content: ``threatened to close the port``."""

BE_CUES = frozenset("accuse urge demand charge advise hope fear".split())
"""Verbs that give a statement only with ``that`` behind them."""

_NAMING = (
    "call", "describe", "dub!", "brand", "label", "cite", "praise", "criticise", "criticize", "blast", "slam!",
    "mock", "dismiss", "denounce", "condemn", "characterize", "characterise", "hail", "portray", "refer", "blame",
    "deride", "decry", "ridicule", "bemoan", "trumpet", "tout", "attack", "defend", "express", "voice", "welcome",
    "compare", "liken", "credit", "deem",
)  # fmt: skip
NAMING_CUES = frozenset(verb.rstrip("!") for verb in _NAMING)
"""Verbs that name or judge; they give a statement only with a quotation behind them: ``called it "a farce"``."""

CUES |= _regular("offer", "refuse", "reject", *_NAMING)

TITLES = frozenset(
    "maulvi mullah hadji metropolitan brig cllr master engineer mr mrs ms miss dr prof professor sir dame lord "
    "lady president prime minister vice deputy foreign defence defense interior finance trade energy environment "
    "justice health education secretary general admiral colonel major captain lieutenant commander sergeant "
    "ambassador envoy senator sen rep representative congressman congresswoman governor gov mayor chancellor king "
    "queen prince princess emir sheikh sultan pope bishop archbishop cardinal imam rabbi judge chief chairman "
    "chairwoman chair director spokesman spokeswoman spokesperson speaker premier councillor commissioner special "
    "acting former state undersecretary first lt col gen maj capt adm rear brigadier marshal officer police".split()
)

PERSON_NOUNS = frozenset(
    "minister president premier chancellor spokesman spokeswoman spokesperson official officials envoy ambassador "
    "general commander admiral colonel secretary senator governor mayor chairman chairwoman chief director leader "
    "diplomat adviser analyst expert lawyer judge prosecutor professor critic aide aides source sources witness "
    "witnesses resident residents candidate speaker commissioner deputy captain officer farmer fisherman teacher "
    "doctor activist activists rebel rebels lawmaker lawmakers negotiator negotiators mediator mediators mother "
    "father man woman pilot scholar author host king queen prince bishop union unionist coach member members "
    "supporters opponents people voters observers".split()
)

ORGANISATION_NOUNS = frozenset(
    "ministry government embassy agency army navy police office commission council committee parliament party "
    "union bank company group command mission court authority administration cabinet coalition campaign statement "
    "communique report newspaper delegation presidency secretariat movement front organisation organization "
    "service department bureau staff palace kremlin junta house bloc alliance force forces coastguard consulate "
    "team board chamber ministers study poll".split()
)

ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof gen col lt maj capt adm sen rep gov st jr sr vs etc inc ltd co corp no jan feb mar apr jun "
    "jul aug sep sept oct nov dec u.s u.k u.n e.u d.c a.m p.m i.e e.g mt ft rev hon brig sgt messrs".split()
)

FEMALE_NAMES = frozenset(
    "maria anna ana elena olga irina natalia tatiana svetlana ekaterina katarina julia sofia sophie emma olivia "
    "laura sara sarah ingrid astrid sigrid freya greta helga heidi ursula angela claire marie jeanne camille "
    "isabelle lucia carmen rosa teresa gabriela valentina camila mariana beatriz fatima aisha amina khadija layla "
    "leila nadia noor zainab mariam maryam yasmin samira hanan rania dalia priya anita sunita lakshmi deepa "
    "kavita nisha meera indira sushma mei ling xiu yan hui jing yuki keiko sakura haruka naomi akiko soo-jin ji- "
    "woo min-ji linh lan huong thuy siti dewi ngozi chidinma amara abena akosua adwoa wanjiru njeri achieng nomsa "
    "thandiwe zanele grace mary elizabeth margaret catherine kate jane helen susan linda patricia jennifer "
    "barbara nancy karen lisa betty dorothy sandra ashley kimberly donna emily michelle carol amanda melissa "
    "deborah stephanie rebecca sharon cynthia kathleen amy shirley brenda pamela nicole samantha christine rachel "
    "carolyn janet hillary melania ivanka jill dana zofia agnieszka ewa malgorzata katarzyna ilse marta eva ivana "
    "jelena milena vesna mila elif ayse zeynep emine aylin nino tamar salome gulnara aigul dinara saule liina "
    "kadri tiina aino hanna johanna katri".split()
)

MALE_NAMES = frozenset(
    "john james robert michael william david richard joseph thomas charles christopher daniel matthew anthony "
    "mark donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan "
    "jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander "
    "raymond patrick jack dennis jerry tyler aaron jose adam henry nathan douglas peter zachary kyle walter ethan "
    "jeremy harold keith christian roger noah gerald carl terry sean austin arthur lawrence jesse dylan bryan joe "
    "jordan billy bruce albert willie gabriel logan alan juan wayne roy ralph ivan vladimir sergei dmitri dmitry "
    "alexei mikhail nikolai andrei oleg igor viktor yuri boris pavel anton maxim karl hans klaus jan piotr tomasz "
    "marek andrzej lars erik olav sven nils anders bjorn ole johan gustav pierre jean luc antoine michel francois "
    "louis philippe carlos luis miguel jorge pedro diego fernando javier rafael manuel antonio francisco "
    "alejandro mohammed muhammad mohamed ahmed ahmad ali hassan hussein omar khalid ibrahim youssef yusuf tariq "
    "karim samir bilal faisal abdullah salman rashid hamid reza mehdi rajesh ravi anil sunil vijay arjun sanjay "
    "amit rahul imran asif nawaz wei jun ming chen li hiroshi takeshi kenji satoshi minh nguyen bambang agus "
    "kwame kofi yaw chukwu emeka tunde musa sani juma otieno kamau thabo sipho mehmet mustafa emre murat giorgi "
    "levan nursultan bakyt timur giuseppe marco luca matteo stefan dragan milan goran zoran petar nikola ilir "
    "arben".split()
)
