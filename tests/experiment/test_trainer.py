"""Runs: what they leave, how they resume, what they refuse."""

import json
import os
import signal

import numpy as np
import pytest
import torch
from PIL import Image

from helpers import assert_equal_runs, small_experiment, small_run, weights, without_time
from wgan.errors import InputError, TrainingError
from wgan.runs.run import Run
from wgan.system.interruption import Interrupted


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("unbroken") / "run")


@pytest.mark.parametrize("steps", [3, 6, 10])
def test_a_longer_run_equals_two_shorter_ones_bit_for_bit(tmp_path, unbroken, steps):
    """Stopped between two log lines, at a checkpoint, and at a log line: nothing differs."""
    small_run(tmp_path / "run", training__steps=steps)
    assert_equal_runs(small_run(tmp_path / "run"), unbroken)


def test_several_updates_of_the_generator_resume_bit_for_bit(tmp_path, unbroken):
    """Each update draws latents of its own, which the step counts."""
    twice = {"training__generator_steps": 2}
    small_run(tmp_path / "run", training__steps=7, **twice)
    resumed, whole = small_run(tmp_path / "run", **twice), small_run(tmp_path / "whole", **twice)
    assert_equal_runs(resumed, whole)
    assert not torch.equal(weights(whole)["/ema/0.weight"], weights(unbroken)["/ema/0.weight"])


@pytest.mark.parametrize("steps", [3, 6, 10])
@pytest.mark.parametrize("name", ["diffaugment", "ada"])
def test_runs_whose_samples_are_changed_resume_bit_for_bit(tmp_path, faces, name, steps):
    """The probability of ADA, which a line of the log moves, is saved with the checkpoint of the same step."""
    few = {"source": faces, "data__holdout": 0.5, "critic_optimizer__learning_rate": 0.03, "output__log_every": 2}
    changed = {**few, "augmentation": name}
    if name == "ada":
        changed |= {"augmentation__step": 0.3, "augmentation__target": 0.5}
    small_run(tmp_path / "run", training__steps=steps, **changed)
    resumed, whole = small_run(tmp_path / "run", **changed), small_run(tmp_path / "whole", **changed)
    assert_equal_runs(resumed, whole)
    plain = weights(small_run(tmp_path / "plain", **few))
    assert not torch.equal(weights(whole)["/ema/0.weight"], plain["/ema/0.weight"])
    probabilities = [row["augmented"] for row in whole.metrics()]
    assert probabilities == [1.0] * 6 if name == "diffaugment" else max(probabilities) > min(probabilities) == 0.0


@pytest.mark.parametrize("stop", [2, 7, 11])
def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path, unbroken, stop):
    """Before the first checkpoint, between two, and just before the end: what was written since is done again."""
    small_run(tmp_path / "run", stop=stop)
    assert_equal_runs(small_run(tmp_path / "run"), unbroken)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
@pytest.mark.usefixtures("foreground")
def test_a_signal_is_heard_between_two_steps_and_the_run_is_saved(tmp_path, unbroken, number):
    before = signal.getsignal(number)
    running = small_experiment(tmp_path / "run")
    with pytest.raises(Interrupted, match="Saved at step 4") as interrupted:  # noqa: PT012
        for event in running.events():
            if event.step == 4:
                os.kill(os.getpid(), number)
    assert interrupted.value.signal == number
    assert signal.getsignal(number) == before
    assert list(running.run.checkpoints()) == [0, 4]
    assert running.run.evolution_file.exists()
    running.close()
    assert_equal_runs(small_run(tmp_path / "run"), unbroken)


def test_a_seed_makes_the_run(tmp_path, unbroken):
    assert_equal_runs(small_run(tmp_path / "same"), unbroken)
    other = small_run(tmp_path / "other", training__seed=1)
    assert not torch.equal(weights(other)["/ema/0.weight"], weights(unbroken)["/ema/0.weight"])


def test_a_run_leaves_what_it_promises(unbroken):
    assert [row["step"] for row in unbroken.metrics()] == [5, 10, 12]
    last = unbroken.metrics()[-1]
    assert last["images_seen"] == 12 * 2 * 8
    assert {"step", "images_seen", "seconds", "critic_loss", "generator_loss", "distance", "penalty"} < set(last)
    assert list(unbroken.samples()) == [0, 4, 8, 12]
    assert list(unbroken.checkpoints()) == [6, 12]
    with Image.open(unbroken.evolution_file) as gif:
        assert gif.n_frames == 4
    with Image.open(unbroken.curves_file) as picture:
        assert picture.width > 300
    assert unbroken.config.training.steps == 12
    assert unbroken.provenance.data_count == 1797
    assert unbroken.provenance.torch == torch.__version__
    assert not list(unbroken.path.rglob("*.tmp*"))


def test_tensorboard_has_the_scalars_and_the_grids(unbroken):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(unbroken.tensorboard_folder)).Reload()
    assert [scalar.step for scalar in events.Scalars("distance")] == [5, 10, 12]
    rows = [row["distance"] for row in unbroken.metrics()]
    np.testing.assert_allclose([scalar.value for scalar in events.Scalars("distance")], rows, rtol=1e-6)
    assert [image.step for image in events.Images("samples")] == [0, 4, 8, 12]


def test_every_line_is_the_mean_since_the_one_before(tmp_path):
    fine = small_run(tmp_path / "fine", output__log_every=1).metrics()
    coarse = small_run(tmp_path / "coarse", output__log_every=4).metrics()
    for row in coarse:
        window = [r["distance"] for r in fine if row["step"] - 4 < r["step"] <= row["step"]]
        assert row["distance"] == pytest.approx(np.mean(window), rel=1e-6)


def test_grids_show_the_same_latents_through_the_averaged_generator(unbroken):
    from wgan.training import Stream, latents
    from wgan.views import picture

    z = latents(0, Stream.GRID, 0, 6, 4)
    for step in set(unbroken.checkpoints()) & set(unbroken.samples()):
        expected = picture(unbroken.generator(step)(z), unbroken.spec, 3)
        with Image.open(unbroken.sample_file(step)) as shown:
            np.testing.assert_array_equal(np.asarray(shown), np.asarray(expected))
    assert 12 in unbroken.checkpoints()


def test_stretched_grids_change_nothing_but_the_grids(tmp_path):
    settings = {"output__metrics": ["frechet"], "output__evaluate_every": 6}
    plain = small_run(tmp_path / "plain", **settings)
    wide = small_run(tmp_path / "wide", **settings, output__stretch=True)
    assert without_time(wide.metrics()) == without_time(plain.metrics())
    assert [row["metrics"] for row in wide.evaluations()] == [row["metrics"] for row in plain.evaluations()]
    assert torch.equal(wide.sample(4), plain.sample(4))
    for step, path in plain.samples().items():
        with Image.open(path) as before, Image.open(wide.samples()[step]) as after:
            assert np.ptp(np.asarray(before)) < np.ptp(np.asarray(after)) == 255


def test_a_finished_run_is_left_alone(tmp_path):
    run = small_run(tmp_path / "run")
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    assert small_experiment(tmp_path / "run").complete
    small_run(tmp_path / "run")
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"training__seed": 1}, "training.seed is 0 there and 1 here"),
        ({"objective__name": "wgan"}, r"another run: objective\.name is wgan-gp there and wgan here\. Choose"),
        ({"augmentation": "ada"}, r"another run: augmentation\.name is none there and ada here\. Choose"),
        ({"source": "toy:ring8"}, r"data is digits \(1,797 samples\) there and toy-ring8"),
        ({"data__size": (16, 16)}, r"another run: data\.size is \[8, 8\] there and \[16, 16\] here\. Choose"),
    ],
)
def test_another_run_in_the_folder_is_refused_with_the_difference(tmp_path, change, difference):
    run = small_run(tmp_path / "run")
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match=difference):
        small_experiment(tmp_path / "run", **change)
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before


def test_fresh_sets_the_old_run_aside(tmp_path):
    old = weights(small_run(tmp_path / "run"))
    small_run(tmp_path / "run", fresh=True, training__seed=1)
    small_run(tmp_path / "run", fresh=True, training__seed=2)
    kept = weights(Run.open(tmp_path / "run.old-1"))
    assert all(torch.equal(value, kept[key]) for key, value in old.items())
    assert Run.open(tmp_path / "run.old-2").config.training.seed == 1


def test_a_run_that_was_killed_between_its_last_checkpoint_and_its_end_is_finished(tmp_path, unbroken):
    run = small_run(tmp_path / "run", stop=12)
    assert not run.evolution_file.exists()
    small_run(tmp_path / "run")
    assert run.evolution_file.read_bytes() == unbroken.evolution_file.read_bytes()
    assert_equal_runs(run, unbroken)


def test_the_critic_is_kept_beside_the_generator(unbroken):
    from safetensors.torch import load_file

    saved = unbroken.load_checkpoint()["critic"]
    assert all(torch.equal(value, saved[key]) for key, value in load_file(unbroken.critic_file).items())


def test_two_processes_do_not_train_in_one_folder(tmp_path):
    running = small_experiment(tmp_path / "run")
    first = running.events()
    while next(first).step < 5:
        pass
    before = running.run.metrics_file.read_bytes()
    for fresh in (False, True):
        with pytest.raises(InputError, match="Another process is training"):
            small_experiment(tmp_path / "run", fresh=fresh)
    assert running.run.metrics_file.read_bytes() == before, "refused before anything of the other was touched"
    running.close()
    next(small_experiment(tmp_path / "run").events())


def test_weights_that_are_not_finite_are_never_saved(tmp_path):
    """The terms of a step are measured before its update: they may be finite when the weights no longer are."""
    running = small_experiment(tmp_path / "run", output__checkpoint_every=1)
    with pytest.raises(TrainingError, match=r"no longer finite at step 4\..*checkpoint is that of step 3"):  # noqa: PT012
        for event in running.events():
            if event.step == 3:
                bias = next(p for p in running.state.generator.parameters() if p.ndim == 1)
                bias.register_hook(lambda gradient: gradient * float("nan"))
    assert list(running.run.checkpoints()) == [2, 3]
    assert running.run.sample(2).isfinite().all()


def test_fresh_moves_nothing_but_a_run(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="holds other files"):
        small_experiment(tmp_path, fresh=True)
    assert (tmp_path / "thesis.txt").exists()


def test_a_folder_that_could_not_be_claimed_can_be_claimed_later(tmp_path, monkeypatch):
    monkeypatch.setattr("os.fsync", _full)
    with pytest.raises(TrainingError, match="No space left"):
        small_experiment(tmp_path / "run")
    monkeypatch.undo()
    assert not small_experiment(tmp_path / "run").complete


def test_too_little_memory_is_told(tmp_path, monkeypatch):
    def full(*arguments):
        raise torch.OutOfMemoryError

    running = small_experiment(tmp_path / "run")
    monkeypatch.setattr("wgan.training.steps.critic_step", full)
    with pytest.raises(TrainingError, match=r"lower training\.batch_size"):
        next(running.events())


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="holds other files and no run"):
        small_experiment(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file"):
        small_experiment(tmp_path / "file")


def test_a_term_that_is_not_finite_stops_the_run_and_keeps_the_last_good_checkpoint(tmp_path):
    running = small_experiment(tmp_path / "run")
    with pytest.raises(TrainingError, match=r"became nan at step 8\..*last good checkpoint is that of step 6"):  # noqa: PT012
        for event in running.events():
            if event.step == 7:
                with torch.no_grad():
                    next(running.state.critic.parameters()).fill_(float("nan"))
    assert list(running.run.checkpoints()) == [0, 6]
    assert all(value.isfinite().all() for value in weights(running.run).values())


def test_a_full_disk_stops_the_run_and_keeps_what_was_written(tmp_path, monkeypatch):
    run = small_run(tmp_path / "run", training__steps=6)
    before = weights(run)
    running = small_experiment(tmp_path / "run")
    with pytest.raises(TrainingError, match=r"No space left on device.*same command again.*step 6"):  # noqa: PT012
        for _ in running.events():
            monkeypatch.setattr("os.fsync", _full)
    monkeypatch.undo()
    assert all(torch.equal(value, before[key]) for key, value in weights(run).items())
    assert not list(run.path.rglob("*.tmp*"))


def _full(descriptor):
    raise OSError(28, "No space left on device")


def test_the_config_is_on_disk_before_the_first_step(tmp_path):
    small_experiment(tmp_path / "run")
    assert Run.open(tmp_path / "run").config.data.size == (8, 8)


def test_a_torn_last_line_of_the_log_is_dropped(tmp_path, unbroken):
    run = small_run(tmp_path / "run", stop=11)
    with run.metrics_file.open("a") as file:
        file.write(json.dumps({"step": 11})[:-3])
    assert_equal_runs(small_run(tmp_path / "run"), unbroken)


def test_a_closed_trainer_trains_no_further(tmp_path):
    with small_experiment(tmp_path / "run") as running:
        events = running.events()
        assert next(events).step == 1
        threads = torch.get_num_threads()
    assert list(events) == [], "closed with the trainer, before others may write"
    assert torch.get_num_threads() == threads
    with pytest.raises(RuntimeError, match="closed"):
        running.events()
    assert small_experiment(tmp_path / "run").state.step == 0
