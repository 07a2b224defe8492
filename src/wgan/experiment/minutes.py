"""A budget of time: how many steps fit it here, and what else has to fit so many steps."""

import math
import time
from collections.abc import Set
from typing import Any, NamedTuple

from wgan.config import RunConfig
from wgan.errors import InputError
from wgan.experiment.build import Loop
from wgan.experiment.chosen import evaluations_every
from wgan.experiment.engine_choice import WORTH_COMPILING
from wgan.experiment.plan import Plan
from wgan.training.devices import synchronize
from wgan.training.engines.trials import unchanged
from wgan.types import Fraction
from wgan.views import in_time

SPARE = 0.05
"""The share of the time that is kept for what is not measured."""
TRIAL_SHARE, TRIAL_SECONDS = 0.03, 5.0
"""Steps are timed for this share of the time, and for so many seconds at most."""
MOST_SHARE = 0.1
"""The share that is spent on the fewest steps, where they take long; if they would take more, none is."""
ALIKE = 1.3
"""The first steps of a run that take at most so many times what was known are no slower than others."""
FEWEST, MOST = 3, 2000
"""Steps that are timed."""
HALF_LIFE = 0.05
"""The average forgets half of a generator within this share of the run, if it is not quicker anyway."""
LINES, GRIDS, EVALUATIONS, CHECKPOINTS = 20, 10, 10, 4
"""The fewest of each in a run."""
DOUBLINGS = 512
"""Steps within which there are eight comparisons; then there are four each time that a run doubles in length."""

AT_LEAST = 0.5
"""The share of a budget that is for training, whatever was spent before the first step."""
TOO_LONG = 2.0
"""A step that takes so many budgets, as far as a few samples tell, is refused: they may tell that it takes longer than
it does."""


class Costs(NamedTuple):
    """Seconds for a step, and for each kind of output."""

    step: float
    line: float = 0.0
    comparison: float = 0.0
    grid: float = 0.0
    evaluation: float = 0.0
    checkpoint: float = 0.0

    def of(self, config: RunConfig) -> float:
        """Seconds for the whole of a run."""
        steps, output = config.training.steps, config.output
        comparisons = steps / 64 if steps < DOUBLINGS else 8 + 4 * math.log2(steps / DOUBLINGS)
        return (
            steps * self.step
            + (steps // output.log_every + 1 + early(config, output.log_every)) * self.line
            + (comparisons + 2) * self.comparison
            + (steps // output.sample_every + 2 + early(config, output.sample_every)) * self.grid
            + (steps // output.evaluate_every + 1) * self.evaluation * bool(config.measured)
            + (steps // output.checkpoint_every + 2) * self.checkpoint
        )


def early(config: RunConfig, every: int) -> int:
    """How many lines, or grids, come before those of `every` so many steps."""
    first, end = config.output.first_line or config.output.log_every, min(every, config.training.steps + 1)
    return ((end - 1) // first).bit_length()


def not_compiling(config: RunConfig, seconds: float) -> RunConfig:
    """The configuration with which an engine is chosen for a run of so many seconds: compiling may take minutes."""
    return config.model_copy(
        update={"compile": "off"} if config.compile == "auto" and seconds < WORTH_COMPILING else {}
    )


def refuse_minutes(planned: Plan, step: float | None) -> None:
    """Refuse a budget in which not one step fits, where a step takes about so many seconds.

    Raises:
        InputError: it does not.
    """
    minutes, batch = planned.config.training.minutes, planned.config.training.batch_size
    if not planned.is_open or minutes is None or step is None or step <= TOO_LONG * 60 * minutes:
        return
    raise InputError(
        f"A step takes about {in_time(step)} here, with {batch} samples in a batch, so none fits into --minutes "
        f"{minutes:g}. Give it smaller networks or another recipe (`wgan recipes`), "
        "a smaller batch (--batch-size), smaller samples (--size), more time, or a GPU."
    )


def left_of(budget: float, spent: float) -> float:
    """The seconds that are left to train of a budget."""
    return max(budget - spent, AT_LEAST * budget)


def fitted(config: RunConfig, costs: Costs, seconds: float, given: Set[str]) -> RunConfig:
    """The configuration of the longest run that takes so many seconds, and a step at least.

    `given` are the dotted keys that the user gave: they stay as they are.
    """
    left = (1 - SPARE) * seconds
    low, high = 1, max(1, int(left / costs.step))
    while low < high:
        middle = (low + high + 1) // 2
        if costs.of(of_length(config, middle, given)) <= left:
            low = middle
        else:
            high = middle - 1
    unit = 10 ** max(0, len(str(low)) - 3)  # no more digits than are known
    return of_length(config, low // unit * unit, given)


def of_length(config: RunConfig, steps: int, given: Set[str]) -> RunConfig:
    """The configuration with so many steps: its schedule has the same shape, and its average no longer a memory.

    Lines, grids, evaluations and checkpoints come often enough to be some.
    """
    output, whole = config.output, config.schedule.steps * steps / config.training.steps
    wanted: dict[str, Any] = {
        "training.ema_decay": min(config.training.ema_decay, longest_memory(steps)),
        "schedule.steps": max(1, round(whole)) if config.schedule.steps else 0,
        "output.log_every": min(output.log_every, max(1, steps // LINES)),
        "output.sample_every": min(output.sample_every, max(1, steps // GRIDS)),
        "output.checkpoint_every": min(output.checkpoint_every, max(1, steps // CHECKPOINTS)),
    }
    if config.stop.metric is not None:
        wanted["output.evaluate_every"] = evaluations_every(config, steps)
    elif config.measured:
        wanted["output.evaluate_every"] = min(output.evaluate_every, max(1, steps // EVALUATIONS))
    changed = {key: value for key, value in wanted.items() if key not in given and value != _of(config, key)}
    return config.choosing({"training.steps": steps, **changed})


def longest_memory(steps: int) -> Fraction:
    """The decay of an average whose half-life is 5% of so many steps: 2^(-1 / half-life)."""
    return round(math.exp2(-1 / (HALF_LIFE * steps)), 6)


def _of(config: RunConfig, key: str) -> Any:
    section, _, name = key.partition(".")
    return getattr(getattr(config, section), name)


def seconds_of_a_step(loop: Loop, budget: float, known: float = 0.0) -> float:
    """The mean time of real steps: batches, updates and average. The state stays as it is.

    All processes of a run take the same steps, as many as the first one has time for. `known` is the time of one that
    was timed before: where steps are so slow that none can be spared for measuring, that is what they take.
    """
    if loop.world.broadcast(FEWEST * known > MOST_SHARE * budget):
        return known
    with unchanged(loop.state):
        first = _timed(loop, FEWEST)  # memory is taken, kernels are chosen
        seconds = min(TRIAL_SECONDS, TRIAL_SHARE * budget)
        if loop.world.broadcast(seconds < first <= FEWEST * ALIKE * known):  # that was done when one was timed before
            return first / FEWEST
        count = int(loop.world.broadcast(min(MOST, max(FEWEST, round(seconds * FEWEST / first)))))
        return _timed(loop, count) / count


def _timed(loop: Loop, count: int) -> float:
    synchronize(loop.state.device)
    started = time.perf_counter()
    for _ in loop.records(loop.state.step + count):
        pass
    synchronize(loop.state.device)
    return time.perf_counter() - started
