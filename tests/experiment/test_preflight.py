"""Preflight: what cannot work is refused before a folder is made, with what to do about it; trying leaves no trace."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from torch import nn

from helpers import small_experiment
from wgan.config import parse_setting
from wgan.diagnosis import REFUSED
from wgan.errors import InputError
from wgan.experiment.plan import Parts
from wgan.experiment.preflight import preflight
from wgan.networks import MLP, SmallConv
from wgan.objectives import WGANGP, input_gradient
from wgan.runs.run import Run
from wgan.types import Loss


@dataclass(frozen=True)
class Own:
    """A user's WGAN-GP, with a mistake or two."""

    mistakes: tuple[str, ...] = ()
    penalty_weight: float = 10.0
    sound: WGANGP = field(default_factory=WGANGP)

    def critic_loss(self, critic, real, fake, noise):
        gradient, _ = input_gradient(critic, fake)
        axes = 1 if "axis" in self.mistakes else (1, 2, 3)
        penalty = (torch.linalg.vector_norm(gradient, dim=axes) - 1).square().mean()
        penalty = penalty.detach() if "graph" in self.mistakes else -penalty if "reward" in self.mistakes else penalty
        distance = critic(real).mean() - critic(fake.detach() if "fakes" not in self.mistakes else real * 0).mean()
        return Loss((distance if "sign" in self.mistakes else -distance) + 10 * penalty, {"penalty": penalty})

    def generator_loss(self, critic, real, fake):
        loss = -critic(fake.detach() if "cut" in self.mistakes else fake).mean()
        return Loss(loss, {"generator_loss": loss})

    def constrain(self, critic):
        pass


def mixing():
    return Parts(critic=nn.Sequential(SmallConv(critic_norm="batch").critic((1, 8, 8))))


class Deaf(nn.Module):
    def __init__(self):
        super().__init__()
        self.samples = MLP(latent_size=4, generator_widths=(8,)).generator((1, 8, 8))

    def forward(self, z):
        return self.samples(torch.zeros_like(z))


def deaf():
    return Parts(generator=Deaf())


CASES = {
    "critic-mixes-samples": (mixing, "mixes the samples of a batch", "Use InstanceNorm"),
    "generator-gets-no-gradient": (lambda: Parts(objective=Own(("cut",))), "does not reach a single", "detach()"),
    "wrong-sign": (lambda: Parts(objective=Own(("sign",))), "falls when *fake* samples", "minimises mean C(fake)"),
    "penalty-norm-axis": (lambda: Parts(objective=Own(("axis",))), "not taken over all axes", "gradient.flatten(1)"),
    "critic-ignores-samples": (lambda: Parts(objective=Own(("fakes",))), "whatever the fake samples", "both scores"),
    "penalty-without-gradient": (
        lambda: Parts(objective=Own(("graph",))),
        "does not reach the critic's weights",
        "create_graph=True",
    ),
    "penalty-rewards-slopes": (lambda: Parts(objective=Own(("reward",))), "*falls* when slopes grow", "subtract"),
    "generator-ignores-latents": (deaf, "the same sample of all latents", "what forward does"),
}


def test_every_refusal_is_tried():
    with_a_condition = {"condition-ignored"}  # test_condition_diagnosis.py
    assert set(CASES) | with_a_condition == set(REFUSED)


@pytest.mark.parametrize("code", CASES)
def test_refusals_say_what_is_so_what_to_do_and_what_to_type_otherwise(tmp_path, code):
    parts, evidence, advice = CASES[code]
    with pytest.raises(InputError) as caught:
        small_experiment(tmp_path / "run", parts=parts())
    said = str(caught.value)
    assert evidence in said
    assert advice in said
    assert not (tmp_path / "run").exists()
    typed = f'ignore=["{code}"]'
    assert f"--set '{typed}'" in said
    key, value = parse_setting(typed)
    started = small_experiment(tmp_path / "run", parts=parts(), **{key: value})
    assert started.config.ignore == (code,)
    others = [other for other in REFUSED if other != code]
    with pytest.raises(InputError, match=code):
        small_experiment(tmp_path / "other", parts=parts(), ignore=others)


def test_of_two_mistakes_both_must_be_ignored(tmp_path):
    parts = Parts(objective=Own(("cut", "sign")))
    for ignored, left in (["generator-gets-no-gradient"], "wrong-sign"), (["wrong-sign"], "generator-gets-no-gradient"):
        with pytest.raises(InputError, match=left):
            small_experiment(tmp_path / "run", parts=parts, ignore=ignored)
    both = ["wrong-sign", "generator-gets-no-gradient"]
    assert not small_experiment(tmp_path / "run", parts=parts, ignore=both).complete


def test_a_sound_objective_of_the_users_own_starts(tmp_path):
    assert not small_experiment(tmp_path / "run", parts=Parts(objective=Own())).complete


def test_what_a_setting_mends_is_said_as_a_setting(tmp_path):
    settings = {"networks__name": "small-conv", "networks__critic_norm": "batch"}
    with pytest.raises(InputError, match=r"\(--set networks\.critic_norm=layer\)"):
        small_experiment(tmp_path / "run", **settings)
    key, value = parse_setting("networks.critic_norm=layer")
    assert not small_experiment(tmp_path / "run", **{**settings, key.replace(".", "__"): value}).complete


@pytest.mark.parametrize("objective", ["wgan-gp", "wgan-lp", "dragan", "r1", "r3gan", "composed"])
def test_critics_that_mix_samples_are_refused_under_a_penalty_unless_told(tmp_path, objective):
    settings = {"objective__name": objective, "training__steps": 2}
    with pytest.raises(InputError, match=r"mixes the samples.*critic-mixes-samples"):
        small_experiment(tmp_path / "refused", parts=mixing(), **settings)
    assert small_experiment(tmp_path / "a", parts=mixing(), **settings, ignore=["critic-mixes-samples"]).state.step == 0
    assert small_experiment(tmp_path / "b", parts=mixing(), **settings, objective__penalty_weight=0.0).state.step == 0


def test_a_batch_that_batch_norm_cannot_use_is_told(tmp_path):
    with pytest.raises(InputError, match=r"a batch of one: .*more than 1 value per channel.*training\.batch_size"):
        small_experiment(tmp_path / "run", training__batch_size=1)


def test_what_is_only_unwise_is_not_refused(tmp_path):
    """A sigmoid under the Wasserstein loss, no penalty, and a rate that is far too high: shown, and let through."""
    bounded = Parts(critic=nn.Sequential(MLP(critic_widths=(8,)).critic((1, 8, 8)), nn.Sigmoid()))
    settings = {"objective__penalty_weight": 0.0, "critic_optimizer__learning_rate": 1.0}
    started = small_experiment(tmp_path / "run", parts=bounded, **settings)
    assert started.wiring.bounded_scores


@pytest.mark.parametrize("shape", [(40, 8, 8), (40, 2)])
def test_what_was_found_is_on_disk_before_the_first_step(tmp_path, shape):
    """Also that a generator of points has no bounds, which are infinite."""
    source = np.random.default_rng(0).random(shape, np.float32)
    experiment = small_experiment(tmp_path / "run", source=source)
    assert Run.open(tmp_path / "run").wiring == experiment.wiring
    assert experiment.wiring.penalised
    assert (experiment.wiring.generator_high == float("inf")) == (len(shape) == 2)


def test_trying_leaves_the_networks_and_all_random_numbers_as_they_were(tmp_path):
    critic = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 1))
    experiment = small_experiment(tmp_path / "run", parts=Parts(critic=critic), objective__name="wgan")
    state = experiment.state
    networks = (state.generator, state.critic, state.ema)
    before = [value.clone() for network in networks for value in network.state_dict().values()]
    modes = [module.training for network in networks for module in network.modules()]
    torchs, numpys = torch.get_rng_state(), repr(np.random.get_state())
    wiring = preflight(experiment.planned, state)
    assert torch.equal(torch.get_rng_state(), torchs)
    assert repr(np.random.get_state()) == numpys
    after = [value for network in networks for value in network.state_dict().values()]
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert modes == [module.training for network in networks for module in network.modules()]
    assert all(weight.grad is None for network in networks for weight in network.parameters())
    assert wiring == experiment.wiring
    assert wiring.mixes_samples


def test_torchs_random_numbers_do_not_depend_on_a_run_having_been_made(tmp_path):
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    small_experiment(tmp_path / "run")
    assert torch.equal(torch.rand(2), expected)
