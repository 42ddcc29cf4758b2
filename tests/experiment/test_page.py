"""What a reviewer sees on MLflow's page: few figures on every row, names that tell rows apart, tags to filter by."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from toolkit.config import load_experiment
from toolkit.errors import ConfigError
from toolkit.experiment.headline import HEADLINE
from toolkit.storage import read_rows
from toolkit.tracking import Store, open_store, page_addresses

SCHEMES = ("stance", "sentiment")


@pytest.fixture
def store(trained: Path) -> Store:
    return open_store(trained, must_exist=True)


def runs(store: Store, name: str, condition: str = "") -> list:
    client = store.client()
    return client.search_runs([client.get_experiment_by_name(name).experiment_id], condition)


def artifact(run, name: str) -> Path:
    return Path(run.info.artifact_uri.removeprefix("file://")) / name


def test_the_page_opens_on_runs_that_show_a_dozen_figures_at_most(store: Store) -> None:
    found = store.client().get_experiment_by_name("tiny")
    assert found.tags["mlflow.experimentKind"] == "custom_model_development"
    address = page_addresses(store, "http://127.0.0.1:5000")["tiny"]
    assert address.startswith(f"http://127.0.0.1:5000/#/experiments/{found.experiment_id}/runs?")
    view = json.loads(
        found.tags[f"mlflow.sharedViewState.{parse_qs(address.partition('?')[2])['viewStateShareKey'][0]}"]
    )
    columns = [one.split("`")[1] for one in view["selectedColumns"] if one.startswith("metrics.")]
    assert columns[0] == "f1/macro" and set(columns) <= set(HEADLINE)
    for run in runs(store, "tiny", "tags.`stance.level` = 'model'"):
        assert set(run.data.metrics) <= {*HEADLINE, "cv/macro_f1", "search/macro_f1"} and len(run.data.metrics) <= 12
        assert {"f1/macro", "average_precision/macro", "statements", "articles"} <= set(run.data.metrics)
        assert "coverage" not in run.data.metrics  # neither of these models may withhold its answer


def test_the_experiment_row_carries_its_data_and_the_figures_of_the_models_that_were_chosen(store: Store) -> None:
    (parent,) = runs(store, "tiny", "tags.`stance.level` = 'experiment'")
    assert len(parent.data.metrics) <= 12
    assert {tag.value for one in parent.inputs.dataset_inputs for tag in one.tags} == {"training", "held-out"}
    chosen = runs(store, "tiny", "tags.`stance.chosen` = 'true'")
    assert sorted(run.data.tags["stance.scheme"] for run in chosen) == sorted(SCHEMES)
    for run in chosen:
        scheme = run.data.tags["stance.scheme"]
        assert parent.data.metrics[f"{scheme}/f1/macro"] == run.data.metrics["f1/macro"]
        assert parent.data.tags[f"stance.chosen.{scheme}"] == run.data.tags["stance.model"]


def test_the_table_of_figures_has_every_interval_and_support(store: Store) -> None:
    for run in runs(store, "tiny", "tags.`stance.level` = 'model'"):
        told = json.loads(artifact(run, "evaluation.json").read_text())["figures"]
        with artifact(run, "figures.csv").open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        table = {"/".join(filter(None, (row["figure"], row["label"]))): row for row in rows}
        assert set(table) == set(told)
        for name, figure in told.items():
            for column in ("value", "low", "high", "support"):
                assert table[name][column] == ("" if figure[column] is None else str(figure[column])), name


def test_rows_are_told_apart_by_tags_and_logged_models_by_name(store: Store) -> None:
    found = runs(store, "tiny", "tags.`stance.scheme` = 'stance' AND tags.`stance.kind` = 'majority'")
    assert [run.info.run_name for run in found] == ["stance/majority"]
    tags = found[0].data.tags
    assert (tags["stance.experiment"], tags["stance.split"]) == ("tiny", "grouped")
    assert {run.data.tags["stance.data"] for run in runs(store, "tiny")} == {tags["stance.data"]}
    logged = store.client().search_logged_models([found[0].info.experiment_id])
    names = {f"tiny-{scheme}-{model}" for scheme in SCHEMES for model in ("majority", "tfidf-nb")}
    assert {one.name for one in logged} == names and len(logged) == 4


def test_a_version_says_what_it_reached(store: Store) -> None:
    version = store.client().get_model_version_by_alias("stance", "candidate")
    run = store.client().get_run(version.run_id)
    assert version.description.startswith(f"{version.tags['model']} for stance, of the experiment tiny: macro F1 ")
    assert f"macro F1 {run.data.metrics['f1/macro']:.3f} [" in version.description
    assert version.description.endswith(f"{run.data.metrics['articles']:.0f} articles.")


@pytest.mark.usefixtures("undrawn")
def test_overrides_stand_in_names_and_bounds_and_another_registered_name_are_there_on_request(
    trained_copy: Path, run_stance
) -> None:
    changes = ["seed=8", "schemes=[stance]", "models=[majority]", "tracking.intervals=true", "register_as.stance=tone"]
    done = run_stance("train", "experiments/tiny.yaml", *changes, cwd=trained_copy)
    assert done.returncode == 0, done.stderr
    store = open_store(trained_copy, must_exist=True)
    condition = "tags.`stance.overrides` LIKE '%seed=8%' AND attributes.run_name = "
    (run,) = runs(store, "tiny", f"{condition}'stance/majority seed=8'")
    (parent,) = runs(store, "tiny", f"{condition}'tiny seed=8'")
    assert parent.inputs.dataset_inputs and run.data.tags["stance.overrides"] == " ".join(changes)
    figure = json.loads(artifact(run, "evaluation.json").read_text())["figures"]["f1/macro"]
    bounds = run.data.metrics["f1/macro.ci.low"], run.data.metrics["f1/macro.ci.high"]
    assert bounds == (figure["low"], figure["high"])
    assert store.client().get_model_version_by_alias("tone", "champion").run_id == run.info.run_id
    assert "models:/tone@champion" in done.stderr
    assert len(store.client().search_model_versions("name = 'stance'")) == 1


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("register_as.stanse=x", "'stanse' is none of the experiment's schemes (did you mean 'stance'?)."),
        ("register_as.stance=sentiment", "'sentiment' is the registered name of a second scheme too."),
        ("tracking.interval=true", "unknown key (did you mean 'intervals'?)."),
    ],
)
def test_what_cannot_be_shown_or_registered_so_is_said_before_anything_is_trained(
    trained: Path, override: str, told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_experiment(trained / "experiments" / "tiny.yaml", [override])
    assert told in str(caught.value)


@pytest.mark.slow
def test_two_runs_of_the_quickstart_are_equal_to_the_byte(tmp_path: Path, repository: Path, start_stance) -> None:
    """Metrics, parameters and every artifact but the models' own files, whose loader notes when they were made."""
    quick = ["models=[cues, codebook-logreg, tfidf-nb]", "evaluation.resamples=500"]
    found = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        folder.mkdir()
        done = start_stance("train", str(repository / "experiments/quickstart.yaml"), *quick, CANDIDATES, cwd=folder)
        assert done.returncode == 0, done.stderr
        found.append(everything(open_store(folder, must_exist=True)))
    assert found[0].keys() == found[1].keys() and len(found[0]) == 7
    for name, (numbers, files) in found[0].items():
        assert numbers == found[1][name][0], name
        assert files.keys() == found[1][name][1].keys() and len(files) > 3
        assert [path for path in files if files[path] != found[1][name][1][path]] == [], name


CANDIDATES = "candidates=[codebook-logreg]"


def everything(store: Store) -> dict[str, tuple]:
    """What runs tell by name: metrics with their steps, parameters, and the bytes of their artifacts."""
    client, told = store.client(), {}
    for run in runs(store, "quickstart"):
        steps = {
            name: [(one.step, one.value) for one in client.get_metric_history(run.info.run_id, name)]
            for name in run.data.metrics
        }
        folder = artifact(run, "")
        files = {
            str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
        }
        told[run.info.run_name] = ((steps, run.data.params), files)
    return told


def test_held_out_rows_are_as_many_as_the_page_says(store: Store) -> None:
    for run in runs(store, "tiny", "tags.`stance.level` = 'model'"):
        rows = list(read_rows(artifact(run, "held_out_predictions.jsonl")))
        assert len(rows) == run.data.metrics["statements"]
