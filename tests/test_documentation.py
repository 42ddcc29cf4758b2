"""Every command and every block of code of the documentation is run, and its reference tells of everything there is."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.test_readme import ELSEWHERE
from toolkit.cli.main import app

DOCS = REPOSITORY / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
_BLOCK = re.compile(r"^```(?P<language>\w+)[^\n]*\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"[Pp]ut this into `(?P<path>[\w./-]+)`[^\n]*\n+\Z")
PEOPLE = ("stance annotate label ", "stance annotate adjudicate ")
"""Commands with which a person labels in the terminal; the tests press the keys."""


def blocks(page: Path) -> Iterator[tuple[str, str, str | None]]:
    """Give language and code of every block, and the file that the text says it is to be put into."""
    text = page.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        named = _FILE.search(text[: block.start()])
        yield block["language"], block["code"], named and named["path"]


def commands(page: Path) -> list[str]:
    code = [code for language, code, _ in blocks(page) if language == "sh"]
    return [line.strip() for one in code for line in one.replace("\\\n", " ").splitlines() if line.strip()]


WITH_CODE = [page for page in PAGES if any(language in ("sh", "python") for language, _, _ in blocks(page))]


def named(page: Path) -> str:
    return str(page.relative_to(DOCS))


def test_there_are_pages_with_commands() -> None:
    assert len(PAGES) > 12 and len(WITH_CODE) > 5


@pytest.mark.parametrize("page", WITH_CODE, ids=named)
def test_every_line_is_run(page: Path) -> None:
    for line in commands(page):
        assert line.startswith(("stance ", "cd ", *ELSEWHERE)), line


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody press keys where a command opens the page on which people label: 0, and 1 on every third."""

    def typed(page) -> None:
        async def labels() -> None:
            async with page.run_test(size=(100, 40)) as pilot:
                ben = "ben" in str(page.session.journal.annotator)
                for number in range(200):
                    if not page.is_running or page.session.answered == len(page.session.statements):
                        break
                    await pilot.press("1" if ben and number % 3 == 0 else "0", "space")
                    await pilot.pause()

        asyncio.run(labels())

    for name in ("page", "adjudicate"):
        module = importlib.import_module(f"toolkit.cli.annotate.{name}")
        monkeypatch.setattr(module, "needs_terminal", lambda *said: None)
        monkeypatch.setattr(module, "run_page", typed)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("page", WITH_CODE, ids=named)
def test_a_page_does_what_it_says(page: Path, trained_copy: Path, run_stance, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, names = trained_copy, {}
    for language, code, file in blocks(page):
        if file is not None:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(code, encoding="utf-8")
        elif language == "python":
            with contextlib.chdir(folder):
                exec(compile(code, named(page), "exec"), names)
        elif language == "sh":
            for line in [line.strip() for line in code.splitlines() if line.strip()]:
                if line.startswith("cd "):
                    folder = folder / line.removeprefix("cd ")
                elif not line.startswith(ELSEWHERE):
                    done = run_stance(*shlex.split(line, comments=True)[1:], cwd=folder)
                    assert done.returncode == 0, f"{line}\n{done.stderr}"
                    for name in re.findall(r" -o (\S+)", line):
                        assert (folder / name).exists(), line


def test_the_picture_of_the_page_shows_the_page_as_it_is() -> None:
    """The words on it; how a terminal library draws them may change."""
    spec = importlib.util.spec_from_file_location("screenshots", DOCS / "screenshots.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kept = (module.IMAGES / module.LABEL_PAGE).read_text(encoding="utf-8")
    words = [re.findall(r">([^<>]+)</text>", picture) for picture in (kept, module.label_page())]
    assert words[0] == words[1] and len(words[0]) > 10, "make screenshots draws it anew"


# ------------------------------------------------------------------------------------------------- the reference


@pytest.fixture(scope="module")
def reference() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("reference_pages", DOCS / "reference_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


def test_the_reference_has_every_command_and_option(reference: dict[str, str]) -> None:
    from typer.main import get_command

    text = reference["reference/commands.md"]
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        for below in getattr(command, "commands", {"": None}):
            assert f"## stance {name} {below}".rstrip() in text
    assert "| `--restart` |" in text


@pytest.mark.parametrize("page", ["reference/columns.md", "reference/configuration.md", "reference/commands.md"])
def test_nothing_in_the_reference_is_without_a_meaning(reference: dict[str, str], page: str) -> None:
    empty = [line for line in reference[page].splitlines() if line.startswith("| `") and line.endswith("|  |")]
    assert not [line for line in empty if not line.startswith("| `kind`")]


def test_the_pages_of_the_navigation_are_there_and_no_others() -> None:
    told = set(re.findall(r": ([\w/-]+\.md)$", (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE))
    made = {"reference/commands.md", "reference/configuration.md", "reference/columns.md"}
    assert told == {named(page) for page in PAGES} | made


def test_every_artifact_and_tag_of_a_run_is_told(trained: Path) -> None:
    from toolkit.tracking import open_store, read_experiment

    told = (DOCS / "reference" / "runs.md").read_text(encoding="utf-8")
    store = open_store(trained, must_exist=True)
    experiment = read_experiment(store, "tiny")
    run = experiment.models[0]
    parent = run.folder.parents[1] / experiment.run_id / "artifacts"
    files = [str(path.relative_to(top)) for top in (run.folder, parent) for path in top.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert not [name for name in files if not name.startswith("plots/") and f"`{name}`" not in told]
    families = ("mlflow.", "version.", "sha256.", "stance.chosen")
    assert not [tag for tag in run.tags if not tag.startswith(families) and f"`{tag}`" not in told]
    assert not [
        name for name in run.metrics if name.partition("/")[0] not in ("cv", "search") and f"`{name}`" not in told
    ]
