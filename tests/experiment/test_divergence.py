"""Numbers that leave every bound: where is told, the step can be replayed, and a run can go back and go on."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import wgan
from helpers import small_experiment, small_run
from ranks import together
from shared_work import interrupted, left_every_bound
from wgan.errors import InputError, TrainingError
from wgan.experiment.build import batches
from wgan.experiment.divergence import Culprit, beyond, replay
from wgan.experiment.plan import NO_PARTS
from wgan.runs.doctor import diagnose
from wgan.runs.run import Run
from wgan.training import ALONE

CPU = torch.device("cpu")


def unstable(rate):
    """Settings under which the small run leaves every bound, but not at an eighth of the rate."""
    generator = {"name": "sgd", "learning_rate": 0.01}
    return {"critic_optimizer": {"name": "sgd", "learning_rate": rate}, "generator_optimizer": generator}


UNSTABLE = unstable(0.2)
"""The run goes back to its start, and later to step 6."""


class Allergic(nn.Module):
    """Passes everything on but one sample: at that, it overflows, in its output or in its gradient."""

    def __init__(self, sample, kind):
        super().__init__()
        self.register_buffer("sample", sample.flatten())
        self.kind = kind

    def forward(self, x):
        found = (x == self.sample).all(1, keepdim=True)
        if self.kind == "output":
            return torch.where(found, torch.inf, x)
        return _Steep.apply(x, found)


class _Steep(torch.autograd.Function):
    """What comes out is what went in; the gradient of some samples is infinite."""

    @staticmethod
    def forward(x, steep):
        return x.clone()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(inputs[1])

    @staticmethod
    def backward(ctx, gradient):
        (steep,) = ctx.saved_tensors
        return torch.where(steep, torch.inf, gradient), None


def critic(sample, kind):
    return nn.Sequential(nn.Flatten(), _Scaled(), Allergic(sample, kind), nn.Linear(64, 1), nn.Flatten(0))


class _Scaled(nn.Module):
    """Passes everything on, by a weight that stays 1: so that a gradient has somewhere to arrive."""

    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return x + 0 * self.factor * x


@pytest.mark.parametrize(
    ("kind", "culprit", "told"),
    [
        ("output", Culprit("critic", "2", "output"), "the output of the critic's layer 2"),
        ("gradient", Culprit("critic", "1.factor", "gradient"), "the gradient of 1.factor of the critic"),
    ],
)
def test_the_step_the_layer_and_the_batch_are_found(tmp_path, kind, culprit, told):
    """The oracle is the shuffled order: which batch has the sample that the critic cannot bear."""
    probe = small_experiment(tmp_path / "probe", data__holdout=0.0)
    real = batches(probe.config, probe.pack, CPU, ALONE)
    number = 9  # the second critic step of generator step 5
    place = real.indices(number)[3]
    assert not any(place in real.indices(earlier) for earlier in range(number))
    sick = critic(real(number)[3], kind)
    settings = {"data__holdout": 0.0, "objective": "hinge", "output__log_every": 4, "ignore": ["critic-mixes-samples"]}
    running = small_experiment(tmp_path / "run", parts=NO_PARTS._replace(critic=sick), **settings)
    with pytest.raises(TrainingError, match="at step 5") as ended:
        list(running.events())
    assert told in str(ended.value)
    failure = json.loads((tmp_path / "run/failure.json").read_text())
    assert failure["step"] == 5
    assert (failure["player"], failure["layer"], failure["kind"]) == culprit
    again = replay(tmp_path / "run", critic=critic(real(number)[3], kind))
    assert (again.step, again.culprit) == (5, culprit)
    record = torch.load(running.run.divergence_file, weights_only=True)
    assert record["state"]["step"] == 4
    assert sorted(record["real"]) == [8, 9]
    assert torch.equal(record["real"][9], real(9))


def test_a_step_too_far_is_told_as_such(tmp_path):
    with pytest.raises(TrainingError, match=r"bad number was in 1\.weight of the critic, after its"):
        small_run(tmp_path / "run", critic_optimizer={"name": "sgd", "learning_rate": 1e30})


def test_a_run_within_bounds_has_nothing_to_replay(tmp_path):
    with pytest.raises(InputError, match="did not diverge"):
        replay(small_run(tmp_path / "run", training__steps=2))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 2e10, -2e10])
def test_what_is_beyond_bounds(number):
    assert beyond(torch.tensor([0.0, number]))
    assert not beyond(torch.tensor([0.0, 9e9, -9e9]))


def unlike(saved):
    """A checkpoint without what differs between equal trainings."""
    return {key: value for key, value in saved.items() if key not in ("seconds", "rollbacks")}


def same(one, other):
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def without_time(rows):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


@pytest.fixture(scope="module")
def rolled_back(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("rolled") / "run", on_divergence="rollback", **UNSTABLE)


def test_a_run_that_goes_back_is_one_with_lower_rates_from_there(tmp_path):
    """If it goes back to its start, the rest is a run of its own with these rates."""
    run = small_run(tmp_path / "run", on_divergence="rollback", **unstable(0.3))
    assert [(row["to"], row["rates"]) for row in run.rollbacks()] == [(0, 0.5), (0, 0.25)]
    lower = {name: {**part, "learning_rate": part["learning_rate"] / 4} for name, part in unstable(0.3).items()}
    plain = small_run(tmp_path / "plain", **lower)
    assert same(unlike(plain.load_checkpoint()), unlike(run.load_checkpoint()))
    assert without_time(plain.metrics()) == without_time(run.metrics())
    assert not run.failure()


def test_the_verdict_tells_of_it(rolled_back):
    diagnosis = diagnose(rolled_back)
    assert "went back to a checkpoint" in diagnosis.summary
    found = next(finding for finding in diagnosis.findings if finding.code == "rolled-back")
    rate = UNSTABLE["critic_optimizer"]["learning_rate"] * rolled_back.rollbacks()[-1]["rates"]
    assert f"critic_optimizer.learning_rate={rate:.3g}" in found.settings


def test_it_goes_back_to_the_newest_checkpoint(rolled_back):
    assert [(row["to"], row["rates"]) for row in rolled_back.rollbacks()] == [(0, 0.5), (6, 0.25)]
    (group,) = rolled_back.load_checkpoint()["critic_optimizer"]["param_groups"]
    assert group["lr"] == 0.05


@pytest.mark.parametrize("stop", [7, 10])
def test_a_run_killed_after_it_went_back_ends_the_same(rolled_back, tmp_path, stop):
    running = small_experiment(tmp_path / "run", on_divergence="rollback", **UNSTABLE)
    went_back = False
    for event in running.events():
        went_back = went_back or event.rolled_back is not None
        if went_back and event.step == stop and len(running.run.rollbacks()) == len(rolled_back.rollbacks()):
            break
    running.close()
    again = small_run(tmp_path / "run", on_divergence="rollback", **UNSTABLE)
    assert same(unlike(again.load_checkpoint()), unlike(rolled_back.load_checkpoint()))
    assert without_time(again.metrics()) == without_time(rolled_back.metrics())
    assert again.rollbacks() == rolled_back.rollbacks()


def test_a_run_that_stopped_can_be_told_to_go_back(rolled_back, tmp_path):
    with pytest.raises(TrainingError, match="--on-divergence rollback"):
        small_run(tmp_path / "run", **UNSTABLE)
    again = small_run(tmp_path / "run", on_divergence="rollback", **UNSTABLE)
    assert same(unlike(again.load_checkpoint()), unlike(rolled_back.load_checkpoint()))


def test_going_back_has_an_end(tmp_path):
    hopeless = {"critic_optimizer": {"name": "sgd", "learning_rate": 1e6}}
    with pytest.raises(TrainingError, match=r"cannot continue after 3 rollbacks; the last good .* is that of step 0"):
        small_run(tmp_path / "run", on_divergence="rollback", **hopeless)
    run = Run(tmp_path / "run")
    assert [row["rates"] for row in run.rollbacks()] == [0.5, 0.25, 0.125]
    assert diagnose(run).verdict == "diverged"
    for state in run.load_checkpoint()["critic"].values():
        assert np.isfinite(state.numpy()).all()


def test_a_run_goes_back_past_a_damaged_checkpoint(tmp_path):
    """The lock is held then, by the run itself."""
    running = small_experiment(tmp_path / "run", on_divergence="rollback", output__checkpoint_every=3, **UNSTABLE)
    for event in running.events():
        if event.diverged and max(running.run.checkpoints()) > 0:
            newest = running.run.checkpoints()[max(running.run.checkpoints())]
            newest.write_bytes(newest.read_bytes()[:-100])
    assert running.complete
    assert list(running.run.checkpoint_folder.path.glob("*.damaged"))
    assert any("damaged" in note for note in running.notes)


class Fickle(nn.Module):
    """Overflows at its eleventh call, and fails at its thirteenth; between its layers it passes a mask on."""

    def __init__(self, *words):
        super().__init__()
        self.score, self.mask, self.calls, self.words = nn.Linear(64, 1), Mask(), 0, words

    def forward(self, x):
        self.calls += 1
        if self.calls > 61:
            raise RuntimeError(*self.words)
        x = x.flatten(1)
        x = torch.where(self.mask(x), x, x * 0.5)
        return self.score(x).squeeze(1) * (torch.inf if self.calls > 50 else 1)


class Mask(nn.Module):
    def forward(self, x):
        return x > 0


@pytest.mark.parametrize(("words", "told"), [(["not once more"], "not once more"), ([], "RuntimeError")])
def test_what_cannot_be_done_again_is_told_all_the_same(tmp_path, words, told):
    parts = NO_PARTS._replace(critic=Fickle(*words))
    with pytest.raises(TrainingError, match=rf"became .* could not be repeated \(RuntimeError: {told}\)"):
        list(small_experiment(tmp_path / "run", parts=parts, objective="hinge", training__steps=60).events())
    assert Run(tmp_path / "run").failure()


def test_masks_are_looked_past(tmp_path):
    """Modules may return other things than numbers."""
    parts = NO_PARTS._replace(critic=Fickle())
    settings = {"critic_optimizer": {"name": "sgd", "learning_rate": 1e30}}
    with pytest.raises(TrainingError, match=r"bad number was in score\.weight of the critic, after its update"):
        list(small_experiment(tmp_path / "run", parts=parts, objective="hinge", training__steps=2, **settings).events())


def test_a_lost_line_never_raises_the_rates(rolled_back, tmp_path):
    shutil.copytree(rolled_back.path, tmp_path / "run")
    (tmp_path / "run/rollbacks.jsonl").write_text("")
    again = small_experiment(tmp_path / "run", on_divergence="rollback", training__steps=20, **UNSTABLE)
    assert again.state.critic_optimizer.param_groups[0]["lr"] == 0.05


def test_a_replay_wants_the_parts_that_were_passed(tmp_path):
    parts = NO_PARTS._replace(critic=Fickle())
    settings = {"critic_optimizer": {"name": "sgd", "learning_rate": 1e30}}
    with pytest.raises(TrainingError):
        list(small_experiment(tmp_path / "run", parts=parts, objective="hinge", training__steps=2, **settings).events())
    with pytest.raises(InputError, match="parts of your own"):
        replay(tmp_path / "run")


def test_who_is_ready_to_train_keeps_others_from_it(tmp_path):
    with small_experiment(tmp_path / "run") as early:
        with pytest.raises(InputError, match="Another process is training"):
            small_experiment(tmp_path / "run")
        list(early.events())
    assert small_experiment(tmp_path / "run").complete


def test_fresh_is_for_the_first_start_of_torchrun_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = {"training.steps": 2}
    wgan.train("toy:ring8", settings=settings, out="run", progress=False)
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    wgan.train("toy:ring8", settings=settings, out="run", fresh=True, progress=False)
    assert not Path("run.old-1").exists()
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "0")
    wgan.train("toy:ring8", settings=settings, out="run", fresh=True, progress=False)
    assert Path("run.old-1").exists()


@pytest.mark.parametrize("choice", ["stop", "rollback"])
def test_several_processes_leave_every_bound_together(tmp_path, choice):
    found = together(2, left_every_bound, tmp_path / "run", choice, UNSTABLE)
    if choice == "stop":
        assert all(isinstance(error, TrainingError) and "at step" in str(error) for error in found)
        assert "the first bad number was in" in str(found[0])
        assert str(found[1]).endswith("The first process tells more.")
        assert Run(tmp_path / "run").failure()
    else:
        assert found == [12, 12]
        assert [row["to"] for row in Run(tmp_path / "run").rollbacks()] == [0, 6]


def test_a_signal_to_one_process_stops_all_after_the_same_step(tmp_path):
    """And what two began, one ends."""
    found = together(2, interrupted, tmp_path / "run")
    assert [str(error) for error in found] == ["Saved at step 4; the same command continues from there."] * 2
    assert [error.signal for error in found] == [15, 15]
    assert max(Run(tmp_path / "run").checkpoints()) == 4
    assert max(small_run(tmp_path / "run").checkpoints()) == 12
