"""A journal gives back what was finished, to the same work only, and is never thrown away unasked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from toolkit.errors import UsageError
from toolkit.storage import Journal

PRINT = {"config seed": "7", "SHA-256 of gold.jsonl": "ab"}


def started(root: Path, fingerprint: dict[str, str] = PRINT, *, finish: bool = True) -> Journal:
    journal = Journal.open(root, "my run", fingerprint, resume=False, restart=False)
    if finish:
        journal.keep("step 1", values=np.arange(3.0))
    return journal


def killed(journal: Journal) -> None:
    """A killed process lets go of its locks and does nothing else."""
    assert journal._lock is not None
    journal._lock.release()


def test_finished_steps_come_back(tmp_path: Path) -> None:
    killed(started(tmp_path))
    journal = Journal.open(tmp_path, "my run", PRINT, resume=True, restart=False)
    found = journal.recall("step 1")
    assert found is not None and found["values"].tolist() == [0, 1, 2]
    assert journal.recall("step 2") is None


def test_what_a_step_left_behind_is_cleared_when_it_is_finished(tmp_path: Path) -> None:
    journal = started(tmp_path, finish=False)
    place = journal.place("step 1")
    assert place is not None
    (place / "checkpoint").mkdir()
    (place / "checkpoint" / "a").write_text("x")
    journal.keep("step 1", values=np.arange(3.0))
    assert [path.name for path in place.iterdir()] == ["done.npz"]


def test_unfinished_work_is_not_thrown_away_unasked(tmp_path: Path) -> None:
    killed(started(tmp_path))
    with pytest.raises(UsageError, match="go on with it by --resume, or throw it away by --restart"):
        started(tmp_path)
    journal = Journal.open(tmp_path, "my run", PRINT, resume=False, restart=True)
    assert journal.recall("step 1") is None


def test_work_without_a_finished_step_is_no_loss(tmp_path: Path) -> None:
    killed(started(tmp_path, finish=False))
    started(tmp_path)


def test_other_work_cannot_be_resumed_and_every_difference_is_named(tmp_path: Path) -> None:
    """Promise 16."""
    killed(started(tmp_path))
    with pytest.raises(UsageError, match="cannot be resumed, it was another one: config seed was 7, is 8") as caught:
        Journal.open(tmp_path, "my run", {**PRINT, "config seed": "8", "new": "1"}, resume=True, restart=False)
    assert "new was absent, is 1" in str(caught.value) and "SHA" not in str(caught.value)
    with pytest.raises(UsageError, match="there is no interrupted run of 'other' to resume"):
        Journal.open(tmp_path / "new", "other", PRINT, resume=True, restart=False)
    assert not (tmp_path / "new").exists()
    # What was there is still there.
    assert Journal.open(tmp_path, "my run", PRINT, resume=True, restart=False).recall("step 1") is not None


def test_two_processes_do_not_do_the_same_work(tmp_path: Path) -> None:
    first = started(tmp_path)
    with pytest.raises(UsageError, match="is going on in another process"):
        Journal.open(tmp_path, "my run", PRINT, resume=True, restart=False)
    other = started(tmp_path, {**PRINT, "config seed": "8"})
    other.close()
    first.close()
    assert not tmp_path.exists() or not list(tmp_path.iterdir())


def test_without_a_folder_everything_is_forgotten() -> None:
    journal = Journal()
    journal.keep("a", values=np.zeros(1))
    assert journal.recall("a") is None and journal.place("a") is None
    journal.close()


def test_a_journal_holds_no_pickles(tmp_path: Path) -> None:
    journal = started(tmp_path)
    place = journal.place("step 1")
    assert place is not None
    np.savez(place / "done.npz", values=np.array([object()], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        journal.recall("step 1")
