"""Provenance: what a run was made with, saved with its configuration before the first step."""

import platform
from dataclasses import dataclass
from datetime import UTC, datetime

import torch

from wgan._version import __version__
from wgan.data import Pack
from wgan.networks import count_parameters
from wgan.training import TrainState
from wgan.types import Count


@dataclass(frozen=True)
class Provenance:
    """What a run was made with when it last started."""

    wgan: str
    torch: str
    python: str
    machine: str
    device: str
    started: str
    data_name: str
    data_shape: tuple[Count, ...]
    data_count: int
    data_digest: str
    train_count: int
    generator_parameters: int
    critic_parameters: int
    processes: int = 1


def provenance(state: TrainState, pack: Pack, train_count: int, processes: int) -> Provenance:
    """The provenance of a run that starts now, in this many processes."""
    gpu = f" ({torch.cuda.get_device_name()})" if state.device.type == "cuda" else ""
    return Provenance(
        wgan=__version__,
        torch=torch.__version__,
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}, {torch.get_num_threads()} threads",
        device=f"{state.device}{gpu}",
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        data_name=pack.contents.name,
        data_shape=pack.shape,
        data_count=len(pack),
        data_digest=pack.contents.digest,
        train_count=train_count,
        generator_parameters=count_parameters(state.generator),
        critic_parameters=count_parameters(state.critic),
        processes=processes,
    )
