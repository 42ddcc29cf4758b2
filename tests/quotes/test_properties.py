"""What holds for any text whatever: exact spans, no crash, the same ids, linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.quotes import extract
from toolkit.records import Article, Statement

PIECES = [
    '"', "“", "”", "«", "»", "'", "’", "said", "he said", "She added", "according to", "Lund", "the ministry", "that", ",", ".", "?",
    " ", "\n", "\n\n", ":", ";", "—", "We will talk", "denied having armed them", "threatened to", "Mr.", "U.N.", "told reporters",
    "ALSO READ: x", "(Photo: AP)", "\u2028", "\r\n", "\x00", "\ud800", "שלום", "他说", "[Vladimir]", "(", ")", "who", "quoted as saying",
]  # fmt: skip
newslike = st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join) | st.lists(
    st.sampled_from(PIECES), max_size=40
).map("".join)
anything = st.text(st.characters(), max_size=200)


def check(article: Article, statements: list[Statement]) -> None:
    text = article.text
    for statement in statements:
        assert statement.spans
        ends = [offset for span in statement.spans for offset in span]
        assert ends == sorted(ends) and all(a < b for a, b in statement.spans)
        assert 0 <= ends[0] and ends[-1] <= len(text)
        assert statement.text == " ".join(text[a:b] for a, b in statement.spans)
        assert any(c.isalnum() for c in statement.text)
        assert statement.kind in ("direct", "mixed", "indirect")
        if statement.speaker_start is not None and statement.speaker_end is not None:
            assert text[statement.speaker_start : statement.speaker_end].strip()
            assert statement.speaker
        assert statement.context
    assert statements == sorted(statements, key=lambda s: s.spans)
    assert len({s.statement_id for s in statements}) == len(statements)


@settings(max_examples=300, deadline=2000)
@given(newslike | anything)
def test_any_text_gives_exact_spans_and_the_same_ids_twice(text: str) -> None:
    article = Article("a", text)
    statements = extract(article)
    check(article, statements)
    assert extract(article) == statements


HOSTILE = {
    "paragraphs": lambda n: "\n\n".join("A line of the page without any statement at all in it." for _ in range(4 * n)),
    "nested marks": lambda n: "“" * n + "we said so" + "”" * n,
    "unbalanced marks": lambda n: '"we will, he said. ' * n,
    "closers only": lambda n: "”" * n,
    "no full stop": lambda n: "and the minister said that they would go and " * n,
    "one word": lambda n: "said " * n,
    "names": lambda n: "Anna Lund met Boris Kane , " * n,
    "commas": lambda n: ", " * n + "he said",
    "capitals": lambda n: "Anna " * n,
    "stops": lambda n: ". " * n,
    "spaces": lambda n: " " * n + "x",
    "pronouns": lambda n: "Anna Lund said it was so. He said no. \n" * n,
    "titles": lambda n: "".join(f"The minister said no. Anna X{i}n Moll, the envoy, said yes.\n" for i in range(n)),
    "letters": lambda n: "A" * n,
    "dots": lambda n: "." * n,
    "questions": lambda n: "?!" * n,
    "straight marks": lambda n: '" ' * n,
    "he said so": lambda n: "He said so. " * n,
    "urged": lambda n: "Norland urged Karsovia to urge Norland to go and " * n,
    "the Samoan government": lambda n: "The Samoan government said it was so. " * n,
    "the statement": lambda n: "The statement said it was so. " * n,
    "who": lambda n: "Lund, who said it was so, " * n,
    "digits": lambda n: "1," * n,
    "hyphens": lambda n: "a-" * n,
    "underscores": lambda n: "_" * n,
    "brackets": lambda n: "A (B) " * n,
    "datelines": lambda n: "AA " * n + "(AN) — x said y",
    "people": lambda n: " ".join(f'"We go," said Anna X{i}n.\n' for i in range(n)),
}


def cpu_seconds(article: Article) -> float:
    """The time of this process alone: what else runs on the machine is not counted."""
    start = time.process_time()
    extract(article)
    return time.process_time() - start


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_length_and_no_faster(name: str) -> None:
    """Four times the text takes less than eight times as long; the best of three, as far as they are needed."""
    short, long = (Article("a", HOSTILE[name](n)) for n in (1000, 4000))
    large = cpu_seconds(long)
    if large < 0.15:
        return
    small = min(cpu_seconds(short) for _ in range(3))
    for _ in range(2):
        if large >= 8 * small:
            large = min(large, cpu_seconds(long))
    assert large < 8 * small, f"{small:.3f} s for 1,000, {large:.3f} s for 4,000"
