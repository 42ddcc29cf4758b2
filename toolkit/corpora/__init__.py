"""Public corpora, read as they are published and turned into our records. The files themselves stay outside."""

from toolkit.corpora.published import Imported, import_corpus

__all__ = ["Imported", "import_corpus"]
