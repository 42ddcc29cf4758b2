"""Samples whose every item has a known chance: what is estimated from them is right on average."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import UsageError
from toolkit.labeling.people import clusters_of, draw, inclusion, of_strata, rareness, uncertainty, with_floor
from toolkit.storage import read_rows

WEIGHTS = st.lists(st.floats(0.001, 1000), min_size=1, max_size=60)


@given(WEIGHTS, st.data())
def test_chances_add_up_to_the_size_and_just_so_many_are_drawn(weights: list[float], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(weights)))
    chances = inclusion(np.array(weights), size)
    assert chances.sum() == pytest.approx(size) and (chances > 0).all() and (chances <= 1 + 1e-12).all()
    strata = data.draw(st.none() | st.lists(st.sampled_from("ab"), min_size=len(weights), max_size=len(weights)))
    drawn = draw(chances, data.draw(st.integers(0, 1000)), strata)
    assert len(drawn) == size == len(set(drawn.tolist())) and sorted(drawn) == list(drawn)
    assert set(np.flatnonzero(chances >= 1)) <= set(drawn)
    free = chances < 1 - 1e-9
    if free.sum() > 1:  # in proportion to the weights, but for those that are certain
        shares = chances[free] / np.array(weights)[free]
        assert shares == pytest.approx(np.full(len(shares), shares[0]))


def test_each_is_drawn_as_often_as_its_chance_says_and_estimates_are_right_on_average() -> None:
    rng = np.random.default_rng(4)
    labels = rng.random(300) < 0.1
    scores = np.where(labels, 5.0, 1.0) * rng.uniform(0.5, 1.5, 300)  # a model that often finds the rare label
    chances = inclusion(with_floor(scores, 0.2), 60)
    times, estimates, naive = np.zeros(300), [], []
    for seed in range(3000):
        drawn = draw(chances, seed)
        times[drawn] += 1
        estimates.append((labels[drawn] / chances[drawn]).sum() / 300)
        naive.append(labels[drawn].mean())
    error = np.sqrt(chances * (1 - chances) / 3000)
    assert (np.abs(times / 3000 - chances) < 5 * error + 1e-9).all()
    assert np.mean(estimates) == pytest.approx(labels.mean(), abs=4 * np.std(estimates) / np.sqrt(3000))
    assert np.mean(naive) > 2 * labels.mean()  # what one would have believed without the chances


def test_strata_give_alike_and_small_ones_all_that_they_have() -> None:
    strata = ["a"] * 50 + ["b"] * 30 + ["c"] * 2
    chances = inclusion(of_strata(strata, 22), 22)
    drawn = draw(chances, 1, strata)
    assert [sum(strata[i] == name for i in drawn) for name in "abc"] == [10, 10, 2]
    assert chances[0] == pytest.approx(0.2) and chances[60] == pytest.approx(1 / 3) and chances[-1] == 1


def test_scores() -> None:
    probabilities = np.array([[0.5, 0.0], [0.9, 0.1], [1.0, 0.02], [0.0, 0.0]])
    assert uncertainty(probabilities).tolist() == pytest.approx([1.0, 0.2, 0.04, 0.0])
    rare = rareness(probabilities)
    assert rare.argmax() == 1 and rare[3] == 0
    assert with_floor(np.zeros(3), 0.2).tolist() == [1, 1, 1] and (with_floor(rare, 0.2) >= 0.2).all()


def test_clusters_are_of_texts_that_share_words_and_always_the_same() -> None:
    texts = ["talks on the border"] * 5 + ["the price of bread"] * 5 + ["a storm at sea"] * 5
    found = clusters_of(texts, 3, 0)
    assert found == clusters_of(texts, 3, 0)
    assert [len({*found[i : i + 5]}) for i in (0, 5, 10)] == [1, 1, 1] and len(set(found)) == 3


def test_more_than_there_is_is_refused() -> None:
    with pytest.raises(UsageError, match=r"3 statements are asked for, and there are 2 to draw from."):
        inclusion(np.ones(2), 3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = ["We deny it.", "We will strike back.", "It rains in the north.", "Talks are welcome."]
    rows = ({"statement_id": f"s{i}", "text": f"{texts[i % 4]} {i}", "source": "ab"[i % 3 == 0]} for i in range(60))
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def ids(path: Path) -> list[str]:
    return [str(row.values["statement_id"]) for row in read_rows(path)]


@pytest.mark.parametrize(
    "options", [(), ("--strategy", "stratified", "--by", "source"), ("--strategy", "uncertain"), ("--strategy", "rare"),
                ("--strategy", "diverse")],
)  # fmt: skip
def test_nothing_is_drawn_twice_in_a_batch_or_in_the_next(folder: Path, run_stance, options: tuple[str, ...]) -> None:
    batches: list[str] = []
    for batch in range(3):
        known = [word for name in batches for word in ("--already", name)]
        name = f"b{batch}.csv"
        done = run_stance("annotate", "sample", "s.jsonl", "-n", "20", "-o", name, *options, *known, cwd=folder)
        assert done.returncode == 0, done.stderr
        batches.append(name)
    assert "20 of 20 statements drawn" in done.stderr and "40 labelled before left out" in done.stderr
    assert sorted(one for name in batches for one in ids(folder / name)) == sorted(f"s{i}" for i in range(60))
    chances = [float(row.values["inclusion_probability"]) for row in read_rows(folder / "b0.csv")]
    assert all(0 < chance <= 1 for chance in chances)
    run_stance("annotate", "sample", "s.jsonl", "-n", "20", "-o", "again.csv", *options, cwd=folder)
    assert (folder / "again.csv").read_bytes() == (folder / "b0.csv").read_bytes()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-n", "61"), "61 statements are asked for, and there are 60 to draw from."),
        (("-n", "5", "--strategy", "stratified"), "--by: --strategy stratified needs it, and no other takes it."),
        (("-n", "5", "--strategy", "stratified", "--by", "sauce"), "--by: 'sauce' is none of source, kind"),
        (("-n", "5", "--strategy", "disagreement"), "disagreement compares two models; name both."),
        (("-n", "5", "-m", "x"), "--model: --strategy random asks no model."),
        (("-n", "5", "--strategy", "rare", "--scheme", "tone"), "the toolkit has a model of its own for"),
        (("-n", "5", "--already", "s.jsonl"), "there is no statement to draw from that is not in --already."),
        (("-n", "5", "--already", "none.jsonl"), "none.jsonl"),
    ],
)
def test_what_is_wrong_is_one_sentence(folder: Path, run_stance, options: tuple[str, ...], told: str) -> None:
    done = run_stance("annotate", "sample", "s.jsonl", "-o", "b.jsonl", *options, cwd=folder)
    assert done.returncode in (1, 2) and told in " ".join(done.stderr.split()), done.stderr
    assert done.stderr.count("error:") == 1 and not (folder / "b.jsonl").exists()
