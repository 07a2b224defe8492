"""How busy a machine is, by clocks that a test sets; and how often a run speaks whose steps are slow."""

import pytest
import torch

from helpers import small_config
from wgan.experiment.cadence import FEWEST, cadence
from wgan.experiment.pace import BUSY, Pace, is_busy, paced

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


class Machine:
    """A clock on the wall, and that of a thread, which has a share of a CPU."""

    def __init__(self, share):
        self.now, self.share = 0.0, share

    def wall(self):
        self.now += 0.001
        return self.now

    def cpu(self):
        return self.share * self.now

    def step(self):
        self.now += 4.0
        return 1.4


@pytest.mark.parametrize("share", [0.25, 0.54, 0.9, 1.0])
def test_the_share_is_what_the_thread_had_of_the_time(share):
    machine = Machine(share)
    found = paced(machine.step, CPU, machine.wall, machine.cpu)
    assert found.step == 1.4
    assert found.share == pytest.approx(share, abs=1e-3)
    assert found.is_busy == (share < BUSY)
    assert is_busy(CPU, machine.wall, machine.cpu) == (share < BUSY)


def test_on_a_gpu_the_thread_waits_and_that_says_nothing():
    machine = Machine(0.1)
    assert paced(machine.step, CUDA, machine.wall, machine.cpu) == Pace(1.4, 1.0)
    assert not is_busy(CUDA, machine.wall, machine.cpu)


def test_it_is_said_in_percent():
    assert Pace(1.0, 0.544).in_words() == "Other programs keep the CPU busy (our thread had 54% of a CPU)"


EVERY_50 = {"output__log_every": 50}


@pytest.mark.parametrize(
    ("step", "chosen"),
    [
        (0.3, {}),
        (0.5, {"output.first_line": 30}),
        (1.4, {"output.first_line": 10, "output.log_every": 20}),
        (5.0, {"output.first_line": 3, "output.log_every": FEWEST}),
        (40.0, {"output.first_line": 1, "output.log_every": FEWEST}),
    ],
)
def test_slow_steps_speak_soon_and_then_once_a_minute(step, chosen):
    assert cadence(small_config(**EVERY_50), step, frozenset()) == chosen


def test_what_is_given_stays_and_so_does_how_an_augmentation_adapts():
    config = small_config(**EVERY_50)
    assert cadence(config, 1.4, {"output.log_every"}) == {}
    assert cadence(config, 1.4, {"output.first_line"}) == {"output.log_every": 20}
    assert cadence(small_config(**EVERY_50, augmentation="ada"), 1.4, frozenset()) == {"output.first_line": 10}
