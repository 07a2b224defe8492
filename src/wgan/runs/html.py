"""What a notebook shows of a run: its summary as HTML, and its pictures."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PIL import Image

from wgan.diagnosis.html import verdict_html
from wgan.errors import InputError
from wgan.language import say
from wgan.system import html
from wgan.system.pictures import load
from wgan.types.condition import in_short
from wgan.views import Animation, animate, curves, duration, embedded, form, opaque

if TYPE_CHECKING:
    from wgan.runs.run import Run

PREVIEW = 400
"""The width of the grid beside the facts of a run, in pixels."""


def run_html(run: "Run") -> str:
    """The name, the verdict, the newest grid and a few facts."""
    from wgan.runs.doctor import diagnose

    steps = max(run.samples(), default=None)
    shown = [] if steps is None else [_preview(run, steps)]
    return html.block(
        html.title(run.path.name or str(run.path), _trained_on(run)),
        verdict_html(diagnose(run)),
        *shown,
        html.table(_facts(run)),
    )


def _trained_on(run: "Run") -> str:
    return say(
        "{recipe} on {data}: {count:,} {form}",
        recipe=run.config.recipe,
        data=run.provenance.data_name,
        count=run.provenance.data_count,
        form=form(run.spec),
    )


def _preview(run: "Run", step: int) -> str:
    try:
        shown = embedded(opaque(grid(run, step)).convert("RGB"), PREVIEW)
        return html.picture(shown, say("samples at step {step}", step=step), PREVIEW)
    except InputError as error:  # a grid that is damaged is no reason to hide the rest
        return html.line(str(error))


def _facts(run: "Run") -> Iterator[tuple[str, str]]:
    last = (run.metrics() or [{"step": 0}])[-1]
    yield say("steps"), say("{done:,} of {steps:,}", done=last["step"], steps=run.config.training.steps)
    if "images_seen" in last:
        yield say("images seen"), f"{last['images_seen']:,}"
    if "seconds" in last:
        yield say("time"), duration(last["seconds"])
    if run.spec.condition is not None:
        yield say("condition"), "; ".join(map(in_short, run.spec.condition.parts))
    yield say("folder"), str(run.path)


def grid(run: "Run", step: int | None = None) -> Image.Image:
    """The grid of a step, or the newest."""
    files = run.samples()
    if not files:
        raise InputError(f"{run.path} has no grid of samples yet: it has not begun. Train it.")
    wanted = max(files) if step is None else step
    if wanted not in files:
        nearest = min(files, key=lambda known: abs(known - wanted))
        raise InputError(f"{run.path} has no grid of step {wanted}. The nearest is that of step {nearest}.")
    return load(files[wanted])


def log_curves(run: "Run") -> Image.Image:
    """The numbers of the log over steps."""
    rows = run.metrics()
    if not rows:
        every = run.config.output.log_every
        raise InputError(f"{run.path} has no numbers yet: the first line of its log comes at step {every}. Train on.")
    return curves(rows)


def animation(run: "Run", frames: int) -> Animation:
    """The grids one after the other."""
    if frames < 1:
        raise InputError(f"An animation has at least 1 frame, not {frames}.")
    files = run.samples()
    if not files:
        raise InputError(f"{run.path} has no grid of samples yet: it has not begun. Train it.")
    content, milliseconds = io.BytesIO(), run.config.output.frame_milliseconds
    animate(list(files.values()), content, milliseconds=milliseconds, most=frames)
    return Animation(content.getvalue())
