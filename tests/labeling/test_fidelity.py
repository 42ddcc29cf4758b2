"""``stance evaluate codebook``: who follows definitions, and who goes by the names of labels."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.chats import Answer, chats, labels, statement_of
from toolkit.config import load_scheme
from toolkit.evaluation import Resampling
from toolkit.labeling import Asked, Rules, fidelity
from toolkit.model import own_models
from toolkit.records import Statement

STANCE = load_scheme("stance", Path(__file__).resolve().parents[2])
TEXTS = ["We deny it.", "We will strike back at them.", "We offer them talks.", "It rains in the north."]


def test_rules_move_with_their_definitions() -> None:
    statements = [Statement(f"s{i}", f"a{i}", text, (), "direct") for i, text in enumerate(TEXTS)]
    found = fidelity(statements, STANCE, lambda scheme: Rules(Asked(scheme)), Resampling(resamples=100))
    for name in ("order", "names", "swapped", "aside"):
        assert found.figures[name].value == 1 and found.figures[name].support == 4
        assert found.some[name].support == 3
    assert found.refused == 0 and found.figures["examples"].support == 6


def by_name(body: dict, number: int) -> Answer:
    """Gives the label that is called denial, whatever stands under it; other names mean nothing to it."""
    known = re.findall(r"^## (\w+)", body["messages"][0]["content"], re.MULTILINE)
    deny = "deny" in statement_of(body)
    return labels(("denial", "deny")) if deny and "denial" in known else labels()


def by_definition(body: dict, number: int) -> Answer:
    """Gives whatever label stands above the definition of denying."""
    sections = re.split(r"^## ", body["messages"][0]["content"], flags=re.MULTILINE)[1:]
    (name,) = [one.split("\n")[0] for one in sections if "Denies an allegation" in one or "denies an alle" in one]
    return labels((name, "deny")) if "deny" in statement_of(body) else labels()


def fickle(body: dict, number: int) -> Answer:
    return labels(("nonsense", "deny")) if "tram" in statement_of(body) else by_name(body, number)


@pytest.mark.enable_socket
def test_language_models_that_go_by_names_are_found_out(tmp_path: Path, run_stance) -> None:
    assert re.search("denies an allegation", STANCE.labels["denial"].definition, re.IGNORECASE)
    rows = ({"statement_id": f"s{i}", "text": text} for i, text in enumerate(TEXTS * 2))
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = {}
    for kind, reply in (("name", by_name), ("definition", by_definition), ("fickle", fickle)):
        with chats(reply) as server:
            done = run_stance(
                "evaluate", "codebook", "s.jsonl", "--by", "llm", "--base-url", server.url, "--llm", kind, "--json",
                cwd=tmp_path, STANCE_CACHE=str(tmp_path / "cache"),
            )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found[kind] = json.loads(done.stdout)
    for name in ("order", "names", "swapped", "aside"):
        assert found["definition"][f"{name}_of_labelled"]["value"] == 1, name
    assert found["name"]["order_of_labelled"]["value"] == 1
    assert found["name"]["names_of_labelled"]["value"] == 0 == found["name"]["swapped_of_labelled"]["value"]
    assert found["name"]["swapped"]["value"] == 0.75  # most have no label: there it looks well
    assert found["name"]["refused"] == 0 and found["fickle"]["refused"] == 2


def test_a_trained_model_reads_no_codebook(tmp_path: Path, run_stance) -> None:
    (tmp_path / "s.csv").write_text("statement_id,text\n1,We deny it\n2,It rains\n")
    done = run_stance("evaluate", "codebook", "s.csv", "--by", str(own_models()["stance"]), cwd=tmp_path)
    assert done.returncode == 0 and "A trained model does not read the codebook" in done.stderr
    assert "irrelevant sentence" in done.stderr and "swapped" not in done.stderr
    done = run_stance("evaluate", "codebook", "s.csv", "--by", "codebook", "--llm", "x", cwd=tmp_path)
    assert done.returncode == 2 and "--llm: only for --by llm." in done.stderr
