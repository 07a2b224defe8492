"""What ours is measured against does the same work: the same networks, losses, gradients, pictures and updates."""

import json
import mmap
import os
import struct
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

import against_tutorial
import growth
import loading
import steps
from rivals import turns, tutorial, tutorial_faces, tutorial_mnist
from rivals.eager_step import built
from rivals.given import facts_of
from wgan.networks import count_parameters
from wgan.recipes import recipe
from wgan.types import SampleSpec

SHAPES = {"wgan-gp-digits": (1, 8, 8), "wgan-gp-mnist": (1, 28, 28), "wgan-gp-celeba": (3, 64, 64)}
JAX_PYTHON = os.environ.get("WGAN_JAX_PYTHON")


@pytest.fixture
def idx_folder(tmp_path):
    """MNIST's format, 390 pictures: seven batches, so that the generator is trained twice an epoch."""
    folder = tmp_path / "idx"
    folder.mkdir()
    images = np.random.default_rng(0).integers(0, 256, (390, 28, 28), dtype=np.uint8)
    header = struct.pack(">IIII", 0x803, *images.shape)
    (folder / "train-images-idx3-ubyte").write_bytes(header + images.tobytes())
    labels = np.arange(390, dtype=np.uint8) % 10
    (folder / "train-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, 390) + labels.tobytes())
    return folder


@pytest.mark.parametrize("name", SHAPES)
def test_losses_and_gradients_equal_ours_in_double_precision(name):
    config, shape = recipe(name), SHAPES[name]
    networks = built(facts_of(config, SimpleNamespace(shape=shape)))
    real, z, alpha = (torch.randn(6, *size).double() for size in (shape, (config.networks.latent_size,), ()))
    alpha = alpha.sigmoid()
    gradients = {}
    ours = {part: getattr(config.networks, part)(shape).double() for part in ("generator", "critic")}
    for part, network in networks.items():
        network.double()
        assert count_parameters(network) == count_parameters(ours[part])
        for theirs, one in zip(network.parameters(), ours[part].parameters(), strict=True):
            theirs.data.copy_(one.data.view_as(theirs))
    noise = SimpleNamespace(uniform=lambda: alpha, normal=lambda: real)
    fake = ours["generator"](z)
    critic_loss = config.objective.critic_loss(ours["critic"], real, fake.detach(), noise).value
    generator_loss = config.objective.generator_loss(ours["critic"], real, fake).value
    torch.testing.assert_close(networks["generator"](z), fake, rtol=1e-10, atol=1e-12)
    tutorials = tutorial.critic_loss(networks["critic"], real, fake.detach(), alpha)
    generators_loss = -networks["critic"](networks["generator"](z)).mean()
    for who, players, losses in (
        ("ours", ours, (critic_loss, generator_loss)),
        ("theirs", networks, (tutorials, generators_loss)),
    ):
        found = torch.autograd.grad(losses[0], [*players["critic"].parameters()], allow_unused=True)
        found += torch.autograd.grad(losses[1], [*players["generator"].parameters()])
        gradients[who] = [*losses, *(g.flatten() for g in found if g is not None)]
    for one, other in zip(gradients["ours"], gradients["theirs"], strict=True):
        torch.testing.assert_close(other, one, rtol=1e-8, atol=1e-11)


def test_leaving_the_generator_in_the_graph_changes_no_update():
    """As published, only the time is another."""
    states = []
    for as_published in (False, True):
        torch.manual_seed(0)
        generator, critic = tutorial_mnist.Generator(4, (8, 8), (1, 4, 4)), tutorial_mnist.Critic((8,), (1, 4, 4))
        players = tutorial.Players(generator, critic, 1e-2, (0.5, 0.999), as_published=as_published)
        for _ in range(3):
            players.update_critic(torch.randn(5, 1, 4, 4), torch.randn(5, 4), torch.rand(5))
        players.update_generator(torch.randn(5, 4))
        states.append([*generator.state_dict().values(), *critic.state_dict().values()])
    for one, other in zip(*states, strict=True):
        torch.testing.assert_close(other, one, rtol=0, atol=0)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_transforms_make_what_our_pack_does(channels):
    array = np.random.default_rng(0).integers(0, 256, (9, 7, channels), dtype=np.uint8)
    image = Image.fromarray(array[:, :, 0] if channels == 1 else array)
    theirs = tutorial.Normalize([0.5] * channels, [0.5] * channels)(tutorial.to_tensor(image))
    torch.testing.assert_close(
        theirs,
        SampleSpec.picture(channels, 9, 7).to_samples(torch.from_numpy(array).permute(2, 0, 1)[None])[0],
        rtol=0,
        atol=1e-6,
    )


def test_the_mnist_script_trains_prints_and_draws(idx_folder, tmp_path, capsys, monkeypatch):
    done = []
    update = tutorial.Players.update_generator
    monkeypatch.setattr(tutorial.Players, "update_generator", lambda self, z: done.append(len(z)) or update(self, z))
    monkeypatch.setattr(tutorial, "SAMPLE_EVERY", 7)
    tutorial_mnist.main([str(idx_folder), "--epochs", "2", "--out", str(tmp_path / "out")])
    assert len(done) == against_tutorial.updates(against_tutorial.WORKS["mnist"], idx_folder, 2) == 4
    printed = capsys.readouterr().out.splitlines()
    assert sum("D loss" in row for row in printed) == 14
    for name in ("0.png", "7.png"):
        with Image.open(tmp_path / "out" / name) as grid:
            assert (grid.size, grid.mode) == ((5 * 30 + 2, 5 * 30 + 2), "L")
    assert set(torch.load(tmp_path / "out" / "critic.pt", weights_only=True)) > {"model.0.weight"}


def test_the_faces_script_reads_a_folder(faces, tmp_path, capsys):
    tutorial_faces.main([str(faces), "--epochs", "1", "--workers", "0", "--out", str(tmp_path / "out")])
    assert "1 batches" in capsys.readouterr().out
    assert against_tutorial.updates(against_tutorial.WORKS["faces"], faces, 3) == 3
    with Image.open(tmp_path / "out" / "0.png") as grid:
        assert grid.mode == "RGB"


def test_processes_take_turns_and_caches_are_warm_or_cold(idx_folder, capsys, monkeypatch):
    asked = []

    def timed(command, environment, folder):
        asked.append((command[2], environment.get("WGAN_CACHE", "").removeprefix(f"{folder}/"), command[3:]))
        return turns.Turn(float(len(asked)), 1.0)

    monkeypatch.setattr(against_tutorial, "timed", timed)
    arguments = ["mnist", str(idx_folder), "--rounds", "2", "--as-published", "--json", "--", "--device", "cpu"]
    against_tutorial.main(arguments)
    assert [one[:2] for one in asked] == [
        ("wgan", "warm"),  # packs, and is not counted
        *(("rivals.tutorial_mnist", ""), ("wgan", "cold-0"), ("wgan", "warm")),
        *(("wgan", "cold-1"), ("wgan", "warm"), ("rivals.tutorial_mnist", "")),
    ]
    assert asked[1][2][-1] == "--as-published"
    assert asked[2][2][-2:] == ["--device", "cpu"]
    assert asked[2][2][asked[2][2].index("--steps") + 1] == "2", "as many as theirs"
    theirs, cold, warm = json.loads(capsys.readouterr().out)
    assert theirs["seconds"] == [2, 7]
    assert cold["faster"] == {"median": pytest.approx((2 / 3 + 7 / 5) / 2), "least": 2 / 3, "most": 7 / 5}
    assert warm["faster"]["least"] == 2 / 4


def test_our_command_is_one_and_its_failure_is_told(tmp_path):
    command = against_tutorial.ours(against_tutorial.WORKS["mnist"], tmp_path / "none", 1, tmp_path / "out", [])
    with pytest.raises(SystemExit, match="There is nothing at"):
        against_tutorial.timed(command, {}, tmp_path)


def test_an_epoch_from_the_pack_is_compared_with_one_decoded(faces, capsys):
    cache = os.environ["WGAN_CACHE"]
    assert loading.decoding(faces, 0)() == 12
    loading.main([str(faces), "--workers", "0", "--rounds", "3", "--json"])
    assert os.environ["WGAN_CACHE"] == cache
    found = json.loads(capsys.readouterr().out)
    assert found["pictures"] == 12
    (way, ours) = found["epoch_seconds"].values()
    assert found["times"]["decoding, workers: 0"]["least"] == min(np.divide(way, ours))


def test_steps_are_compared_and_their_losses_agree(capsys):
    steps.main(["wgan-gp-digits", "--rounds", "2", "--count", "1", "--engines", "eager fp32", "nonsense", "--json"])
    found = capsys.readouterr()
    eager, ours = json.loads(found.out)["wgan-gp-digits"]
    assert "nonsense left out" in found.err
    assert (eager["name"], ours["name"]) == ("tutorial, eager fp32", "ours, eager fp32")
    assert ours["losses_agree"]
    assert 0 < ours["losses_apart"]["any"] <= 2e-2, "they train, and not the same code"
    assert ours["eager"]["least"] <= ours["eager"]["median"] <= ours["eager"]["most"]


@pytest.mark.skipif(JAX_PYTHON is None, reason="WGAN_JAX_PYTHON names no Python that has jax and optax")
@pytest.mark.parametrize("name", ["wgan-gp-digits", "wgan-gp-celeba"])
def test_jax_does_the_same_mathematics(capsys, name):
    steps.main([name, "--float64", "--jax-python", str(JAX_PYTHON), "--json"])
    eager, jax = json.loads(capsys.readouterr().out)[name]
    assert jax["name"] == "jax"
    assert jax["losses_apart"]["any"] < 1e-9
    assert eager["milliseconds"] is None


def test_ratios_are_of_the_same_round():
    assert turns.ratio([2.0, 9.0, 8.0], [1.0, 3.0, 2.0]) == turns.Spread(3.0, 2.0, 4.0)


def test_who_begins_changes():
    asked = []

    class Patient:
        def __init__(self, name):
            self.name = name

        def steps(self, count):
            asked.append(self.name)
            return turns.Turn(1.0, 2.0)

    found = turns.by_turns({name: Patient(name) for name in "abc"}, dict.fromkeys("abc", 4), range(2))
    assert "".join(asked) == "abcbca"
    assert found["b"] == [turns.Turn(1.0, 2.0)] * 2


def test_growth_of_points_on_a_line():
    fit = growth.line([1, 2, 4], [5.0, 7.0, 11.0])
    assert fit == pytest.approx((3.0, 2.0, 1.0, 2.2, 0.55))
    assert growth.line([1, 2, 3], [1.0, 0.0, 1.0]).explained == pytest.approx(0)


@pytest.mark.skipif(not growth.private(os.getpid()), reason="the system does not tell a process's private memory")
def test_private_memory_is_what_no_file_stands_behind(tmp_path):
    (tmp_path / "file").write_bytes(bytes(1 << 26))
    before = growth.private(os.getpid())
    mapped = np.memmap(tmp_path / "file", np.uint8, "r")
    assert mapped.sum() == 0
    assert growth.private(os.getpid()) - before < 1 << 24
    kept = np.frombuffer(mmap.mmap(-1, 1 << 26, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS), np.uint8)  # none that was freed
    kept[:] = 1
    assert 0.9 * kept.nbytes < growth.private(os.getpid()) - before


def test_growth_is_measured_point_by_point(capsys):
    arguments = ["number", "--points", "100", "300", "--rounds", "1", "--count", "1", "--json"]
    cache = os.environ["WGAN_CACHE"]
    growth.main([*arguments, "--engine", "eager fp32"])
    assert os.environ["WGAN_CACHE"] == cache
    found = json.loads(capsys.readouterr().out)["number"]
    assert [(point["point"], point["amount"]) for point in found["points"]] == [(100, 100), (300, 300)]
    first, last = (point["cpu_milliseconds"] for point in found["points"])
    assert found["fits"]["cpu_milliseconds"]["times"] == pytest.approx(last / first)
