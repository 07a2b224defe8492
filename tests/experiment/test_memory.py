"""Networks that this machine has no memory for are refused by their shapes, before anything of them is made."""

import re

import pytest
from torch import nn

import wgan
from helpers import small_config, small_experiment
from wgan.config import parse_setting
from wgan.errors import InputError
from wgan.experiment import memory
from wgan.experiment.memory import check_memory, shapes_only
from wgan.experiment.parts import Parts
from wgan.networks import DCGAN, MLP, NETWORKS
from wgan.recipes import recipe

GIGABYTE = 10**9


def free(monkeypatch, amount):
    monkeypatch.setattr(memory, "free_memory", lambda: amount)


def weights(network):
    return sum(tensor.nbytes for tensor in network.state_dict().values())


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_a_dcgan_of_large_pictures_is_refused_before_anything_is_read_or_made(monkeypatch, device):
    """Eight stages of double the width: gigabytes of weights, and eight times as much to train them."""
    free(monkeypatch, 16 * GIGABYTE)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    monkeypatch.setattr("wgan.data.sources.digits.Digits.samples", lambda self: pytest.fail("was packed"))
    settings = {"data.size": (1024, 1024), "device": device}
    with pytest.raises(InputError, match=r"too large for the memory that is free here\. .*generator 2\.9 GB") as caught:
        wgan.train("digits", recipe="wgan-dcgan32", settings=settings, progress=False)
    assert "16.0 GB are free" in str(caught.value)
    assert "data.size" in str(caught.value)


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_what_is_advised_fits(monkeypatch, device):
    free(monkeypatch, 2 * GIGABYTE)
    config = recipe("wgan-dcgan32").with_settings({"data.size": (1024, 1024)})
    with pytest.raises(InputError) as caught:
        check_memory(config, (3, 1024, 1024), Parts(), device)
    advised = dict(
        parse_setting(one.strip("'")) for one in re.findall(r"--set (networks\.\S+?)[ )]", str(caught.value))
    )
    assert set(advised) == {"networks.generator_width", "networks.critic_width"}
    check_memory(config.with_settings(advised), (3, 1024, 1024), Parts(), device)


def test_how_much_is_needed_by_hand(monkeypatch):
    """Adam: weights, average and two means of the generator; weights and two means of the critic; one's gradients."""
    config, shape = small_config(), (1, 8, 8)
    sizes = [weights(getattr(config.networks, name)(shape)) for name in ("generator", "critic")]
    needed = 4 * sizes[0] + 3 * sizes[1] + max(sizes)
    free(monkeypatch, needed)
    check_memory(config, shape, Parts(), "cpu")
    free(monkeypatch, needed - 1)
    with pytest.raises(InputError, match="narrower networks"):
        check_memory(config, shape, Parts(), "cpu")
    check_memory(config, shape, Parts(), "cuda")
    free(monkeypatch, 2 * sum(sizes) - 1)
    with pytest.raises(InputError, match="too large for the memory"):
        check_memory(config, shape, Parts(), "cuda")


def test_networks_that_were_passed_count_and_are_not_advised_against(monkeypatch, tmp_path):
    free(monkeypatch, 10**6)
    generator = nn.Sequential(nn.Linear(8, 10**5), nn.Linear(10**5, 2))
    with pytest.raises(InputError, match=r"generator 4\.\d MB.*Use narrower networks, .*or a machine"):
        small_experiment(tmp_path, parts=Parts(generator=generator))


def test_where_nothing_tells_nothing_is_refused(monkeypatch, tmp_path):
    free(monkeypatch, None)
    small_experiment(tmp_path)


@pytest.mark.parametrize("name", NETWORKS)
def test_shapes_alone_are_those_of_the_networks(name):
    pair = NETWORKS[name]()
    for player in ("generator", "critic"):
        with shapes_only():
            shapes = getattr(pair, player)((3, 32, 32))
        made = getattr(pair, player)((3, 32, 32))
        assert all(tensor.is_meta for tensor in shapes.state_dict().values())
        assert {k: v.shape for k, v in shapes.state_dict().items()} == {
            k: v.shape for k, v in made.state_dict().items()
        }


def test_settings_of_no_network_are_refused(monkeypatch):
    free(monkeypatch, GIGABYTE)
    config = small_config().model_copy(update={"networks": DCGAN(generator_width=1 << 50)})
    with pytest.raises(InputError, match="cannot be built: Storage size"):
        check_memory(config, (3, 64, 64), Parts(), "cpu")
    config = small_config().model_copy(update={"networks": MLP(generator_widths=(1 << 40,))})
    with pytest.raises(InputError, match=r"--set 'networks\.generator_widths=\[\d+\]'"):
        check_memory(config, (2,), Parts(), "cpu")
