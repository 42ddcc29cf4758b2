"""Tiny pretrained models, made in seconds on this machine: weights are random, tokenisers whole words."""

from __future__ import annotations

import json
from pathlib import Path

WORDS = (
    "we are ready for talks again now offer peace the minister said on monday will strike back pay price never did that "
    "a report is false denied no plans were made and town river bridge grain old about in of to they it you i "
    "bad plain good offer threat speaker target person country organisation _ . , ' ? !"
).split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = [piece for letter in "abcdefghijklmnopqrstuvwxyz0123456789" for piece in (letter, f"##{letter}")]


def tokenizer(folder: Path) -> None:
    """Write a WordPiece tokeniser whose words are listed above; other words fall into letters."""
    from transformers import BertTokenizerFast

    vocabulary = {word: i for i, word in enumerate(dict.fromkeys([*SPECIAL, *WORDS, *LETTERS]))}
    BertTokenizerFast(vocab=vocabulary).save_pretrained(folder)


def bert(folder: Path, seed: int = 0, labels: list[str] | None = None) -> Path:
    """Write a two-layer BERT: an encoder, or with ``labels`` a classifier with that head."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel

    torch.manual_seed(seed)
    tokenizer(folder)
    size = len(json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"])
    config = BertConfig(
        vocab_size=size,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    if labels:
        config.id2label, config.label2id = dict(enumerate(labels)), {name: i for i, name in enumerate(labels)}
        BertForSequenceClassification(config).save_pretrained(folder)
    else:
        BertModel(config).save_pretrained(folder)
    return folder


def static(folder: Path, seed: int = 0) -> Path:
    """Write a model2vec model of random vectors."""
    import numpy as np
    from model2vec import StaticModel
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import BertPreTokenizer

    vocabulary = {word: i for i, word in enumerate(dict.fromkeys([*SPECIAL, *WORDS, *LETTERS]))}
    words = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    words.pre_tokenizer = BertPreTokenizer()
    vectors = np.random.default_rng(seed).normal(size=(len(vocabulary), 16)).astype(np.float32)
    StaticModel(vectors, words).save_pretrained(str(folder))
    return folder
