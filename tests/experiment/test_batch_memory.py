"""The memory of a batch, counted by hand; and the parts in which one is computed that is too large, with little of it.

Memory and its lack are given, so that no GPU and no large batch is needed.
"""

import math
import sys

import pytest
import torch
from torch import nn

from helpers import QUIET, small_experiment
from wgan.errors import InputError, TrainingError
from wgan.experiment import batch_memory
from wgan.experiment.batch_memory import ROOM, OfASample, fitted_to_memory, kept_bytes, of_a_sample
from wgan.experiment.memory import bytes_of_networks
from wgan.experiment.parts import Parts
from wgan.experiment.plan import plan
from wgan.experiment.train import start
from wgan.objectives import WGAN, WGANGP, Composed
from wgan.training import ALONE

FP32 = 4


@pytest.mark.parametrize("count", [1, 2, 7])
def test_what_autograd_keeps_by_hand(count):
    """The inputs of both layers, the second of which ReLU keeps too, and the scores; and the second layer's weights.

    The first layer's are not kept, since nobody asks for the gradient of the samples.
    """
    layers = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 1))
    samples = torch.ones(count, 3)
    found = kept_bytes(lambda: layers(samples).square().sum())
    assert found == FP32 * (count * (3 + 5 + 1) + 5 * 1)


def test_what_a_sample_needs_by_hand(tmp_path):
    """The critic's update: a real and a fake point of 2 numbers, with 5 hidden ones each. The generator's: less."""
    parts = Parts(
        generator=nn.Linear(4, 2), critic=nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 1), nn.Flatten(0))
    )
    with small_experiment(tmp_path, source="toy:ring8", parts=parts, objective=WGAN()) as running:
        before = {name: value.clone() for name, value in running.state.critic.state_dict().items()}
        assert of_a_sample(running.planned, running.state, running.wiring).bytes == FP32 * 2 * (2 + 5)
        assert all(torch.equal(value, before[name]) for name, value in running.state.critic.state_dict().items())
        assert running.state.step == 0
        assert all(weight.grad is None for weight in running.state.critic.parameters())


@pytest.mark.parametrize(("seconds", "step"), [(2.0, 24.0), (0.4, None)])
def test_a_few_slow_samples_tell_what_a_step_takes(tmp_path, monkeypatch, seconds, step):
    """16 samples take four times as long; two updates of the critic, one of the generator. Quick calls tell nothing."""
    monkeypatch.setattr(batch_memory, "_timed", lambda count: (count(), seconds))
    with small_experiment(tmp_path, training__batch_size=16, training__critic_steps=2) as running:
        assert of_a_sample(running.planned, running.state, running.wiring).seconds == step


@pytest.fixture
def free(monkeypatch):
    """Leaves room for the networks of a small run, and for so many samples."""

    def give(samples):
        monkeypatch.setattr(batch_memory, "bytes_of_networks", lambda *given: 1000)
        monkeypatch.setattr(batch_memory, "of_a_sample", lambda *given: OfASample(100))
        monkeypatch.setattr(batch_memory, "free_memory", lambda: math.ceil(ROOM * (1000 + 100 * samples)))

    return give


ALONE_EACH, BATCH_NORM = {"networks__batch_norm": False}, {"networks__batch_norm": True}


@pytest.mark.parametrize(
    ("samples", "settings", "expected"),
    [
        (8, {}, None),
        (7.9, {}, 4),
        (3.9, {}, 3),
        (1, ALONE_EACH, 1),
        (1, BATCH_NORM, 2),
        (2, BATCH_NORM, 2),
        (7, {"training__microbatch": 7}, 7),
        (2, {"training__microbatch": 7}, 7),
        (1, {"objective": Composed(reduction="sum")}, None),
    ],
)
def test_the_largest_part_that_fits_is_chosen(tmp_path, free, samples, settings, expected):
    """Of a batch of eight; what was given stays, and a sum is not split."""
    free(samples)
    with small_experiment(tmp_path, **settings) as running:
        config = running.run.config
    assert config.training.microbatch == expected
    assert ("training.microbatch" in config.chosen) == (expected not in (None, 7))


@pytest.mark.parametrize(
    ("samples", "settings", "told"),
    [
        (
            4,
            {},
            "A batch of 8 takes about 0.0 MB with the networks, too much for the 0.0 MB that are free: it is",
        ),
        (4, BATCH_NORM, "BatchNorm sees a part at a time."),
        (1, BATCH_NORM, "Even so it may run out of memory."),
        (2, {"training__microbatch": 7}, "A part of 7 samples takes about"),
        (1, {"objective": Composed(reduction="sum")}, "a loss that is a sum cannot be computed in parts"),
    ],
)
def test_what_is_chosen_is_told(tmp_path, free, samples, settings, told):
    free(samples)
    with small_experiment(tmp_path, **settings) as running:
        (note,) = [note for note in running.notes if "free" in note]
    assert told in note


def test_an_objective_of_the_user_s_is_not_split(tmp_path, free):
    class Own(WGANGP):
        pass

    free(1)
    with small_experiment(tmp_path, parts=Parts(objective=Own())) as running:
        assert running.config.training.microbatch is None
        assert any("only you know whether your objective is a mean" in note for note in running.notes)


def test_a_run_that_resumes_keeps_its_parts(tmp_path, free):
    settings = {"training.steps": 4, "training.batch_size": 8}
    for steps, room in ((4, 2), (6, 100), (8, 1)):
        free(room)
        with start(plan("digits", out=tmp_path, settings=settings | {"training.steps": steps}), terminal=QUIET) as run:
            list(run.events())
        assert run.run.config.training.microbatch == 2, room
    given = plan("digits", out=tmp_path, settings=settings | {"training.microbatch": 8})
    assert (given.config.training.microbatch, given.config.chosen) == (8, ())


class TestAGPU:
    """A trial step tells: it takes 10 bytes for a sample, and fails for more than there are."""

    @pytest.fixture
    def fitted(self, tmp_path, monkeypatch):
        def fit(room, **settings):
            fit.tried = []

            def peak(state, step, precision, size):
                tried.append(size)
                if min(size or 64, batch) * 10 > room:
                    raise torch.OutOfMemoryError("CUDA out of memory")
                return min(size or 64, batch) * 10

            tried, batch = fit.tried, settings.get("training__batch_size", 8)
            with small_experiment(tmp_path, **settings) as running:
                planned, state, wiring = running.planned, running.state, running.wiring
                step = running.loop(ALONE).step(0)
            monkeypatch.setattr(batch_memory, "_first_step", lambda *given: step)
            monkeypatch.setattr(batch_memory, "peak_of_step", peak)
            monkeypatch.setattr(state, "device", torch.device("cuda"))
            return fitted_to_memory(planned, state, wiring), tried

        return fit

    @pytest.mark.parametrize(
        ("room", "settings", "tries", "memory"),
        [
            (80, {}, [None], 80),
            (79, {}, [None, 4], 40),
            (10, ALONE_EACH, [None, 4, 2, 1], 10),
            (20, BATCH_NORM, [None, 4, 2], 20),
            (40, {"training__batch_size": 7}, [None, 4], 40),
            (70, {"training__microbatch": 7}, [7], 70),
        ],
    )
    def test_parts_are_halved_until_they_fit(self, fitted, room, settings, tries, memory):
        found, tried = fitted(room, **settings)
        assert tried == tries
        assert found.memory == memory
        assert found.planned.config.training.microbatch == tries[-1]
        assert len(found.notes) == (len(tries) > 1)

    @pytest.mark.parametrize(
        ("settings", "tries"),
        [(ALONE_EACH, [None, 4, 2, 1]), (BATCH_NORM, [None, 4, 2]), ({"training__microbatch": 7}, [7])],
    )
    def test_where_nothing_fits_the_error_is_the_gpu_s(self, fitted, settings, tries):
        with pytest.raises(torch.OutOfMemoryError):
            fitted(9, **settings)
        assert fitted.tried == tries

    def test_a_sum_is_refused_with_a_remedy(self, fitted):
        with pytest.raises(InputError, match=r"memory for a batch of 8, and a loss that is a sum .*reduction=mean"):
            fitted(9, objective=Composed(reduction="sum"))


def test_too_little_memory_for_the_smallest_part_ends_the_run_in_words(tmp_path, monkeypatch):
    def fail(*given):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(sys.modules["wgan.experiment.train"], "fitted_to_memory", fail)
    with pytest.raises(TrainingError, match=r"too little memory .*smaller ones .*training\.microbatch=8, .* lower"):
        small_experiment(tmp_path)


def test_networks_that_are_made_need_what_their_shapes_say(tmp_path):
    """Adam: four of the generator, with its average; three of the critic; and the gradients of one."""
    with small_experiment(tmp_path) as running:
        generator, critic = (
            sum(weight.nbytes for weight in network.state_dict().values())
            for network in (running.state.generator, running.state.critic)
        )
        found = bytes_of_networks(running.config, running.state.generator, running.state.critic)
    assert found == 4 * generator + 3 * critic + max(generator, critic)
