"""The averaged generator, the window, and what a state holds."""

import inspect
from copy import deepcopy

import pytest
import torch
from torch import nn

from wgan.errors import TrainingError
from wgan.training import OPTIMIZERS, StepRecord, Window, update_average


def test_the_average_is_the_weighted_sum_of_the_past_buffers_included():
    torch.manual_seed(0)
    network, average = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    nn.init.zeros_(average.weight)
    average.running_mean.zero_()
    average.running_var.zero_()
    expected = torch.zeros(3), torch.zeros(3)
    for _ in range(5):
        network.weight.data = torch.randn(3)
        network(torch.randn(8, 3))
        update_average(average, network, 0.75)
        expected = (
            0.75 * expected[0] + 0.25 * network.weight.detach(),
            0.75 * expected[1] + 0.25 * network.running_mean,
        )
    torch.testing.assert_close(average.weight.detach(), expected[0])
    torch.testing.assert_close(average.running_mean, expected[1])
    assert average.num_batches_tracked == network.num_batches_tracked == 5


def window(*values):
    collected = Window()
    for i, value in enumerate(values):
        collected.add(StepRecord(11 + i, {"a": torch.tensor(value), "b": torch.tensor(2.0 * value)}))
    return collected


def test_a_window_averages_its_steps():
    collected = window(1.0, 2.0, 6.0)
    assert collected.means() == {"a": 3.0, "b": 6.0}
    collected.clear()
    assert collected.means() == {}


def test_a_window_goes_on_from_where_it_was_saved():
    saved = window(1.0, 2.0).state_dict()
    resumed = Window()
    resumed.load_state_dict(saved, step=12, device=torch.device("cpu"))
    resumed.add(StepRecord(13, {"a": torch.tensor(6.0), "b": torch.tensor(12.0)}))
    assert resumed.means() == window(1.0, 2.0, 6.0).means()


def test_a_saved_window_follows_the_device_of_the_run():
    resumed = Window()
    resumed.load_state_dict(window(1.0, 2.0).state_dict(), step=12, device=torch.device("meta"))
    resumed.add(StepRecord(13, {name: torch.zeros((), device="meta") for name in "ab"}))
    assert {column.shape for column in resumed.state_dict().values()} == {(3,)}


def test_tensors_that_are_used_twice_are_averaged_once():
    network, average = (nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)) for _ in range(2))
    for pair in (network, average):
        pair[1].weight = pair[0].weight
    expected = 0.9 * average[0].weight.detach() + 0.1 * network[0].weight.detach()
    update_average(average, network, 0.9)
    torch.testing.assert_close(average[1].weight.detach(), expected)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_window_names_the_first_step_and_term_that_is_not_finite(value):
    with pytest.raises(TrainingError, match=rf"a became {value} at step 13\."):
        window(1.0, 2.0, value, value).means()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimisers_update_as_those_of_torch_do_bit_for_bit(name):
    """Ours leave out the wrappers around torch's methods; what these do is the same, a saved state included."""
    settings, found = OPTIMIZERS[name](), []
    for own in (True, False):
        torch.manual_seed(0)
        network = nn.Linear(4, 3)
        optimizer = settings.build(network.parameters(), torch.device("cpu"))
        if not own:
            kind = type(optimizer).__base__
            assert kind.__module__.startswith("torch.optim")
            group = {key: value for key, value in optimizer.param_groups[0].items() if key != "params"}
            accepted = inspect.signature(kind).parameters
            optimizer = kind(network.parameters(), **{key: group[key] for key in group if key in accepted})
        for step in range(4):
            if step == 2:
                optimizer.load_state_dict(deepcopy(optimizer.state_dict()))
            optimizer.zero_grad()
            network(torch.ones(2, 4)).square().sum().backward()
            optimizer.step()
        found.append([*(p.detach() for p in network.parameters())])
        assert torch.is_grad_enabled()
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(*found, strict=True))
