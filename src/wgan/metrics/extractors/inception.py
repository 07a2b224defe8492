"""Inception's features, for FID and KID as in publications."""

import hashlib
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from wgan.errors import InputError
from wgan.metrics.extractors.extractor import Extractor
from wgan.types import Samples, SampleSpec

FEATURES = 2048


class Inception(Extractor):
    """The 2,048 pooled features of the Inception network that FID is defined on, through `torch-fidelity`.

    The network was trained on photographs (ImageNet); it says less about digits, drawings or faces. It sees bytes; grey
    pictures are converted to RGB. Published FIDs use 50,000 samples; fewer give a higher value.

    Raises:
        InputError: torch-fidelity is not installed or does not load, the weights cannot be downloaded or read, or the
            samples are no pictures, or neither grey nor RGB.
    """

    size = FEATURES

    def __init__(self, spec: SampleSpec, weights: str | None = None) -> None:
        if not spec.is_picture:
            instead = "frechet and mmd" if spec.is_spatial else "w1 and w2"
            raise InputError(f"fid and kid are of pictures, not of {spec}. Leave them out, or use {instead}.")
        if spec.channels not in (1, 3):
            raise InputError("fid and kid need grey or RGB pictures. Leave them out, or use frechet and mmd.")
        self._spec = spec
        path = None if weights is None else Path(weights).expanduser()
        self._network = _network(path)
        whose = "torch-fidelity's weights" if path is None else f"weights {_digest(path)}"
        self.key = f"inception {FEATURES} {whose}"
        self.description = f"{FEATURES:,} features of Inception"

    @torch.no_grad()
    def __call__(self, samples: Samples) -> Float[Tensor, "B F"]:
        pixels = self._spec.to_pixels(samples)
        (features,) = self._network.to(pixels.device)(pixels.expand(-1, 3, -1, -1).contiguous())
        moved: Tensor = features.float().cpu()
        return moved


def _network(weights: Path | None) -> Any:
    place = {} if weights is None else {"feature_extractor_weights_path": str(weights)}
    try:  # the file may hold only tensors: torch-fidelity would run code that is in it
        if weights is not None:
            torch.load(weights, map_location="cpu", weights_only=True)
    except Exception as error:
        raise InputError(
            f"{weights} cannot be read as weights: it is missing, cut short, or holds more than tensors."
        ) from error
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    except Exception as error:  # a torchvision that does not match torch raises RuntimeError
        raise InputError(
            f"fid and kid need torch-fidelity, which cannot be imported ({error}). Run pip install torch-fidelity, "
            "with a torchvision that matches your torch, or use frechet and mmd."
        ) from error
    try:
        return FeatureExtractorInceptionV3("inception-v3-compat", [str(FEATURES)], **place).eval()
    except Exception as error:  # no network, a refusing server, weights of another network
        raise InputError(
            f"Inception's weights cannot be loaded: {error}. torch-fidelity downloads them from GitHub once. Offline, "
            "copy weights-inception-2015-12-05-6726825d.pth to this machine and set WGAN_INCEPTION to its path."
        ) from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=12)).hexdigest()
