"""The pipeline: paragraphs, quotation marks, sentences, drafts, speakers, statements."""

from __future__ import annotations

from collections.abc import Collection

from toolkit.marks import kind_of, prints_single, quotations, quoted_spans
from toolkit.quotes.drafts import Draft, Drafts
from toolkit.quotes.grammar import Grammar, Reading
from toolkit.quotes.sentences import is_boilerplate, paragraphs, sentences, without_dateline
from toolkit.quotes.speakers import Cast
from toolkit.records import ACTS, Act, Article, Span, Statement, statement_id

__all__ = ["extract"]


def extract(article: Article, *, include: Collection[Act] = ACTS, grammar: Grammar = Reading) -> list[Statement]:
    """Return the attributed statements of an article, ordered by their first span.

    Direct, mixed and indirect statements with spans, speaker and addressee (as fully as the article tells), mention,
    cue and context; of the acts in ``include`` only. ``grammar`` reads sentences: by rules, or with a parser
    (:func:`toolkit.quotes.load_grammar`). Never fails on any text; an article without statements gives an empty list.
    """
    text = article.text
    drafts, begins, single = Drafts(text, grammar), [], prints_single(text)
    for number, (start, end) in enumerate(paragraphs(text)):
        if is_boilerplate(text[start:end]):
            continue
        drafts.begin_paragraph()
        if number == 0 and drafts.read_headline(start, end):
            continue
        start = without_dateline(text, start, end)
        quoted = quotations(text, start, end, single)
        for span in sentences(text, start, end, quoted):
            begins.append(span[0])
            drafts.read_sentence(span, quoted)
    marks = quoted_spans(text)
    cast = Cast(text, begins, marks, drafts.names)
    built: dict[tuple[Span, ...], Statement] = {}
    speaker, mention = None, None
    for draft in drafts.found:
        if draft.mention is not None:
            mention, speaker = draft.mention, cast.speaker(*draft.mention)
        elif draft.cue is not None:
            mention, speaker = None, None  # "residents were told to": nobody is named
        # A quotation with no attribution of its own goes on with the speaker before it.
        if draft.act in include:
            statement = _statement(article, draft, marks, cast, speaker, mention)
            built[statement.spans] = statement
    return sorted(built.values(), key=lambda statement: statement.spans)


def _statement(
    article: Article, draft: Draft, marks: list[Span], cast: Cast, speaker: str | None, mention: Span | None
) -> Statement:
    text = article.text
    spans = tuple(sorted(set(draft.spans)))
    aimed = cast.name(*draft.addressee) if draft.addressee else None
    low, high = min(draft.sentence[0], spans[0][0]), max(draft.sentence[1], spans[-1][1])
    return Statement(
        statement_id=statement_id(article.article_id, spans),
        article_id=article.article_id,
        text=" ".join(text[a:b] for a, b in spans),
        spans=spans,
        kind=kind_of(text, spans, marks),
        speaker=speaker,
        speaker_start=mention[0] if mention else None,
        speaker_end=mention[1] if mention else None,
        cue=text[slice(*draft.cue)] if draft.cue else None,
        addressee=aimed if aimed != speaker else None,  # "defended his decision" is aimed at nobody
        act=draft.act,
        context=text[low:high].strip(),
        title=article.title,
        source=article.source,
        published=article.published,
    )
