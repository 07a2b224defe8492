"""Is it right? Every engine of one pair of networks and one objective, against float64 and against plain fp32.

`gradient`: the largest difference of any weight's gradient from that of plain PyTorch in float64. `drift`: how far the
weights are from those of eager fp32 after `STEPS` steps, relative to how far these moved; for eager fp32 itself, from
those of float64: that much rounding does by itself. `replay`: the same of a CUDA graph, from the steps it recorded.
"""

import math
import time
from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from torch import Tensor

from gpu_parts.cases import case, device_of, shape_of
from gpu_parts.works import speaking
from wgan.errors import in_short
from wgan.objectives import OBJECTIVES
from wgan.training import (
    Adam,
    Draws,
    Eager,
    Engine,
    Mode,
    Precision,
    Stepwise,
    Stream,
    TrainState,
    Unusable,
    build_engine,
    inputs,
    plain_engine,
    random_numbers,
    train,
)
from wgan.training.engines.engine import with_memory_format
from wgan.training.engines.graphs import Graphed
from wgan.training.engines.trials import TOLERANCE, furthest, gradients_of, unchanged
from wgan.training.steps import Game, Step

STEPS = 20
CRITIC_STEPS = 2
GENERATOR_STEPS = {"dragan": 2}
"""Of an objective, 1 otherwise: engines have to do both."""
ROUNDING = 3.0
"""The drift that an engine in fp32 may have, relative to the drift that rounding causes."""
DRIFT: dict[Precision, float] = {"fp32": 1e-2, "tf32": 0.25, "bf16": 0.5}
"""The drift that any engine may have: several times what a CPU showed (0.13 at most in bf16).

In fp32, what an H200 showed where plain fp32 happened to be near float64: 0.002 by RMSprop, with gradients 6e-7 off."""
MOST_ROUNDING = 0.2
"""The drift that plain fp32 may have from float64."""
MOST_DRIFT = 0.5
PLAIN = Mode()
NOT_ASKED = "not asked: no CUDA"


class DoubleDraws(Draws):
    """The same numbers in double precision."""

    def _moved(self, drawn: Tensor) -> Tensor:
        return super()._moved(drawn).double()


class Pair:
    """Two networks and an objective, on random data: the input of an engine."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.device = device_of(given)
        config = case(given["recipe"], small=given["small"])
        self.shape, self.config = shape_of(config), config
        self.batch_size = config.training.batch_size if given["small"] else min(config.training.batch_size, 64)
        self.generator_steps = GENERATOR_STEPS.get(given["objective"], 1)
        mixes = "batch" in str(getattr(config.networks, "critic_norm", ""))
        self.game = Game(OBJECTIVES[given["objective"]](), independent_scores=not mixes)

    def state(self, *, double: bool = False) -> TrainState:
        """A new first state."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            generator, critic = (getattr(self.config.networks, who)(self.shape) for who in ("generator", "critic"))
        settings = Adam(learning_rate=1e-4, betas=(0.0, 0.9))
        state = TrainState(generator, critic, settings, settings, ema_decay=0.9, device=self.device)
        for network in (state.generator, state.critic, state.ema) if double else ():
            network.double()
        return state

    def draws(self, *, double: bool = False) -> Draws:
        """The random numbers of its steps."""
        kind = DoubleDraws if double else Draws
        return kind(0, self.batch_size, self.config.networks.latent_size, self.device)

    def batches(self, *, double: bool = False) -> Callable[[int], Tensor]:
        """Its real batches, by the number of the critic step."""

        def batch(number: int) -> Tensor:
            drawn = random_numbers(0, Stream.PROBE, number).random((self.batch_size, *self.shape), dtype="float32")
            real = torch.from_numpy(drawn).to(self.device)
            return 2 * (real.double() if double else real) - 1

        return batch

    def given(self, *, double: bool = False) -> Step:
        """The inputs of its first step."""
        draws, real = self.draws(double=double), self.batches(double=double)
        return inputs(0, self.game, real, draws, critic_steps=CRITIC_STEPS, generator_steps=self.generator_steps)

    def trained(self, engine: Engine, state: TrainState, *, double: bool = False) -> list[Tensor]:
        """All weights after `STEPS` steps."""
        real, draws = self.batches(double=double), self.draws(double=double)
        for _ in train(
            state,
            self.game,
            real,
            draws,
            critic_steps=CRITIC_STEPS,
            generator_steps=self.generator_steps,
            until=state.step + STEPS,
            engine=engine,
        ):
            pass
        return weights(state)


def weights(state: TrainState) -> list[Tensor]:
    """Both players' weights, in double precision."""
    return [p.detach().double().clone() for network in (state.generator, state.critic) for p in network.parameters()]


def drift(found: list[Tensor], expected: list[Tensor], first: list[Tensor]) -> float:
    """The distance from `found` to `expected`, relative to that from `first` to `expected`."""

    def distance(some: list[Tensor], others: list[Tensor]) -> float:
        return math.sqrt(sum(float((a - b).square().sum()) for a, b in zip(some, others, strict=True)))

    return distance(found, expected) / max(distance(expected, first), 1e-30)


def modes(device: torch.device) -> list[Mode]:
    """Every mode that this device may have, also with the other memory format."""
    cuda = device.type == "cuda"
    ways = product(
        (False, True), (False, True) if cuda else (False,), ("fp32", "tf32", "bf16") if cuda else ("fp32", "bf16")
    )
    found = [with_memory_format(Mode(precision, compiled, graphs), device) for compiled, graphs, precision in ways]  # type: ignore[arg-type]
    found += [Mode("fp32", channels_last=True), Mode("bf16", channels_last=not cuda)]
    return sorted(found, key=lambda mode: (mode.compiled, mode.graphs))


def waits(engine: Engine, pair: Pair, state: TrainState) -> str:
    """Where a step waits for the device; empty if nowhere."""
    if pair.device.type != "cuda":
        return NOT_ASKED
    real, draws = pair.batches(), pair.draws()
    lying_ready = [real(n) for n in range(2 * CRITIC_STEPS)]  # made here, on the host; a run gathers them on the device
    torch.cuda.synchronize()
    before = torch.cuda.get_sync_debug_mode()
    try:
        torch.cuda.set_sync_debug_mode("error")
        for _ in train(
            state,
            pair.game,
            lambda number: lying_ready[number % len(lying_ready)],
            draws,
            critic_steps=CRITIC_STEPS,
            generator_steps=pair.generator_steps,
            until=state.step + 3,
            engine=engine,
        ):
            pass
    except RuntimeError as error:
        return in_short(error)
    finally:
        torch.cuda.set_sync_debug_mode(before)
    return ""


def examine(pair: Pair, mode: Mode, exact: Any, expected: list[Tensor] | None, floor: float) -> dict[str, Any]:
    """The row of one engine."""
    state, step = pair.state(), pair.given()
    started = time.perf_counter()
    engine = build_engine(mode, state, step)
    row: dict[str, Any] = {"build_seconds": time.perf_counter() - started}
    if isinstance(engine, Stepwise):
        found = gradients_of(engine.gradients, mode.precision, state, step)
        row["gradient"], row["where"] = furthest(exact, in_double(found))
    first, unrecorded = weights(pair.state()), None
    if isinstance(engine, Graphed):
        with unchanged(state):
            unrecorded = pair.trained(engine.recorded, state)
    trained = pair.trained(engine, state)
    row["drift"] = floor if expected is None else drift(trained, expected, first)
    if unrecorded is not None:
        row["replay"] = drift(trained, unrecorded, first)
    row["waits"] = waits(engine, pair, state)
    most = MOST_ROUNDING if expected is None else min(max(ROUNDING * floor, DRIFT[mode.precision]), MOST_DRIFT)
    holds = [row[name] <= most for name in ("drift", "replay") if name in row]
    holds += [row["gradient"] <= TOLERANCE[mode.precision]] if "gradient" in row else []
    row["right"] = all(holds) and (not row["waits"] or row["waits"] == NOT_ASKED)
    return row


def in_double(found: Any) -> Any:
    """The same gradients in float64."""
    return {
        player: {name: None if gradient is None else gradient.double() for name, gradient in gradients.items()}
        for player, gradients in found.items()
    }


def main() -> None:
    with speaking() as (given, say):
        pair, about = Pair(given), {name: given[name] for name in ("family", "recipe", "objective")}
        step = pair.given(double=True)._replace(game=Game(pair.game.objective))
        exact = gradients_of(Eager(), "fp32", pair.state(double=True), step)
        double = pair.trained(plain_engine(), pair.state(double=True), double=True)
        expected = pair.trained(plain_engine(), pair.state())
        floor = drift(expected, double, weights(pair.state()))
        for mode in (mode for mode in modes(pair.device) if mode.compiled == given["compiled"]):
            row = {**about, "engine": str(mode)}
            try:
                row |= examine(pair, mode, exact, None if mode == PLAIN else expected, floor)
            except Unusable as unusable:
                row |= {"right": None, "unusable": str(unusable)}
            except Exception as error:  # of whatever kind: the other engines are examined all the same
                row |= {"right": False, "failed": f"{type(error).__name__}: {in_short(error)}"}
            say("right", **row)


if __name__ == "__main__":
    main()
