"""From news articles to labelled, attributed statements and the study of them."""

__version__ = "0.2.0"
