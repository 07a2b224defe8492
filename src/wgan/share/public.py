"""What of the data's name and place may leave the machine."""

import re

from wgan.config import RunConfig
from wgan.data.sources import FAMILIES, NAMED
from wgan.data.sources.hub import SHORT_NAMES
from wgan.runs import Run

PUBLIC = re.compile(r"[\w.:/@#+-]+", re.ASCII)


def public_source(config: RunConfig, data_name: str | None) -> str | None:
    """Where the data are, if that is a name which means the same everywhere: digits, toy:ring8, hf:owner/name.

    A path stays here. So does a public name if the owner calls the data something else.
    """
    source = config.data.source
    if source is None or data_name is not None or PUBLIC.fullmatch(source) is None:
        return None
    family, _, member = source.partition(":")
    if family == "stacked":
        return source if _is_public(member) else None
    return source if _is_public(source) else None


def _is_public(source: str) -> bool:
    family, colon, _ = source.partition(":")
    return source in NAMED or source in SHORT_NAMES or (bool(colon) and family in FAMILIES and family != "stacked")


def public_name(run: Run, data_name: str | None) -> str:
    """What the data are called: as their owner says, or by the last part of their place."""
    if data_name is not None:
        return data_name
    return run.provenance.data_name.replace("\\", "/").rstrip("/").rpartition("/")[2]
