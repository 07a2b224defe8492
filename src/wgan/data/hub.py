"""Data sets of the Hugging Face hub: `hf:owner/name[:config][@split][#column]`, and short names for known ones."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import NamedTuple

from wgan.data.cache import key_of, shelf, writing
from wgan.data.tables import Splits, Table, needed
from wgan.errors import InputError
from wgan.files import write_text

SHORT_NAMES = {
    "mnist": "ylecun/mnist",
    "fashion-mnist": "zalando-datasets/fashion_mnist",
    "cifar10": "uoft-cs/cifar10",
    "celeba": "nielsr/CelebA-faces",
}
"""Known sets: LeCun et al. 1998; Xiao et al. 2017; Krizhevsky 2009; Liu et al. 2015 (aligned faces, 178x218)."""

SPEC = re.compile(r"(?P<id>[\w.-]+(/[\w.-]+)?)(:(?P<config>[^@#]+))?(@(?P<split>[^#]+))?(#(?P<column>.+))?")
PROBE_SECONDS = 10.0


def open_hub(text: str) -> Table:
    """The set that `owner/name[:config][@split][#column]` or a short name stands for; nothing is downloaded yet.

    Raises:
        InputError: it is written in another way.
    """
    match = SPEC.fullmatch(text)
    if match is None:
        raise InputError(f"'hf:{text}' is no set of the hub. Write hf:owner/name[:config][@split][#column].")
    wanted = _Wanted(SHORT_NAMES.get(match["id"], match["id"]), match["config"])
    name = wanted.id.rpartition("/")[2].lower() if match["id"] == wanted.id else match["id"]
    name += f"-{wanted.config}" if wanted.config else ""
    return Table(name, wanted.identity, wanted.load, match["split"], match["column"])


class _Seen(NamedTuple):
    """A set's revision on the hub, or the last that was seen there and why the hub could not be asked."""

    revision: str | None
    trouble: str | None = None


class _Wanted:
    """One configuration of a set, at the revision that the hub has now."""

    def __init__(self, set_id: str, config: str | None) -> None:
        self.id, self.config = set_id, config

    def identity(self) -> str:
        """The set and its revision."""
        return f"hub {self.id} {self.config} {self._seen.revision}"

    @cached_property
    def _seen(self) -> _Seen:
        hub = needed("huggingface_hub")
        memory = shelf("hub") / key_of(self.id)
        try:
            revision = hub.HfApi().dataset_info(self.id, timeout=PROBE_SECONDS).sha
        except hub.errors.RepositoryNotFoundError as error:
            raise InputError(
                f"The hub has no data set {self.id}, or does not show it to you. Look it up on "
                "huggingface.co/datasets; for a private or gated one, log in with `hf auth login`."
            ) from error
        except Exception as error:  # without a network, of as many kinds as there are ways of having none
            last = memory.read_text(encoding="utf-8") if memory.exists() else None
            return _Seen(last, f"{type(error).__name__}: {error}")
        with writing("a set's revision", memory.parent):
            write_text(memory, str(revision))
        return _Seen(revision)

    def load(self) -> Splits:
        """Download what is not here yet; without the hub, what an earlier program downloaded.

        Raises:
            InputError: neither can be had, or there are several configurations and none was named.
        """
        seen, library = self._seen, needed("datasets")
        try:
            with _offline() if seen.trouble else nullcontext():
                revision = None if seen.trouble else seen.revision
                loaded = library.load_dataset(self.id, self.config, revision=revision)
        except Exception as error:  # the library lets pass what its many parts raise
            if seen.trouble:
                raise self._out_of_reach(seen.trouble) from error
            raise InputError(
                f"Cannot load {self.id} from the hub: {error}\n"
                f"If it has several configurations, name one: hf:{self.id}:CONFIG."
            ) from error
        return Splits(dict(loaded), {split: len(table) for split, table in loaded.items()})

    def _out_of_reach(self, trouble: str) -> InputError:
        return InputError(
            f"Cannot reach the hub for the data set {self.id} ({trouble}), and it is not in the cache of an earlier "
            "download either. Without a network, give one of these instead: a folder or an archive of pictures; "
            "parquet files, or a folder of them; a folder that save_to_disk wrote; or copy the Hugging Face cache "
            "(HF_HOME) from a machine that has the set, and set HF_HUB_OFFLINE=1."
        )


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
