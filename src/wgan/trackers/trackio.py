"""Trackio: https://huggingface.co/docs/trackio. On this machine, unless TRACKIO_SPACE_ID or TRACKIO_SERVER_URL says."""

import os
import uuid
from collections.abc import Mapping

import trackio
from PIL import Image
from trackio.utils import TRACKIO_DIR

from wgan.trackers.tracker import PICTURES, PROJECT, About, State

REMOTE = os.environ.get("TRACKIO_SPACE_ID") or os.environ.get("TRACKIO_SERVER_URL")


class Trackio:
    """A run there. It is known by its name, which is therefore made to be the only one."""

    def __init__(self, about: About) -> None:
        project = _project()
        self.id = about.id or _free(project, about.name)
        self._run = trackio.init(
            project,
            name=self.id,
            config=about.config,
            resume="allow",
            embed=False,
            auto_log_cpu=False,
            auto_log_gpu=False,
        )
        self._run.config["_Username"] = None
        self.where = str(REMOTE) if REMOTE else f"trackio show --project {project}"

    @classmethod
    def check(cls, folder: str) -> str:
        return f"sent to {REMOTE}" if REMOTE else f"on this machine, in {TRACKIO_DIR}"

    def row(self, values: Mapping[str, float], step: int) -> None:
        self._run.log(dict(values), step=step)

    def picture(self, image: Image.Image, step: int) -> None:
        self._run.log({PICTURES: trackio.Image(image)}, step=step)

    def end(self, verdict: Mapping[str, str], state: State) -> None:
        if verdict:
            level = trackio.AlertLevel.INFO if state == "finished" else trackio.AlertLevel.WARN
            title, *texts = verdict.values()
            self._run.alert(f"Verdict: {title}", "\n".join(texts), level)
        self._run.finish()


def _project() -> str:
    return os.environ.get("TRACKIO_PROJECT") or PROJECT


def _free(project: str, name: str) -> str:
    """The name, or one that begins with it, if a run of the project may have it."""
    try:
        taken = {run.name for run in trackio.Api().runs(project)}
    except ValueError:  # there is no such project yet
        taken = set()
    return f"{name}-{uuid.uuid4().hex[:6]}" if REMOTE or name in taken else name
