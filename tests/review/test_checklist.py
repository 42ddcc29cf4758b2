"""Capabilities: cases made from a file, judged, and countries compared within statements."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare
from statsmodels.stats.contingency_tables import cochrans_q
from statsmodels.stats.multitest import multipletests

from toolkit.config import load_behaviour
from toolkit.errors import ConfigError, UsageError
from toolkit.evaluation import Resampling
from toolkit.evaluation.behaviour.bias import measure_bias
from toolkit.records import Statement
from toolkit.review.checklist import behaviour_cases, run_checklist

ROOT = Path(__file__).resolve().parents[2]
FEW = Resampling(0, 200)
HEAD = "scheme: stance\nlexicon:\n  place: [the port, the pass]\n"
INVARIANT = "capabilities:\n  where:\n    kind: invariance\n    change: country\n    values: [Norway, Chile, Japan]\n"


def written(folder: Path, text: str) -> str:
    path = folder / "tests.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + INVARIANT.replace("country", "city"), "tests.yaml:7: capabilities.where.change: input should be"),
        (HEAD + INVARIANT.replace("values", "valeus"), "unknown key (did you mean 'values'?)"),
        (HEAD + INVARIANT.replace(", Chile, Japan", ""), "the change 'country' needs at least 3 values, not 1"),
        (HEAD + INVARIANT.replace("Chile", "Philippines"), "'Philippines' takes an article or a plural"),
        (HEAD + INVARIANT.replace("Chile", "Atlantis"), "'Atlantis' is not the plain name of a state"),
        (
            HEAD + "capabilities:\n  a:\n    kind: functionality\n    cases:\n    - {text: We go to {plaze}}\n",
            "tests.yaml:8",
        ),
        (
            HEAD
            + 'capabilities:\n  a:\n    kind: functionality\n    cases:\n    - {text: "To {plaze}.", has: [denial]}\n',
            "tests.yaml:8: capabilities.a.cases.0: {plaze} is not in the lexicon (did you mean 'place'?).",
        ),
        (
            HEAD + 'capabilities:\n  a:\n    kind: functionality\n    cases:\n    - {text: "Go.", has: [denail]}\n',
            "capabilities.a.cases.0.has.0: label 'denail' is not in the scheme 'stance' (allowed: conciliatory",
        ),
        (
            HEAD + 'capabilities:\n  a:\n    kind: functionality\n    cases:\n    - {text: "Go."}\n',
            "say what is expected: give has, lacks, or both",
        ),
        (
            HEAD + "capabilities:\n  a: {kind: direction, append: [Go.], appears: threat}\n",
            "tests.yaml:5: capabilities.a.appears: label 'threat' is not in the scheme",
        ),
    ],
)
def test_mistakes_are_told_where_they_stand(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_behaviour(written(tmp_path, text))
    assert told in str(error.value)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'stanse' is no file of behaviour tests.*did you mean 'stance'.*known: "):
        load_behaviour("stanse")


def test_every_shipped_file_makes_cases_for_every_capability() -> None:
    files = sorted((ROOT / "configs" / "behaviour").glob("**/*.yaml"))
    assert files
    for path in files:
        config, _ = load_behaviour(str(path))
        cases = list(behaviour_cases(config))
        assert {case.capability for case in cases} == set(config.capabilities)
        assert cases == list(behaviour_cases(config)) and not any("{" in case.statement.text for case in cases)
        assert len(cases) > 300


def test_a_model_that_looks_at_one_country_is_found_out(tmp_path: Path) -> None:
    bases = "bases:\n" + "".join(f"  - {{text: 'Report {i} is about Peru.'}}\n" for i in range(12))
    config, scheme = load_behaviour(written(tmp_path, HEAD + bases + INVARIANT))

    def biased(statements: list[Statement]) -> tuple[list[tuple[str, ...]], np.ndarray]:
        labels = [("threatening",) if "Chile" in one.text else () for one in statements]
        high = [[0.1, 0.9 if "Chile" in one.text else 0.2, 0.1] for one in statements]
        return labels, np.array(high)

    found = run_checklist(config, scheme.label_names, biased, resampling=FEW)
    assert found.capabilities["where"].failures.value == pytest.approx(1 / 3)
    assert len(found.failed) == 12 and found.failed[0]["problem"] == "should not have threatening"
    bias = found.bias["where"]
    threatening = bias.labels["threatening"]
    assert bias.blocks == 12 and threatening.rates["Chile"].value == 1 and threatening.rates["Norway"].value == 0
    assert threatening.p_rates_holm < 0.001 and threatening.p_means_holm < 0.001
    assert bias.labels["denial"].p_rates is None and bias.labels["denial"].p_means is None
    assert found.capabilities["where"].labelled.value is None  # no base had a label


def test_directions_and_known_cases(tmp_path: Path) -> None:
    text = HEAD + (
        "bases: [{text: We agree to meet them.}, {text: The boat is very blue.}]\n"
        "capabilities:\n"
        "  more: {kind: direction, append: [We will strike.], appears: threatening}\n"
        "  known:\n    kind: functionality\n    fills: 5\n    cases:\n"
        '    - {text: "We close {place}.", has: [threatening], lacks: [denial]}\n'
        "  none: {kind: invariance, change: date}\n"
    )
    config, scheme = load_behaviour(written(tmp_path, text))

    def forgetful(statements: list[Statement]) -> tuple[list[tuple[str, ...]], None]:
        """Sees the threat, and forgets the offer."""
        return [
            ("threatening",) if "strike" in one.text else ("conciliatory",) if "agree" in one.text else ("denial",)
            for one in statements
        ], None

    found = run_checklist(config, scheme.label_names, forgetful, resampling=FEW)
    assert {row["problem"] for row in found.failed} == {
        "lacks conciliatory",
        "lacks denial",
        "lacks threatening; should not have denial",
    }
    known = found.capabilities["known"]
    assert known.failures.support == 2 and known.groups == 1 and known.labelled is None
    assert found.empty == ("none",) and not found.bias


def test_no_failure_has_an_interval_all_the_same(tmp_path: Path) -> None:
    bases = "bases:\n" + "".join(f"  - {{text: 'Report {i} is about Peru.'}}\n" for i in range(10))
    config, scheme = load_behaviour(written(tmp_path, HEAD + bases + INVARIANT))
    found = run_checklist(config, scheme.label_names, lambda asked: ([()] * len(asked), None), resampling=FEW)
    figure = found.capabilities["where"].failures
    assert (figure.value, figure.low) == (0, 0) and figure.high == pytest.approx(1 - 0.025 ** (1 / 10))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 6), st.integers(2, 12))
def test_tests_of_no_difference_are_those_of_scipy_and_statsmodels(seed: int, countries: int, blocks: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.random((blocks, countries, 2))
    names = [f"c{k}" for k in range(countries)]
    rows = [(b, k) for b in range(blocks) for k in range(countries)]
    order = rng.permutation(len(rows))
    rows = [rows[i] for i in order]
    probabilities = np.array([values[row] for row in rows])
    given = [[label for label, p in zip("xy", values[row], strict=True) if p > 0.6] for row in rows]
    found = measure_bias(
        [f"b{b}" for b, _ in rows], [names[k] for _, k in rows], given, probabilities, ["x", "y"], Resampling(0, 20)
    )
    expected = []
    for k, label in enumerate("xy"):
        assert found.labels[label].p_means == pytest.approx(friedmanchisquare(*values[:, :, k].T).pvalue)
        decided = (values[:, :, k] > 0.6).astype(float)
        if (decided != decided[:, :1]).any():
            expected.append(cochrans_q(decided).pvalue)
            assert found.labels[label].p_rates == pytest.approx(expected[-1])
        for j, name in enumerate(names):
            assert found.labels[label].rates[name].value == pytest.approx(decided[:, j].mean())
    corrected = [one.p_rates_holm for one in found.labels.values() if one.p_rates_holm is not None]
    assert corrected == pytest.approx(list(multipletests(expected, method="holm")[1]) if expected else [])
