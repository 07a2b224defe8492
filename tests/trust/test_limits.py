"""Limits: the environment changes them, in worker processes too, and files are read again under other limits."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wgan.data import open_pack, open_source, parallel
from wgan.errors import InputError
from wgan.system import limits
from wgan.system.pictures import opened, read_headers


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("RGB", (8, 8), "red").save(folder / "small.png")
    Image.new("RGB", (20, 10), "blue").save(folder / "large.png")
    return folder


def test_the_documents_tell_the_limits():
    text = (Path(__file__).parents[2] / "docs" / "trust.md").read_text()
    for limit in limits.ALL:
        assert f"`{limit.variable}` | {limit.default:,} |" in text


@pytest.mark.parametrize("wrong", ["many", "-1", "0", "1.5", "9" * 30])
def test_a_limit_that_is_no_number_is_refused(wrong, monkeypatch, pictures):
    monkeypatch.setenv("WGAN_MAX_PIXELS", wrong)
    with pytest.raises(InputError, match=r"WGAN_MAX_PIXELS is .*whole number of pixels"):
        open_pack(open_source(pictures))


def test_pixels(pictures, monkeypatch):
    monkeypatch.setenv("WGAN_MAX_PIXELS", "199")
    told = dict(open_pack(open_source(pictures)).contents.skipped)
    assert told == {"large.png": "more than 199 pixels (set WGAN_MAX_PIXELS to read it)"}
    monkeypatch.setenv("WGAN_MAX_PIXELS", "200")
    assert open_source(pictures).survey().count == 2  # not what was kept under the other limit
    assert open_pack(open_source(pictures)).contents.skipped == ()


def test_bytes(pictures, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    Image.fromarray(noise).save(pictures / "large.png")
    monkeypatch.setenv("WGAN_MAX_FILE_BYTES", "1000")
    ((name, why),) = open_pack(open_source(pictures)).contents.skipped
    assert name == "large.png"
    assert "WGAN_MAX_FILE_BYTES" in why


def test_worker_processes_keep_to_the_limits_of_now(pictures, monkeypatch):
    """Even idle workers that were started under other limits."""
    monkeypatch.setattr(parallel, "LONG", 0)
    monkeypatch.setattr(parallel, "_workers", lambda expected: 2)
    for limit, count in (("199", 1), ("200", 2), ("63", 0)):
        monkeypatch.setenv("WGAN_MAX_PIXELS", limit)
        paths = sorted(pictures.iterdir())
        found = parallel.in_order(read_headers, paths, lambda path: path, expected=500)
        assert sum(not isinstance(header, str) for _, header in found) == count


def test_pillow_is_left_as_it_was(pictures, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 12345)
    with opened(pictures / "small.png") as image:
        image.load()
    with pytest.raises(Exception), opened(pictures / "missing.png"):  # noqa: B017, PT011
        pass
    assert Image.MAX_IMAGE_PIXELS == 12345
    with Image.open(pictures / "small.png") as image:
        assert np.asarray(image).shape == (8, 8, 3)
