"""How a sentence is read: words, their classes, phrases, verb groups and subjects; by rules or with a parser."""

from toolkit.quotes.grammar.phrases import Place
from toolkit.quotes.grammar.reading import Grammar, Reading
from toolkit.quotes.grammar.words import Token, token, tokens

__all__ = ["Grammar", "Place", "Reading", "Token", "token", "tokens"]
