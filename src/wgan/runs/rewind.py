"""Going back with a run: what an unbroken one would not have written by a step is dropped.

That is what a killed run wrote after its last checkpoint, the extra line and grid of a run's end, and files that were
not finished.
"""

from functools import partial

from wgan.runs import tensorboard
from wgan.runs.run import Run
from wgan.system.files import sweep, write_rows


def rewind(run: Run, step: int) -> None:
    """Make a run's files those of `step`. Only who holds the run's lock may. Interrupted, it may be done again."""
    tidy(run)
    run.failure_file.unlink(missing_ok=True)
    regular = partial(run.config.due, last=False)
    write_rows(run.metrics_file, [row for row in run.metrics() if row["step"] <= step and regular(row["step"]).line])
    if run.evaluations_file.exists():
        evaluations = [row for row in run.evaluations() if row["step"] <= step]
        kept = [row for row in evaluations if not row.get("while_training") or regular(row["step"]).evaluation]
        write_rows(run.evaluations_file, kept)
    for at, path in run.samples().items():
        if at > step or not regular(at).grid:
            path.unlink()

    def wanted(tag: str, at: int) -> bool:
        due = regular(at)
        kinds = {tensorboard.GRIDS: due.grid, tensorboard.EVALUATIONS: due.evaluation}
        # At step 0, nothing was told: its grid is drawn again.
        return 0 < step >= at and kinds.get(tensorboard.kind(tag), due.line)

    tensorboard.rewind(run.tensorboard_folder, wanted)


def tidy(run: Run) -> None:
    """Remove files that killed processes left unfinished."""
    for folder in (run.path, run.samples_folder, run.checkpoint_folder.path):
        sweep(folder)
