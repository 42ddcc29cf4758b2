"""Public corpora, read as they are published and turned into our records. The files themselves stay outside."""

from toolkit.corpora.published import Imported, import_corpus
from toolkit.corpora.written import write_imported

__all__ = ["Imported", "import_corpus", "write_imported"]
