"""What a release is made of: one version, bounds, licences, an image's recipe, archives that hold what they should."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import licences, versions
from tests.conftest import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
STEPS = [line for line in DOCKERFILE.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]


def tool(name: str) -> str:
    """Return a tool of releases, on the path or beside this Python; skip where it is not installed."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    return found or pytest.skip(f"{name} is not installed; it comes with the extra [release]")


def test_the_version_is_the_same_wherever_it_is_told() -> None:
    assert len(set(versions.told().values())) == 1, versions.told()


# -------------------------------------------------------------------------------------------------- dependencies


@pytest.mark.parametrize("text", [one for group in (PROJECT["dependencies"], *EXTRAS.values()) for one in group])
def test_every_dependency_has_a_lowest_version_and_is_pinned_within_its_bounds(text: str) -> None:
    wanted = Requirement(text)
    assert any(one.operator == ">=" for one in wanted.specifier)
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}
    assert wanted.specifier.contains(pinned[canonicalize_name(wanted.name)])


@pytest.fixture(scope="module")
def default() -> dict:
    return licences.installed(licences.default_requirements())


def test_the_default_installation_is_walked_to_its_end(default: dict) -> None:
    assert {"mlflow", "numpy", "pyarrow", "markupsafe", "click"} <= default.keys() and len(default) > 90


def test_nothing_in_the_default_installation_is_under_the_gpl(default: dict) -> None:
    reach = {name: licences.family(licences.licence_of(package)) for name, package in default.items()}
    assert not [name for name, one in reach.items() if one in ("strong", "unknown")], reach


def test_packages_without_a_licence_in_their_metadata_are_the_ones_that_we_have_read(default: dict) -> None:
    for name in licences._UNTOLD.keys() & default.keys():
        files = [one for one in default[name].files or () if re.search(r"LICEN[CS]E", one.name)]
        assert any("Permission is hereby granted, free of charge" in one.read_text() for one in files), name


@pytest.mark.parametrize(
    ("licence", "reach"),
    [
        ("MIT", "permissive"),
        ("BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", "permissive"),
        ("MPL-2.0 AND MIT", "weak"),
        ("LGPL-2.1-or-later", "weak"),
        ("GNU Lesser General Public License v3 (LGPLv3)", "weak"),
        ("GPL-3.0-or-later", "strong"),
        ("GNU General Public License v3 (GPLv3)", "strong"),
        ("GNU Affero General Public License v3", "strong"),
        ("AGPL-3.0-only AND MIT", "strong"),
        ("MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later", "weak"),
        ("(MIT OR GPL-3.0-only)", "permissive"),
        ("LicenseRef-Proprietary", "unknown"),
    ],
)
def test_how_far_a_licence_reaches(licence: str, reach: str) -> None:
    assert licences.family(licence) == reach


def test_the_page_of_licences_names_every_package(default: dict) -> None:
    text = (REPOSITORY / "docs/reference/licences.md").read_text(encoding="utf-8")
    assert default.keys() <= set(re.findall(r"^\| ([\w-]+) \|", text, re.MULTILINE))


# ----------------------------------------------------------------------------------------------------- the image


def test_the_image_is_built_in_stages_and_run_by_an_ordinary_user() -> None:
    bases = [step.split()[1] for step in STEPS if step.startswith("FROM")]
    assert len(bases) == 2 and all(re.fullmatch(r"python:3\.\d+-slim", base) for base in bases)
    assert re.fullmatch(r"USER [1-9]\d*", next(step for step in reversed(STEPS) if step.startswith("USER")))
    assert (
        not [step for step in STEPS if step.startswith(("ADD ", "EXPOSE ", "VOLUME "))] and "ENTRYPOINT" in DOCKERFILE
    )


def test_the_image_is_installed_by_the_versions_that_are_tested_and_asks_no_hub() -> None:
    assert "--constraint constraints.txt" in DOCKERFILE and "HF_HUB_OFFLINE=1" in DOCKERFILE
    assert "HOME=/tmp" in DOCKERFILE and "PYTHONDONTWRITEBYTECODE=1" in DOCKERFILE


def test_what_is_copied_into_the_image_is_there_and_not_ignored() -> None:
    wheel = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"][
        "targets"
    ]["wheel"]
    copied = [
        word for step in STEPS if step.startswith("COPY ") and "--from" not in step for word in step.split()[1:-1]
    ]
    ignored = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for name in copied:
        assert (REPOSITORY / name).exists()
        assert any(line.startswith(f"!{name}") for line in ignored), name
    for name in (*wheel["packages"], *wheel["force-include"]):
        assert name.split("/")[0] in copied and f"!{name}" in ignored, name


def test_a_linter_has_nothing_to_say_of_the_image() -> None:
    program = tool("hadolint")
    done = subprocess.run([program, str(REPOSITORY / "Dockerfile")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_image_is_built_and_needs_no_network_and_no_writable_root(tmp_path: Path) -> None:
    engine = next(filter(None, map(shutil.which, ("podman", "docker"))), None)
    if engine is None or subprocess.run([engine, "info"], capture_output=True, check=False).returncode:
        pytest.skip("no container engine runs here")
    subprocess.run([engine, "build", "--tag", "stance-tested", str(REPOSITORY)], check=True)
    (tmp_path / "a.txt").write_text('"We will not wait," Ana Lund said.\n')
    tmp_path.chmod(0o777)
    how = ["--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--volume", f"{tmp_path}:/work"]
    subprocess.run([engine, "run", *how, "stance-tested", "predict", "a.txt", "-o", "out.jsonl"], check=True)
    assert "Ana Lund" in (tmp_path / "out.jsonl").read_text()


# -------------------------------------------------------------------------------------------------- the archives


@pytest.mark.slow
def test_archives_hold_what_they_should(tmp_path: Path) -> None:
    subprocess.run([tool("pyproject-build"), "--outdir", str(tmp_path), str(REPOSITORY)], check=True)
    (wheel,), (source,) = tmp_path.glob("*.whl"), tmp_path.glob("*.tar.gz")
    names = zipfile.ZipFile(wheel).namelist()
    assert "toolkit/shipped/experiments/quickstart.yaml" in names and "toolkit/cli/main.py" in names
    assert {name.split("/")[0] for name in names} == {
        "toolkit",
        f"stance_toolkit-{versions.told()['CITATION.cff']}.dist-info",
    }
    assert any(name.endswith("/tests/test_release.py") for name in tarfile.open(source).getnames())


def test_make_knows_what_the_pages_name() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    texts = [
        path.read_text(encoding="utf-8")
        for path in (REPOSITORY / "CONTRIBUTING.md", *(REPOSITORY / "docs").rglob("*.md"))
    ]
    named = {name for text in texts for name in re.findall(r"`make ([\w-]+)`", text)}
    assert named and named <= known
