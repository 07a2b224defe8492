"""What a run is expected to take and to give, said before anything that takes long."""

from collections.abc import Callable, Iterator

from wgan.experiment.engine_choice import FEWEST_STEPS, EngineChoice
from wgan.experiment.memory import amount
from wgan.experiment.plan import Plan
from wgan.runs import Run
from wgan.views import in_time, short

SHORTEST = 60.0
"""Seconds. Of a shorter run nothing is said: it is over before it is read."""
SLOW = 1.0
"""Seconds. Steps that take longer are timed twice, quicker ones a few times."""
AN_HOUR = 3600.0
OTHERWISE = 0.2
"""A time that differs by less than this share from what was said is not said again."""
COUNTS = (
    (500, "are very few: the best to expect, even with augmentation, is varied neighbours of them"),
    (2_000, "are few: expect less variety than they have, and pictures close to them"),
    (10_000, "are not many: the critic may come to know them by heart, which `wgan doctor` tells"),
)
"""What to expect of fewer pictures than so many."""
Offer = Callable[[float], str]
"""What else a run of so many seconds could be, in words."""


def so_far(run: Run) -> float | None:
    """Seconds a step that a run which is resumed took until now, with all that it wrote."""
    last = (run.metrics() or [{}])[-1]
    return last["seconds"] / last["step"] if last.get("step") and last.get("seconds") else None


def expectations(
    planned: Plan, left: int, seconds: float | None, memory: int | None, offer: Offer | None = None
) -> Iterator[str]:
    """The lines: time to the end and memory, as far as they are known; and what so few pictures can give.

    None for a run of less than a minute, or of so few steps that nothing was measured. Where the run's length is made
    to fit minutes, the time is the user's. `offer` is asked of a new run.
    """
    if (seconds is not None and seconds < SHORTEST) or (seconds is None and left < FEWEST_STEPS):
        return
    said = []
    if seconds is not None and not planned.is_open:
        offers = list(_offers(seconds, offer))
        also = " (and --fresh, since this run is there now)" if offers else ""
        said.append("; ".join([_takes(planned, left, seconds, offer), *offers]) + also)
    if memory is not None:
        batch = "a batch" if planned.config.training.microbatch is None else "a part of a batch"
        said.append(f"about {amount(memory, roughly=True)} of memory for the networks and {batch}")
    count = planned.train_count
    most = next((what for most, what in COUNTS if count < most), None) if planned.pack.spec.is_picture else None
    said += [f"{count:,} pictures {most}. More pictures help more than more steps."] if most else []
    for place, line in enumerate(said):
        yield f"{'expect' if place == 0 else '':8}{line}"


def _takes(planned: Plan, left: int, seconds: float, offer: Offer | None) -> str:
    size = planned.pack.spec.size
    at = f" at {'x'.join(map(str, size))}" if size else ""
    where = "to the end" if offer is None else f"{at} here".lstrip()
    besides = ", besides measuring its metrics" if planned.config.measured else ""
    return f"about {in_time(seconds)} {where} ({left:,} steps at {_step(seconds / left)} s{besides})"


def _offers(seconds: float, offer: Offer | None) -> Iterator[str]:
    if offer is None:
        return
    if other := offer(seconds):
        yield other
    if seconds > (1 + OTHERWISE) * AN_HOUR:
        yield "--minutes 60 fits the run to an hour"


def _step(seconds: float) -> str:
    return short(float(f"{seconds:.2g}"))


def changed(left: int, said: float, step: float, chosen: EngineChoice) -> Iterator[str]:
    """The line on a run whose steps take other seconds with the engine that was chosen than those that were said."""
    if left * max(said, step) >= SHORTEST and abs(step - said) > OTHERWISE * said:
        yield f"expect  about {in_time(left * step)} with {chosen.engine.mode} ({left:,} steps at {_step(step)} s)"
