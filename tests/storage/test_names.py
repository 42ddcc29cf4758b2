"""Wherever a name becomes a path, the path lies right below its folder, whatever the name is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import UsageError
from toolkit.storage import file_name
from toolkit.tracking import experiment_run, list_models, promote, provenance
from toolkit.work import Workplace

HOSTILE = [
    "..",
    ".",
    "../../x",
    "a/../../b",
    "/etc/passwd",
    "a\0b",
    "a\nb",
    "x" * 300,
    "\U00020000" * 300,
    "\ud800",
    "~",
    "*",
    "",
]


@given(st.one_of(st.text(max_size=100), st.sampled_from(HOSTILE)))
def test_a_file_s_name_stays_in_its_folder(name: str) -> None:
    plain = file_name(name)
    assert (Path("/root") / plain).resolve() == Path("/root") / plain != Path("/root")
    assert len(plain.encode("utf-8", "surrogatepass")) <= 200 and not {"/", "\0", "\n", "\\"} & set(plain)


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_work_in_progress_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    with Workplace(tmp_path / "work").open(name, {"a": "b"}) as work:
        assert work.folder is not None and work.folder.parent == tmp_path / "work"
        assert work.below(name).folder.parent == work.folder  # type: ignore[union-attr]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["..", ".", "../../x", "/etc/passwd", "x" * 300], ids=ascii)
def test_artifacts_of_an_experiment_stay_in_their_folder(tmp_path: Path, new_store, name: str) -> None:
    store = new_store(tmp_path)
    with experiment_run(store, name, "", provenance(tmp_path, [], threads=1)) as run:
        place = Path(store.client().get_run(run).info.artifact_uri.removeprefix("file://"))
    assert place.resolve().is_relative_to(tmp_path / "mlartifacts") and len(place.relative_to(tmp_path).parts) == 4


def test_models_that_others_named_are_listed(tmp_path: Path, new_store) -> None:
    store = new_store(tmp_path)
    client = store.client()
    for name in ("it's", "x' OR name LIKE '%", 'say "x"', "a%b"):
        client.create_registered_model(name)
        client.create_model_version(name, str(tmp_path))
    assert [(row.name, row.version) for row in list_models(store)] == [
        (n, "1") for n in sorted(("it's", "x' OR name LIKE '%", 'say "x"', "a%b"))
    ]
    promote(store, "it's", "1")
    for alias in ("latest", "Latest", "v1", "V12", "x" * 300, "a/b", "", "é", "a\n"):
        with pytest.raises(UsageError, match="cannot be an alias: letters, digits, - and _, at most 100"):
            promote(store, "it's", "1", alias)
