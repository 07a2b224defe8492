"""Engines: every way to do a step finds the gradients of plain PyTorch and waits for nothing; trials change nothing."""

import json
import math
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from compiled_work import (
    ASKED,
    CASES,
    PAIRS,
    REFUSED,
    REPLACED,
    SHAPE,
    SIGNALS,
    SIZE,
    TWO_LATENTS,
    VOLUMES,
    WEIGHT,
    Z,
    astray,
    in_double,
    inputs,
    new_state,
)
from wgan.objectives import DRAGAN, GAN, OBJECTIVES, R3GAN, WGAN, WGANGP, Composed
from wgan.training import (
    OPTIMIZERS,
    Eager,
    Game,
    Mode,
    Step,
    Stepwise,
    Unusable,
    World,
    arrange,
    build_engine,
    plain_engine,
    seconds_per_step,
)
from wgan.training.engines.trials import TOLERANCE, disagreement, furthest, gradients_of
from wgan.training.precision import InPrecision
from wgan.training.randomness import DrawnNoise, RecordingNoise


def bits(state):
    return [
        tensor.clone()
        for network in (state.generator, state.critic, state.ema)
        for tensor in network.state_dict().values()
    ]


def is_same(before, state):
    return all(torch.equal(a, b) for a, b in zip(before, bits(state), strict=True))


class LosesSecondDerivatives(Eager):
    """What pytorch issue 181581 tells of: the penalty is there, and its gradient is not."""

    def of_critic(self, state, game, batch):
        class Without(type(game.objective)):
            def critic_loss(self, critic, real, fake, noise):
                loss = super().critic_loss(critic, real, fake, noise)
                lost = self.penalty_weight * loss.terms["penalty"]
                return loss._replace(value=loss.value - lost + lost.detach())

        return super().of_critic(state, Game(Without(**vars(game.objective))), batch)


class TestDisagreement:
    @pytest.mark.parametrize("pair", PAIRS)
    @pytest.mark.parametrize("objective", [WGANGP(), R3GAN(), DRAGAN(), GAN(), WGAN()], ids=lambda o: type(o).__name__)
    def test_scoring_together_is_scoring_apart(self, pair, objective):
        difference, _ = disagreement(Eager(), "fp32", new_state(pair), inputs(Game(objective, True)))
        assert difference < 1e-4

    @pytest.mark.parametrize("pair", PAIRS)
    def test_bf16_rounds_and_no_more(self, pair):
        difference, _ = disagreement(Eager("bf16"), "bf16", new_state(pair), inputs(Game(WGANGP(), True)))
        assert 1e-4 < difference < TOLERANCE["bf16"]

    @pytest.mark.parametrize("pair", PAIRS)
    @pytest.mark.parametrize("objective", [WGANGP(), R3GAN(), DRAGAN()], ids=lambda o: type(o).__name__)
    def test_a_lost_second_derivative_is_found(self, pair, objective):
        difference, weight = disagreement(LosesSecondDerivatives(), "fp32", new_state(pair), inputs(Game(objective)))
        assert difference > max(TOLERANCE.values())
        assert "of the critic" in weight

    def test_a_gradient_that_is_missing_is_found(self):
        class Forgets(Eager):
            def of_generator(self, state, game, batch):
                return {}

        difference, weight = disagreement(Forgets(), "fp32", new_state(), inputs())
        assert difference == math.inf
        assert "of the generator" in weight

    def test_a_layer_of_zeros_hides_nothing(self):
        """Before it, gradients are zero, whatever an engine makes of them."""

        class Halves(Eager):
            def of_critic(self, state, game, batch):
                terms = super().of_critic(state, game, batch)
                next(state.critic.parameters()).grad.mul_(0.5)
                return terms

        state, step = new_state(), inputs()
        *_, last, _ = state.critic.parameters()
        with torch.no_grad():
            last.zero_()
        difference, weight = disagreement(Halves(), "fp32", state, step)
        assert max(TOLERANCE["fp32"], 0.2) < difference <= 0.51
        assert weight == "1.weight of the critic"
        assert not last.any()

    def test_the_state_stays_as_it_is(self):
        state, step = new_state(), inputs()
        before, random = bits(state), torch.get_rng_state()
        disagreement(Eager("bf16"), "bf16", state, step)
        assert is_same(before, state)
        assert torch.equal(torch.get_rng_state(), random)
        assert all(p.grad is None for network in (state.generator, state.critic) for p in network.parameters())


def test_a_trial_leaves_the_run_bit_for_bit_as_it_was():
    tried, untried = new_state(), new_state()
    step, plain = inputs(), plain_engine()
    for state in (tried, untried):
        plain(state, step)
    seconds_per_step(plain, tried, step, budget=0.0)
    for state in (tried, untried):
        plain(state, step)
        state.advance()
    assert is_same(bits(untried), tried)
    assert tried.step == untried.step == 1


class Traced(TorchDispatchMode):
    """Every operation with the shapes it is given."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        shapes = [
            tuple(x.shape) for x in torch.utils._pytree.tree_leaves((args, kwargs)) if isinstance(x, torch.Tensor)
        ]
        self.seen.append((str(function), tuple(shapes)))
        return function(*args, **(kwargs or {}))


WAITS = ("_local_scalar_dense", "nonzero", "is_nonzero", "equal", "item")
"""Operations that need a number on the host: a device would have to be waited for, and no graph could hold them."""


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_step_can_be_recorded(name, optimizer):
    """No operation needs a number on the host, and every step is the same operations on the same shapes."""
    state, step, engine = new_state("dcgan", optimizer), inputs(Game(OBJECTIVES[name](), True)), plain_engine()
    drawn = [batch._replace(noise=DrawnNoise(batch.noise.uniform(), batch.noise.normal())) for batch in step.batches]
    given = step._replace(batches=drawn)
    engine(state, given)  # optimisers begin to remember
    traces = []
    for _ in range(2):
        with Traced() as trace:
            engine(state, given)
        traces.append([seen for seen in trace.seen if optimizer == "adam" or "step" not in seen[0]])
    assert traces[0] == traces[1]
    assert len(traces[0]) > 100
    waiting = {function for function, _ in traces[0] if any(f".{word}." in f".{function}." for word in WAITS)}
    assert not waiting


def test_a_step_that_waits_is_found():
    with Traced() as trace:
        torch.ones(2).sum().item()
    assert any("_local_scalar_dense" in function for function, _ in trace.seen)


class TestPlayers:
    def test_both_in_one_call_are_the_scores_of_two(self):
        critic, batches = PAIRS["dcgan"].critic(SHAPE).double(), inputs().batches
        real, fake = (batch.real.double() for batch in batches)
        for mine, theirs in zip(
            InPrecision(critic, independent_scores=True).score_both(real, fake),
            (critic(real), critic(fake)),
            strict=True,
        ):
            torch.testing.assert_close(mine, theirs)

    def test_a_critic_that_mixes_samples_is_called_twice(self):
        critic = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(768, track_running_stats=False), nn.Linear(768, 1))
        real, fake = torch.zeros(SIZE, *SHAPE), torch.randn(SIZE, *SHAPE)
        apart = InPrecision(critic).score_both(real, fake)
        assert torch.equal(apart[1], critic(fake))
        assert not torch.allclose(InPrecision(critic, independent_scores=True).score_both(real, fake)[1], apart[1])

    def test_results_are_single_precision_again(self):
        made = InPrecision(PAIRS["mlp"].generator(SHAPE), "bf16")(torch.randn(SIZE, Z))
        assert made.dtype == torch.float32
        assert torch.equal(made, made.bfloat16().float()), "the last layer rounds to 8 digits"


def test_noise_is_drawn_if_the_objective_asks_for_it():
    batches = inputs().batches
    differences = Composed("relativistic", "zero-centred", ("real", "fake"), slope="finite-difference")
    for objective, expected in (
        (WGANGP(), (True, False)),
        (DRAGAN(), (False, True)),
        (differences, (False, True)),
        (replace(differences, at=("line",)), (True, True)),
        (WGAN(), (False, False)),
    ):
        state, asked = new_state(), RecordingNoise(batches[0].noise)
        Eager().of_critic(state, Game(objective), batches[0]._replace(noise=asked))
        assert (asked.uniforms, asked.normals) == expected
        drawn = asked.draw(batches[1].noise)
        assert (drawn.uniforms is not None, drawn.normals is not None) == expected
    torch.testing.assert_close(asked.draw(batches[1].noise), DrawnNoise(None, None))


@pytest.mark.parametrize(
    ("mode", "world", "why"),
    [
        (Mode(graphs=True), World(), "CUDA"),
        (Mode("tf32"), World(), "CUDA"),
        (Mode(compiled=True), None, "several processes"),
    ],
)
def test_what_cannot_be_used_says_why(mode, world, why, monkeypatch):
    if world is None:
        world = World()
        monkeypatch.setattr(world, "size", 2)
    with pytest.raises(Unusable, match=why):
        build_engine(mode, new_state(), inputs(), world=world)


def test_an_engine_that_finds_other_gradients_is_not_used(monkeypatch):
    monkeypatch.setattr("wgan.training.engines.build.Eager", LosesSecondDerivatives)
    with pytest.raises(Unusable, match=r"the gradient of .* of the critic is off by \d+"):
        build_engine(Mode("bf16"), new_state(), inputs())


def test_networks_lie_with_channels_last_and_learn_the_same():
    first, last = new_state("dcgan"), new_state("dcgan")
    step, plain = inputs(), plain_engine()
    for state in (first, last):
        plain(state, step)
    engine = build_engine(Mode(channels_last=True), last, step)
    weight = next(p for p in last.critic.parameters() if p.ndim == 4)
    assert weight.is_contiguous(memory_format=torch.channels_last)
    plain(first, step)
    engine(last, step)
    for mine, theirs in zip(bits(last), bits(first), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("shape", [SIGNALS, VOLUMES])
class TestSignalsAndVolumes:
    """DCGAN under WGAN-GP: second derivatives through convolutions and InstanceNorm over one side, or three."""

    @pytest.mark.parametrize("mode", [Mode(), Mode("bf16"), Mode("bf16", channels_last=True)], ids=str)
    def test_two_steps_are_those_of_double_precision(self, shape, mode):
        assert astray(mode, "dcgan", shape, latents=1) < (TOLERANCE["bf16"] if mode.precision == "bf16" else 1e-3)

    def test_gradients_are_those_of_double_precision(self, shape):
        game = Game(WGANGP(), True)
        found = gradients_of(Eager(), "fp32", new_state("dcgan", shape=shape), inputs(game, shape=shape))
        double = gradients_of(Eager(), "fp32", *in_double(new_state("dcgan", shape=shape), inputs(game, shape=shape)))
        difference, weight = furthest(double, found)
        assert 0 < difference < 1e-3, weight
        difference, weight = disagreement(
            Eager("bf16"), "bf16", new_state("dcgan", shape=shape), inputs(game, shape=shape)
        )
        assert 1e-4 < difference < TOLERANCE["bf16"], weight

    def test_a_lost_second_derivative_is_found(self, shape):
        state, step = new_state("dcgan", shape=shape), inputs(Game(WGANGP()), shape=shape)
        assert disagreement(LosesSecondDerivatives(), "fp32", state, step)[0] > max(TOLERANCE.values())


@pytest.fixture(scope="module")
def compiled():
    """What every case of `compiled_work` found, in a process without the test suite's type checks."""
    command = [sys.executable, "-W", "ignore", str(Path(__file__).parents[2] / "compiled_work.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", CASES)
def test_compiled_gradients_are_plain_ones(compiled, case):
    """Both players, every weight: to rounding, which a generator's BatchNorm over eight samples makes larger."""
    difference, weight = compiled[case]
    assert difference < (TOLERANCE["bf16"] if CASES[case].precision == "bf16" else 1e-3), weight


def test_one_graph_is_right_for_every_weight_of_a_penalty(compiled):
    """A graph that had to be compiled again would end the process."""
    assert compiled[WEIGHT] < 1e-3


def test_compiled_steps_keep_buffers_that_a_network_replaces_or_are_refused(compiled):
    assert 0 < compiled[REPLACED] < 0.01, "of plain steps in single precision: 0.004"
    assert compiled[REFUSED]


@pytest.mark.parametrize("case", [TWO_LATENTS, ASKED])
def test_twenty_compiled_steps_of_two_generator_updates_are_those_of_double_precision(compiled, case):
    assert 0 < compiled[case] < 1e-3


class TestFaults:
    def test_a_trial_that_fails_leaves_the_run_as_it_was(self):
        class Breaks(Eager):
            def of_generator(self, state, game, batch):
                raise RuntimeError("no kernel")

        state, step = new_state(), inputs(Game(WGANGP(), evaluation_fakes=True))
        before, random = bits(state), torch.get_rng_state()
        with pytest.raises(RuntimeError):
            seconds_per_step(Stepwise(Mode(), Breaks()), state, step, budget=0.0)
        assert is_same(before, state)
        assert torch.equal(torch.get_rng_state(), random)
        assert all(p.grad is None for network in (state.generator, state.critic) for p in network.parameters())
        assert state.generator.training

    def test_what_an_optimiser_remembers_lies_as_its_weights_do(self):
        """torch's fused Adam pairs numbers by their places: a state of another layout would give other weights."""
        last, first, plain = new_state("dcgan"), new_state("dcgan"), plain_engine()
        for state in (last, first):  # in double precision, where no update is rounding
            for network in (state.generator, state.critic, state.ema):
                network.double()
        _, *both = inputs()
        step = Step(
            Game(GAN()), *([one._replace(real=one.real.double(), z=one.z.double()) for one in ones] for ones in both)
        )
        arrange(last, Mode(channels_last=True))
        plain(last, step)
        saved = deepcopy(last.state_dict())
        first.load_state_dict(deepcopy(saved))
        for optimizer in (first.critic_optimizer, first.generator_optimizer):
            for parameter, remembered in optimizer.state.items():
                assert remembered["exp_avg"].stride() == parameter.stride()
        last.load_state_dict(saved)
        for state in (first, last):
            plain(state, step)
        for mine, theirs in zip(bits(first), bits(last), strict=True):
            torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-12)

    @pytest.mark.parametrize("optimizer", OPTIMIZERS)
    def test_a_state_that_a_graph_updated_goes_on_without_one(self, optimizer):
        graphed, plain, step = new_state(optimizer=optimizer), plain_engine(), inputs()
        plain(graphed, step)
        saved = deepcopy(graphed.state_dict())
        for player in ("critic", "generator"):
            for group in saved[f"{player}_optimizer"]["param_groups"]:
                group |= {"capturable": True} if "capturable" in group else {}
        other = new_state(optimizer=optimizer)
        other.load_state_dict(saved)
        for state in (graphed, other):
            plain(state, step)
        assert is_same(bits(graphed), other)

    def test_a_mode_that_was_tried_leaves_no_layout_behind(self):
        state, step = new_state("dcgan"), inputs()
        build_engine(Mode(channels_last=True), state, step)
        build_engine(Mode(), state, step)
        assert all(p.is_contiguous() for network in (state.generator, state.critic) for p in network.parameters())

    def test_an_engine_that_a_run_has_is_not_asked_again_how_much_it_rounds(self, monkeypatch):
        monkeypatch.setitem(TOLERANCE, "bf16", 1e-6)
        state, step = new_state(), inputs()
        with pytest.raises(Unusable):
            build_engine(Mode("bf16"), state, step)
        assert build_engine(Mode("bf16"), state, step, trusted=True).mode == Mode("bf16")
