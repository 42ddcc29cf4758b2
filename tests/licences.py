"""The licences of what a default installation brings along: ``python -m tests.licences > docs/reference/licences.md``."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import REPOSITORY

_UNTOLD = {
    "huey": ("MIT", "its LICENSE"),
    "skops": ("MIT", "its LICENSE"),
}
"""Packages whose metadata name no licence, with what the file that comes with them says."""
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "BSD License": "BSD",
    "3-Clause BSD License": "BSD-3-Clause",
}
_HEAD = """# Licences of what is installed

The toolkit is under the MIT licence. `pip install stance-toolkit` brings these packages along, by the licences that their own metadata name. None is under
the GPL or AGPL, and a test refuses one that is; where a package leaves the choice between licences, one of them is neither. `make licences` writes this page.

| package | licence | of this family |
| --- | --- | --- |
"""


def installed(requirements: Iterable[str], extra: str = "") -> dict[str, Distribution]:
    """Return the packages that requirements bring along here, by their normal names: theirs, and those of these."""
    found: dict[str, Distribution] = {}
    waiting = [(text, extra) for text in requirements]
    seen = set[tuple[str, str]]()
    while waiting:
        text, asked = waiting.pop()
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": asked}):
            continue
        name = canonicalize_name(requirement.name)
        try:
            found[name] = distribution(requirement.name)
        except PackageNotFoundError:
            raise LookupError(f"{name} is required and not installed") from None
        for more in ("", *requirement.extras):
            if (name, more) not in seen:
                seen.add((name, more))
                waiting += [(one, more) for one in found[name].requires or ()]
    return dict(sorted(found.items()))


def default_requirements() -> list[str]:
    """Return what the toolkit asks for without an extra."""
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]


def licence_of(package: Distribution) -> str:
    """Return the licence of a package as its metadata name it: an SPDX expression, classifiers, or a line of text."""
    told = package.metadata
    if told.get("License-Expression"):
        return told["License-Expression"]
    name = canonicalize_name(told["Name"])
    if name in _UNTOLD:
        return _UNTOLD[name][0]
    named = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or () if one.startswith("License ::")]
    named = named or (told.get("License") or "").strip().splitlines()[:1]
    return " AND ".join(_CLASSIFIERS.get(one, one) for one in named) or "unknown"


def family(licence: str) -> str:
    """Return how far a licence reaches: permissive, weak (files or libraries), strong (all of a program), unknown.

    Of alternatives (``OR``) the least reaching one counts, of licences that all hold (``AND``) the farthest.
    """
    order = ("permissive", "weak", "strong", "unknown")
    return min((max(map(_of, parts), key=order.index) for parts in _alternatives(licence)), key=order.index)


def _alternatives(licence: str) -> Iterator[list[str]]:
    for one in re.split(r"\s+OR\s+", licence.strip("()")):
        yield re.split(r"\s+(?:AND|and|WITH)\s+", one.strip("()"))


def _of(name: str) -> str:
    if re.search(r"\bLGPL|Lesser General Public|\bMPL|Mozilla|\bEPL|\bCDDL", name):
        return "weak"
    if re.search(r"GPL|General Public|\bEUPL|\bSSPL|\bOSL", name):
        return "strong"
    known = r"\b(MIT|BSD|0BSD|Apache|ISC|PSF|Python Software|Zlib|CC0|CNRI|Unlicense|Public.Domain|HPND|MIT-CMU|BSL)"
    return "permissive" if re.search(known, name) else "unknown"


def page() -> str:
    """Return the page of the documentation."""
    rows = []
    for name, package in installed(default_requirements()).items():
        licence = licence_of(package)
        rows.append(f"| {name} | {licence} | {family(licence)} |\n")
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(page())
