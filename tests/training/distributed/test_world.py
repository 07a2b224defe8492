"""Several processes make the run of one: in double precision, to the last digits."""

import math

import pytest
import torch

from ranks import together
from shared_work import CASES, STEPS, agreements, all_trained, changing, losing, too_many, trained
from wgan.errors import TrainingError


@pytest.fixture(scope="module")
def alone():
    return {name: trained(name) for name in CASES}


@pytest.mark.parametrize("size", [2, 3])  # equal shares of a batch, and unequal ones
def test_any_number_of_processes_makes_the_same_run(alone, size):
    """Ten samples a batch: the shares of three processes differ by one."""
    for found in together(size, all_trained):
        assert not isinstance(found, BaseException), found
        for case, values in alone.items():
            for name, value in values.items():
                exact = "." in name  # terms are kept in single precision
                close = torch.allclose(
                    torch.tensor(found[case][name], dtype=torch.float64),
                    torch.tensor(value, dtype=torch.float64),
                    rtol=1e-9 if exact else 1e-5,
                    atol=1e-11 if exact else 1e-6,
                )
                assert close, (case, name)


def test_what_is_compared_has_moved(alone):
    torch.manual_seed(3)
    for values in alone.values():
        seen = [count for name, count in values.items() if name.startswith("generator.") and name.endswith("tracked")]
        assert set(seen) == {3 * STEPS}
        assert all(math.isfinite(number) for number in values["generator_loss"])


def test_processes_agree():
    found = together(3, agreements)
    assert found == [
        (14, 0, [0.0, 0.0], slice(0, 2), 0.5, True),
        (14, 0, [0.0, 0.0], slice(2, 3), 0.25, False),
        (14, 0, [0.0, 0.0], slice(3, 4), 0.25, False),
    ]


@pytest.mark.parametrize("how", ["ends", "hangs"])
def test_a_process_that_is_lost_is_told_of(how):
    (found,) = together(2, losing, how, answers=1)
    assert isinstance(found, TrainingError)
    assert "Process 0 of 2 no longer reaches the others" in str(found)
    assert "within 2 seconds" in str(found)


def test_a_network_that_uses_other_weights_in_other_steps_is_refused():
    for found in together(2, changing):
        assert isinstance(found, TrainingError)
        assert "had none in the first step" in str(found)


def test_more_processes_than_samples_are_refused():
    assert all("2 processes cannot share 1 samples" in str(found) for found in together(2, too_many))
