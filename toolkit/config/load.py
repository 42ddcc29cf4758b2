"""Reading whole experiments: building blocks put in place, overrides applied, everything validated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from toolkit.classifiers import AnyModel
from toolkit.codebook import failing_examples
from toolkit.config.blocks import block_names, find_block, project_root
from toolkit.config.document import Document, content_of, dotted, read
from toolkit.config.messages import validate
from toolkit.config.schema import ExperimentConfig
from toolkit.errors import ConfigError, nearest
from toolkit.labels import LabelScheme
from toolkit.settings import ModelSettings, Range, Strict, with_changes

__all__ = ["load_experiment", "load_model_file", "load_model_settings", "load_scheme", "resolve_experiment"]

M = TypeVar("M", bound=BaseModel)


def _block_path(root: Path, folder: str, name: str, where: str) -> Path:
    """Return the file of a building block. Raises ConfigError where there is none, with the names that there are."""
    path = find_block(root, folder, name)
    if path is None:
        known = [] if name.endswith((".yaml", ".yml")) else block_names(root, folder)
        hint = nearest(name, known) or (f" (known: {', '.join(known)})" if known else "")
        raise ConfigError([f"{where}: {name[:80]!r} is not in configs/{folder}{hint}."])
    return path


_SOUND: dict[bytes, LabelScheme] = {}
"""Label schemes by what their files say: one without a mistake is not read, and its examples not tried, again."""


def load_scheme(name: str | Path, root: Path, where: str = "label scheme") -> LabelScheme:
    """Read a label scheme by name (``configs/labels/NAME.yaml`` of the project ``root``, else the toolkit's) or path.

    Raises ConfigError with every mistake of the file, and with every example of a rule that the rule reads otherwise.
    """
    path = _block_path(root, "labels", str(name), where)
    content = content_of(path)
    if content not in _SOUND:
        document = read(path)
        scheme = validate(LabelScheme, document)
        problems = [
            f"{document.where(place)}: {'.'.join(map(str, place))}: {problem}."
            for place, problem in (failing_examples(scheme) if any(one.rules for one in scheme.labels.values()) else ())
        ]
        if problems:
            raise ConfigError(problems)
        _SOUND[content] = scheme
    return _SOUND[content]


def load_model_settings(name: str, root: Path) -> ModelSettings:
    """Read the settings of one model by name (``configs/models/NAME.yaml`` below ``root``) or by path.

    Raises ConfigError with every mistake of the file.
    """
    document = read(_block_path(root, "models", name, "model"))
    document.value = {"model": document.value}
    document.lines = {("model", *place): line for place, line in document.lines.items()}
    return validate(_OneModel, document).model.found_below(root)


class _OneModel(Strict):
    model: AnyModel


class _Models(Strict):
    models: dict[str, AnyModel]


def load_model_file(path: Path) -> ModelSettings:
    """Read the settings of one model from its file, with those of its members and all of its search.

    Raises ConfigError with every mistake, told as an experiment that names the file would tell it.
    """
    name, root, problems = path.stem, project_root(path), list[str]()
    document = read(path)
    document.value = {"models": {name: document.value}}
    document.lines = {("models", name, *place): line for place, line in document.lines.items()}
    _put_in_place(document, ("models", name, "members"), root, problems)
    document.problems += problems
    models = validate(_Models, document).models
    _check_search(models, document, problems)
    if problems:
        raise ConfigError(problems)
    return models[name]


def load_experiment(path: Path, overrides: Sequence[str] = ()) -> tuple[ExperimentConfig, list[LabelScheme]]:
    """Read an experiment, put its building blocks in place, apply ``key=value`` overrides, and validate all.

    ``models``, in the file or in an override, is a list of names of configs/models/NAME.yaml or a mapping of names to
    the values themselves. Raises ConfigError with every mistake at once.
    """
    config, schemes, _ = resolve_experiment(path, overrides)
    return config, schemes


def resolve_experiment(
    path: Path, overrides: Sequence[str] = ()
) -> tuple[ExperimentConfig, list[LabelScheme], Document]:
    """Do what :func:`load_experiment` does, and return besides what the files say, with the line of every value."""
    root = project_root(path)
    document = read(path)
    problems: list[str] = []
    _put_models_in_place(document, root, problems)
    for override in overrides:
        try:
            _apply(document, override)
        except ConfigError as error:
            problems += error.problems
        else:
            _put_models_in_place(document, root, problems)
    document.problems += problems
    try:
        config = validate(ExperimentConfig, document)
    except ConfigError as error:
        problems = list(error.problems)
    else:
        problems = []
        _check_search(config.models, document, problems)
        _check_overrides(config, overrides, problems)
        models = {name: model.found_below(root) for name, model in config.models.items()}
        config = config.model_copy(update={"models": models})
    schemes = _load_schemes(document, root, problems)
    if not problems:
        _check_absent(config, schemes, document, problems)
        _check_names(config, schemes, document, problems)
    if problems:
        raise ConfigError(dict.fromkeys(problems))
    return config, schemes, document


def _load_schemes(document: Document, root: Path, problems: list[str]) -> list[LabelScheme]:
    """Read the label schemes that a document names, each once."""
    schemes: dict[str, LabelScheme] = {}
    names = document.value.get("schemes")
    for i, name in enumerate(dict.fromkeys(map(str, names)) if isinstance(names, list) else ()):
        where = f"{document.where(('schemes', i))}: schemes.{i}"
        try:
            scheme = load_scheme(name, root, where)
        except ConfigError as error:
            problems += error.problems
            continue
        if scheme.name in schemes:
            problems.append(f"{where}: {name!r} is a second scheme of the name '{scheme.name}'.")
        schemes[scheme.name] = scheme
    return list(schemes.values())


def _put_models_in_place(document: Document, root: Path, problems: list[str]) -> None:
    """Replace every list of names of configs/models, of the experiment and of its ensembles, by what stands there."""
    _put_in_place(document, ("models",), root, problems)
    models = document.value.get("models")
    for name in models if isinstance(models, dict) else ():
        _put_in_place(document, ("models", name, "members"), root, problems)


def _put_in_place(document: Document, path: tuple[str | int, ...], root: Path, problems: list[str]) -> None:
    *above, last = path
    holder: Any = document.value
    for step in above:
        holder = holder.get(step) if isinstance(holder, dict) else None
    names = holder.get(last) if isinstance(holder, dict) else None
    if not isinstance(names, list):
        return
    placed: dict[str, Any] = {}
    for i, name in enumerate(names):
        where, told = document.where((*path, i)), dotted((*path, i))
        if not isinstance(name, str):
            problems.append(f"{where}: {told}: the name of a file in configs/models is expected, not {name!r}.")
            continue
        key = Path(name).stem if name.endswith((".yaml", ".yml")) else name
        if key in placed:
            problems.append(f"{where}: {told}: {key!r} stands twice.")
            continue
        try:
            block = read(_block_path(root, "models", name, f"{where}: {told}"))
        except ConfigError as error:
            problems += error.problems
            continue
        placed[key] = block.value
        problems += block.problems
        for below, line in block.lines.items():
            document.lines[(*path, key, *below)] = line
    if names and not placed:  # every name is wrong: an empty mapping would add a second message about the same mistake
        placed["none"] = {"kind": "majority"}
    holder[last] = placed


def _apply(document: Document, override: str) -> None:
    """Apply one ``dotted.path=value``; the value is read as YAML."""
    key, equals, raw = override.partition("=")
    where = f"override '{override}'"
    if not equals or not key.strip():
        raise ConfigError([f"{where}: write it as key=value, for example seed=7 or tuning.folds=3."])
    parsed = Document(where, raw).value if raw.strip() else None
    steps: list[str | int] = list(key.strip().split("."))
    value = document.value
    for i, step in enumerate(steps):
        last = i == len(steps) - 1
        if isinstance(value, list):
            if not str(step).isdigit() or int(step) >= len(value):
                found = f"{dotted(tuple(steps[:i]))} is a list of {len(value)}"
                raise ConfigError([f"{where}: {found}; give a number below that."])
            steps[i] = step = int(step)
        elif not isinstance(value, dict):
            raise ConfigError([f"{where}: {dotted(tuple(steps[:i]))} holds a value, no keys."])
        if last:
            value[step] = parsed
        else:
            value = value.setdefault(step, {}) if isinstance(value, dict) else value[step]
    path = tuple(steps)
    for known in [k for k in document.lines if k[: len(path)] == path]:
        del document.lines[known]
    for end in range(1, len(path) + 1):
        if path[:end] not in document.lines:
            document.lines[path[:end]] = where


def _check_names(
    config: ExperimentConfig, schemes: Sequence[LabelScheme], document: Document, problems: list[str]
) -> None:
    """Models of two schemes must not become versions of one registered name."""
    known = [scheme.name for scheme in schemes]
    names = {scheme: config.register_as.get(scheme, scheme) for scheme in known}
    for scheme, name in config.register_as.items():
        where = f"{document.where(('register_as', scheme))}: register_as.{scheme}"
        if scheme not in known:
            hint = nearest(scheme, known) or f" (known: {', '.join(known)})"
            problems.append(f"{where}: {scheme!r} is none of the experiment's schemes{hint}.")
        elif list(names.values()).count(name) > 1:
            problems.append(f"{where}: {name!r} is the registered name of a second scheme too.")


def _check_search(models: Mapping[str, ModelSettings], document: Document, problems: list[str]) -> None:
    """Every point of every search space must itself be a valid model."""
    for name, model in models.items():
        for key, values in model.search.space.items() if model.search else ():
            path = ("models", name, "search", "space", key)
            for value in (values.low, values.high) if isinstance(values, Range) else values:
                try:
                    with_changes(model, {key: value})
                except ConfigError as error:
                    problems += [f"{document.where(path)}: {dotted(path)}: {p}" for p in error.problems]


def _check_absent(
    config: ExperimentConfig, schemes: Sequence[LabelScheme], document: Document, problems: list[str]
) -> None:
    """What the data are known not to have must be a label of a scheme."""
    known = [label for scheme in schemes for label in scheme.labels]
    for i, name in enumerate(config.data.absent):
        if name not in known:
            hint = nearest(name, known) or f" (known: {', '.join(known)})"
            problems.append(f"{document.where(('data', 'absent', i))}: data.absent.{i}: {name!r} is no label{hint}.")


def _check_overrides(config: ExperimentConfig, overrides: Sequence[str], problems: list[str]) -> None:
    """A value that the search of its model overwrites cannot be given: it would change nothing."""
    for override in overrides:
        key, _, raw = override.partition("=")
        top, _, path = key.strip().partition(".")
        name = next((one for one in config.models if path.startswith(f"{one}.")), None) if top == "models" else None
        if name is None or (search := config.models[name].search) is None:
            continue
        given = _given(path.removeprefix(f"{name}."), Document(f"override '{override}'", raw).value)
        for searched in (one for one in given if one in search.space):
            space = f"models.{name}.search"
            told = f"{searched!r} is chosen by the search of '{name}', which would overwrite the value"
            problems.append(
                f"override '{override}': {told}; give {space}=null too, or {space}.space={{{searched}: [...]}} instead."
            )


def _given(key: str, value: Any) -> list[str]:
    """Return the dotted paths of all single values that stand under a key."""
    if not isinstance(value, dict):
        return [key]
    return [path for below, one in value.items() for path in _given(f"{key}.{below}", one)]
