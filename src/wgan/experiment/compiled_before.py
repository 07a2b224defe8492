"""Which steps were compiled before on this machine, with a gain: a run that has the same begins with compiled ones."""

import json
import os
from contextlib import suppress
from pathlib import Path

import torch

from wgan._version import __version__
from wgan.data.cache import cache_folder, key_of
from wgan.errors import WganError
from wgan.experiment.build import Loop
from wgan.system.files import make_folder, write_text
from wgan.system.limits import read_text
from wgan.training import Mode

FOLDER = "compiled"


def remember(loop: Loop, mode: Mode, gain: float, cache: str) -> None:
    """Note that the steps of a loop were compiled into torch's folder `cache`, and gained so much by it."""
    place = _place(loop, mode)
    with suppress(OSError, WganError):  # without the note, the next run begins with plain steps
        make_folder(place.parent)
        write_text(place, json.dumps({"gain": round(gain, 3), "cache": cache, "kept": _kept(cache)}))


def was_compiled(loop: Loop, mode: Mode) -> bool:
    """Whether such steps were compiled with a gain, and torch still has what it compiled, as far as a look tells."""
    try:
        note = json.loads(read_text(_place(loop, mode)))
        cache, had = note["cache"], {*note["kept"]}
        named = os.environ.get("TORCHINDUCTOR_CACHE_DIR", cache)
        return Path(named) == Path(cache) and bool(had) and had <= {*_kept(cache)}
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _kept(cache: str) -> list[str]:
    """What torch keeps there of this and other networks. A folder that was emptied and filled again has other names."""
    return sorted(str(place.relative_to(cache)) for place in Path(cache).glob("fxgraph/*/*"))


def _place(loop: Loop, mode: Mode) -> Path:
    """The note on steps like these: named by what decides the code that is compiled."""
    config, batch = loop.config, loop.step(0).batches[0]
    shapes = batch.real.shape, None if batch.condition is None else batch.condition.shape
    code = config.networks, loop.game, config.training.microbatch, config.training.critic_steps
    machine = torch.backends.cpu.get_cpu_capability(), torch.get_num_threads()
    return cache_folder() / FOLDER / f"{key_of(__version__, torch.__version__, mode, *code, *shapes, *machine)}.json"
