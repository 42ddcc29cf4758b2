"""Work gives back what was finished, to the same work only, and is never thrown away unasked."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from toolkit.errors import UsageError
from toolkit.work import Cache, Work, Workplace

PRINT = {"config seed": "7", "SHA-256 of gold.jsonl": "ab"}


class Killed(BaseException):
    """A killed process lets go of its locks and does nothing else."""


def three(part: Work) -> dict[str, np.ndarray]:
    return {"values": np.arange(3.0)}


def never(part: Work) -> dict[str, np.ndarray]:
    raise AssertionError("this is done already")


def killed(root: Path, fingerprint: dict[str, str] = PRINT, *, finish: bool = True, **how: bool) -> None:
    with pytest.raises(Killed), Workplace(root, **how).open("my run", fingerprint) as work:
        if finish:
            work.below("part").once("step 1", three)
        raise Killed


def test_finished_steps_come_back(tmp_path: Path) -> None:
    killed(tmp_path)
    with Workplace(tmp_path, resume=True).open("my run", PRINT) as work:
        assert work.below("part").once("step 1", never)["values"].tolist() == [0, 1, 2]
        assert work.once("step 1", lambda part: {"other": np.zeros(1)})["other"].tolist() == [0]
    assert not tmp_path.exists()


def test_what_a_step_left_behind_is_cleared_when_it_is_finished(tmp_path: Path) -> None:
    def with_checkpoint(part: Work) -> dict[str, np.ndarray]:
        assert part.folder is not None
        (part.folder / "checkpoint").mkdir()
        (part.folder / "checkpoint" / "a").write_text("x")
        return three(part)

    work = Work(tmp_path)
    work.once("step 1", with_checkpoint)
    folder = work.below("step 1").folder
    assert folder is not None and [path.name for path in folder.iterdir()] == ["done.npz"]


def test_unfinished_work_is_not_thrown_away_unasked(tmp_path: Path) -> None:
    killed(tmp_path)
    with pytest.raises(UsageError, match="go on with it by --resume, or throw it away by --restart"):
        killed(tmp_path)
    with Workplace(tmp_path, restart=True).open("my run", PRINT) as work:
        assert work.below("part").once("step 1", lambda part: {"new": np.zeros(1)})["new"].tolist() == [0]


def test_work_without_a_finished_step_is_no_loss(tmp_path: Path) -> None:
    killed(tmp_path, finish=False)
    killed(tmp_path, finish=False)


def test_other_work_cannot_be_resumed_and_every_difference_is_named(tmp_path: Path) -> None:
    """Promise 16."""
    killed(tmp_path)
    other = {**PRINT, "config seed": "8", "new": "1"}
    with pytest.raises(UsageError, match="cannot be resumed, it was another one: config seed was 7, is 8") as caught:
        killed(tmp_path, other, resume=True)
    assert "new was absent, is 1" in str(caught.value) and "SHA" not in str(caught.value)
    with pytest.raises(UsageError, match="there is no interrupted run of 'other' to resume"):
        with Workplace(tmp_path / "new", resume=True).open("other", PRINT):
            pass
    assert not (tmp_path / "new").exists()
    # What was there is still there.
    with Workplace(tmp_path, resume=True).open("my run", PRINT) as work:
        work.below("part").once("step 1", never)


def test_two_processes_do_not_do_the_same_work(tmp_path: Path) -> None:
    with ExitStack() as first:
        first.enter_context(Workplace(tmp_path).open("my run", PRINT))
        with pytest.raises(UsageError, match="is going on in another process"):
            killed(tmp_path, resume=True)
        with Workplace(tmp_path).open("my run", {**PRINT, "config seed": "8"}):
            pass
    assert not tmp_path.exists()


def test_without_a_folder_everything_is_done_again() -> None:
    times: list[int] = []

    def counted(part: Work) -> dict[str, np.ndarray]:
        times.append(1)
        return three(part)

    work = Work()
    for _ in range(2):
        work.once("a", counted)
    assert len(times) == 2 and work.folder is None and work.below("a").folder is None


def test_kept_results_hold_no_pickles(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.once("step 1", three)
    folder = work.below("step 1").folder
    assert folder is not None
    np.savez(folder / "done.npz", values=np.array([object()], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        work.once("step 1", three)


def test_a_cache_computes_each_text_once_and_keeps_it(tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def upper(texts: list[str]) -> list[bytes]:
        asked.append(texts)
        return [text.upper().encode("utf-8", "surrogatepass") for text in texts]

    cache = Cache(tmp_path / "below" / "c.sqlite")
    assert cache.through(["a", "b", "a", "\ud800"], upper) == [b"A", b"B", b"A", b"\xed\xa0\x80"]
    assert Cache(cache.path).through(["b", "c"], upper) == [b"B", b"C"]
    assert asked == [["a", "b", "\ud800"], ["c"]]
    assert cache.through([], upper) == []
