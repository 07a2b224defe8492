"""The run directory: where everything about a run lies, and the object that reads it.

config.toml  metrics.jsonl  comparisons.jsonl  evaluations.jsonl  samples/  curves.png  evolution.gif  evolution.mp4
checkpoints/  generator.safetensors  critic.safetensors  tensorboard/  report.html
failure.json  divergence.pt  rollbacks.jsonl  stopped.json  trackers.json
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image
from torch import nn

from wgan.config import RunConfig
from wgan.diagnosis import Log, Wiring
from wgan.errors import InputError
from wgan.networks import built
from wgan.runs import html, weights
from wgan.runs.best import Step, step_of
from wgan.runs.checkpoints import CheckpointFolder
from wgan.runs.generative import Generative
from wgan.runs.hub import downloaded, on_hub
from wgan.runs.inner import inner_runs
from wgan.runs.log_rows import evaluation_rows, failure_row, metric_rows, rollback_rows, stopped_row
from wgan.runs.provenance import Provenance
from wgan.system.files import append_row, by_step, read_rows, similar
from wgan.system.html import shown
from wgan.system.limits import read_text
from wgan.system.validation import checked, toml_values
from wgan.types import SampleSpec
from wgan.views import Animation


class Run(Generative):
    """A run on disk. Reading it executes nothing: the configuration is TOML, weights are tensors."""

    def __init__(self, path: str | Path, generator: nn.Module | None = None) -> None:
        self.path = Path(path)
        self._custom_generator = generator
        self.config_file = self.path / "config.toml"
        self.metrics_file = self.path / "metrics.jsonl"
        self.comparisons_file = self.path / "comparisons.jsonl"
        self.evaluations_file = self.path / "evaluations.jsonl"
        self.curves_file = self.path / "curves.png"
        self.evolution_file = self.path / "evolution.gif"
        self.film_file = self.path / "evolution.mp4"
        self.failure_file = self.path / "failure.json"
        self.divergence_file = self.path / "divergence.pt"
        self.rollbacks_file = self.path / "rollbacks.jsonl"
        self.stopped_file = self.path / "stopped.json"
        self.report_file = self.path / "report.html"
        self.trackers_file = self.path / "trackers.json"
        self.generator_file = self.path / "generator.safetensors"
        self.critic_file = self.path / "critic.safetensors"
        self.samples_folder = self.path / "samples"
        self.checkpoint_folder = CheckpointFolder(self.path / "checkpoints")
        self.tensorboard_folder = self.path / "tensorboard"

    @classmethod
    def open(cls, path: str | Path, generator: nn.Module | None = None) -> "Run":
        """The run at `path`. `generator` receives the weights if the run's generator was passed from Python.

        `path` may be a generator on the hub, `hf:owner/name[@revision]`, which is downloaded.

        Raises:
            InputError: there is no run.
        """
        named = on_hub(path)
        run = cls(path if named is None else downloaded(named), generator)
        run.known_as = None if named is None else named.name
        if not run.config_file.is_file():
            there = "it is a file" if run.path.exists() else "it does not exist"
            what = "it holds no config.toml" if run.path.is_dir() else there
            inside = inner_runs(run.path)
            meant = "" if run.path.exists() else similar(run.path, Path("runs"), having="config.toml").strip()
            name = inside or meant or "Name the folder that `wgan train` wrote."
            raise InputError(f"{run.path} is not a run: {what}. {name}")
        return run

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @shown
    def _repr_html_(self) -> str:
        return html.run_html(self)

    def read_again(self) -> None:
        """Forget the configuration that was read, since it has been rewritten."""
        self.__dict__.pop("_config", None)

    @cached_property
    def _config(self) -> tuple[RunConfig, Provenance, Wiring, SampleSpec]:
        try:
            values = toml_values(read_text(self.config_file), "it")
            provenance = checked(Provenance, values.pop("provenance"), "provenance.")
            wiring = checked(Wiring, values.pop("wiring", {}), "wiring.")
            stored = values.pop("sample", None)  # runs of older versions have none
            spec = checked(SampleSpec, stored, "sample.") if stored else SampleSpec.of(provenance.data_shape)
            if spec.shape != provenance.data_shape:
                raise ValueError(f"its samples have shape {spec.shape} and its data {provenance.data_shape}")
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{self.config_file} cannot be read: {str(error).rstrip('.')}.") from error
        return RunConfig.from_dict(values), provenance, wiring, spec

    @property
    def config(self) -> RunConfig:
        return self._config[0]

    @property
    def provenance(self) -> Provenance:
        """Versions, machine and data of the run."""
        return self._config[1]

    @property
    def wiring(self) -> Wiring:
        """What the preflight found; all well for runs of older versions."""
        return self._config[2]

    @property
    def spec(self) -> SampleSpec:
        return self._config[3]

    @property
    def latent_size(self) -> int:
        return self.config.networks.latent_size

    @property
    def columns(self) -> int:
        return self.config.output.columns

    def metrics(self) -> list[dict[str, Any]]:
        """The lines of metrics.jsonl, each with its step. Damaged lines are skipped."""
        return metric_rows(read_rows(self.metrics_file))

    def comparisons(self) -> list[dict[str, Any]]:
        """The lines of comparisons.jsonl: what samples were against held-out reals. Older runs have none."""
        return evaluation_rows(read_rows(self.comparisons_file))

    def rollbacks(self) -> list[dict[str, Any]]:
        """Each time it diverged and went back: from which `step`, `to` which step, and `what` happened."""
        return rollback_rows(read_rows(self.rollbacks_file))

    def failure(self) -> dict[str, Any] | None:
        """What ended the run, if it diverged: `step` and `what`."""
        return failure_row(_read_json(self.failure_file))

    def stopped(self) -> dict[str, Any] | None:
        """What ended the run early, as `stop.by` asked: the `step`, `by` what, its `window`, and `since` which step.

        It is written before the checkpoint of that step, without which the run goes on: then it says nothing.
        """
        found = stopped_row(_read_json(self.stopped_file))
        return found if found and found["step"] in self.checkpoints() else None

    def evaluations(self) -> list[dict[str, Any]]:
        """The lines of evaluations.jsonl (`Evaluation.to_dict`), oldest first. Damaged lines are skipped."""
        return evaluation_rows(read_rows(self.evaluations_file))

    def log(self) -> Log:
        """All that a diagnosis reads."""
        rows = self.metrics(), self.comparisons(), self.evaluations()
        return Log(*rows, self.failure(), self.rollbacks(), self.stopped())

    def append_evaluation(self, row: Mapping[str, Any]) -> None:
        """Add a line to evaluations.jsonl: the one file that others than the run's writer add to."""
        append_row(self.evaluations_file, row)

    def samples(self) -> dict[int, Path]:
        """The grids by step, in order."""
        return by_step(self.samples_folder, ".png")

    def sample_file(self, step: int) -> Path:
        return self.samples_folder / f"{step:09}.png"

    def grid(self, step: int | None = None) -> Image.Image:
        """The picture of samples that was drawn at `step`, or the newest: a grid, lines or a cloud.

        Raises:
            InputError: the run has none yet, or none of that step, or it is damaged.
        """
        return html.grid(self, step)

    def curves(self) -> Image.Image:
        """The numbers of the log over steps, a panel for each question, as in curves.png.

        Raises:
            InputError: the log has no line yet.
        """
        return html.log_curves(self)

    def animation(self, frames: int = 60) -> Animation:
        """The grids one after the other, at most `frames` of them, evenly chosen; `.save("a.gif")` writes them.

        Raises:
            InputError: the run has no grid yet, or one is damaged.
        """
        return html.animation(self, frames)

    def checkpoints(self) -> dict[int, Path]:
        """The checkpoints by step, in order."""
        return self.checkpoint_folder.files()

    def load_checkpoint(self, step: int | None = None) -> dict[str, Any]:
        """The checkpoint of `step`, or the newest. Raises what `CheckpointFolder.load` raises."""
        return self.checkpoint_folder.load(step)

    def generator(self, step: Step | None = None) -> nn.Module:
        """The averaged generator in evaluation mode on the CPU: the newest, that of a kept checkpoint, or the "best".

        Takes (B, latent size) standard normals.

        Raises:
            InputError: the run has saved none yet, or its generator was passed from Python and has to be again.
        """
        network = self.blank_generator()
        if step is not None:
            saved = self.load_checkpoint(step_of(self, step))
            with weights.fitting(self.path):
                network.load_state_dict(saved["ema"])
        elif not self.generator_file.exists():
            hint = "`wgan doctor` says what ended the run." if self.failure() else "Train on."
            raise InputError(f"{self.path} has no generator yet: it has not reached its first checkpoint. {hint}")
        else:
            weights.load_weights(network, self.generator_file)
        return network.eval().requires_grad_(False)

    def blank_generator(self) -> nn.Module:
        """The generator without its weights."""
        if self._custom_generator is not None:
            return deepcopy(self._custom_generator).cpu()
        if "generator" in self.config.custom:
            kind = self.config.custom["generator"].partition(" ")[0]
            raise InputError(
                f"{self.path} was trained with a generator of your own, {kind}. Name its class, --networks "
                f"MODULE:{kind}, or pass one from Python: wgan.load({str(self.path)!r}, generator={kind}(...))."
            )
        return built(lambda: self.config.networks.generator(self.spec), f"The generator of {self.path}")


def _read_json(path: Path) -> object:
    """What a small file holds; None if it cannot be read."""
    try:
        return json.loads(read_text(path))
    except (OSError, ValueError, RecursionError):
        return None
