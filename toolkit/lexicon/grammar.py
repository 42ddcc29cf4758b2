"""The closed classes of English: words that hold a sentence together, and that no list of news can outgrow."""

from __future__ import annotations

__all__ = [
    "ABBREVIATIONS",
    "ADVERBS",
    "AUXILIARIES",
    "BE",
    "CLAUSE_BREAKS",
    "CONJUNCTIONS",
    "DETERMINERS",
    "MODALS",
    "NEGATIONS",
    "OBJECT_PRONOUNS",
    "POSSESSIVES",
    "PREPOSITIONS",
    "RELATIVES",
    "SUBJECT_PRONOUNS",
    "TIME",
    "VENUES",
]

SUBJECT_PRONOUNS = frozenset("he she they it we i who you".split())
OBJECT_PRONOUNS = frozenset("me us him her them you himself herself itself themselves".split())
POSSESSIVES = frozenset("its his her their our my your whose".split())
DETERMINERS = frozenset(
    (
        "the a an this that these those another one two three several some many most both each every any all no "
        "such other certain"
    ).split()
)
BE = frozenset("is are was were be been being am 's 're".split())
MODALS = frozenset("would will could can may might must should shall 'll".split())
NEGATIONS = frozenset(("not", "n't", "never"))
AUXILIARIES = BE | MODALS | frozenset("has have had do does did 've".split())
PREPOSITIONS = frozenset(
    (
        "in on at during before from by to with through via of for about against over under into onto upon within "
        "without near among between across behind beyond toward towards around along amid amidst despite alongside "
        "outside inside throughout amongst like per regarding concerning including following since until till as than "
        "after"
    ).split()
)
CONJUNCTIONS = frozenset("and but or nor yet".split())
CLAUSE_BREAKS = frozenset(
    "but when while as because after before if although though where since until unless whether so whereas".split()
)
RELATIVES = frozenset("who which whose whom where when what how why whether".split())
ADVERBS = frozenset(
    (
        "also then later earlier again once still even only further repeatedly reportedly today yesterday tomorrow "
        "now just simply never always often recently separately meanwhile however instead both flatly not n't soon "
        "already ever first last nevertheless nonetheless therefore thus too rather quite almost already far"
    ).split()
)
TIME = frozenset(
    (
        "monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow week month year night "
        "morning evening afternoon weekend january february march april may june july august september october "
        "november december noon midnight day hours days weeks months years"
    ).split()
)
"""Heads of phrases that say when."""
VENUES = frozenset(
    (
        "statement interview speech conference briefing post letter message tweet reporters journalists parliament "
        "television radio call address communique telegram facebook twitter x press readout blog report email memo "
        "column hearing court lawmakers diplomats agency newspaper channel paper meeting summit tv video website "
        "announcement remarks release"
    ).split()
)
"""Heads of phrases that say where, or to whom, something was said: ``in an interview``, ``to reporters``."""
ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof gen col lt maj capt adm sen rep gov st jr sr vs etc inc ltd co corp no jan feb mar apr jun "
    "jul aug sep sept oct nov dec u.s u.k u.n e.u d.c a.m p.m i.e e.g mt ft rev hon brig sgt messrs".split()
)
