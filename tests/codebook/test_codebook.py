"""A codebook reads an act with its grammar: who does it, whether it is done, and what voids it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.codebook import Codebook, failing_examples
from toolkit.codebook.words import verb_forms
from toolkit.config import load_scheme
from toolkit.errors import ConfigError
from toolkit.labels import Label, LabelScheme, Rule
from toolkit.records import Statement
from toolkit.storage import read_labelled

ROOT = Path(__file__).resolve().parents[2]
STANCE = load_scheme("stance", ROOT)
CODEBOOK = Codebook(STANCE)
PLAIN = {"counts": ["we strike"], "does_not_count": ["they strike"]}


def statement(text: str, cue: str | None = None, speaker: str | None = "the minister") -> Statement:
    return Statement("s", "a", text, (), "indirect" if cue else "direct", speaker, cue=cue)


def labels(text: str, cue: str | None = None, speaker: str | None = "the minister") -> list[str]:
    return list(CODEBOOK.labels_of(CODEBOOK.find(statement(text, cue, speaker))))


def scheme(**rules: Rule) -> LabelScheme:
    label = Label(definition="d", rules=rules)
    return LabelScheme(name="s", question="q", multi_label=True, labels={"yes": label, "other": Label(definition="d")})


@pytest.mark.parametrize(
    ("text", "cue", "expected"),
    [
        ("We will strike every depot they own.", None, ["threatening"]),
        ("They will strike every depot we own.", None, []),
        ("We will not strike their depots.", None, []),
        ("Will we strike their depots?", None, []),
        ("Our rivals claim that we will strike their depots.", None, []),
        ("it would strike their depots", "said", ["threatening"]),
        ("to bar inspectors from both workshops", "threatened", ["threatening"]),
        ("us with war", "has never threatened", []),
        ("Rejected an offer of talks", None, []),
        ("The hill offers a view of both valleys.", None, []),
        ("planning permission for the tower", "denied", []),
        ("tampering with the seals", "denied", ["denial"]),
        ("to a handover of power", "would not commit", []),
        ("Only a third agreed with calls for the mayor to go.", None, []),
        ("The town is threatened by drought.", None, []),
        ("We agreed to meet again on Friday, but we will impose new sanctions on the port.", None, None),
    ],
)
def test_who_does_it_and_whether_it_is_done(text: str, cue: str | None, expected: list[str] | None) -> None:
    assert labels(text, cue) == (["conciliatory", "threatening"] if expected is None else expected)


@pytest.mark.parametrize(
    ("text", "cue", "speaker", "expected"),
    [
        ("We will work together with the mountain cantons on the dispute.", None, "the minister", ["conciliatory"]),
        ("We must all work together for a cleaner lake.", None, "the minister", []),
        ("Each of us should help the displaced families.", None, "the minister", []),
        ("Peace can be reached only through dialogue.", None, "the minister", []),
        ("We will have to strike back.", None, "the minister", ["threatening"]),
        ("They must leave by Friday or face sanctions.", None, "the minister", ["threatening"]),
        ("the republic would strike back at once", "said", "the foreign ministry", ["threatening"]),
        ("the republic would strike back at once", "said", "an observer of the region", []),
        ("China could cut off supplies of gas at any time.", None, "the minister", []),
        ("a man at the gate promised me a job", "said", "the weaver", []),
        ("We do not torture ourselves.", None, "the minister", []),
    ],
)
def test_what_everybody_must_do_and_what_others_may_do_is_no_stance(
    text: str, cue: str | None, speaker: str, expected: list[str]
) -> None:
    assert labels(text, cue, speaker) == expected


@pytest.mark.parametrize(
    ("text", "cue", "expected"),
    [
        # the clause of a claim is over where its verdict begins
        ("The claim that we shelled the school is false.", None, ["denial"]),
        ("the claim that it had shelled the school was false", "said", ["denial"]),
        ("The allegation that their men took bribes is untrue.", None, ["denial"]),
        ("They spread the claim that the bank is false to its word.", None, []),
        # whose intention is denied, by "no" and not by "any" alone
        ("We have no intention of closing the strait to their ships.", None, ["denial"]),
        ("We have no plans and no wish of closing the border to trade.", None, ["denial"]),
        ("he was against any attempt to persecute them", "said", []),
        # what others are told to do is a demand
        ("We urge their leaders to keep the close cooperation alive.", None, []),
        ("the leaders of the island to keep the close cooperation alive", "urged", []),
        # a gerund that the cue cannot govern is a subject
        ("destroying the old mines was an aim of the mission", "said", []),
        ("destroying the bridges", "threatened", ["threatening"]),
        # whose decision it is, and what means are for
        ("We had no part in their neighbours' decision to strike the ship.", None, ["denial"]),
        ("He signed a law that gives us the tools to punish them.", None, []),
        ("The orders were difficult to execute.", None, []),
        # what lacks is not denied; a subject of one word is one
        ("There is no shortage of soldiers.", None, []),
        ("Art does not exist to please the mayor.", None, []),
        # "going" as an auxiliary, a particle that is none
        ("These are going to be parts of the talks.", None, []),
        ("We will take two from the back.", None, []),
        ("We will take back the hills.", None, ["threatening"]),
    ],
)
def test_what_is_only_told_of_is_not_done(text: str, cue: str | None, expected: list[str]) -> None:
    assert labels(text, cue) == expected


def test_rules_share_the_words_of_their_scheme() -> None:
    rule = Rule(verbs=["strike"], takes=["object"], not_about=["@play"], **PLAIN)
    label = Label(definition="d", rules={"hits": rule})
    given = {"name": "s", "question": "q", "multi_label": True, "labels": {"yes": label}}
    codebook = Codebook(LabelScheme(words={"play": ["ball", "goal*"]}, **given))
    found = [codebook.find(statement(f"We strike the {target}.")) for target in ("bridge", "balls", "goalpost")]
    assert [bool(one) for one in found] == [True, False, False]
    with pytest.raises(ValueError, match="names '@play', which is not among the words"):
        LabelScheme(**given)


@pytest.mark.parametrize(
    ("text", "cue", "expected"),
    [
        # a subject or an object that is nobody
        ("No aircraft of ours had left the ground.", None, ["denial"]),
        ("none of its ships had entered the bay", "said", ["denial"]),
        ("None of their ships had entered the bay.", None, []),
        ("its police had used no tear gas", "said", ["denial"]),
        ("nobody had been paid to fire on them", "said", ["denial"]),
        ("We had no bread left on Thursday.", None, []),
        # the past of indirect speech
        ("it was not seeking a base there", "said", ["denial"]),
        ("it had halted the shelling at noon", "said", ["conciliatory"]),
        # a condition
        ("they would picket the depot if the wages were not paid", "said", ["threatening"]),
        ("they would picket the depot", "said", []),
        ("it would sign as soon as the ford was clear", "said", ["conciliatory"]),
        ("We shall not leave the coalition even if they touch the pensions.", None, []),
        # quotation marks are no words
        ('it would "answer with steel" any landing', "said", ["threatening"]),
        # an institution by its name, in indirect speech
        ("the navy would sink any vessel in the zone", "said", ["threatening"]),
        ("The navy would sink any vessel in the zone.", None, []),
        # forms
        ("the fuel tax", "scrapped", ["conciliatory"]),
        ("two diplomats", "expelled", ["threatening"]),
        ("We have unfrozen their assets.", None, ["conciliatory"]),
        ("We are too close to the border.", None, []),
        # what was not said is not done
        ("We never said that we would strike their depots.", None, ["denial"]),
        ("We cannot close their border.", None, []),
    ],
)
def test_the_grammar_of_acts(text: str, cue: str | None, expected: list[str]) -> None:
    assert labels(text, cue) == expected


def test_forms_that_double_a_consonant() -> None:
    assert verb_forms("stop") == {"stop": "base", "stops": "finite", "stopped": "past", "stopping": "gerund"}
    assert {"cancelled", "canceled", "cancelling", "canceling"} < verb_forms("cancel").keys()
    assert verb_forms("cut") == {"cut": "base", "cuts": "finite", "cutting": "gerund"}
    assert {"deployed", "deploying"} < verb_forms("deploy").keys() and "broken" in verb_forms("break")


def test_a_rule_may_want_a_condition() -> None:
    rules = Codebook(scheme(one=Rule(verbs=["strike"], condition=True, counts=["we strike if"], does_not_count=["x"])))
    counts = lambda text: any(found.counts for found in rules.find(statement(text)))  # noqa: E731
    assert all(counts(f"We will strike {c}.") for c in ("if they come", "once they come", "as long as they stay"))
    assert counts("Should they come, we will strike.") and counts("Whoever comes, we will strike him.")
    assert not any(counts(f"We will strike {c}.") for c in ("on Friday", "until Friday", "as well", "even if they go"))


def test_a_bare_sentence_is_read_by_its_main_subject() -> None:
    text = "The ministry will impose sanctions on three banks."
    assert labels(text, speaker=None) == ["threatening"]
    assert labels(text, speaker="a bystander") == []


def test_evidence_says_where() -> None:
    one = statement("to meet the envoys at the ridge", cue="offered on Monday")
    found = {
        (e.label, e.rule, e.field, getattr(one, e.field)[e.start : e.end])
        for e in CODEBOOK.evidence(CODEBOOK.find(one))
    }
    assert found == {("conciliatory", "offers", "cue", "offered"), ("conciliatory", "meets", "text", "meet")}


def test_places_hold_behind_letters_that_grow_in_lower_case() -> None:
    one = statement("İİİ said: \u201cwe won\u2019t attack you, we will strike their depots.\u201d")
    found = [e for e in CODEBOOK.evidence(CODEBOOK.find(one)) if e.rule == "will_harm"]
    assert [one.text[e.start : e.end] for e in found] == ["strike"]


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from("we they will not to offer threaten deny , . ? ' but".split())).map(" ".join)
)
def test_any_text_is_read(text: str) -> None:
    for cue in (None, "said", text[:20] or None):
        one = Statement("s", "a", text, (), "indirect", "x", cue=cue)
        for found in CODEBOOK.find(one):
            field = (cue if found.field == "cue" else text) or ""
            assert 0 <= found.start < found.end <= len(field)
            assert field[found.start : found.end].strip()


def test_words_are_found_as_a_whole_and_open_ones_at_their_beginning() -> None:
    rules = Codebook(scheme(one=Rule(phrases=["red line*", "hand"], by="anyone", **PLAIN)))
    texts = ["red lines", "a red line", "infrared lines", "a hand", "handy", "in-hand", "the hand's"]
    assert [bool(rules.find(statement(text))) for text in texts] == [True, True, False, True, False, False, False]


def test_a_particle_a_polarity_and_a_time() -> None:
    pull = Codebook(scheme(one=Rule(verbs=["pull out"], time="announced", **PLAIN)))
    counts = lambda rules, text: any(found.counts for found in rules.find(statement(text)))  # noqa: E731
    assert counts(pull, "We will pull our men out of it.") and not counts(pull, "We pulled out of it.")
    assert not counts(pull, "We will pull the rope.")
    never = Codebook(scheme(one=Rule(verbs=["pay"], polarity="negated", time="done", **PLAIN)))
    assert counts(never, "We never paid them.") and not counts(never, "We paid them.")
    assert not counts(never, "We will never pay them.")


def test_examples_are_checked_when_a_scheme_is_read(tmp_path: Path) -> None:
    good = (ROOT / "configs" / "labels" / "stance.yaml").read_text(encoding="utf-8")
    broken = good.replace("The hill offers a view of both valleys.", "We offer to talk.")
    assert broken != good
    path = tmp_path / "broken.yaml"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"broken\.yaml:\d+: labels\.conciliatory\.rules\.offers\.does_not_count\.1: .*finds"
    ):
        load_scheme(str(path), ROOT)


def test_a_rule_needs_an_act_and_examples() -> None:
    with pytest.raises(ValueError, match="name the act"):
        Rule(**PLAIN)
    with pytest.raises(ValueError, match="does_not_count"):
        Rule(verbs=["offer"], counts=["we offer"])
    assert [place for place, _ in failing_examples(scheme(one=Rule(verbs=["give"], **PLAIN)))] == [
        ("labels", "yes", "rules", "one", "counts", 0)
    ]
    assert Codebook(scheme()).find(statement("we give")) == []


def test_every_label_of_the_shipped_scheme_has_rules_that_read_their_examples() -> None:
    assert all(len(label.rules) >= 5 for label in STANCE.labels.values())
    assert list(failing_examples(STANCE)) == []


@pytest.mark.parametrize(
    "words",
    ["offer ", "(deny ", "we deny it and ", "our side will strike, ", "if we attack ", "offers talks in return for "],
)
def test_a_text_of_four_times_the_words_takes_about_four_times_as_long(words: str) -> None:
    """Without a full stop, or with one far behind, where every act looked through all of it: sixteen times."""

    def seconds(many: int) -> float:
        one, taken = statement(words * (many // len(words.split())) + "?", speaker=None), []
        for _ in range(3):
            start = time.process_time()
            CODEBOOK.find(one)
            taken.append(time.process_time() - start)
        return min(taken)

    assert seconds(8_000) / seconds(2_000) < 9


@pytest.mark.slow
def test_it_is_faster_than_the_patterns_that_it_replaces() -> None:
    """On the sample corpus, in one process: the rules of three labels against their 33 regular expressions."""
    path = ROOT / "data" / "sample" / "gold.jsonl"
    statements = [one for one, _ in read_labelled(path, [STANCE])]

    def seconds(read) -> float:
        taken = []
        for _ in range(3):
            start = time.process_time()
            for one in statements:
                read(one)
            taken.append(time.process_time() - start)
        return min(taken)

    rules = seconds(CODEBOOK.find)
    patterns = seconds(lambda one: STANCE.match_cues(f"{one.cue or ''} {one.text}"))
    assert patterns / rules > 2  # of twice the words that the patterns have
