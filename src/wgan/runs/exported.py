"""What an exported generator says of the run it is from, in the header of its file of weights."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tomli_w
from annotated_types import Ge

from wgan.errors import InputError
from wgan.runs.ownership import FOLLOW, MAY_CHANGE
from wgan.runs.run import Run
from wgan.runs.weights import read_metadata
from wgan.system.validation import checked, dotted, toml_values

KEY = "wgan-export"
"""In the metadata of a safetensors file; its value is TOML."""


@dataclass(frozen=True)
class Exported:
    """Of which run a file is, and of which of its steps."""

    run: str
    """A digest of the run's data and settings: the same for the same run only, and it says nothing of either."""
    step: Annotated[int, Ge(0)]

    def metadata(self) -> dict[str, str]:
        """As the header of a file of weights has it."""
        return {KEY: tomli_w.dumps(asdict(self))}


def exported_from(run: Run, step: int) -> Exported:
    """The mark of a run at a step. It stays the same when the run goes on."""
    settings = {key: value for key, value in dotted(run.config.to_dict()).items() if key not in MAY_CHANGE | FOLLOW}
    text = json.dumps([run.provenance.data_digest, settings], sort_keys=True)
    return Exported(hashlib.blake2b(text.encode(), digest_size=8).hexdigest(), step)


def newest_step(run: Run) -> int:
    """The step of the newest weights, as far as the run says it; 0 where it does not.

    It is that of the newest checkpoint, and the weights can be a little later, as they are written before it.
    """
    if checkpoints := run.checkpoints():
        return max(checkpoints)
    mark, rows = exported(run.generator_file), run.metrics()
    return mark.step if mark else int(rows[-1]["step"]) if rows else 0


def exported(weights: Path) -> Exported | None:
    """The mark of a file of weights; None if it has none, or cannot be read."""
    try:
        text = read_metadata(weights).get(KEY)
        return None if text is None else checked(Exported, toml_values(text, "The mark"), "")
    except (InputError, ValueError):
        return None
