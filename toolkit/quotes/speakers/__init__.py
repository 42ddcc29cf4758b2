"""Who is meant: the people and bodies that an article names, and every mention back to one of them."""

from toolkit.quotes.speakers.cast import Cast

__all__ = ["Cast"]
