"""One model for one scheme: tuned inside every training part, evaluated once on what was held out, logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.answers import Answers
from toolkit.config import ShiftedSplit
from toolkit.evaluation import CurvePoint, Evaluation, Gap, Resampling, evaluate
from toolkit.experiment.data import Material, Part, withhold
from toolkit.experiment.record import Judged, changes, held_out_figure, model_record, run_tags
from toolkit.experiment.shift import gap_of, learning_curve, more_fits, tell_shift, wants_gap
from toolkit.inputs import read_by
from toolkit.labels import LabelScheme
from toolkit.model import StanceModel
from toolkit.settings import ModelSettings
from toolkit.tracking import LoggedModel, OpenRun, model_run
from toolkit.tuning import Chosen, Examples, choose, fit, leaves_no_choice, points
from toolkit.work import Listener, Silent, Work

__all__ = ["Trained", "train_model"]


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained and logged model with its figures."""

    scheme: str
    model: str
    score: float
    """What models are compared by: the cross-validated figure of the logged model in its training part; with sources
    left out, the figure of those it had not seen."""
    evaluation: Evaluation
    logged: LoggedModel
    gap: Gap | None = None
    curve: tuple[CurvePoint, ...] = ()


def train_model(name: str, scheme: LabelScheme, material: Material, work: Work) -> Trained:
    """Tune, fit, evaluate and log one model for one scheme, as a child of the open experiment run."""
    config, data, plan = material.config, material.data, material.plan
    model = config.models[name]
    tags = {**run_tags(material), "stance.kind": model.model_dump(include={"kind"})["kind"]}
    tags |= {"stance.remote_code": "true"} if model.runs_remote_code else {}
    last = plan.final if plan.final is not plan.parts[0] else None
    with model_run(scheme.name, name, material.origin, tags, changes(material)) as run:
        work = work.below(f"{scheme.name}/{name}")
        fits = _fits(model, scheme, material)
        steps = fits * (len(plan.parts) + bool(last)) + more_fits(material, fits)
        work.listener.start(f"{scheme.name} {name}", steps)

        def train(part: Part, key: str, final: bool) -> Chosen:
            prefix = "" if final else f"{key.replace(' ', '_')}/"
            heard = _Heard(work.listener, run, prefix, config.tuning.metric, config.tracking.trials)
            return _train(model, scheme, material, part, work.below(key).heard_by(heard))

        chosen = [train(part, f"part {number}", last is None) for number, part in enumerate(plan.parts)]
        answers = [_answers(name, scheme, material, *pair) for pair in zip(chosen, plan.parts, strict=True)]
        positions, predicted = _in_order(answers, plan.parts)
        final = train(last, "all", True) if last else chosen[0]
        evaluation = evaluate(
            data.targets(scheme)[positions],
            predicted,
            [data.statements[i].article_id for i in positions],
            multi_label=scheme.multi_label,
            resampling=Resampling(config.seed, config.evaluation.resamples, config.evaluation.confidence),
            abstain_below=model.abstain_below,
        )
        figure = held_out_figure(config.tuning.metric)
        gap = None
        if last and wants_gap(material):
            learnt = final, _examples(scheme, material, last)
            gap = gap_of(figure, scheme, material, learnt, (positions, predicted), work)
        curve = learning_curve(
            figure,
            scheme,
            material,
            lambda part, key: _answers(name, scheme, material, train(part, key, False), part),
            answers[0],
        )
        tell_shift(run.tell, gap, curve)
        fitted = _fitted(name, scheme, final)
        with model_record(fitted, final, material, Judged(positions, predicted, evaluation)) as record:
            logged = run.log(record)
    # Sources that a model had not seen say more of it than the folds it was tuned on.
    unseen = evaluation.figures[figure].value
    score = unseen if isinstance(config.split, ShiftedSplit) else final.score
    return Trained(scheme.name, name, 0.0 if score is None else score, evaluation, logged, gap, curve)


def _fits(model: ModelSettings, scheme: LabelScheme, material: Material) -> int:
    tuning = material.config.tuning
    return 1 if _is_fitted_only(model, scheme, material) else points(model) * tuning.folds * tuning.repeats


def _is_fitted_only(model: ModelSettings, scheme: LabelScheme, material: Material) -> bool:
    """Say whether a cross-validated figure is neither asked for nor needed to choose anything."""
    return isinstance(material.config.split, ShiftedSplit) and leaves_no_choice(model, scheme)


def _train(model: ModelSettings, scheme: LabelScheme, material: Material, part: Part, work: Work) -> Chosen:
    """Tune and fit on one training part."""
    config, examples = material.config, _examples(scheme, material, part)
    if _is_fitted_only(model, scheme, material):
        return fit(model, scheme, examples, seed=config.seed, work=work)
    return choose(model, scheme, examples, metric=config.tuning.metric, seed=config.seed, work=work)


def _examples(scheme: LabelScheme, material: Material, part: Part) -> Examples:
    """Return what there is to learn from in one training part."""
    data, positions = material.data, list(part.train)
    statements = [withhold(data.statements[i], material.config.data.withheld_cues) for i in positions]
    return Examples(
        lambda settings: read_by(settings, statements),
        data.targets(scheme)[positions],
        data.lessons(scheme)[positions],
        part.folds,
    )


def _fitted(name: str, scheme: LabelScheme, chosen: Chosen) -> StanceModel:
    """Return the model as it is saved and used."""
    return StanceModel(name, scheme, chosen.point.model, chosen.classifier, chosen.decision)


def _answers(name: str, scheme: LabelScheme, material: Material, chosen: Chosen, part: Part) -> Answers:
    """Return what a model says of the statements that were held out of its part."""
    has_rules = any(label.rules for label in scheme.labels.values())
    held_out = [material.data.statements[i] for i in part.held_out]
    return _fitted(name, scheme, chosen).answers(held_out, evidence=has_rules)


def _in_order(answers: Sequence[Answers], parts: Sequence[Part]) -> tuple[list[int], Answers]:
    """Put the answers of all parts together, in the order of the statements."""
    positions = [position for part in parts for position in part.held_out]
    order = sorted(range(len(positions)), key=positions.__getitem__)
    return [positions[i] for i in order], Answers.joined(answers, order)


class _Heard(Silent):
    """Passes on how the training of a part gets on, to whoever watches and to the run.

    Figures are logged under ``prefix``; the points of a search only where there is none, as those of the final model.
    """

    def __init__(self, watcher: Listener, run: OpenRun, prefix: str, metric: str, trials: bool) -> None:
        self.watcher, self.run, self.prefix, self.metric, self.trials = watcher, run, prefix, metric, trials

    def step(self) -> None:
        """Pass it on."""
        self.watcher.step()

    def tell(self, name: str, value: float, at: int) -> None:
        """Show and log a figure."""
        self.watcher.tell(name, value, at)
        self.run.tell(f"{self.prefix}{name}", value, at)

    def tried(self, number: int, values: Mapping[str, Any], figure: float | None) -> None:
        """Log a point of a search as a step, and as a run of its own where that is asked for."""
        if not values or self.prefix:
            return
        if figure is not None:
            self.run.tell(f"search/{self.metric}", figure, number)
        if self.trials:
            self.run.trial(number, values, f"cv/{self.metric}", figure)
