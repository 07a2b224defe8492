"""What a run is expected to take and to give, said before its first step."""

from collections.abc import Iterator
from contextlib import suppress

from wgan.experiment.engine_choice import FEWEST_STEPS, EngineChoice
from wgan.experiment.engine_trials import EngineTrials
from wgan.experiment.memory import amount
from wgan.experiment.plan import Plan
from wgan.runs import Run
from wgan.training import Unusable
from wgan.training.devices import same_threads
from wgan.views import short

SHORTEST = 60.0
"""Seconds. Of a shorter run nothing is said: it is over before it is read."""
SLOW = 1.0
"""Seconds. Steps that take longer are timed twice, quicker ones a few times."""
UNITS = (86_400, "days"), (3_600, "h"), (60, "min"), (1, "s")
COUNTS = (
    (500, "are very few: the best to expect, even with augmentation, is varied neighbours of them"),
    (2_000, "are few: expect less variety than they have, and pictures close to them"),
    (10_000, "are not many: the critic may come to know them by heart, which `wgan doctor` tells"),
)
"""What to expect of fewer pictures than so many."""


def seconds_left(trials: EngineTrials, chosen: EngineChoice, run: Run, left: int) -> float | None:
    """About how long `left` steps take: as the trials of engines, the run until now, or a few steps say.

    None if nobody knows: of few steps nothing is measured, and of several processes each would measure something else.
    """
    step = chosen.seconds or _so_far(run)
    if step is None and trials.alone and left >= FEWEST_STEPS:
        with suppress(Unusable), same_threads(chosen.settings["threads"]):
            step = trials.seconds(chosen.engine, enough=SLOW)
    return None if step is None else left * step


def _so_far(run: Run) -> float | None:
    """Seconds a step that a run which is resumed took until now, with all that it wrote."""
    last = (run.metrics() or [{}])[-1]
    return last["seconds"] / last["step"] if last.get("step") and last.get("seconds") else None


def expectations(planned: Plan, left: int, seconds: float | None, memory: int | None) -> Iterator[str]:
    """The lines: time to the end and memory, as far as they are known; and what so few pictures can give.

    None for a run of less than a minute, or of so few steps that nothing was measured. Where the run's length was made
    to fit minutes, the time was said before.
    """
    if (seconds is not None and seconds < SHORTEST) or (seconds is None and left < FEWEST_STEPS):
        return
    takes = []
    if seconds is not None and not planned.is_open:
        step = short(float(f"{seconds / left:.2g}"))
        takes.append(f"about {_in_time(seconds)} to the end ({step} s a step, as measured here)")
    if memory is not None:
        batch = "a batch" if planned.config.training.microbatch is None else "a part of a batch"
        takes.append(f"about {amount(memory, roughly=True)} of memory for the networks and {batch}")
    said = [", ".join(takes)] if takes else []
    count = planned.train_count
    most = next((what for most, what in COUNTS if count < most), None) if planned.pack.spec.is_picture else None
    said += [f"{count:,} pictures {most}. More pictures help more than more steps."] if most else []
    for place, line in enumerate(said):
        yield f"{'expect' if place == 0 else '':8}{line}"


def _in_time(seconds: float) -> str:
    """Two digits and a unit."""
    size, unit = next((size, unit) for size, unit in UNITS if seconds >= 2 * size or unit == "s")
    return f"{float(f'{seconds / size:.2g}'):g} {unit}"
