"""Data sets of the Hugging Face hub: `hf:owner/name[:config][@split][#column]`, and short names for common ones."""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from wgan.data.cache import cache_subfolder, key_of, writing
from wgan.data.sources.features import needed
from wgan.data.sources.tables import Splits, Table
from wgan.errors import InputError
from wgan.system.files import write_text

SHORT_NAMES = {
    "mnist": "ylecun/mnist",
    "fashion-mnist": "zalando-datasets/fashion_mnist",
    "cifar10": "uoft-cs/cifar10",
    "celeba": "nielsr/CelebA-faces",
}
"""LeCun et al. 1998; Xiao et al. 2017; Krizhevsky 2009; Liu et al. 2015 (aligned faces, 178x218)."""

SPEC = re.compile(r"(?P<id>[\w.-]+(/[\w.-]+)?)(:(?P<config>[^@#]+))?(@(?P<split>[^#]+))?(#(?P<column>.+))?")
COMMIT = re.compile("[0-9a-f]{40}")
PROBE_SECONDS = 10.0


def open_hub(text: str) -> Table:
    """The data set `owner/name[:config][@split][#column]`, or that of a short name. Nothing is downloaded yet.

    Raises:
        InputError: `text` has another form.
    """
    match = SPEC.fullmatch(text)
    if match is None:
        raise InputError(f"'hf:{text}' is no data set of the hub. Write hf:owner/name[:config][@split][#column].")
    if "/" not in SHORT_NAMES.get(match["id"], match["id"]):
        raise InputError(f"'hf:{text}' has no owner. Write hf:owner/name; huggingface.co/datasets lists them.")
    return HubTable(match["id"], match["config"], match["split"], match["column"])


class HubTable(Table):
    """A table at its current revision on the hub.

    Without a connection, `datasets` returns whatever revision it has. So the revision that was downloaded last is
    noted in our cache, and what `datasets` returns is compared with it.
    """

    def __init__(self, name: str, config: str | None, split: str | None, column: str | None) -> None:
        self.id, self.config = SHORT_NAMES.get(name, name), config
        name = name if name in SHORT_NAMES else name.rpartition("/")[2].lower()
        super().__init__(f"{name}-{config}" if config else name, split, column)

    def identify(self) -> str:
        return f"hub {self.id} {self.config} {self._revision[0] or _held(self._loaded)}"

    def load(self) -> Splits:
        return Splits(self._loaded, {split: len(table) for split, table in self._loaded.items()})

    @property
    def _note(self) -> Path:
        return cache_subfolder("hub") / key_of(self.id, self.config)

    @cached_property
    def _revision(self) -> tuple[str | None, str]:
        """The revision on the hub and ""; or the one in the note, if any, and why the hub cannot be reached."""
        hub = needed("huggingface_hub")
        try:
            return hub.HfApi().dataset_info(self.id, timeout=PROBE_SECONDS).sha, ""
        except hub.errors.RepositoryNotFoundError as error:
            raise InputError(
                f"The hub has no data set {self.id}, or you may not read it. Look it up on huggingface.co/datasets; "
                "if it is private or gated, log in with `hf auth login`."
            ) from error
        except Exception as error:  # of many kinds, without a network
            noted = self._note.read_text(encoding="utf-8") if self._note.exists() else None
            return noted, f"{type(error).__name__}: {error}"

    @cached_property
    def _loaded(self) -> dict[str, Any]:
        (revision, offline), library = self._revision, needed("datasets")
        if Path(self.id).exists():  # `datasets` would read it instead of the hub's data set, in any format
            raise InputError(f"There is a folder {self.id} here. Give ./{self.id} for it, or run in another folder.")
        switches = needed("huggingface_hub").constants, library.config
        before = [switch.HF_HUB_OFFLINE for switch in switches]
        for switch in switches if offline else ():  # or both retry for half a minute
            switch.HF_HUB_OFFLINE = True
        try:
            loaded = dict(library.load_dataset(self.id, self.config, revision=None if offline else revision))
        except Exception as error:  # of many kinds
            if offline:
                raise InputError(
                    f"Cannot reach the hub for the data set {self.id} ({offline}), and it was not downloaded before. "
                    "Without a network, give a folder or an archive of pictures, parquet files, or a folder that "
                    "save_to_disk wrote. Or copy the Hugging Face cache (HF_HOME) from a machine that has the data "
                    "set, and set HF_HUB_OFFLINE=1."
                ) from error
            raise InputError(
                f"Cannot load {self.id} from the hub: {error}\n"
                f"If it has several configurations, choose one: hf:{self.id}:CONFIG."
            ) from error
        finally:
            for switch, value in zip(switches, before, strict=True):
                switch.HF_HUB_OFFLINE = value
        held = _held(loaded)
        if revision not in (None, held) and (offline or COMMIT.fullmatch(held)):
            what = f"The revision of {self.id} that is downloaded ({held}) is not the revision {revision}"
            if offline:
                raise InputError(
                    f"{what} that was used last, and the hub cannot be reached ({offline}). "
                    f"Connect once, or use what is downloaded: delete the note {self._note}."
                )
            raise InputError(f"{what} that the hub has now: the download failed. Run the same command again.")
        if not offline:
            with writing("the revision of a data set", self._note.parent):
                write_text(self._note, str(revision))
        return loaded


def _held(loaded: Mapping[str, Any]) -> str:
    """The revision of loaded tables, by which `datasets` names their folder; else the fingerprints of `datasets`."""
    folders = {Path(file["filename"]).parent.name for table in loaded.values() for file in table.cache_files}
    if len(folders) == 1 and COMMIT.fullmatch(folder := folders.pop()):
        return folder
    return " ".join(table._fingerprint for table in loaded.values())
