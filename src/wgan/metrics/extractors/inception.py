"""Inception's features, for FID and KID as they are published."""

import hashlib
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from wgan.errors import InputError
from wgan.types import Samples, SampleSpec

FEATURES = 2048


class Inception:
    """The 2,048 pooled features of the Inception network that FID is defined on, through `torch-fidelity`.

    It was trained on ImageNet's photographs: of digits, drawings or faces it says less than its fame suggests.
    Grey pictures are shown as RGB. Published FIDs use 50,000 samples; with fewer the value is higher.

    Raises:
        InputError: torch-fidelity is not installed or does not load, the weights cannot be fetched or read, or the
            pictures have an opacity.
    """

    size = FEATURES

    def __init__(self, spec: SampleSpec, weights: str | None = None) -> None:
        if spec.channels not in (1, 3):
            raise InputError("fid and kid are for grey or RGB pictures. Leave them out, or use frechet and mmd.")
        self._spec = spec
        self._network = _network(None if weights is None else _checked(Path(weights).expanduser()))
        whose = "torch-fidelity's weights" if weights is None else f"weights {_digest(Path(weights).expanduser())}"
        self.key = f"inception {FEATURES} {whose}"
        self.told = f"{FEATURES:,} features of Inception"

    @torch.no_grad()
    def __call__(self, samples: Samples) -> Float[Tensor, "B F"]:
        """(B, 2048)."""
        pixels = self._spec.to_stored(samples)
        (features,) = self._network.to(pixels.device)(pixels.expand(-1, 3, -1, -1).contiguous())
        moved: Tensor = features.float().cpu()
        return moved


def _network(weights: Path | None) -> Any:
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    except Exception as error:  # a torchvision of another build than torch's raises RuntimeError
        raise InputError(
            f"fid and kid need torch-fidelity, which does not load here ({error}). Install it with "
            "pip install torch-fidelity, with a torchvision that fits your torch; or use frechet and mmd."
        ) from error
    place = {} if weights is None else {"feature_extractor_weights_path": str(weights)}
    try:
        return FeatureExtractorInceptionV3("inception-v3-compat", [str(FEATURES)], **place).eval()
    except Exception as error:  # offline, a server that refuses, weights of another network
        raise InputError(
            f"Inception's weights cannot be loaded: {error}. torch-fidelity fetches them from GitHub once; offline, "
            "put its file (weights-inception-2015-12-05-6726825d.pth) somewhere and set WGAN_INCEPTION to its path."
        ) from error


def _checked(path: Path) -> Path:
    """The same path, if the file holds nothing but tensors: torch-fidelity itself would run what is in it."""
    try:
        torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise InputError(
            f"{path} cannot be read as weights: it is not there, cut short, or more than tensors."
        ) from error
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=12)).hexdigest()
