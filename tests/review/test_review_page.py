"""The page of a run or an experiment: what stands on it, from which tables, and that it is text whatever it quotes."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.report.test_page import HOSTILE, Read
from tests.review.cases import made_up
from toolkit.review import read_reviewed, review_html
from toolkit.tracking import open_store

SECTIONS = [
    "Question",
    "Results",
    "Verdicts",
    "Slices",
    "Behaviour",
    "Calibration",
    "Mistakes",
    "Limits",
    "Data",
    "Codebook",
]
SECTIONS += ["Protocol", "How to reproduce"]


def headings(page: Read, tag: str) -> list[str]:
    return [text for name, text in page.texts if name == tag]


def test_an_experiment_has_every_section_and_its_figures(trained: Path) -> None:
    whole = read_reviewed(open_store(trained, must_exist=True), "tiny")
    found = dataclasses.replace(whole, models=tuple(whole.of("stance")))  # half the work
    html = review_html(found)
    page = Read(html)
    assert not page.open and headings(page, "h2") == SECTIONS
    for model in found.models:
        one = model.evaluation.macro_f1
        assert f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}]" in html and model.run.run_id in html
    told = [text for _, text in page.texts]
    assert any("cannot be told apart" in text or "is better than" in text for text in told)
    assert found.tags["git.commit"] in html and all(digest in html for digest in _digests(found.tags))
    assert any("is invented" in text for text in told)
    assert "context" in told and any("-o errors.csv writes all." in text for text in told)


def _digests(tags: dict[str, str]) -> list[str]:
    found = [tag for name, tag in tags.items() if name.startswith("sha256.")]
    assert found
    return found


def test_the_page_is_logged_with_its_run_unless_asked_not_to(run_stance, trained_copy: Path) -> None:
    name = "tiny/stance/majority"
    done = run_stance("report", name, "-o", "one.html", "--no-log", cwd=trained_copy)
    assert done.returncode == 0 and "one.html is the page of majority (stance)" in done.stderr and not done.stdout
    assert not list(trained_copy.glob("mlartifacts/**/report.html"))
    # The one command here that logs: MLflow remembers where the artifacts of a run lie, and copies share their runs.
    assert run_stance("report", name, "-o", "two.html", cwd=trained_copy).returncode == 0
    (logged,) = trained_copy.glob("mlartifacts/**/report.html")
    assert logged.read_bytes() == (trained_copy / "one.html").read_bytes() == (trained_copy / "two.html").read_bytes()


def test_one_model_has_a_page_by_every_name_of_its_run(run_stance, trained: Path, tmp_path: Path) -> None:
    found = read_reviewed(open_store(trained, must_exist=True), "tiny/stance/tfidf-nb")
    pages = []
    for name in ("tiny/stance/tfidf-nb", found.models[0].run.run_id):
        path = tmp_path / f"{len(pages)}.html"
        done = run_stance("report", name, "-o", str(path), "--no-log", cwd=trained)
        assert done.returncode == 0, done.stderr
        pages.append(path.read_text(encoding="utf-8"))
    assert pages[0] == pages[1] and "there is one model, and nothing to compare it with" in pages[0]
    assert headings(Read(pages[0]), "h2") == SECTIONS


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-o", "x.html"], "give either a run or an experiment to report, or predictions with --corpus"),
        (["tiny", "--corpus", "p.jsonl", "-o", "x.html"], "not both"),
        (["tiny"], "--output (-o) names the page to write"),
        (["tiny", "-o", "x.pdf"], "x.pdf: a page ends in .html"),
        (["tiny", "-o", "there.html"], "there.html: exists already"),
        (["tiny", "-o", "nowhere/x.html"], "there is no folder nowhere"),
        (["tiny", "--gold", "g.jsonl", "--design", "random", "-o", "x.html"], "--gold and --design belong to --corpus"),
        (["--corpus", "p.jsonl", "--gold", "g.jsonl", "-o", "x.html"], "--gold and --design go together"),
        (["--corpus", "p.jsonl", "--design", "random", "-o", "x.html"], "--gold and --design go together"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_2(run_stance, tmp_path: Path, arguments: list[str], told: str) -> None:
    (tmp_path / "there.html").write_text("mine")
    done = run_stance("report", *arguments, cwd=tmp_path)
    assert done.returncode == 2 and told in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["there.html"]
    assert (tmp_path / "there.html").read_text() == "mine"


def test_what_is_not_there_is_said_and_nothing_is_written(run_stance, trained: Path, tmp_path: Path) -> None:
    done = run_stance("report", "tinny", "-o", str(tmp_path / "x.html"), cwd=trained)
    assert done.returncode == 1 and "tinny" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_missing_artifact_is_named(run_stance, trained_copy: Path) -> None:
    for path in trained_copy.glob("mlartifacts/**/evaluation.json"):
        path.write_text("{")
    done = run_stance("report", "tiny", "-o", "x.html", cwd=trained_copy)
    assert done.returncode == 1 and "evaluation.json: cannot be read" in done.stderr
    assert not (trained_copy / "x.html").exists()


def test_hostile_statements_stay_texts(tmp_path: Path) -> None:
    html = review_html(made_up(tmp_path, text=HOSTILE + "y" * 10_000, by=HOSTILE))
    page = Read(html)
    assert not page.open and not page.all("script") and not page.all("img") and len(page.all("style")) == 1
    assert all(a["href"].startswith("#") for a in page.all("a"))
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert "\u202e" not in html and "y" * 1300 not in html
    assert any(text.startswith("<script>alert(1)</script></title>") for _, text in page.texts)


def test_every_heading_is_in_order_and_every_id_stands_once(tmp_path: Path) -> None:
    page = Read(review_html(made_up(tmp_path)))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))  # noqa: RUF007
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_limits_and_provenance_are_told(tmp_path: Path) -> None:
    html = review_html(made_up(tmp_path))
    assert "Only 10 articles are held out" in html and "gold examples held out; its figures are loose" in html
    assert "differed from the commit" in html and f"git checkout {'c' * 40}" in html and "d" * 64 in html
    config = re.search(r"<code>(\{.*?)</code>", html, re.S)
    assert config and json.loads(config[1].replace("&#34;", '"').replace("&#39;", "'"))["seed"] == 3


def test_the_chosen_is_the_one_that_cross_validation_chose(tmp_path: Path) -> None:
    found = made_up(tmp_path)
    assert found.chosen("tone").name == "better"
    assert "of 2 models cross-validation chose better" in review_html(found)


@pytest.mark.parametrize(
    ("split", "told"),
    [
        ({"kind": "leave_out", "sources": ["A", "B"]}, "each of the sources A, B is held out in turn"),
        ({"kind": "rolling", "start": "2024-03", "months": 2}, "the figure of unseen months chose better"),
        ({"kind": "nested", "folds": 4}, "the logged model learnt from all of them"),
        ({"kind": "fixed", "held_out": ["x.jsonl"]}, "the labelled files x.jsonl are held out"),
    ],
)
def test_every_kind_of_split_is_told_as_it_is(tmp_path: Path, split: dict[str, object], told: str) -> None:
    html = review_html(made_up(tmp_path, split=split))
    assert told in html
    assert ("no held-out statement had a part in any choice" in html) == (split["kind"] in ("nested", "fixed"))


# ------------------------------------------------------------------------------------------- slow: in a browser


@pytest.fixture
def chromium() -> Iterator[object]:
    sync_api = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.slow
@pytest.mark.enable_socket
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_and_nothing_runs_over_the_side(chromium, tmp_path: Path, scheme: str, width: int) -> None:
    axe = os.environ.get("AXE_CORE")
    if not axe or not Path(axe).is_file():
        pytest.skip("AXE_CORE names no axe.min.js")
    path = tmp_path / "page.html"
    path.write_text(review_html(made_up(tmp_path, 300, text="a statement of some length " * 3)), encoding="utf-8")
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate(Path(axe).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [(one["id"], one["nodes"][0]["html"][:200], len(one["nodes"])) for one in found["violations"]]
    assert not told, told
    assert len(found["passes"]) > 20  # it has looked
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == [path.as_uri()]


@pytest.mark.slow
@pytest.mark.enable_socket
def test_ten_thousand_predictions_are_a_small_page_that_opens_at_once(chromium, tmp_path: Path) -> None:
    found = made_up(tmp_path, 10_000, ("a", "b", "c", "d"), text="a statement of some length " * 4, resamples=300)
    start = time.perf_counter()
    html = review_html(found)
    made = time.perf_counter() - start
    path = tmp_path / "page.html"
    path.write_text(html, encoding="utf-8")
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri(), wait_until="load")
    seconds = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000
    print(
        f"10,000 predictions of 4 models: {path.stat().st_size / 1e6:.2f} MB, made in {made:.1f} s, opens in {seconds:.2f} s"
    )
    assert path.stat().st_size < 3e6 and seconds < 2


@pytest.mark.slow
def test_two_runs_of_an_experiment_have_the_same_page_but_for_their_ids(run_stance, project: Path) -> None:
    pages = []
    for _ in range(2):
        assert run_stance("train", "experiments/tiny.yaml", cwd=project).returncode == 0
        done = run_stance("report", "tiny", "-o", "page.html", "--force", "--no-log", cwd=project)
        assert done.returncode == 0, done.stderr
        pages.append(re.sub(r"\b[0-9a-f]{32}\b", "ID", (project / "page.html").read_text(encoding="utf-8")))
    assert pages[0] == pages[1]
