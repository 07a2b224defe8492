"""What the system refuses while a run is made, in words that say what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from wgan.errors import TrainingError
from wgan.rundir import Run


@contextmanager
def telling_of_limits(run: Run, device: torch.device) -> Iterator[None]:
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


def last_good(run: Run) -> str:
    """The end of a sentence: what a run can go on from."""
    kept = max(run.checkpoints(), default=None)
    return "; nothing was saved yet" if kept is None else f"; the last good checkpoint is that of step {kept}"
