"""The one room for words: verbs of communication and their complements, nouns that speak, names, closed classes."""

from toolkit.lexicon.grammar import (
    ABBREVIATIONS,
    ADVERBS,
    AUXILIARIES,
    BE,
    CLAUSE_BREAKS,
    CONJUNCTIONS,
    DETERMINERS,
    MODALS,
    OBJECT_PRONOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    RELATIVES,
    SUBJECT_PRONOUNS,
    TIME,
    VENUES,
)
from toolkit.lexicon.inflection import IRREGULAR, Forms, forms
from toolkit.lexicon.names import FEMALE_NAMES, MALE_NAMES
from toolkit.lexicon.nouns import (
    DOCUMENT_NOUNS,
    ORGANISATION_NOUNS,
    PERSON_NOUNS,
    PLURAL_PEOPLE,
    ROYAL_TITLES,
    TITLES,
)
from toolkit.lexicon.states import demonyms, states
from toolkit.lexicon.verbs import CUES, NOMINAL_CUES, PHRASES, VERBS, Verb, VerbForm, verbs_of

__all__ = [
    "ABBREVIATIONS",
    "ADVERBS",
    "AUXILIARIES",
    "BE",
    "CLAUSE_BREAKS",
    "CONJUNCTIONS",
    "CUES",
    "DETERMINERS",
    "DOCUMENT_NOUNS",
    "FEMALE_NAMES",
    "IRREGULAR",
    "MALE_NAMES",
    "MODALS",
    "NOMINAL_CUES",
    "OBJECT_PRONOUNS",
    "ORGANISATION_NOUNS",
    "PERSON_NOUNS",
    "PHRASES",
    "PLURAL_PEOPLE",
    "POSSESSIVES",
    "PREPOSITIONS",
    "RELATIVES",
    "ROYAL_TITLES",
    "SUBJECT_PRONOUNS",
    "TIME",
    "TITLES",
    "VENUES",
    "VERBS",
    "Forms",
    "Verb",
    "VerbForm",
    "demonyms",
    "forms",
    "states",
    "verbs_of",
]
