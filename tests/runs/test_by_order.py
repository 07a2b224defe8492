"""Weights of tutorials' networks, written again here with names of their own, against ours that read them."""

import pytest
import torch
from torch import nn

from helpers import small_config, small_experiment
from wgan.errors import InputError
from wgan.networks import DCGAN, MLP, SmallConv
from wgan.runs.weights import load_weights


class Up(nn.Module):
    """A stage of a generator in a module of its own."""

    def __init__(self, inputs, outputs, stride=2, padding=1):
        super().__init__()
        self.deconvolution = nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False)
        self.normalise = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.normalise(self.deconvolution(x)).relu()


class Faces(nn.Module):
    """A DCGAN generator of 16x16 pictures whose latents have places."""

    def __init__(self):
        super().__init__()
        self.first, self.second = Up(10, 16, stride=1, padding=0), Up(16, 8)
        self.last = nn.ConvTranspose2d(8, 3, 4, 2, 1, bias=False)

    def forward(self, z):
        return self.last(self.second(self.first(z[:, :, None, None]))).tanh()


class Judge(nn.Module):
    """A DCGAN discriminator with BatchNorm, which keeps running statistics as torch does by default."""

    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(3, 8, 4, 2, 1, bias=False), nn.Conv2d(8, 16, 4, 2, 1, bias=False)
        self.n1, self.n2 = nn.BatchNorm2d(8), nn.BatchNorm2d(16)
        self.score = nn.Conv2d(16, 1, 4, 1, 0, bias=False)
        self._modules = {name: self._modules[name] for name in ("c1", "n1", "c2", "n2", "score")}

    def forward(self, x):
        x = nn.functional.leaky_relu(self.n1(self.c1(x)), 0.2)
        return self.score(nn.functional.leaky_relu(self.n2(self.c2(x)), 0.2)).flatten()


class Digits(nn.Module):
    """A generator of linear layers."""

    def __init__(self):
        super().__init__()
        self.enter, self.hidden, self.leave = nn.Linear(10, 12), nn.Linear(12, 20), nn.Linear(20, 64)
        self.norm = nn.BatchNorm1d(20)
        self._modules = {name: self._modules[name] for name in ("enter", "hidden", "norm", "leave")}

    def forward(self, z):
        x = nn.functional.leaky_relu(self.enter(z), 0.2)
        x = nn.functional.leaky_relu(self.norm(self.hidden(x)), 0.2)
        return self.leave(x).tanh().view(-1, 1, 8, 8)


PAIR = DCGAN(latent_size=10, generator_width=8, critic_width=8, critic_norm="batch", norm_first=True, bias=False)
NETWORKS = {
    "generator": (Faces, PAIR.generator((3, 16, 16)), (5, 10), 11),
    "critic": (Judge, PAIR.critic((3, 16, 16)), (5, 3, 16, 16), 7),
    "mlp": (Digits, MLP(latent_size=10, generator_widths=(12, 20)).generator((1, 8, 8)), (5, 10), 10),
}
"""Theirs, ours, the shape of an input, and how many tensors we have."""


def used(make, shape):
    """Theirs, whose numbers and running statistics are no longer those of a new network."""
    torch.manual_seed(3)
    network = make()
    for parameter in network.parameters():
        nn.init.normal_(parameter)
    for _ in range(3):
        network(torch.randn(shape))
    return network


@pytest.mark.parametrize("wrap", [lambda x: x, nn.DataParallel])
@pytest.mark.parametrize("kind", NETWORKS)
def test_a_network_under_other_names_computes_the_same(tmp_path, kind, wrap):
    make, ours, shape, count = NETWORKS[kind]
    theirs = used(make, shape)
    torch.save(wrap(theirs).state_dict(), tmp_path / "net.pth")
    note = load_weights(ours, tmp_path / "net.pth")
    assert f"{count} of {count} tensors matched by order and shape; names differ" in note
    assert ("running statistics are left out" in note) == (kind == "critic")
    inputs = torch.randn(shape)
    if kind != "critic":  # which is never evaluated
        assert torch.equal(ours.eval()(inputs), theirs.eval()(inputs))
    assert torch.equal(ours.train()(inputs), theirs.train()(inputs))


def test_running_statistics_may_be_missing(tmp_path):
    make, _, shape, _ = NETWORKS["generator"]
    ours, theirs = PAIR.generator((3, 16, 16)), used(make, shape)
    torch.save({"epoch": 3, "G": dict(theirs.named_parameters())}, tmp_path / "net.pth")
    note = load_weights(ours, tmp_path / "net.pth")
    assert "7 of 11 tensors matched" in note
    assert note.endswith("no running statistics, which start anew")
    inputs = torch.randn(shape)
    assert torch.equal(ours.train()(inputs), theirs.train()(inputs))


def test_the_part_that_fits_is_found(tmp_path):
    theirs = used(Faces, (5, 10))
    torch.save({"netD": used(Judge, (5, 3, 16, 16)).state_dict(), "netG": theirs.state_dict()}, tmp_path / "both.pth")
    ours = PAIR.generator((3, 16, 16))
    load_weights(ours, tmp_path / "both.pth")
    assert torch.equal(ours.eval()(torch.ones(5, 10)), theirs.eval()(torch.ones(5, 10)))


def shuffled(weights):
    """A bias before its weight."""
    names = list(weights)
    names[1], names[2] = names[2], names[1]
    return {name: weights[name] for name in names}


@pytest.mark.parametrize(
    ("ours", "change", "words"),
    [
        (
            PAIR.generator((1, 16, 16)),
            dict,
            r"tensor 11, last\.weight, is \(8, 3, 4, 4\).* is \(8, 1, 4, 4\)",
        ),
        (PAIR.generator((3, 16, 16)), shuffled, r"its tensor 2 is first\.normalise\.bias, .* is 2\.weight"),
        (PAIR.generator((3, 32, 32)), dict, r"tensor 1, first.*weight, is \(10, 16, 4, 4\), .* is \(10, 32, 4, 4\)"),
        (PAIR.generator((3, 16, 16)), lambda w: dict([*w.items()][:-1]), r"10 of its .* 7\.weight has no counterpart"),
        (PAIR.generator((3, 16, 16)), lambda w: {**w, "more": w["last.weight"]}, r"more has none in the network"),
    ],
)
def test_the_first_tensor_that_does_not_fit_is_named(tmp_path, ours, change, words):
    torch.save(change(used(Faces, (5, 10)).state_dict()), tmp_path / "net.pth")
    with pytest.raises(InputError, match=words):
        load_weights(ours, tmp_path / "net.pth")


def test_a_batch_norm_does_not_become_another_normalisation(tmp_path):
    """LayerNorm has as many weights, and computes something else."""
    theirs, ours = SmallConv(critic_norm="batch").critic((1, 8, 8)), SmallConv(critic_norm="layer").critic((1, 8, 8))
    weights = {f"net{name}": value for name, value in theirs.state_dict().items()}
    for norm in ("net3", "net7"):
        channels = len(weights[f"{norm}.weight"])
        weights |= {f"{norm}.running_mean": torch.zeros(channels), f"{norm}.running_var": torch.ones(channels)}
    torch.save(weights, tmp_path / "net.pth")
    with pytest.raises(InputError, match=r"its net3 is a BatchNorm, and the network's 3\.weight of a GroupNorm"):
        load_weights(ours, tmp_path / "net.pth")
    assert "left out" in load_weights(theirs, tmp_path / "net.pth")


def test_a_run_says_how_its_first_weights_were_found(tmp_path):
    network = small_config().networks.generator((1, 8, 8))
    names = {f"their{number}": value for number, value in enumerate(network.state_dict().values())}
    torch.save({name: value for name, value in names.items() if value.dim()}, tmp_path / "net.pth")
    with small_experiment(tmp_path / "run", start__generator=str(tmp_path / "net.pth")) as started:
        (note,) = started.notes
        assert note.startswith(f"generator from {tmp_path / 'net.pth'}: 10 of 10 tensors matched by order and shape")
        for network_of_run in (started.state.generator, started.state.ema):
            assert torch.equal(network_of_run.eval()(torch.ones(2, 4)), network.eval()(torch.ones(2, 4)))


def test_a_pickled_network_is_refused_with_what_makes_it_readable(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    theirs, ours = used(Faces, (5, 10)), PAIR.generator((3, 16, 16))
    torch.save(theirs, "net.pth")
    with pytest.raises(InputError, match="and not only tensors") as refused:
        load_weights(ours, tmp_path / "net.pth")
    code = str(refused.value).partition("in the folder of its classes, ")[2]
    exec(code)  # what the user is told to type
    load_weights(ours, tmp_path / "net-weights.pth")
    assert torch.equal(ours.eval()(torch.ones(5, 10)), theirs.eval()(torch.ones(5, 10)))
