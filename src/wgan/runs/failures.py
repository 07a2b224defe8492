"""What keeps a run from going on, in words that say what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from wgan.errors import TrainingError
from wgan.runs.run import Run


@contextmanager
def explaining_errors(run: Run, device: torch.device) -> Iterator[None]:
    """Turn what a full or failing disk, or too little memory, raises into an error of the program.

    Raises:
        TrainingError: instead of an OSError or an OutOfMemoryError. What was saved before is whole.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise TrainingError(
            f"The {device.type} has too little memory for this: lower training.batch_size or data.size."
        ) from error
    except OSError as error:
        raise TrainingError(
            f"Cannot write {error.filename or run.path}: {error.strerror or error}. Make room or mend "
            f"the permissions, then give the same command again{last_good(run)}."
        ) from error


def given_up(run: Run, what: str, *, rollbacks: int | None) -> TrainingError:
    """The error for a run whose numbers left every bound, after so many rollbacks; None if none are wanted."""
    often = f" after {rollbacks} rollbacks" if rollbacks else ""
    again = "; or give the same command with --on-divergence rollback, which halves them" if rollbacks is None else ""
    return TrainingError(
        f"{what} The run cannot go on{often}{last_good(run)}. `wgan doctor {run.path}` tells what may be the cause; "
        "lower values of generator_optimizer.learning_rate and critic_optimizer.learning_rate often help: start anew "
        f"with --fresh{again}."
    )


def last_good(run: Run) -> str:
    """The end of a sentence: what a run can go on from."""
    kept = max(run.checkpoints(), default=None)
    return "; nothing was saved yet" if kept is None else f"; the last good checkpoint is that of step {kept}"
