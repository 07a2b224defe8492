"""Generators on the Hugging Face hub: `hf:owner/name[@revision]` where a run's folder may stand.

Only the two files that are read are downloaded, into the cache of `huggingface_hub`. Nothing of them is executed.
"""

import re
import warnings
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from wgan.errors import InputError, in_short
from wgan.system.files import make_folder, write_text
from wgan.system.limits import ARRAY_BYTES, FILE_BYTES

PREFIX = "hf:"
NAME = re.compile(r"(?P<id>[\w.-]+/[\w.-]+)(@(?P<revision>[^@\s]+))?", re.ASCII)
CONFIG, WEIGHTS = "config.toml", "generator.safetensors"
NEEDED = {CONFIG: FILE_BYTES, WEIGHTS: ARRAY_BYTES}
"""What is downloaded, and what may not be larger."""
PARTS = ("constants", "errors", "utils")
BRANCH = "main"
SECONDS = 10.0
LOGIN = "If it is private or gated, log in with `hf auth login`."


class OnHub(NamedTuple):
    """A repository of the hub, and which state of it."""

    repository: str
    revision: str | None = None

    @property
    def name(self) -> str:
        """Without its owner."""
        return self.repository.partition("/")[2]

    def __str__(self) -> str:
        return PREFIX + self.repository + (f"@{self.revision}" if self.revision else "")


def on_hub(named: str | Path) -> OnHub | None:
    """What `hf:owner/name[@revision]` names; None of a path.

    Raises:
        InputError: it has another form.
    """
    text = named.as_posix() if isinstance(named, Path) else named
    if not text.startswith(PREFIX):
        return None
    found = NAME.fullmatch(text.removeprefix(PREFIX))
    if found is None or ".." in text.partition("@")[0]:
        raise InputError(f"'{text}' is no generator of the hub. Write hf:owner/name, or hf:owner/name@revision.")
    return OnHub(found["id"], found["revision"])


def hub() -> Any:
    """The library `huggingface_hub`. An InputError says how to install it."""
    try:
        for part in PARTS:  # the library finds them only when they have been imported
            import_module(f"huggingface_hub.{part}")
        return import_module("huggingface_hub")
    except ImportError as error:
        raise InputError(
            "Generators on the hub need the library huggingface_hub, which is not installed. "
            "Install it with: pip install 'huggingface_hub>=1'."
        ) from error


def downloaded(named: OnHub) -> Path:
    """The folder of the hub's cache that holds the generator's files.

    Without a network it is the one that was downloaded before.

    Raises:
        InputError: there is no such repository or revision, it holds no generator of ours, a file is larger than the
            limits, or there is no network and nothing in the cache.
    """
    library = hub()
    offline, commit = _checked(library, named)
    try:
        folder = library.snapshot_download(
            named.repository,
            revision=commit or named.revision,
            allow_patterns=[*NEEDED],
            local_files_only=bool(offline),
        )
    except Exception as error:  # of many kinds
        if offline:
            raise InputError(
                f"Cannot reach the hub for {named} ({offline}), and it was not downloaded before. Connect, or ask for "
                "the folder itself: it is read as it is."
            ) from error
        raise InputError(f"{named} cannot be downloaded: {type(error).__name__}: {in_short(error)}.") from error
    _refuse_others(named, {name for name in NEEDED if (Path(folder) / name).is_file()})
    if commit:
        _remember(named, Path(folder))
    if offline and not library.constants.HF_HUB_OFFLINE:
        warnings.warn(f"{named} is what was downloaded before: the hub cannot be reached ({offline}).", stacklevel=2)
    return Path(folder)


def _remember(named: OnHub, folder: Path) -> None:
    """Note in the cache, as the library does, which commit a branch is, to be found without a network."""
    revision = named.revision or BRANCH
    if revision != folder.name and ".." not in revision:
        with suppress(OSError, InputError):  # of a cache that cannot be written
            file = folder.parent.parent / "refs" / revision
            make_folder(file.parent)
            write_text(file, folder.name)


def _checked(library: Any, named: OnHub) -> tuple[str, str]:
    """Why the hub cannot be reached, or "" after its files were looked at; and of which commit these are."""
    try:
        found = library.HfApi().model_info(
            named.repository, revision=named.revision, files_metadata=True, timeout=SECONDS
        )
    except library.errors.RevisionNotFoundError as error:
        raise InputError(f"{PREFIX}{named.repository} has no revision {named.revision}.") from error
    except library.errors.RepositoryNotFoundError as error:
        raise InputError(f"The hub has no model {named.repository}, or you may not read it. {LOGIN}") from error
    except library.errors.HFValidationError as error:
        raise InputError(f"{named} is no name of the hub: {in_short(error)}") from error
    except Exception as error:  # of many kinds, without a network
        return f"{type(error).__name__}: {in_short(error)}", ""
    sizes = {file.rfilename: file.size for file in found.siblings or ()}
    _refuse_others(named, {*sizes})
    for name, limit in NEEDED.items():
        if (size := sizes[name]) is None or not found.sha:
            raise InputError(f"The hub does not say how large {name} of {named} is, so it is not downloaded.")
        limit.check(size, f"{name} of {named}")
    return "", str(found.sha)


def _refuse_others(named: OnHub, files: set[str]) -> None:
    if lacking := [name for name in NEEDED if name not in files]:
        raise InputError(
            f"{named} holds no generator of wgan: it has no {' and no '.join(lacking)}. Name a repository that "
            "`wgan export --push` made."
        )
