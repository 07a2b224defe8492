"""What training starts from: saved weights, and settings of how it goes."""

import pytest
import torch
from safetensors.torch import save_file

from helpers import small_config, small_experiment, small_run
from wgan.errors import InputError
from wgan.runs.weights import load_weights


def tensors(network):
    return [*network.parameters(), *network.buffers()]


def equal(one, other):
    return all(torch.equal(a, b) for a, b in zip(tensors(one), tensors(other), strict=True))


def test_either_network_starts_from_the_weights_of_a_run(tmp_path):
    run = small_run(tmp_path / "first")
    trained, kept = run.generator(), small_experiment(tmp_path / "other").state
    started = small_experiment(tmp_path / "second", start__generator=str(run.path)).state
    assert equal(started.generator, trained)
    assert equal(started.ema, trained)
    assert equal(started.critic, kept.critic)
    started = small_experiment(tmp_path / "third", start__critic=str(run.critic_file)).state
    assert equal(started.generator, kept.generator)
    assert not equal(started.critic, kept.critic)


def test_weights_of_another_program_are_read_as_tensors_only(tmp_path):
    network = small_config().networks.critic((1, 8, 8))
    torch.save(network.state_dict(), tmp_path / "critic.pth")
    started = small_experiment(tmp_path / "run", start__critic=str(tmp_path / "critic.pth")).state
    assert equal(started.critic, network)
    torch.save(network, tmp_path / "whole.pth")  # a pickled module: code
    with pytest.raises(InputError, match=r"whole\.pth cannot be read"):
        small_experiment(tmp_path / "run2", start__critic=str(tmp_path / "whole.pth"))


def prefixed(weights, prefix):
    return {f"{prefix}{name}": value for name, value in weights.items()}


class Compiled(torch.nn.Module):
    """As `torch.compile` wraps a network; its import is slow."""

    def __init__(self, network):
        super().__init__()
        self._orig_mod = network


FORMS = {
    "as it is": lambda network: network.state_dict(),
    "of DataParallel": lambda network: torch.nn.DataParallel(network).state_dict(),
    "compiled": lambda network: Compiled(network).state_dict(),
    "compiled in DataParallel": lambda network: torch.nn.DataParallel(Compiled(network)).state_dict(),
    "a checkpoint": lambda network: {"epoch": 3, "state_dict": network.state_dict(), "optimizer": {"lr": 0.1}},
    "of two networks": lambda network: {
        "models": {
            "G": torch.nn.DataParallel(torch.nn.Linear(2, 3)).state_dict(),
            "D": torch.nn.DataParallel(network).state_dict(),
        }
    },
    "of two networks in one": lambda network: {
        "state_dict": {**prefixed(torch.nn.Linear(2, 3).state_dict(), "G."), **prefixed(network.state_dict(), "D.")}
    },
}


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".bin", ".ckpt", ".weights"])
@pytest.mark.parametrize("form", FORMS)
def test_weights_are_found_in_what_programs_save(tmp_path, form, suffix):
    network, path = critic(), tmp_path / f"critic{suffix}"
    torch.save(FORMS[form](network), path)
    assert equal(loaded(path), network)
    torch.save(FORMS[form](network), path, _use_new_zipfile_serialization=False)
    assert equal(loaded(path), network)


@pytest.mark.parametrize("suffix", [".safetensors", ".bin"])
@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.", "module._orig_mod."])
def test_prefixes_in_safetensors_are_taken_off(tmp_path, prefix, suffix):
    network, path = critic(), tmp_path / f"critic{suffix}"
    save_file(prefixed(network.state_dict(), prefix), path)
    assert equal(loaded(path), network)
    compiled = Compiled(critic())
    load_weights(compiled, path)
    assert equal(compiled, network)


def test_a_header_that_begins_like_a_pickle_is_read(tmp_path):
    """A header of safetensors of 128 bytes, more or less by 256."""
    network, path = critic(), tmp_path / "critic.safetensors"
    for length in range(40):
        save_file(network.state_dict(), path, metadata={"a": "b" * 8 * length})
        if path.read_bytes()[:1] == b"\x80":
            break
    else:
        pytest.fail("no such header")
    assert equal(loaded(path), network)


def test_the_versions_of_layers_follow_their_names(tmp_path):
    """Without them, torch reads the state of a spectral norm as that of an old version, and fails."""

    def network():
        return torch.nn.Sequential(torch.nn.utils.spectral_norm(torch.nn.Linear(4, 4)), torch.nn.Linear(4, 1))

    kept, read = network(), network()
    torch.save({"D": torch.nn.DataParallel(kept).state_dict()}, tmp_path / "critic.pt")
    load_weights(read, tmp_path / "critic.pt")
    assert equal(read, kept)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: {"D": critic().state_dict(), "D_ema": critic().state_dict()}, r"several such networks \(D, D_ema\)"),
        (lambda: {"G": torch.nn.Linear(2, 3).state_dict(), "lr": 0.1}, r"none of its parts \(G\) has the names"),
        (lambda: [torch.zeros(2)], "a list, and no weights by name"),
        (lambda: critic(), r"and not only tensors\. Of a network, save what state_dict\(\) gives"),
    ],
)
def test_files_without_the_networks_weights_say_what_they_hold(tmp_path, content, words):
    torch.save(content(), tmp_path / "critic.ckpt")
    with pytest.raises(InputError, match=rf"critic\.ckpt cannot be read into this network: .*{words}"):
        loaded(tmp_path / "critic.ckpt")


def critic():
    return small_config().networks.critic((1, 8, 8))


def loaded(path):
    network = critic()
    load_weights(network, path)
    return network


@pytest.mark.parametrize(
    ("place", "words"), [("nowhere", "no weights at"), (".", "no weights at"), ("x.pt", "cannot be")]
)
def test_weights_that_cannot_be_used_are_named(tmp_path, place, words):
    torch.save({"a": torch.zeros(3)}, tmp_path / "x.pt")
    with pytest.raises(InputError, match=words):
        small_experiment(tmp_path / "run", start__generator=str(tmp_path / place))


def test_weights_of_a_larger_network_are_refused_in_a_line(tmp_path):
    large = small_run(tmp_path / "large", networks__generator_widths=[32, 32])
    with pytest.raises(InputError, match=r"size mismatch for 0\.weight: .* \(and \d+ more\)$") as caught:
        small_experiment(tmp_path / "run", start__generator=str(large.path))
    assert "\n" not in str(caught.value)


def test_a_run_that_started_from_weights_resumes_from_its_checkpoint(tmp_path):
    first = small_run(tmp_path / "first")
    whole = small_run(tmp_path / "whole", start__generator=str(first.path))
    small_run(tmp_path / "parts", start__generator=str(first.path), stop=7)
    first.generator_file.unlink()  # no longer needed
    parts = small_run(tmp_path / "parts", start__generator=str(first.path))
    assert parts.generator_file.read_bytes() == whole.generator_file.read_bytes()


def test_a_killed_run_keeps_the_weights_it_started_from_when_their_run_trains_on(tmp_path):
    first = small_run(tmp_path / "first")
    whole = small_run(tmp_path / "whole", start__generator=str(first.path))
    small_run(tmp_path / "parts", start__generator=str(first.path), stop=3)  # before its first checkpoint is due
    small_run(tmp_path / "first", training__steps=14)
    parts = small_run(tmp_path / "parts", start__generator=str(first.path))
    assert parts.generator_file.read_bytes() == whole.generator_file.read_bytes()


def test_a_run_can_start_anew_from_the_weights_it_had(tmp_path):
    trained = small_run(tmp_path / "run").generator()
    again = small_experiment(tmp_path / "run", fresh=True, start__generator=str(tmp_path / "run"))
    assert equal(again.state.generator, trained)
    assert again.state.step == 0


def test_fakes_can_be_made_in_evaluation_mode(tmp_path):
    """Then BatchNorm's running statistics move in the generator's own steps only."""
    seen = {"training": [], "evaluation": []}
    for name, flag in (("training", False), ("evaluation", True)):
        experiment = small_experiment(tmp_path / name, training__evaluation_fakes=flag)
        norm = next(m for m in experiment.state.generator if isinstance(m, torch.nn.BatchNorm1d))
        for _ in experiment.events():
            seen[name].append(norm.num_batches_tracked.item())
            assert norm.training
    assert seen["evaluation"] == list(range(1, 13))
    assert seen["training"] == list(range(3, 39, 3))  # two critic steps and one of its own
