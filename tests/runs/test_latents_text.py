"""Latents as text, against the standard library."""

import base64
import struct

import pytest
import torch
from hypothesis import given, strategies as st

from wgan.errors import InputError
from wgan.runs.latents_text import latent_of, latent_text

FLOATS = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=40)


@given(FLOATS)
def test_a_text_is_the_latent_again(values):
    z = torch.tensor(values)
    text = latent_text(z)
    expected = base64.urlsafe_b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
    assert text == expected.rstrip("=")
    assert torch.equal(latent_of(text, len(values))[0], z)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (latent_text(torch.zeros(3)), "has 4 values, and the text holds 3"),
        (latent_text(torch.zeros(5)), "has 4 values, and the text holds 5"),
        (latent_text(torch.zeros(4))[:-2], "has 4 values"),
        ("", "holds 0"),
        ("not a latent!", "base64url text of 4 float32 values"),
        ("AAAA+/==", "base64url"),
        ("\u00e4", "base64url"),
        (latent_text(torch.tensor([0.0, 1.0, float("nan"), 2.0])), "not"),
    ],
)
def test_what_is_no_latent_is_told_with_the_number_of_values(text, complaint):
    with pytest.raises(InputError, match=complaint) as refused:
        latent_of(text, 4)
    assert "4" in str(refused.value)
