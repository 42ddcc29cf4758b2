"""Extraction that reads sentences with a spaCy pipeline: one code path, the same records."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from toolkit.errors import ModelError, UsageError
from toolkit.quotes import Extraction, extract, load_grammar
from toolkit.records import Article

TEXT = 'Lund demands peace. "We will talk," she said. Kane said the talks were over.'
ANALYSES = {
    "demands": ("VERB", "VBZ"), "peace": ("NOUN", "NN"), "said": ("VERB", "VBD"), "talks": ("NOUN", "NNS"), "the": ("DET", "DT"),
    "were": ("AUX", "VBD"), "over": ("ADV", "RB"), "Lund": ("PROPN", "NNP"), "Kane": ("PROPN", "NNP"), "she": ("PRON", "PRP"),
}  # fmt: skip


@pytest.fixture
def pipeline(tmp_path: Path) -> str:
    """A pipeline that knows the words of one text, saved as a user's own would be."""
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed: pip install 'stance-toolkit[spacy]'")
    from spacy.language import Language

    @Language.component("toy_tagger")
    def tagger(doc):
        for token in doc:
            token.pos_, token.tag_ = ANALYSES.get(token.text, ("X", "FW"))
        return doc

    @Language.component("toy_parser")
    def parser(doc):
        root = next((token for token in doc if token.pos_ == "VERB"), doc[0])
        for token in doc:
            token.head, token.dep_ = root, "ROOT" if token.i == root.i else "nsubj" if token.i < root.i else "dep"
        return doc

    nlp = spacy.blank("en")
    nlp.add_pipe("toy_tagger", name="tagger")
    nlp.add_pipe("toy_parser", name="parser")
    nlp.to_disk(tmp_path / "toy")
    return str(tmp_path / "toy")


def test_the_parser_tells_verbs_from_nouns(pipeline: str) -> None:
    by_rules = [(s.act, s.text) for s in extract(Article("a", TEXT))]
    by_parser = [(s.act, s.text) for s in Extraction(parser=pipeline)(Article("a", TEXT))]
    assert ("performed", "peace") not in by_rules
    assert by_parser == [("performed", "peace"), *by_rules]


def test_the_same_records_come_out(pipeline: str) -> None:
    article = Article("a", TEXT, title="T", source="S")
    ours = {s.statement_id: s for s in Extraction(parser=pipeline)(article)}
    for statement in extract(article):
        assert ours[statement.statement_id] == statement


def test_any_text_goes_through_the_parser(pipeline: str) -> None:
    for text in (
        "",
        '"',
        "said",
        '"" said',
        "Lund's said n't 's",
        "a\ud800b said x",
        "Lund said it’s “over",
        "He'd said",
    ):
        for statement in Extraction(parser=pipeline)(Article("a", text)):
            assert statement.text == " ".join(text[a:b] for a, b in statement.spans)


def test_without_spacy_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(ModelError, match=r"--parser needs spaCy: pip install 'stance-toolkit\[spacy\]'"):
        load_grammar("en_core_web_sm")


def test_a_pipeline_that_is_not_there(tmp_path: Path) -> None:
    pytest.importorskip("spacy")
    with pytest.raises(UsageError, match="'no_such_pipeline': is no spaCy pipeline that is installed"):
        load_grammar("no_such_pipeline")


def test_a_pipeline_without_a_parser(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(ModelError, match="the pipeline has no parser"):
        load_grammar(str(tmp_path / "blank"))


def test_extract_with_a_parser_from_the_command_line(tmp_path: Path, run_stance) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    done = run_stance("extract", "a.txt", "-o", "s.jsonl", "--parser", "no_such_pipeline", cwd=tmp_path)
    assert done.returncode == 2 and not (tmp_path / "s.jsonl").exists()
    assert "no_such_pipeline" in done.stderr and "Traceback" not in done.stderr
