"""Trackio: https://huggingface.co/docs/trackio. On this machine, unless TRACKIO_SPACE_ID or TRACKIO_SERVER_URL says."""

import os
import uuid
from collections.abc import Mapping

import trackio
from PIL import Image
from trackio.utils import TRACKIO_DIR

from wgan.trackers.tracker import PICTURES, PROJECT, About, State, Unready, forgotten

SPACE, SERVER = os.environ.get("TRACKIO_SPACE_ID"), os.environ.get("TRACKIO_SERVER_URL")
REMOTE = SPACE or (SERVER and SERVER.partition("?")[0])
"""Where runs are sent, without the token that the address of a server may end in."""


class Trackio:
    """A run there. It is known by its name, which is therefore made to be the only one."""

    def __init__(self, about: About) -> None:
        project = _project()
        if about.id is not None and not REMOTE and about.id not in _names(project):
            raise forgotten("Trackio")
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
        self.where = str(REMOTE) if REMOTE else f"to look at it: trackio show --project {project}"

    @classmethod
    def check(cls, folder: str) -> str:
        if REMOTE and not SPACE and "write_token=" not in str(SERVER) and not os.environ.get("TRACKIO_WRITE_TOKEN"):
            raise Unready("Trackio's server wants a token: set TRACKIO_WRITE_TOKEN, or leave TRACKIO_SERVER_URL out.")
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
    return f"{name}-{uuid.uuid4().hex[:6]}" if REMOTE or name in _names(project) else name


def _names(project: str) -> set[str]:
    """Of the runs on this machine."""
    try:
        return {run.name for run in trackio.Api().runs(project)}
    except ValueError:  # there is no such project yet
        return set()
