"""The verbs of saying are these and no others: a form more, and figures could not be compared with older ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from toolkit.evaluation.extraction.saying import SAYING_FORMS, says

FORMS = """
say says said saying, tell tells told telling, add adds added adding, state states stated stating,
warn warns warned warning, announce announces announced announcing, insist insists insisted insisting,
argue argues argued arguing, claim claims claimed claiming, deny denies denied denying,
declare declares declared declaring,
write writes wrote, explain explains explained, note notes noted, suggest suggests suggested,
promise promises promised, vow vows vowed, threaten threatens threatened, pledge pledges pledged,
admit admits admitted, acknowledge acknowledges acknowledged, reply replies replied, respond responds responded,
assert asserts asserted, report reports reported, contend contends contended, urge urges urged,
tweet tweets tweeted, conclude concludes concluded, reiterate reiterates reiterated,
maintain maintains maintained, stress stresses stressed, emphasize emphasizes emphasized
"""
BENCHMARK = Path(__file__).resolve().parents[3] / "shared" / "benchmarks" / "quotes" / "score_quotes.py"


def test_the_forms_are_these() -> None:
    assert set(FORMS.replace(",", " ").split()) | {"according to"} == SAYING_FORMS


@pytest.mark.skipif(not BENCHMARK.is_file(), reason="the benchmark's script lies beside the repository, not in it")
def test_the_forms_are_those_of_the_benchmarks_own_script() -> None:
    definition = re.search(r"SAYING = re\.compile\((.*?)re\.I", BENCHMARK.read_text(encoding="utf-8"), re.DOTALL)
    assert definition is not None
    pattern = "".join(re.findall(r'r"([^"]*)"', definition[1]))
    assert set(pattern.removeprefix(r"\b(").removesuffix(r")\b").split("|")) == SAYING_FORMS


@pytest.mark.parametrize(
    ("cue", "expected"),
    [
        ("said", True),
        ("ACCORDING TO", True),
        ("has repeatedly denied", True),
        ("writing", False),
        ("threatening", False),
        ("unsaid", False),
        ("", False),
        (None, False),
    ],
)
def test_a_cue_says_or_not(cue: str | None, expected: bool) -> None:
    assert says(cue) is expected
