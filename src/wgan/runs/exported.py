"""What an exported generator says of the run it is from, in the header of its file of weights."""

import hashlib
import json
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tomli_w
from annotated_types import Ge

from wgan.errors import InputError
from wgan.runs.ownership import FOLLOW, MAY_CHANGE
from wgan.runs.run import Run
from wgan.runs.weights import read_metadata
from wgan.system.files import write_text
from wgan.system.validation import checked, dotted, toml_values

KEY = "wgan-export"
"""In the metadata of a safetensors file; its value is TOML."""
NAME_FILE = "export-id"
"""In the folder of a run: the name that marks its exports."""
NAMED = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Exported:
    """Of which run a file is, and of which of its steps."""

    run: str
    """A random name, which says nothing of the run. Exports of earlier versions have a digest in its place."""
    step: Annotated[int, Ge(0)]

    def metadata(self) -> dict[str, str]:
        """As the header of a file of weights has it."""
        return {KEY: tomli_w.dumps(asdict(self))}


def exported_from(run: Run, step: int) -> Exported:
    """The mark of a run at a step. It stays the same when the run goes on.

    Its name is made at the first export and kept beside the run. An export that is exported again passes its own on.

    Raises:
        InputError: the run's folder cannot be written.
    """
    if (mark := exported(run.generator_file)) is not None:  # it is an export, to which nothing is added
        return Exported(mark.run if NAMED.fullmatch(mark.run) else _random_name(), step)
    file = run.path / NAME_FILE
    found = file.read_text(encoding="ascii", errors="replace").strip() if file.is_file() else ""
    if NAMED.fullmatch(found) is None:
        found = _random_name()
        write_text(file, found)
    return Exported(found, step)


def _random_name() -> str:
    return secrets.token_hex(16)


def earlier_name(run: Run) -> str:
    """What marked exports of a run in earlier versions: a digest, by which they are still known.

    Whoever can guess the data and the settings can compute it, so it is not written any more.
    """
    settings = {key: value for key, value in dotted(run.config.to_dict()).items() if key not in MAY_CHANGE | FOLLOW}
    text = json.dumps([run.provenance.data_digest, settings], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


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
