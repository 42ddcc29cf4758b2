"""Where the version is told, and whether all of them agree: ``python -m tests.versions``."""

from __future__ import annotations

import re
import subprocess

import toolkit
from tests.conftest import REPOSITORY


def told() -> dict[str, str]:
    """Return the version by the place that tells it, git's tag of this commit among them where there is one."""
    citation = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    changes = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    found = {
        "toolkit.__version__": toolkit.__version__,
        "CITATION.cff": re.search(r"^version: *(\S+)", citation, re.MULTILINE)[1],
        "CHANGELOG.md": re.search(r"^## (\d[\w.]*)", changes, re.MULTILINE)[1],
    }
    git = ["git", "-C", str(REPOSITORY), "tag", "--points-at", "HEAD", "--list", "v[0-9]*"]
    tags = subprocess.run(git, capture_output=True, text=True, check=False).stdout.split()
    return found | {f"git tag {tag}": tag.removeprefix("v") for tag in tags}


def unreleased() -> bool:
    """Return whether the CHANGELOG calls the newest version unreleased."""
    return (
        "(unreleased)"
        in (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8").partition("\n## ")[2].splitlines()[0]
    )


if __name__ == "__main__":
    places = told()
    for place, version in places.items():
        print(f"{version:<12} {place}")
    if len(set(places.values())) > 1:
        raise SystemExit("The version is not the same everywhere.")
    if unreleased() and any(place.startswith("git tag") for place in places):
        raise SystemExit("CHANGELOG.md calls a version unreleased that has a tag.")
