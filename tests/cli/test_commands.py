"""The program as a person meets it: what it prints, where, and with which exit code."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from wgan.cli import app
from wgan.runs.ownership import holding

QUICK = ["--steps", "4", "--batch-size", "8", "--set", "training.critic_steps=1"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def wgan(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def run(tmp_path):
    wgan("train", *QUICK)
    return tmp_path / "runs" / "wgan-gp-digits"


def test_train_says_what_it_does_and_where_to_look(run):
    again = wgan("train", *QUICK).stdout
    assert "complete at step 4" in again
    for name in ("samples/000000004.png", "evolution.gif", "report.html"):
        assert name in again
        assert (run / name).exists()
    longer = wgan("train", *QUICK, "--steps", 6).stdout
    assert "resumed at step 4" in longer
    assert re.search(r"step +6/6  epoch 0\.03/0\.03  \S+  distance \S+  critic_loss \S+  generator_loss", longer)


def test_epochs_in_place_of_steps():
    """1,617 digits in batches of 400 for two critic updates a step: 2.02 steps in an epoch."""
    large = ["--batch-size", 400, "--set", "training.critic_steps=2", "--out", "run"]
    planned = wgan("train", *large, "--epochs", 1, "--dry-run").stdout
    assert "run     run, 3 steps: 1.5 epochs" in planned
    trained = wgan("train", *large, "--epochs", 1).stdout
    assert re.search(r"step +3/3  epoch 1\.5/1\.5  ", trained)
    assert "To train on: the same command with --epochs 2" in trained
    assert "complete at step 3" in wgan("train", *large, "--epochs", 1).stdout
    assert "resumed at step 3" in wgan("train", *large, "--epochs", 2).stdout
    assert "To train on: the same command with --steps 12" in wgan("train", *large, "--steps", 6).stdout
    both = wgan("train", *large, "--steps", 3, "--epochs", 1, code=2)
    assert "Give the steps or the epochs of a run, not both" in both.stderr
    assert "Give the steps or" in wgan("train", *large, "--steps", 3, "--set", "training.epochs=1", code=2).stderr


def test_an_evaluation_while_training_is_one_line():
    measured = ["--metrics", "frechet", "--set", "output.evaluate_every=1"]
    output = wgan("train", *QUICK, *measured).stdout
    assert output.count("frechet ") == 4
    assert "batches of fakes" not in output


def test_a_schedule_is_told_and_its_end_is(tmp_path):
    settings = ["--set", "schedule.learning_rate=0", "--set", "schedule.beta2=0.99", "--set"]
    early = wgan("train", *QUICK, "--dry-run", *settings, "schedule.steps=9").stdout
    assert "schedule: learning rate times 0, Adam's second beta 0.99 after 9 steps, more than" in early
    assert "schedule: " not in wgan("train", *QUICK, "--dry-run", "--set", "schedule.steps=9").stdout
    ended = wgan("train", *QUICK, "--out", "run", *settings, "schedule.steps=4").stdout
    assert "The learning rate has reached 0." in ended
    assert "To train on" not in ended


def test_a_dry_run_shows_the_plan_and_touches_nothing(tmp_path):
    output = wgan("train", "digits", "--dry-run", "--seed", 7).stdout
    assert "seed = 7" in output
    assert "\nstop  " not in output
    assert "1,617 8x8 grey pictures to train on, 180 held out" in output
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["frechet"], "stop    once the newest 5 evaluations (one every 133 steps) no longer improve in frechet\n"),
        (["converged", "--set", "stop.window=1"], "stop    once the verdict is converged at a comparison\n"),
    ],
)
def test_the_plan_says_what_ends_a_run_early(asked, said):
    assert said in wgan("train", "digits", "--dry-run", "--stop", *asked).stdout


def test_a_folder_trains_with_a_recipe_that_suits_it(faces, tmp_path):
    output = wgan("train", faces, *QUICK, "--size", 16, "--out", "run").stdout
    assert "recipe  wgan-gp-celeba: WGANGP, " in output
    assert (
        "        12 colour pictures of 20x16, scaled to 16x16, need convolutions\n"
        "        20% of their area is cut off at the sides (--set data.size=[20,16] keeps 100%)\n"
        "        they are few, so mirrored ones are added\n" in output
    )
    with Image.open(tmp_path / "run" / "samples" / "000000004.png") as grid:
        assert grid.mode == "RGB"


def test_sample_writes_grids_files_and_walks(run, tmp_path):
    assert wgan("sample", run, "-n", 9).stdout.strip() == "wgan-gp-digits-0.png"
    wgan("sample", run, "-n", 9, "--out", "new/folder/grid.jpg")
    wgan("sample", run, "-n", 15, "--interpolate", "--out", "walk.png")
    grid, walk = (wgan("sample", run, *more).stdout.strip() for more in ([], ["--interpolate"]))
    assert Path(grid).exists()
    assert Path(walk).exists()
    assert grid != walk
    wgan("sample", run, "-n", 3, "--each", "each", "--step", 4)
    assert sorted(path.name for path in (tmp_path / "each").glob("[!.]*")) == ["000000.png", "000001.png", "000002.png"]
    with Image.open(tmp_path / "each" / "000000.png") as image:
        assert (image.size, image.mode) == ((8, 8), "L")
    with Image.open(tmp_path / "walk.png") as walk, Image.open(tmp_path / "new" / "folder" / "grid.jpg") as grid:
        assert walk.height > grid.height * 1.5, "two rows of ten against one"


def test_sample_takes_a_file_of_weights(run, tmp_path):
    wgan("sample", run, "-n", 4, "--out", "run.png")
    shutil.copy(run / "generator.safetensors", tmp_path / "digits.safetensors")
    assert wgan("sample", "digits.safetensors", "-n", 4).stdout.strip() == "digits-0.png"
    assert Path("digits-0.png").read_bytes() != Path("run.png").read_bytes(), "in 8 columns, not in 10"
    wgan("sample", "digits.safetensors", "-n", 4, "--each", "of-file")
    wgan("sample", run, "-n", 4, "--each", "of-run")
    for number in range(4):
        of_file, of_run = (Path(folder, f"{number:06}.png").read_bytes() for folder in ("of-file", "of-run"))
        assert of_file == of_run


def test_sample_is_told_the_recipe_of_a_tutorials_weights(run, tmp_path):
    """Those of a generator of narrow widths, whose layers have other names."""
    import torch

    from wgan.networks import MLP

    own = MLP(latent_size=9, generator_widths=(16,)).generator((1, 8, 8))
    torch.save({f"layer.{name}": value for name, value in own.state_dict().items()}, "net.pth")
    assert "--recipe NAME" in wgan("sample", "net.pth", code=2).stderr
    settings = ["--set", "networks.latent_size=9", "--set", "networks.generator_widths=[16]"]
    wgan("sample", "net.pth", "--recipe", "wgan-gp-digits", *settings, "-n", 2, "--each", "prefixed")
    torch.save({name.replace(".", "-"): value for name, value in own.state_dict().items()}, "net.pth")
    told = wgan("sample", "net.pth", "--recipe", "wgan-gp-digits", *settings, "-n", 2, "--each", "renamed")
    assert "note: 4 of 4 tensors matched by order and shape" in told.stderr
    assert Path("prefixed/000001.png").read_bytes() == Path("renamed/000001.png").read_bytes()
    assert "tensor 1, 0-weight" in wgan("sample", "net.pth", "--recipe", "wgan-gp-digits", code=2).stderr
    assert "--set changes the recipe" in wgan("sample", "net.pth", *settings, code=2).stderr
    assert "A run knows its own" in wgan("sample", run, "--recipe", "wgan-gp-digits", code=2).stderr


def test_a_stretched_grid_is_of_black_and_white(run):
    wgan("sample", run, "--out", "plain.png")
    wgan("sample", run, "--stretch", "--out", "wide.png")
    with Image.open("plain.png") as plain, Image.open("wide.png") as wide:
        assert plain.getextrema() != wide.getextrema() == (0, 255)


def test_report_writes_one_page_for_one_run_or_several(run, tmp_path):
    wgan("train", *QUICK, "--seed", 1, "--out", "other")
    assert wgan("report", run).stdout.strip().endswith("report.html")
    wgan("report", run, "other")
    page = (tmp_path / "report.html").read_text()
    assert page.count("<article>") == 2
    assert "training.seed" in page


def test_evaluate_prints_values_beside_floors_and_keeps_them(run):
    printed = wgan("evaluate", run, "--metrics", "frechet, class_balance").stdout
    assert "at step 4: 180 fakes against 180 held-out reals of digits" in printed
    assert re.search(r"frechet +[\d.]+ +[\d.]+ to [\d.]+ +[\d.]+  lower", printed)
    assert "seen by frechet: 128 features of a random convolutional network" in printed
    assert re.search(r"seen by class_balance: classes by a classifier \(9\d\.\d% right on 180", printed)
    assert "note: only 180 held-out reals" in printed
    facts = json.loads(wgan("evaluate", run, "--metrics", "frechet", "-n", 50, "--seed", 1, "--json").stdout)
    assert (facts["step"], facts["n"], facts["reference"], facts["floor"]) == (4, 50, 50, 50)
    assert set(facts["metrics"]) == {"frechet"}
    assert facts["metrics"]["frechet"]["value"] > facts["metrics"]["frechet"]["floor"]
    assert len((run / "evaluations.jsonl").read_text().splitlines()) == 2
    told = wgan("evaluate", run, "--metrics", "frechte", code=2).stderr
    assert "Unknown metric 'frechte'. Did you mean frechet" in told
    wgan("evaluate", run, "--step", 3, code=2)


def test_few_samples_are_evaluated_without_intervals_or_refused(run):
    printed = wgan("evaluate", run, "-n", 3).stdout
    assert re.search(r"mmd +\S+ +- +\S+  lower", printed)
    assert "left out for lack of samples: precision (needs 4), recall (needs 4)" in printed
    assert "jackknife" not in printed
    assert "jackknife, not a bootstrap" in wgan("evaluate", run, "-n", 30, "--metrics", "frechet").stdout
    assert (
        "Too few samples for recall (needs 4)" in wgan("evaluate", run, "-n", 3, "--metrics", "recall", code=2).stderr
    )
    json.loads(
        wgan("evaluate", run, "-n", 2, "--json").stdout, parse_constant=lambda name: pytest.fail(f"{name} is no JSON")
    )


def test_train_notes_what_is_to_be_measured(tmp_path):
    assert (
        'metrics = [\n    "frechet",\n    "recall",\n]'
        in wgan("train", "digits", "--dry-run", "--metrics", "frechet,recall").stdout
    )
    wgan("train", "digits", "--dry-run", "--set", "output.best_by=recall")
    for wrong in (["--metrics", "recal"], ["--set", "output.best_by=recal"], ["--set", "output.metrics=recal"]):
        told = wgan("train", "digits", "--dry-run", *wrong, code=2).stderr
        assert "Unknown metric 'recal'. Did you mean recall" in told


def test_data_tells_what_is_there_and_what_was_skipped(faces, tmp_path):
    (faces / "broken.png").write_text("no picture")
    (faces / "copy.png").write_bytes((faces / "00.png").read_bytes())
    output = wgan("data", faces).stdout
    assert "faces: 13 pictures" in output
    assert "20x16 (13)" in output
    assert "broken.png: not a picture" in output
    assert "1 equal another one" in output
    facts = json.loads(wgan("data", faces, "--json").stdout)
    assert facts["count"] == 13
    assert facts["packed"]["shape"] == [3, 20, 16]
    assert facts["skipped"] == [{"name": "broken.png", "reason": "not a picture (its content is of no known format)"}]
    with Image.open(tmp_path / "contact-faces.png") as sheet:
        assert sheet.width > 16 * 10
    assert "100,000 points" in wgan("data", "toy:ring8").stdout


@pytest.mark.parametrize(
    ("asked", "name", "told"),
    [
        ("none", "faces", "of samples as they are: there is no augmentation"),
        ("auto", "faces-diffaugment", "of samples as a critic sees them with diffaugment"),
        (
            "ada",
            "faces-ada",
            "of samples as a critic sees them with ada: each change with probability 0.5, which follows the critic",
        ),
    ],
)
def test_a_sheet_of_changed_samples_says_so_and_replaces_no_plain_one(faces, tmp_path, asked, name, told):
    wgan("data", faces)
    plain = (tmp_path / "contact-faces.png").read_bytes()
    output = " ".join(wgan("data", faces, "--augment", asked).stdout.split())
    assert f"Contact sheet: contact-{name}.png, {told}" in output
    assert (tmp_path / "contact-faces.png").read_bytes() == plain
    changed = (tmp_path / f"contact-{name}.png").read_bytes()
    assert (changed == plain) is (asked == "none")


def test_recipes_are_listed_and_told_in_full():
    assert "wgan-gp-celeba" in wgan("recipes").stdout
    facts = json.loads(wgan("recipes", "wgan-gp-celeba", "--json").stdout)
    assert (facts["generator"]["parameters"], facts["critic"]["parameters"]) == (1_100_227, 175_313)
    assert sum(layer["parameters"] for layer in facts["critic"]["layers"]) == 175_313
    text = wgan("recipes", "wgan-gp-mnist").stdout
    assert "1,510,032 parameters" in text
    assert "parameters: 2.04 MB; 533,505 trained, 0 fixed" in text  # 4 bytes each, over 2^20
    assert "objective.penalty_weight" in text
    assert {entry["name"] for entry in json.loads(wgan("recipes", "--json").stdout)["recipes"]} >= {"wgan-gp-toy"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["train", "nowhere/at/all"], "There is nothing at nowhere/at/all"),
        (["train", "--recipe", "wgan-gp-digit"], "Did you mean wgan-gp-digits"),
        (["train", "--set", "training.stepz=1"], "Did you mean training.steps"),
        (["train", "emty/"], "There is nothing at emty. Did you mean empty?"),
        (["train", "emty"], "'emty' is not one here. Did you mean empty?"),
        (["sample", "emty"], "is not a run: it does not exist. Name the folder"),
        (["train", "--stop", "convergd"], "Nothing that ends a run is called 'convergd'. Did you mean converged?"),
        (["train", "--steps", "0"], "training.steps = 0 will not do"),
        (["train", "--epochs", "0"], "training.epochs = 0.0 will not do"),
        (["train", "--epochs", "inf"], "training.epochs = inf will not do"),
        (["train", "--recipe", "dcgan-anime"], "needs pictures"),
        (["train", "--recipe", "gan-mnist"], "Cannot reach the hub for the data set ylecun/mnist"),
        (["data", "empty"], "it is empty"),
        (["recipes", "gan-gp-digits"], "Did you mean wgan-gp-digits"),
        (["sample", "nowhere"], "is not a run"),
        (["train", "--set", "data.size=16"], "write it as a list"),
        (["report", "nowhere"], "is not a run"),
        (["train", "faces", "--recipe", "wgan-gp-celeba", "--size", "50"], "48x48 (--set data.size=[48,48])"),
        (["train", "--out", "/proc/nowhere/run"], "Cannot create /proc/nowhere/run"),
        (["train", "--device", "cuda"], "No cuda device here"),
    ],
)
@pytest.mark.usefixtures("faces")
def test_bad_input_is_one_paragraph_and_exit_code_2(arguments, complaint, tmp_path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    (tmp_path / "empty").mkdir()
    result = wgan(*arguments, code=2)
    assert result.stderr.startswith("error: ")
    assert complaint in result.stderr
    assert "\n\n" not in result.stderr.strip()


def test_a_place_is_refused_before_anything_long(run, tmp_path, monkeypatch):
    """And a dry run says that it would be."""
    monkeypatch.setattr(sys.modules["wgan.experiment.train"], "build_state", None)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.txt").write_text("mine")
    for out, complaint in (("thesis", "holds other files and no run"), (run, "training.seed is 0 there and 5 here")):
        asked = ["train", *QUICK, "--seed", 5, "--out", out]
        refused = wgan(*asked, code=2)
        assert complaint in refused.stderr
        assert "recipe" not in refused.stdout
        assert f"Without --dry-run, this is refused: {out}" in wgan(*asked, "--dry-run").stdout
    with holding(run):
        assert "Another process is training in" in wgan("train", *QUICK, "--steps", 6, code=2).stderr
        assert "Another process is training in" in wgan("train", *QUICK, "--fresh", code=2).stderr


def test_a_misspelt_run_is_asked_back(run):
    for name in ("runs/wgan-gp-digit", "wgan-gp-digit"):
        assert "it does not exist. Did you mean runs/wgan-gp-digits?" in wgan("sample", name, code=2).stderr


def test_another_run_is_refused_and_fresh_sets_it_aside(run):
    assert "training.seed is 0 there and 5 here" in wgan("train", *QUICK, "--seed", 5, code=2).stderr
    wgan("train", *QUICK, "--seed", 5, "--fresh")
    assert (run.parent / "wgan-gp-digits.old-1" / "generator.safetensors").exists()


def test_a_failed_run_is_exit_code_1():
    explosive = ["--set", "critic_optimizer.learning_rate=1e30", "--set", "output.log_every=1"]
    result = wgan("train", *QUICK, *explosive, code=1)
    assert re.search(r"error: \w+ became \S+ at step \d", result.stderr)
    assert "learning_rate" in result.stderr


def test_ctrl_c_is_exit_code_130_after_saving(monkeypatch, tmp_path):
    from wgan.views.terminal import TrainingDisplay

    def interrupt(self, step):
        import signal

        if step == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(TrainingDisplay, "tick", interrupt)
    result = wgan("train", *QUICK, code=130)
    assert "Saved at step 3" in result.stderr or "Saved at step 2" in result.stderr
    run = tmp_path / "runs" / "wgan-gp-digits"
    assert list((run / "checkpoints").iterdir())
    assert Path(wgan("report", run).stdout.strip()) == run / "report.html", "written on asking"


def test_version():
    assert re.fullmatch(r"wgan \d+\.\d+\.\d+\n", wgan("--version").stdout)


@pytest.mark.parametrize("name", ["picture", "picture.xyz", "."])
def test_names_that_no_picture_can_have_are_told(run, name):
    for command in (["sample", run], ["data", "digits"]):
        assert "is not the name of a picture" in wgan(*command, "--out", name, code=2).stderr
    assert "is not the name of a page" in wgan("report", run, "--out", name, code=2).stderr


def test_fewer_steps_than_were_done_find_the_run_complete(run):
    assert "complete at step 4" in wgan("train", *QUICK, "--steps", 2).stdout


def test_a_run_is_not_taken_for_data(run):
    assert "is a run, not data" in wgan("train", run, code=2).stderr


def test_a_trained_generator_is_not_trained_over_when_its_checkpoints_are_gone(run):
    shutil.rmtree(run / "checkpoints")
    assert "no checkpoint to go on from" in wgan("train", *QUICK, code=2).stderr
    assert (run / "generator.safetensors").exists()


def test_no_permission_to_write_is_told(monkeypatch, tmp_path):
    (tmp_path / "locked").mkdir()
    real = os.access
    monkeypatch.setattr("os.access", lambda path, mode: (str(path), mode) != ("locked", os.W_OK) and real(path, mode))
    assert "No permission to write in locked" in wgan("train", "--out", "locked", code=2).stderr


def test_an_impossible_size_is_told_before_anything_is_packed(faces, monkeypatch):
    monkeypatch.setattr("wgan.data.sources.folder.Folder.samples", lambda self: pytest.fail("packed"))
    wgan("train", faces, "--recipe", "wgan-gp-celeba", "--size", 50, code=2)


def test_a_disk_error_outside_of_training_is_told(run, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device", "grid.png")

    monkeypatch.setattr("os.fsync", full)
    assert wgan("sample", run, code=1).stderr == "error: grid.png: No space left on device.\n"


@pytest.mark.parametrize(
    ("recipe", "data", "place"),
    [
        ("wgan-gp-digits", "digits", "runs/wgan-gp-digits"),
        ("wgan-gp-toy", "toy-ring8", "runs/wgan-gp-toy-ring8"),
        ("wgan-gp-celeba", "my-faces", "runs/wgan-gp-celeba-my-faces"),
    ],
)
def test_runs_go_where_their_name_says(recipe, data, place):
    from wgan.experiment.plan import default_out
    from wgan.recipes import RECIPES

    assert str(default_out(RECIPES[recipe](), data)) == place


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        (("label:class", "an energy"), "by-label-an-energy"),
        (("n" * 300,), "by-" + "n" * 37),
        (("n" * 36 + ". x",), "by-" + "n" * 36),
        (("end.",), "by-end"),
        (("..", "$ "), "by"),
    ],
)
def test_runs_are_named_after_what_is_asked_for_in_short(condition, place):
    from wgan.experiment.plan import default_out
    from wgan.recipes import RECIPES

    config = RECIPES["wgan-gp-digits"]().with_settings({"data.condition": condition})
    assert default_out(config, "digits").name == f"wgan-gp-digits-{place}"


class TestConditions:
    """`--condition`, from the plan to a file of each sample."""

    @pytest.fixture
    def asked(self, tmp_path):
        wgan("train", "digits", "--condition", "label", *QUICK)
        return tmp_path / "runs" / "wgan-gp-digits-by-label"

    def test_plans_say_what_is_asked_for_or_could_be(self):
        plain = wgan("train", "digits", "--dry-run").stdout
        assert "could be asked for label: --condition label" in plain
        planned = wgan("train", "digits", "--condition", "label", "--dry-run").stdout
        assert "asked   label, one of 10 classes" in planned
        assert "run     runs/wgan-gp-digits-by-label, " in planned
        assert "could be asked" not in planned
        assert 'condition = [\n    "label",\n]' in planned

    def test_the_same_command_resumes_and_another_is_refused(self, asked):
        assert "complete at step 4" in wgan("train", "digits", "--condition", "label", *QUICK).stdout
        refused = wgan("train", "digits", *QUICK, "--out", asked, code=2).stderr
        assert "data.condition is ['label'] there and [] here" in refused

    def test_samples_are_asked_for(self, asked, tmp_path):
        wgan("sample", asked, "--condition", "label=7", "-n", 8)
        wgan("sample", asked, "--condition", "label=3..8", "-n", 20, "--out", "walk.png")
        wgan("sample", asked, "--interpolate", "--condition", "label=3", "--out", "between.png")
        wgan("sample", asked, "--out", "columns.png")
        with Image.open("columns.png") as columns, Image.open("walk.png") as walk:
            assert columns.width == walk.width, "ten columns each"
        wgan("sample", asked, "--condition", "label=7", "-n", 3, "--each", "sevens")
        expected = "file_name,label\n000000.png,7\n000001.png,7\n000002.png,7\n"
        assert (tmp_path / "sevens" / "metadata.csv").read_text() == expected
        shutil.copy(asked / "generator.safetensors", "alone.safetensors")
        wgan("sample", "alone.safetensors", "--condition", "label=7", "-n", 3, "--each", "alone")
        for number in range(3):
            name = f"{number:06}.png"
            assert (tmp_path / "alone" / name).read_bytes() == (tmp_path / "sevens" / name).read_bytes()

    def test_what_cannot_be_asked_for_is_one_paragraph(self, asked, run):
        for arguments, complaint in (
            (["sample", run, "--condition", "label=7"], "trained without a condition"),
            (["sample", asked, "--condition", "label=seven"], "There are: 0, 1, 2, 3"),
            (["sample", asked, "--condition", "lable=7"], "Did you mean label"),
            (["train", "digits", "--condition", "lable"], "Did you mean label"),
            (["train", "digits", "--condition", "label,label"], "names a column twice"),
        ):
            result = wgan(*arguments, code=2)
            assert result.stderr.startswith("error: ")
            assert complaint in result.stderr
            assert "\n\n" not in result.stderr.strip()
