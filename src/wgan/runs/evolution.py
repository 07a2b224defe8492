"""How a run evolved, as files: its grids as an animation and a film, its metrics as curves."""

import warnings

from wgan.errors import TrainingError
from wgan.runs.run import Run
from wgan.system.files import replacing
from wgan.views import animate, curves, encoder, film


def draw_evolution(run: Run) -> None:
    """Write `evolution.gif`, `evolution.mp4` where ffmpeg is installed, and `curves.png`.

    An encoder that fails is a warning: a film is not worth a run.
    """
    grids, milliseconds = list(run.samples().values()), run.config.output.frame_milliseconds
    with replacing(run.evolution_file) as temporary:
        animate(grids, temporary, milliseconds=milliseconds)
    if found := encoder():
        try:
            with replacing(run.film_file) as temporary:
                film(grids, temporary, milliseconds=milliseconds, encoder=found)
        except TrainingError as error:
            warnings.warn(f"{error} {run.evolution_file} has all there is to see.", stacklevel=2)
    with replacing(run.curves_file) as temporary:
        curves(run.metrics()).save(temporary)


def evolution_is_drawn(run: Run) -> bool:
    """Whether the animation and the curves are there, and not older than the newest checkpoint."""
    newest = max(run.checkpoints().values()).stat().st_mtime_ns
    files = (run.evolution_file, run.curves_file)
    return all(file.exists() and file.stat().st_mtime_ns >= newest for file in files)
