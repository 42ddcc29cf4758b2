"""The sections of a page in words: what was asked, of which data, how, how to do it again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.labels import Label, LabelScheme
from toolkit.records import Statement
from toolkit.report import Code, Group, Items, Note, PageTable, Part, Section, Terms
from toolkit.review.reviewed import Model, Reviewed

__all__ = ["codebook", "data", "protocol", "question", "reproduce"]

_LISTED = 20
_SPLITS = {
    "grouped": "a share of the articles ({test_size}) is held out",
    "nested": "nested cross-validation in {folds} folds: every article is held out once",
    "fixed": "the labelled files {held_out} are held out",
    "leave_out": "each of the sources {sources} is held out in turn",
    "rolling": "from {start} on every {months} months are held out in turn, and what came before trains",
}


def question(of: Reviewed) -> Section:
    """What the models are asked."""
    parts: list[Part] = [str(of.config["description"])] if of.config.get("description") else []
    for scheme in of.schemes.values():
        how = "any number of these labels, none included" if scheme.multi_label else "exactly one of these labels"
        told = (("the question", scheme.question), ("the answer", how), ("labels", ", ".join(scheme.labels)))
        parts.append(Group(scheme.name, (Terms(told),)))
    return Section("Question", tuple(parts))


# ------------------------------------------------------------------------------------------------------- the data


def data(of: Reviewed) -> Section:
    """Which files, how they were divided, and what the held-out statements are."""
    parts: list[Part] = [Terms(tuple(_divided(of))), _files(of.tags)]
    for scheme in of.schemes.values():
        parts.append(_gold_table(of.of(scheme.name)[0].gold, scheme))
    statements = of.models[0].statements
    parts.append(_composed("source", [one.source or "not told" for one in statements], statements))
    parts.append(_composed("kind", [str(one.kind) for one in statements], statements))
    return Section("Data", tuple(parts))


def _divided(of: Reviewed) -> Iterator[tuple[str, str]]:
    statements = of.models[0].statements
    split = of.config.get("split", {})
    yield "split", _split(split)
    yield (
        "kept apart",
        (
            "an article lies on one side as a whole, with every article whose statements are near-identical to its own "
            f"(word trigrams agree to {split.get('near_duplicate', '?')} or more)"
        ),
    )
    if of.experiment is not None:
        yield "training", f"{len(of.experiment.sides.training):,} statements{_all(of)}"
    yield "held out", f"{len(statements):,} statements of {len({one.article_id for one in statements}):,} articles"
    dates = sorted(one.published[:10] for one in statements if one.published)
    if dates:
        yield "published", f"{dates[0]} to {dates[-1]} ({len(statements) - len(dates):,} held-out statements undated)"
    yield "datasheet", "a README beside the data tells who wrote and labelled them, where there is one"


def _all(of: Reviewed) -> str:
    if not of.final_saw_all:
        return ""
    return (
        ": the logged model learnt from all of them, the figures are of fits that had not seen what they were judged on"
    )


def _split(split: Mapping[str, Any]) -> str:
    told = {name: ", ".join(value) if isinstance(value, list) else value for name, value in split.items()}
    kind = str(split.get("kind", "not told"))
    return f"{kind}: {_SPLITS[kind].format_map(told)}" if kind in _SPLITS else _plain(split)


def _files(tags: Mapping[str, str]) -> PageTable:
    digests = {name.removeprefix("sha256."): tag for name, tag in tags.items() if name.startswith("sha256.")}
    rows = tuple(sorted(digests.items()))[: 5 * _LISTED]
    left = len(digests) - len(rows)
    note = f"And {left:,} more files; their digests are tags of the run." if left else ""
    return PageTable("Files, each whole", ("file", "SHA-256"), rows, note)


def _gold_table(gold: Sequence[Sequence[str]], scheme: LabelScheme) -> PageTable:
    counts = Counter(label for labels in gold for label in set(labels))
    rows = [(label, counts[label], f"{counts[label] / max(len(gold), 1):.1%}") for label in scheme.labels]
    if scheme.multi_label:
        none = sum(not labels for labels in gold)
        rows.append(("none of them", none, f"{none / max(len(gold), 1):.1%}"))
    return PageTable(
        f"Gold labels of the held-out statements: {scheme.name}", ("label", "statements", "share"), tuple(rows)
    )


def _composed(name: str, values: Sequence[str], statements: Sequence[Statement]) -> PageTable:
    articles: dict[str, set[str]] = {}
    for value, one in zip(values, statements, strict=True):
        articles.setdefault(value, set()).add(one.article_id)
    counted = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))
    rows = tuple((value, n, len(articles[value])) for value, n in counted[:_LISTED])
    note = f"And {len(counted) - _LISTED:,} more." if len(counted) > _LISTED else ""
    return PageTable(f"Held-out statements by {name}", (name, "statements", "articles"), rows, note)


# ------------------------------------------------------------------------------------------------ codebook, protocol


def codebook(of: Reviewed) -> Section:
    """What each label means, what counts and what does not."""
    parts: list[Part] = []
    for scheme in of.schemes.values():
        parts.append(f"{scheme.name}: the codebook of digest {scheme.digest} tells this version from every other.")
        parts += [Group(f"{scheme.name}: {name}", _label(label), folded=True) for name, label in scheme.labels.items()]
    return Section("Codebook", tuple(parts))


def _label(label: Label) -> tuple[Part, ...]:
    found: list[Part] = [label.definition]
    lists = {"Counts": label.counts, "Does not count": label.does_not_count, "Examples": label.examples}
    found += [Group(title, (Items(tuple(items)),)) for title, items in lists.items() if items]
    codes = {"PLOVER": ", ".join(label.plover), "CAMEO": ", ".join(label.cameo)}
    codes |= {"rules": ", ".join(label.rules)}
    told = tuple((name, codes_) for name, codes_ in codes.items() if codes_)
    return tuple([*found, *([Terms(told)] if told else [])])


def protocol(of: Reviewed) -> Section:
    """How models were built, and how everything that could be chosen was chosen."""
    tuning, evaluation = of.config.get("tuning", {}), of.config.get("evaluation", {})
    metric = str(tuning.get("metric", "not told")).replace("_", " ").replace("f1", "F1")
    told = [
        ("chosen by", f"{metric}, cross-validated in the training part: {tuning.get('folds')} folds of whole articles, "
                      f"repeats: {tuning.get('repeats')}; {_apart(of)}"),
        ("thresholds", "multi-label schemes alone have them; where they come from stands with each model"),
        ("held-out figures", f"computed once; intervals at {evaluation.get('confidence', 0.95):.0%} by "
                             f"{evaluation.get('resamples')} bootstrap draws of whole articles"),
        ("seed", f"{of.config.get('seed')}, handed to every draw"),
        ("threads", str(of.config.get("threads", "not told"))),
    ]  # fmt: skip
    candidates = of.config.get("candidates")
    if candidates:
        told.append(("candidates for the registry", ", ".join(candidates)))
    parts: list[Part] = [Terms(tuple(told))]
    parts += [_models(scheme, of.of(scheme)) for scheme in of.schemes]
    parts += [Group("Every setting of every model", tuple(_settings(of)), folded=True)]
    return Section("Protocol", tuple(parts))


def _apart(of: Reviewed) -> str:
    if of.unseen is not None:
        return f"between models the figure of unseen {of.unseen} chose, so that the best of these flatters itself"
    return "no held-out statement had a part in any choice"


def _models(scheme: str, models: Sequence[Model]) -> PageTable:
    rows = []
    for model in models:
        told = model.run.parameters
        settings = model.run.config.get("models", {}).get(model.name, {})
        thresholds = f"{_came(settings.get('thresholds'))}: {told.get('thresholds', '')}"
        if not model.run.scheme.multi_label:
            thresholds = "most probable label"
        searched = told.get("searched", "nothing")
        rows.append(
            (
                model.name,
                told.get("kind", ""),
                ", ".join(settings.get("input", [])),
                searched if searched == "nothing" else f"{searched}; chosen {told.get('chosen', '')}",
                thresholds,
                told.get("calibration", ""),
                model.cv,
            )
        )
    heads = ("model", "kind", "reads", "searched", "thresholds", "calibration", "cross-validated")
    return PageTable(f"Models of {scheme}", heads, tuple(rows))


def _came(thresholds: object) -> str:
    told = {"tuned": "of best F1 out of fold in the training part", "rules": "where a rule of the codebook counts"}
    return told.get(str(thresholds), "given in the configuration")


def _settings(of: Reviewed) -> Iterator[Part]:
    for name, settings in of.config.get("models", {}).items():
        if name in {model.name for model in of.models}:
            yield Group(str(name), (Terms(tuple((key, _plain(value)) for key, value in settings.items())),))


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# -------------------------------------------------------------------------------------------------- doing it again


def reproduce(of: Reviewed) -> Section:
    """The command, and all that must be equal."""
    commit, dirty = of.tags.get("git.commit", "unknown"), of.tags.get("git.dirty", "unknown")
    known = commit != "unknown"
    command = [*([f"git checkout {commit}"] if known else []), "stance train experiments/again.yaml"]
    parts: list[Part] = [
        "Save the configuration below as experiments/again.yaml in the project, then:",
        Code("\n".join(command)),
    ]
    if dirty == "true":
        parts.append(Note("Tracked files differed from this commit when the runs were made."))
    told = {
        "commit": commit,
        "differed from the commit": {"true": "yes", "false": "no"}.get(dirty, "unknown"),
        "run": of.run_id,
        "python": of.tags.get("python", "not told"),
        "machine": of.tags.get("machine", "not told"),
        "threads": of.tags.get("threads", "not told"),
    }
    versions = tuple(
        (name.removeprefix("version."), tag) for name, tag in sorted(of.tags.items()) if name.startswith("version.")
    )
    runs = tuple((model.name, model.run.scheme.name, model.run.run_id) for model in of.models)
    config = json.dumps(of.config, indent=1, ensure_ascii=False)
    parts += [
        Terms(tuple(told.items())),
        PageTable("Versions", ("package", "version"), versions),
        PageTable("Runs", ("model", "scheme", "run"), runs),
        Group("The configuration, resolved", (Code(config),), folded=True),
    ]
    return Section("How to reproduce", tuple(parts))
