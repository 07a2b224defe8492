"""A latent as text that is copied into a command, and back."""

import base64
import string

import numpy as np
import torch

from wgan.errors import InputError
from wgan.types import Latents

LETTERS = {*string.ascii_letters, *string.digits, "-", "_"}
STORED = np.dtype("<f4")
"""Float32 in the order of bytes that nearly all machines have, whatever this one has."""


def latent_text(z: torch.Tensor) -> str:
    """A latent (Z,) as base64url without padding: letters, digits, - and _."""
    return base64.urlsafe_b64encode(z.detach().cpu().numpy().astype(STORED).tobytes()).decode().rstrip("=")


def latent_of(text: str, size: int) -> Latents:
    """The latent (1, size) that `latent_text` wrote.

    Raises:
        InputError: it is no such text, or has another number of values, or one that is not finite.
    """
    try:
        if not set(text) <= LETTERS:
            raise ValueError  # Python's decoder takes + and / as well
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise InputError(
            f"A latent is base64url text of {size} float32 values: letters, digits, - and _. Copy it whole from where "
            "it was printed."
        ) from error
    if len(content) != STORED.itemsize * size:
        values = len(content) / STORED.itemsize
        there = f"holds {values:g}" if values.is_integer() else "is cut off within one"
        raise InputError(f"A latent of this generator has {size} values, and the text {there}. Copy it whole.")
    found = torch.from_numpy(np.frombuffer(content, STORED).astype(np.float32))
    if not found.isfinite().all():
        raise InputError(f"A latent of this generator has {size} finite values, and the text holds some that are not.")
    return found[None]
