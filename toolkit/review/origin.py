"""The statements that an experiment learnt from and was judged on, read again from its data files.

A run keeps what its models said of held-out statements, and only the ids of those they learnt from. The texts are taken
from the data files, if these still are, byte for byte, what they were: their SHA-256 stand in the tags of the run.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from toolkit.config import DataConfig
from toolkit.errors import DataError
from toolkit.quotes import Extraction
from toolkit.records import Statement
from toolkit.splits import linked_groups
from toolkit.storage import SetAside, expand, file_sha256, read_articles, read_statements
from toolkit.tracking import LoggedExperiment, LoggedRun, Provenance

__all__ = ["Origin", "read_origin"]


@dataclass(frozen=True)
class Origin:
    """The statements of an experiment, by their id, and how it divided them."""

    statements: Mapping[str, Statement]
    experiment: LoggedExperiment

    @cached_property
    def _parts(self) -> list[tuple[Statement, ...]]:
        sides, kind = self.experiment.sides, self.experiment.config["split"]["kind"]
        if sides.learnt:
            return [tuple(self.statements[name] for name in part) for part in sides.learnt]
        training = tuple(self.statements[name] for name in sides.training)
        if kind not in ("nested", "leave_out"):
            return [training] * len(sides.parts)
        # The last model learnt from everything: each part was judged by one that had not seen it, nor what is like it.
        every = list(self.statements.values())
        near = self.experiment.config["split"]["near_duplicate"]
        groups = linked_groups([one.article_id for one in every], [one.text for one in every], near)
        group_of = {one.statement_id: group for one, group in zip(every, groups, strict=True)}
        outs = [{group_of[name] for name in part} for part in sides.parts]
        return [tuple(one for one in training if group_of[one.statement_id] not in out) for out in outs]

    def training_of(self) -> Iterator[tuple[tuple[str, ...], tuple[Statement, ...]]]:
        """Yield for every part of the split the ids that were held out, and the statements that were learnt from."""
        return zip(self.experiment.sides.parts, self._parts, strict=True)


def read_origin(experiment: LoggedExperiment, run: LoggedRun, root: Path) -> Origin:
    """Return the statements of the experiment that a run belongs to; ``root`` is the folder its paths are relative to.

    Raises DataError where a data file is missing or changed, where the statements can no longer be had from them, and
    for a split of which an older run does not say what each part learnt from.
    """
    kind = experiment.config["split"]["kind"]
    if not experiment.sides.learnt and kind not in ("grouped", "fixed", "nested", "leave_out"):
        raise DataError(f"what each part of a split of the kind {kind!r} learnt from is not in the run.")
    data = DataConfig.model_validate(experiment.config["data"])
    labelled = [root / name for name in (*data.statements, *experiment.config["split"].get("held_out", ()))]
    articles = expand([root / name for name in data.articles])
    _refuse_changed([*articles, *([root / data.gold] if data.gold else []), *labelled], run, root)
    sides = experiment.sides
    wanted = {*sides.training, *(name for part in (*sides.parts, *sides.learnt) for name in part)}
    found = {one.statement_id: one for one in _all(data, articles, labelled) if one.statement_id in wanted}
    if missing := sorted(wanted - set(found)):
        told = f"{len(missing)} of its {len(wanted)} statements are not found ({missing[0]})"
        raise DataError(f"{experiment.name}: {told}; another version of the toolkit may have extracted them.")
    return Origin(found, experiment)


def _all(data: DataConfig, articles: list[Path], labelled: Iterable[Path]) -> Iterator[Statement]:
    extraction, aside = Extraction(tuple(data.include), data.parser), SetAside()
    if articles:
        for article in read_articles(articles, aside):
            yield from extraction(article)
    for path in labelled:
        yield from read_statements(path, aside)  # the rows of a second annotator are set aside


def _refuse_changed(files: Iterable[Path], run: LoggedRun, root: Path) -> None:
    for path in files:
        if not path.is_file():
            raise DataError(f"{path}: there is no such file.")
        told = Provenance(None, None, {os.path.relpath(path, root): file_sha256(path)}, {}, "", "", 1).tags()
        if any(run.tags.get(name) != digest for name, digest in told.items() if name.startswith("sha256.")):
            raise DataError(f"{path}: is not what the run learnt from (its SHA-256 is another).")
