"""Data sets of the Hugging Face hub: `hf:owner/name[:config][@split][#column]`, and short names for known ones."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from wgan.data.cache import cache_subfolder, key_of, writing
from wgan.data.sources.tables import Splits, Table, needed
from wgan.errors import InputError
from wgan.system.files import write_text

SHORT_NAMES = {
    "mnist": "ylecun/mnist",
    "fashion-mnist": "zalando-datasets/fashion_mnist",
    "cifar10": "uoft-cs/cifar10",
    "celeba": "nielsr/CelebA-faces",
}
"""Known sets: LeCun et al. 1998; Xiao et al. 2017; Krizhevsky 2009; Liu et al. 2015 (aligned faces, 178x218)."""

SPEC = re.compile(r"(?P<id>[\w.-]+(/[\w.-]+)?)(:(?P<config>[^@#]+))?(@(?P<split>[^#]+))?(#(?P<column>.+))?")
COMMIT = re.compile("[0-9a-f]{40}")
PROBE_SECONDS = 10.0


def open_hub(text: str) -> Table:
    """The set that `owner/name[:config][@split][#column]` or a short name stands for; nothing is downloaded yet.

    Raises:
        InputError: it is written in another way.
    """
    match = SPEC.fullmatch(text)
    if match is None:
        raise InputError(f"'hf:{text}' is no set of the hub. Write hf:owner/name[:config][@split][#column].")
    if "/" not in SHORT_NAMES.get(match["id"], match["id"]):
        raise InputError(f"'hf:{text}' has no owner. Write hf:owner/name; huggingface.co/datasets lists them.")
    wanted = _Wanted(SHORT_NAMES.get(match["id"], match["id"]), match["config"])
    name = wanted.id.rpartition("/")[2].lower() if match["id"] == wanted.id else match["id"]
    name += f"-{wanted.config}" if wanted.config else ""
    return Table(name, wanted.identity, wanted.load, match["split"], match["column"])


class _Seen(NamedTuple):
    """A set's revision on the hub; or the last that was downloaded here, and why the hub could not be asked."""

    revision: str | None
    trouble: str | None = None


class _Wanted:
    """One configuration of a set, at the revision that the hub has now."""

    def __init__(self, set_id: str, config: str | None) -> None:
        self.id, self.config = set_id, config

    def identity(self) -> str:
        """The set and its revision; where that is not known, what the library has of it."""
        return f"hub {self.id} {self.config} {self._seen.revision or _held(self._loaded)}"

    @property
    def _memory(self) -> Path:
        """Where the last revision is noted that was downloaded."""
        return cache_subfolder("hub") / key_of(self.id, self.config)

    @cached_property
    def _seen(self) -> _Seen:
        hub = needed("huggingface_hub")
        try:
            return _Seen(hub.HfApi().dataset_info(self.id, timeout=PROBE_SECONDS).sha)
        except hub.errors.RepositoryNotFoundError as error:
            raise InputError(
                f"The hub has no data set {self.id}, or does not show it to you. Look it up on "
                "huggingface.co/datasets; for a private or gated one, log in with `hf auth login`."
            ) from error
        except Exception as error:  # without a network, of as many kinds as there are ways of having none
            last = self._memory.read_text(encoding="utf-8") if self._memory.exists() else None
            return _Seen(last, f"{type(error).__name__}: {error}")

    def load(self) -> Splits:
        """Download what is not here yet; without the hub, what an earlier program downloaded.

        Raises:
            InputError: neither can be had, or there are several configurations and none was named.
        """
        return Splits(self._loaded, {split: len(table) for split, table in self._loaded.items()})

    @cached_property
    def _loaded(self) -> dict[str, Any]:
        seen, library = self._seen, needed("datasets")
        if Path(self.id).exists():  # the library would read it in place of the hub's, in whatever format it likes
            raise InputError(f"There is a folder {self.id} here: give ./{self.id} for that, or go to another folder.")
        try:
            with _offline() if seen.trouble else nullcontext():
                revision = None if seen.trouble else seen.revision
                loaded = dict(library.load_dataset(self.id, self.config, revision=revision))
        except Exception as error:  # the library lets pass what its many parts raise
            if seen.trouble:
                raise self._out_of_reach(seen.trouble) from error
            raise InputError(
                f"Cannot load {self.id} from the hub: {error}\n"
                f"If it has several configurations, name one: hf:{self.id}:CONFIG."
            ) from error
        self._check(_held(loaded))
        if not seen.trouble:
            with writing("a set's revision", self._memory.parent):
                write_text(self._memory, str(seen.revision))
        return loaded

    def _check(self, held: str) -> None:
        """The library takes what it has, of whatever revision, when it cannot reach the hub."""
        seen = self._seen
        if seen.revision in (None, held) or not (seen.trouble or COMMIT.fullmatch(held)):
            return
        what = f"What the library datasets has of {self.id} ({held}) is not the revision {seen.revision}"
        if seen.trouble:
            raise InputError(
                f"{what} that was downloaded here last, and the hub cannot be reached ({seen.trouble}). "
                f"Connect once, or use what it has: delete the note {self._memory}."
            )
        raise InputError(f"{what} that the hub has now: the download failed. Give the same command again.")

    def _out_of_reach(self, trouble: str) -> InputError:
        return InputError(
            f"Cannot reach the hub for the data set {self.id} ({trouble}), and it is not in the cache of an earlier "
            "download either. Without a network, give one of these instead: a folder or an archive of pictures; "
            "parquet files, or a folder of them; a folder that save_to_disk wrote; or copy the Hugging Face cache "
            "(HF_HOME) from a machine that has the set, and set HF_HUB_OFFLINE=1."
        )


def _held(loaded: Mapping[str, Any]) -> str:
    """The revision of what was loaded, by which the library names its folder; else its own fingerprints."""
    folders = {Path(file["filename"]).parent.name for table in loaded.values() for file in table.cache_files}
    if len(folders) == 1 and COMMIT.fullmatch(folder := folders.pop()):
        return folder
    return " ".join(table._fingerprint for table in loaded.values())


@contextmanager
def _offline() -> Iterator[None]:
    """Keep the library from asking the hub again and again, for half a minute; it reads its switches when imported."""
    switches = needed("huggingface_hub").constants, needed("datasets").config
    before = [switch.HF_HUB_OFFLINE for switch in switches]
    for switch in switches:
        switch.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        for switch, value in zip(switches, before, strict=True):
            switch.HF_HUB_OFFLINE = value
