"""Public corpora, in small files written here in the format of the published ones."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from toolkit.config import load_corpus, load_scheme
from toolkit.corpora import import_corpus
from toolkit.errors import ConfigError, DataError, UsageError
from toolkit.storage import read_labelled, read_rows


def imported(name: str, path: Path):
    return import_corpus(*load_corpus(name), path)


def plover(path: Path) -> Path:
    rows = [
        ["", "sentence_id", "sentence", "marked_sentence", "source", "target", "gold_penta", "gold_root"],
        ["0", "7", 'The mayor said "no" to Norland.', "...", "The mayor", "Norland", "3", "REJECT"],
        ["1", "7", 'The mayor said "no" to Norland.', "...", "The mayor", "Norland", "1", "AGREE"],
        ["2", "9", "Norland threatened to shut\tits ports.", "...", "Norland", "ports", "3", "THREATEN"],
        ["3", "10", "Norland danced.", "...", "Norland", "nobody", "3", "DANCE"],
        ["4", "11", " ", "...", "Norland", "nobody", "3", "REJECT"],
    ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter="\t").writerows(rows)
    return path


def test_plover(tmp_path: Path) -> None:
    found = imported("plover", plover(tmp_path / "plv.tsv"))
    assert [article.article_id for article in found.articles] == ["7", "9"]
    first, again, threat = [statement for statement, _ in found.statements]
    assert first.text == again.text and first.statement_id != again.statement_id and first.article_id == "7"
    assert (first.speaker, first.speaker_start, first.speaker_end) == ("The mayor", 0, 9)
    assert first.text[first.target_start : first.target_end] == first.target == "Norland"
    assert first.kind == "mixed" and threat.text == "Norland threatened to shut\tits ports."
    assert found.statements[2][1].by_scheme == {
        "plover_root": ("threaten",), "plover_quad": ("verbal_conflict",), "stance": ("threatening",)
    }  # fmt: skip
    assert found.statements[0][1].by_scheme["stance"] == ()
    reasons = [reason for _, reason in found.rejected]
    assert "plv.tsv:5: gold_root is 'DANCE', which is none of AGREE" in reasons[0]
    assert reasons[1].endswith("plv.tsv:6: the text is empty.")


def test_rows_with_too_few_or_too_many_cells_are_set_aside(tmp_path: Path) -> None:
    path = plover(tmp_path / "plv.tsv")
    path.write_text(path.read_text() + "9\t12\tshort\n9\t13\tNorland waits.\t.\tNorland\tnobody\t3\tREJECT\tmore\n")
    reasons = [reason.rpartition("plv.tsv:")[2] for _, reason in imported("plover", path).rejected]
    assert reasons[2:] == ["7: has 3 cells, not 8.", "8: has 9 cells, not 8."]


def test_a_table_without_a_header_may_name_any_column_by_its_number(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "configs").symlink_to(repository / "configs")
    (tmp_path / "mine.yaml").write_text(
        "name: mine\ndescription: x\npublished: x\nreader: {kind: table, header: false, columns: {text: '3', id: '0'}}\n"
        "schemes: {sentiment: {column: '4', labels: {good: [positive]}}}\n"
    )
    (tmp_path / "t.tsv").write_text("a1\tx\ty\tWe thank you.\tgood\na2\tx\n")
    found = import_corpus(*load_corpus(str(tmp_path / "mine.yaml")), tmp_path / "t.tsv")
    assert [(s.article_id, s.text) for s, _ in found.statements] == [("a1", "We thank you.")]
    assert [reason.rpartition("t.tsv:")[2] for _, reason in found.rejected] == ["2: the text is empty."]


def test_cameo_class_has_no_header_and_literal_quotes(tmp_path: Path) -> None:
    path = tmp_path / "cameo.tsv"
    path.write_text('"We wait, he said.\t0\nTroops shelled a town.\t4\n', encoding="utf-8")
    found = imported("cameo_class", path)
    assert [s.text for s, _ in found.statements] == ['"We wait, he said.', "Troops shelled a town."]
    assert [labels.by_scheme["cameo_class"] for _, labels in found.statements] == [
        ("statement",),
        ("material_conflict",),
    ]


def test_newsmtsc_has_a_statement_per_target(tmp_path: Path) -> None:
    text = "She praised Lund, but Lund's aides blamed the press."
    targets = [
        {"mention": "Lund", "from": 22, "polarity": 4.0},
        {"mention": "She", "from": 0, "polarity": 6.0},
        {"mention": "the press", "from": 3, "polarity": 2.0},  # the offset is wrong: the first place is taken
    ]
    rows = [{"primary_gid": "allsides_10_4_7_She_0_3", "sentence_normalized": text, "targets": targets}]
    rows.append(
        {**rows[0], "primary_gid": "allsides_10_4_8_x", "sentence_normalized": "Lund left.", "targets": targets[:1]}
    )
    path = tmp_path / "mtsc.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = imported("newsmtsc", path)
    assert len(found.articles) == 1 and found.articles[0].text == f"{text}\n\nLund left."
    marked = [(found.articles[0].text[s.target_start : s.target_end], s.target_start) for s, _ in found.statements]
    assert marked == [("Lund", 22), ("She", 0), ("the press", 42), ("Lund", len(text) + 2)]
    tones = [labels.by_scheme["sentiment"] for _, labels in found.statements]
    assert tones == [("neutral",), ("positive",), ("negative",), ("neutral",)]


def test_semeval2016(tmp_path: Path) -> None:
    path = tmp_path / "semeval.txt"
    rows = "ID\tTarget\tTweet\tStance\tOpinion Towards\tSentiment\n1\tWind Farms\tWe need “them” #SemST\tFAVOR\tx\ty\n"
    path.write_text(rows, encoding="cp1252")
    found = imported("semeval2016", path)
    (statement, labels) = found.statements[0]
    assert (statement.text, statement.target, statement.target_start) == ("We need “them” #SemST", "Wind Farms", None)
    assert labels.by_scheme == {"target_stance": ("favor",)}


def test_rumoureval2019(tmp_path: Path) -> None:
    thread = tmp_path / "twitter-english" / "bridge" / "100"
    for place in ("source-tweet", "replies"):
        (thread / place).mkdir(parents=True)
    tweet = {"id_str": "100", "text": "The bridge fell.", "user": {"screen_name": "ana"}}
    (thread / "source-tweet/100.json").write_text(json.dumps(tweet))
    (thread / "replies/101.json").write_text(
        json.dumps({"id_str": "101", "text": "Source?", "user": {"screen_name": "bo"}})
    )
    (thread / "replies/102.json").write_text(json.dumps({"id_str": "102", "text": "unlabelled", "user": {}}))
    listing = tmp_path / "reddit-training-data" / "t1"
    for place in ("source-tweet", "replies"):
        (listing / place).mkdir(parents=True)
    start = {"data": {"children": [{"data": {"id": "r1", "title": "Bridge down", "selftext": "", "author": "cy"}}]}}
    (listing / "source-tweet/r1.json").write_text(json.dumps(start))
    (listing / "replies/r2.json").write_text(
        json.dumps({"data": {"id": "r2", "body": "No, it stands.", "author": "di"}})
    )
    keys = {"100": "support", "101": "query", "r1": "support", "r2": "deny"}
    (tmp_path / "train-key.json").write_text(json.dumps({"subtaskaenglish": keys, "subtaskbenglish": {}}))
    found = imported("rumoureval2019", tmp_path)
    told = {s.text: (s.speaker, s.context, labels.by_scheme["rumour_stance"][0]) for s, labels in found.statements}
    assert told == {
        "Bridge down": ("cy", None, "support"),
        "No, it stands.": ("di", "Bridge down", "deny"),
        "The bridge fell.": ("ana", None, "support"),
        "Source?": ("bo", "The bridge fell.", "query"),
    }
    assert {article.article_id for article in found.articles} == {"100", "t1"}


def test_any_data_set_by_columns_named_in_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: Path
) -> None:
    import datasets

    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    kinds = datasets.Features({"body": datasets.Value("string"), "what": datasets.ClassLabel(names=["yes", "no"])})
    datasets.Dataset.from_dict({"body": ["I do.", "I do not."], "what": [0, 1]}, features=kinds).to_parquet(
        tmp_path / "d.parquet"
    )
    (tmp_path / "configs").symlink_to(repository / "configs")
    description = tmp_path / "mine.yaml"
    description.write_text(
        "name: mine\ndescription: A table.\npublished: nowhere\n"
        "reader: {kind: dataset, columns: {text: body}}\n"
        "schemes: {target_stance: {column: what, labels: {'yes': [favor], 'no': [against]}}}\n"
    )
    found = import_corpus(*load_corpus(str(description)), tmp_path / "d.parquet")
    assert [labels.by_scheme["target_stance"] for _, labels in found.statements] == [("favor",), ("against",)]
    with pytest.raises(DataError, match=r"`datasets` cannot load it .* It is published at nowhere\."):
        import_corpus(*load_corpus(str(description)), tmp_path / "none.parquet")


def test_what_is_imported_can_be_read_and_trained_on(tmp_path: Path, run_stance, repository: Path) -> None:
    plover(tmp_path / "plv.tsv")
    told = run_stance("data", "import", "plover", "plv.tsv", "-o", "out", cwd=tmp_path)
    assert told.returncode == 0 and "2 articles and 3 gold statements" in told.stderr
    assert "2 rows could not be read, listed in out/gold.jsonl.rejected.jsonl" in told.stderr
    schemes = [load_scheme(name, repository) for name in ("plover_root", "plover_quad", "stance")]
    assert len(list(read_labelled(tmp_path / "out/gold.jsonl", schemes))) == 3
    assert len(list(read_rows(tmp_path / "out/gold.jsonl.rejected.jsonl"))) == 2


@pytest.mark.parametrize("name", ["plover", "cameo_class", "newsmtsc", "semeval2016", "rumoureval2019", "polnear"])
def test_files_that_are_not_there_are_one_sentence_that_says_where_to_get_them(name: str, tmp_path: Path) -> None:
    config, _ = load_corpus(name)
    with pytest.raises(DataError, match=r"published") as caught:
        imported(name, tmp_path / "none")
    assert "\n" not in str(caught.value) and config.published.split(" ")[0].rpartition("/")[2] in str(caught.value)


def test_another_table_than_the_published_one_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "other.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(DataError, match=r"other\.tsv: there is no column 'sentence' \(found: a, b\)"):
        imported("plover", tmp_path / "other.tsv")
    (tmp_path / "latin.tsv").write_bytes("sentence\tgold\n\xe9\t1\n".encode("latin-1"))
    with pytest.raises(DataError, match="is not utf-8"):
        imported("plover", tmp_path / "latin.tsv")


def test_an_unknown_corpus_names_the_known_ones() -> None:
    with pytest.raises(
        UsageError,
        match=r"'plovr' is no corpus \(did you mean 'plover'\?\); known: attributions, cameo_class, kremlin, newsmtsc",
    ):
        load_corpus("plovr")


def test_a_mapping_to_a_label_that_is_not_in_the_scheme_is_named_with_its_line(
    tmp_path: Path, repository: Path
) -> None:
    (tmp_path / "configs").symlink_to(repository / "configs")
    (tmp_path / "bad.yaml").write_text(
        "name: bad\ndescription: x\npublished: x\nreader: {kind: table, columns: {text: t}}\n"
        "schemes:\n  sentiment:\n    labels:\n      good: [positif]\n      bad: [negative, neutral]\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_corpus(str(tmp_path / "bad.yaml"))
    assert [problem.partition("bad.yaml")[2] for problem in caught.value.problems] == [
        ":8: schemes.sentiment.labels.good: label 'positif' is not in the scheme 'sentiment' (allowed: negative, neutral, positive).",
        ":9: schemes.sentiment.labels.bad: the scheme 'sentiment' takes exactly one label (negative, neutral, positive), not 2.",
    ]
