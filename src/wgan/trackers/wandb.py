"""Weights & Biases: https://docs.wandb.ai. Online if you are logged in, on this machine with WANDB_MODE=offline."""

import os
from collections.abc import Mapping
from pathlib import Path

import wandb
from PIL import Image

from wgan.trackers.tracker import PATIENCE, PICTURES, PROJECT, About, State, Unready

CODES: dict[State, int] = {"finished": 0, "failed": 1, "stopped": 255}


class WeightsAndBiases:
    """A run there. Steps are a value of each row, so that rows may come late or, after a rollback, again."""

    def __init__(self, about: About) -> None:
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT") or PROJECT,
            name=os.environ.get("WANDB_NAME") or about.name,
            dir=os.environ.get("WANDB_DIR") or about.folder,
            id=about.id or os.environ.get("WANDB_RUN_ID"),
            resume="allow",
            config=about.config,
            allow_val_change=True,
            settings=_settings(),
        )
        self._run.define_metric("step", hidden=True)
        self._run.define_metric("*", step_metric="step")

    @property
    def id(self) -> str:
        return str(self._run.id)

    @property
    def where(self) -> str:
        if not self._run.offline:
            return str(self._run.url)
        every = [*self._place.parent.glob(f"offline-run-*-{self.id}")]
        if len(every) > 1:  # each time it was resumed made one
            return f"to send it, all {len(every)} parts: wandb sync {self._place.parent}/offline-run-*-{self.id}"
        return f"to send it: wandb sync {self._place}"

    @property
    def _place(self) -> Path:
        return Path(self._run.dir).parent

    @classmethod
    def check(cls, folder: str) -> str:
        settings = wandb.setup(_settings()).settings
        place = Path(os.environ.get("WANDB_DIR") or folder, "wandb")
        if settings.mode in ("offline", "dryrun"):
            return f"offline, in {place}"
        if settings.mode == "disabled":
            raise Unready("WANDB_MODE is disabled: leave wandb out of --track, or use WANDB_MODE=offline.")
        try:
            wandb.login(verify=False)  # there is nobody to ask in this process, so it only looks
        except wandb.Error as error:
            raise Unready(
                "You are not logged in to Weights & Biases: run `wandb login`, or keep the run on this machine with "
                "WANDB_MODE=offline."
            ) from error
        return f"sent to {settings.base_url}, kept in {place}"

    def row(self, values: Mapping[str, float], step: int) -> None:
        self._run.log({**values, "step": step})

    def picture(self, image: Image.Image, step: int) -> None:
        self._run.log({PICTURES: wandb.Image(image), "step": step})

    def end(self, verdict: Mapping[str, str], state: State) -> None:
        self._run.summary.update(dict(verdict))
        try:
            self._run.finish(exit_code=CODES[state])
        except TimeoutError as error:
            raise Unready(f"Send the rest with: wandb sync {self._place}") from error


def _settings() -> wandb.Settings:
    """No code, no console, nothing of the machine or its user."""
    if not os.environ.get("WANDB_MODE"):
        os.environ.pop("WANDB_MODE", None)  # an empty one is as good as none, which wandb does not know
    return wandb.Settings(
        console="off",
        disable_code=True,
        disable_git=True,
        disable_job_creation=True,
        email="",
        finish_timeout=PATIENCE,
        finish_timeout_raises=True,
        host="",
        save_code=False,
        silent=True,
        username="",
        x_disable_machine_info=True,
        x_disable_meta=True,
        x_disable_stats=True,
        x_save_requirements=False,
    )
