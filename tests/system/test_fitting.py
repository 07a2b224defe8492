"""Samples fitted to one shape and type, against Pillow, SciPy, and values worked out by hand."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from wgan.system.fitting import fit, fit_all
from wgan.system.pictures import read_headers

RANDOM = np.random.default_rng(0)


def tiff(values, tags=()):
    content = io.BytesIO()
    Image.fromarray(values).save(content, format="TIFF", tiffinfo=dict(tags))
    return content.getvalue()


def written_as_png(picture, exif):
    content = io.BytesIO()
    picture.save(content, format="PNG", exif=exif)
    return content.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_in_every_format_is_set_upright_once(kind, orientation, tmp_path):
    """Pillow itself turns TIFFs when it decodes them; what it shows in the end is what is right."""
    y, x = np.mgrid[:24, :60]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "a.x"
    picture = Image.fromarray(np.uint8(2 * x + 5 * y))
    picture.save(path, format=kind, exif=exif, quality=95)
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("L"))
    if kind in ("PNG", "TIFF"):  # without loss, so that what is right is known from what was written
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(written_as_png(picture, exif))))
        np.testing.assert_array_equal(expected, np.asarray(upright))
    (header,) = read_headers([path])
    assert header.size == expected.shape
    np.testing.assert_array_equal(fit(path, expected.shape, 1)[0], expected)


def test_the_part_that_a_reduced_jpeg_holds_is_what_is_scaled(tmp_path):
    """Of 1001 columns at an eighth, Pillow decodes 126, of which 125.125 are the picture: a ramp rises as it did."""
    ramp = Image.fromarray(np.uint8(np.rint(np.broadcast_to(np.linspace(0, 255, 1001), (1001, 1001)))))
    ramp.save(tmp_path / "ramp.jpg", quality=100)
    whole, reduced = (
        np.polyfit(np.arange(40), fit(picture, (40, 40), 1)[0].astype(float).mean(0), 1)[0]
        for picture in (ramp, tmp_path / "ramp.jpg")
    )
    assert reduced / whole == pytest.approx(1, abs=0.002), "126 columns taken for the picture make it 1.007"


@pytest.mark.parametrize("dtype", ["uint16", "int32", "float32"])
def test_deep_pictures_keep_their_values(dtype):
    values = RANDOM.integers(0, 4096, (16, 12)).astype(dtype)
    kept = {"int32": "int16"}.get(dtype, dtype)
    found = fit(tiff(values), (16, 12), 1, kept)
    assert found.dtype == kept
    np.testing.assert_array_equal(found[0], values)


def test_where_white_is_zero_values_are_turned_around():
    content = tiff(RANDOM.integers(0, 1 << 16, (8, 8)).astype(np.uint16), {262: 0})
    with Image.open(io.BytesIO(content)) as image:
        stored = np.asarray(image)
    np.testing.assert_array_equal(fit(content, (8, 8), 1, "uint16")[0], 65535 - stored)


def test_deep_pictures_are_scaled_within_their_own_values():
    """Lanczos overshoots at an edge: what was never there is no new extreme."""
    values = np.zeros((32, 32), np.uint16)
    values[:, 16:] = 1000
    found = fit(tiff(values), (12, 12), 1, "uint16")[0]
    assert (found.min(), found.max()) == (0, 1000)
    assert 0 < found[5, 5:7].mean() < 1000


def test_8_bit_pictures_among_deep_ones_get_their_range():
    grey = np.full((4, 4), 255, np.uint8)
    for dtype, white in (("uint16", 65535), ("float32", 1.0), ("int16", 32767)):
        assert fit(Image.fromarray(grey), (4, 4), 1, dtype).max() == pytest.approx(white)
    assert "no known range" in fit_all([tiff(np.ones((4, 4), np.float32))], (4, 4), 3)[0]
    assert "NaN" in fit_all([tiff(np.full((4, 4), np.nan, np.float32))], (4, 4), 1, "float32")[0]


@pytest.mark.parametrize("channels", [1, 2, 5, 13])
def test_arrays_of_any_channels_are_scaled_channel_by_channel(channels):
    values = RANDOM.normal(size=(20, 30, channels)).astype(np.float32)
    assert np.array_equal(fit(values, (20, 30), channels, "float32"), np.moveaxis(values, 2, 0))
    found = fit(values, (10, 15), channels, "float32")
    for channel in range(channels):
        plane = Image.fromarray(values[..., channel]).resize((15, 10), Image.Resampling.LANCZOS)
        np.testing.assert_allclose(found[channel], np.asarray(plane).clip(values[..., channel].min(), None), atol=0.3)
    assert found.shape == (channels, 10, 15)


def test_signals_and_volumes_are_resampled():
    """A straight line stays one; halving is the mean of triangles; every weight sums to one."""
    line = np.linspace(0, 1, 101)[None]
    np.testing.assert_allclose(fit(line, (51,), 1, "float32")[0][3:-3], np.linspace(0, 1, 51)[3:-3], atol=0.006)
    np.testing.assert_allclose(fit(line, (202,), 1, "float32")[0][5:-5], np.linspace(0, 1, 202)[5:-5], atol=0.006)
    constant = np.full((2, 9, 7, 5), 3.5)
    np.testing.assert_allclose(fit(constant, (4, 14, 5), 2, "float32"), np.full((2, 4, 14, 5), 3.5), rtol=1e-6)
    fast = np.sin(2 * np.pi * 0.35 * np.arange(187) + 1)[None]  # of 0.5 at most
    power = np.square(fit(fast, (192,), 1, "float32")[0][8:-8]).mean() / np.square(fast[0][8:-8]).mean()
    assert power > 0.8, "lines between values leave 0.47 of it"
    alternating = np.tile([0.0, 1.0], 32)[None]
    assert np.abs(fit(alternating, (16,), 1, "float32")[0][1:-1] - 0.5).max() < 0.01, "no aliasing"
