"""What training starts from: saved weights, and settings of how it goes."""

import pytest
import torch

from helpers import small_config, small_experiment, small_run
from wgan.errors import InputError


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
