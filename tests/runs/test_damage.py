"""Runs whose files are damaged: doctor and report read what is left, or say in a paragraph what cannot be read."""

import json
import shutil
import tomllib

import pytest
import tomli_w
from typer.testing import CliRunner

from helpers import small_run
from wgan.cli import app
from wgan.errors import InputError
from wgan.evaluation import best_step
from wgan.runs.run import Run
from wgan.system.files import append_row

RESULT = {"value": 2.0, "floor": 1.0, "low": 1.5, "high": 2.5, "better": "lower", "n": 180}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    run = small_run(tmp_path_factory.mktemp("whole") / "run", training__steps=14, output__log_every=1)
    for step in (6, 12):
        append_row(run.evaluations_file, {"step": step, "n": 180, "seed": 0, "metrics": {"frechet": RESULT}})
    return run


@pytest.fixture
def run(whole, tmp_path):
    """A copy that may be damaged."""
    return Run.open(shutil.copytree(whole.path, tmp_path / "run"))


def in_rows(name, **changes):
    """A change of the last line of a file; None takes the field away."""

    def damage(run):
        path = run.path / name
        *rows, last = [json.loads(line) for line in path.read_text().splitlines()]
        last = {key: value for key, value in {**last, **changes}.items() if value is not None}
        path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, last]))

    return damage


def lines(content):
    """Lines that no run wrote, after those that it did."""

    def damage(run):
        for path in (run.metrics_file, run.evaluations_file):
            path.write_bytes(path.read_bytes() + content)

    return damage


def of_file(name, content):
    return lambda run: (run.path / name).write_bytes(content)


def in_table(table, **changes):
    def damage(run):
        values = tomllib.loads(run.config_file.read_text())
        values[table] = {**values[table], **changes} if changes else "text"
        run.config_file.write_text(tomli_w.dumps(values))

    return damage


def cut(run):
    run.critic_file.write_bytes(run.critic_file.read_bytes()[:100])


METRICS, EVALUATIONS, CRITIC = "metrics.jsonl", "evaluations.jsonl", "critic.safetensors"
DAMAGES = {
    "no UTF-8": (lines(b"\xff\xfe{\n"), 0),
    "no UTF-8 in an object": (lines(b'{"step": 15, "distance": "\xff"}\n'), 0),
    "no objects": (lines(b'[1]\n7\nnull\n"text"\n'), 0),
    "no step": (lines(b'{"distance": 1.0}\n'), 0),
    "a step that is text": (lines(b'{"step": "fifteen", "metrics": {}}\n'), 0),
    "a step that is a list": (lines(b'{"step": [1]}\n'), 0),
    "a step that is not finite": (lines(b'{"step": NaN}\n'), 0),
    "a number of too many digits": (lines(b'{"step": 15, "distance": 1' + 400 * b"0" + b"}\n"), 0),
    "nothing but a step": (lines(b'{"step": 15}\n'), 0),
    "numbers as text": (in_rows(METRICS, distance="high", seconds="1.5", energy_distance="low"), 0),
    "no images seen": (in_rows(METRICS, images_seen=None), 0),
    "no seconds": (in_rows(METRICS, seconds=None), 0),
    "layers as a list": (in_rows(METRICS, layers=[1, 2]), 0),
    "layers of text": (in_rows(METRICS, layers={"critic": {"1.weight": "x"}, "generator": 3}), 0),
    "an evaluation of nothing": (in_rows(EVALUATIONS, metrics=None), 0),
    "an evaluation as a list": (in_rows(EVALUATIONS, metrics=[1]), 0),
    "metrics of no form": (in_rows(EVALUATIONS, metrics={"frechet": 3, "recall": {}, "mmd": {"value": "x"}}), 0),
    "a value that is not finite": (in_rows(EVALUATIONS, metrics={"frechet": RESULT | {"value": float("nan")}}), 0),
    "bounds as text": (in_rows(EVALUATIONS, metrics={"frechet": RESULT | {"low": "x", "floor": []}}), 0),
    "counts of no form": (in_rows(EVALUATIONS, metrics={"recall": RESULT}, reference="all", n=[1]), 0),
    "a count below one": (in_rows(EVALUATIONS, metrics={"recall": RESULT}, reference=-5, n=10**400), 0),
    "words of no form": (in_rows(EVALUATIONS, seen_by={"frechet": [1]}, notes="few"), 0),
    "seen by a list": (in_rows(EVALUATIONS, seen_by=[1], notes={"a": 1}), 0),
    "no failure": (of_file("failure.json", b"{}"), 0),
    "a failure as a list": (of_file("failure.json", b"[1]"), 0),
    "a failure of other types": (of_file("failure.json", b'{"step": "6", "what": 7}'), 0),
    "a failure in no UTF-8": (of_file("failure.json", b"\xff"), 0),
    "an empty critic": (of_file(CRITIC, b""), 0),
    "a critic cut short": (cut, 0),
    "a critic of other bytes": (of_file(CRITIC, b"\xff" * 400), 0),
    "no generator": (of_file("generator.safetensors", b""), 0),
    "wiring of other types": (in_table("wiring", mixes_samples="perhaps", data_low=[1]), 2),
    "wiring as text": (in_table("wiring"), 2),
    "provenance of other types": (in_table("provenance", train_count="many"), 2),
    "provenance as text": (in_table("provenance"), 2),
    "settings of other types": (in_table("training", steps="many"), 2),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_is_read_or_refused_and_never_a_traceback(run, damage):
    make, code = DAMAGES[damage]
    make(run)
    for command in ("doctor", "report"):
        result = CliRunner().invoke(app, [command, str(run.path)])
        assert (result.exit_code, type(result.exception)) == (code, SystemExit if code else type(None)), result.output
        assert result.output.startswith("error: ") == bool(code)
        assert "\n\n" not in result.stderr.strip()


@pytest.mark.parametrize("damage", ["an empty critic", "a critic cut short"])
def test_the_report_says_which_weights_cannot_be_read(run, damage):
    DAMAGES[damage][0](run)
    CliRunner().invoke(app, ["report", str(run.path)])
    assert "critic.safetensors cannot be read" in run.report_file.read_text()


def test_what_is_whole_is_read_as_it_was_written(whole):
    written = [json.loads(line) for line in whole.metrics_file.read_text().splitlines()]
    assert whole.metrics() == written
    assert "layers" in written[-1]
    assert [row["metrics"]["frechet"] for row in whole.evaluations()] == [RESULT, RESULT]


def test_a_table_is_refused_by_the_name_of_its_value(run):
    in_table("wiring", mixes_samples="perhaps")(run)
    with pytest.raises(InputError, match=r"config\.toml cannot be read: wiring\.mixes_samples = 'perhaps' will not do"):
        _ = run.wiring


def test_what_is_no_finite_number_is_not_the_best(tmp_path):
    run = Run(tmp_path)
    for step, value in ((1, float("nan")), (2, None), (3, 5.0), (4, 3.0), (5, "0")):
        append_row(
            run.evaluations_file, {"step": step, "while_training": True, "metrics": {"frechet": {"value": value}}}
        )
    assert best_step(run, "frechet") == 4
    assert best_step(run, "recall") is None


@pytest.mark.parametrize("content", [b"", b"\xff" * 400])
def test_an_evaluation_of_damaged_weights_is_refused(run, content):
    """Those of a checkpoint, where there is one, are those that count; nothing else of the run is in the way."""
    for path in run.checkpoints().values():
        path.unlink()
    run.generator_file.write_bytes(content)
    lines(b'\xff\n[1]\n{"step": "x"}\n')(run)
    result = CliRunner().invoke(app, ["evaluate", str(run.path), "--data", "digits", "--metrics", "frechet"])
    assert result.exit_code == 2
    assert "generator.safetensors cannot be read" in result.stderr
