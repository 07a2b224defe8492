"""What a run would take at another size: steps of freshly built networks on random samples say it, in a moment."""

import torch

from wgan.config import RunConfig
from wgan.diagnosis import Wiring
from wgan.errors import InputError
from wgan.experiment.build import Loop, build_state
from wgan.experiment.pace import is_busy
from wgan.experiment.parts import Parts
from wgan.experiment.preflight import game_of
from wgan.training import plain_engine, same_threads, seconds_per_step
from wgan.types import Objective, SampleSpec
from wgan.views import in_time

WORTH_SAYING = 1800.0
"""Seconds. Beside a shorter run no other size is offered."""
SMALLEST = 32
"""Half a size has no shorter side than this."""
MOST = 0.6
"""Seconds. After the first, no step is timed that would end later."""
SAMPLES = 64
"""Of larger batches so many samples are timed, which take a share of the memory; time grows with their number."""
OF_A_GENERATOR = 0.5
"""The share of an update of the critic, with its penalty, that one of the generator takes."""


def half_of(size: tuple[int, ...] | None) -> tuple[int, int] | None:
    """Half the size of pictures that are large enough for it; None for others."""
    if size is None or len(size) != len(("height", "width")) or any(side % 2 or side < 2 * SMALLEST for side in size):
        return None
    return size[0] // 2, size[1] // 2


def size_option(size: tuple[int, int]) -> str:
    """The option that asks for a size."""
    return f"--size {size[0]}" if size[0] == size[1] else f"--set data.size=[{size[0]},{size[1]}]"


def offered(config: RunConfig, spec: SampleSpec, objective: Objective, wiring: Wiring, seconds: float) -> str:
    """What else a run of so many seconds could be, in words; empty where nothing else is possible or worth a word."""
    smaller = half_of(spec.size) if spec.is_picture and not {"generator", "critic"} & {*config.custom} else None
    if seconds < WORTH_SAYING or smaller is None:
        return ""
    try:
        step = seconds_at(config, smaller, objective, wiring)
    except (InputError, ValueError, RuntimeError):  # these networks do not make that size, or not on this machine
        return ""
    return f"{size_option(smaller)}: about {in_time(config.training.steps * step)}"


def seconds_at(config: RunConfig, size: tuple[int, ...], objective: Objective, wiring: Wiring) -> float:
    """About how long a plain step takes on the CPU at this size of pictures, on one thread where the CPU is busy.

    Where a step takes long, one of its updates of each player is timed and says the rest.

    Raises:
        InputError, ValueError: the networks cannot be built for it.
    """
    device, training = torch.device("cpu"), config.training
    config = config.model_copy(update={"data": config.data.model_copy(update={"size": size})})
    spec = SampleSpec.picture(config.data.channels or 1, *size)
    state = build_state(config, spec, Parts(), device)
    count = min(training.batch_size, SAMPLES)
    real = torch.rand(count, *spec.shape) * 2 - 1
    step = Loop(state, game_of(objective, config, wiring), config, lambda number: real).step(0)
    part = step._replace(batches=step.batches[:1], generator_batches=step.generator_batches[:1])
    engine = plain_engine("fp32" if config.precision == "auto" else config.precision, training.microbatch)
    with same_threads(config.threads or (1 if is_busy(device) else None)):
        seconds = seconds_per_step(engine, state, part, budget=0.0, most=MOST)
        updates = training.critic_steps + OF_A_GENERATOR * training.generator_steps
        if (whole := seconds * updates / (1 + OF_A_GENERATOR)) <= MOST:
            whole = seconds_per_step(engine, state, step, budget=0.0, most=MOST)
    return whole * training.batch_size / count
