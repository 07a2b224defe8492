"""Folders of pictures: any depth, any mode, with damaged files among them."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wgan.data import Folder, open_pack, open_source
from wgan.errors import InputError
from wgan.system.fitting import fit

SIZE = (8, 8)


def solid(colour, size=(16, 16), mode="RGB"):
    return Image.new(mode, size, colour)


def pack_of(folder, size=SIZE, channels=None):
    return open_pack(open_source(str(folder)), size, channels)


def test_pictures_at_any_depth_are_found_in_the_order_of_their_paths(tmp_path):
    for name, grey in (("b/deep/2.png", 20), ("a.png", 10), ("c/1.png", 30)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        solid(grey, mode="L").save(tmp_path / name)
    pack = pack_of(tmp_path)
    assert pack.samples[:, 0, 0, 0].tolist() == [10, 20, 30]
    assert pack.labels is None, "a picture outside of the class folders: no labels"


def test_folders_of_the_first_level_are_labels(tmp_path):
    for name in ("cats/1.png", "cats/more/2.png", "dogs/1.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        solid("red").save(tmp_path / name)
    pack = pack_of(tmp_path)
    assert pack.contents.label_names == ("cats", "dogs")
    assert pack.labels.tolist() == [0, 0, 1]
    assert open_source(tmp_path).survey().labels == {"cats": 2, "dogs": 1}


def test_bad_files_are_skipped_and_named(tmp_path):
    for i in range(3):
        noise = np.random.default_rng(i).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(noise).save(tmp_path / f"good{i}.jpg")
    whole = (tmp_path / "good0.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.png").write_text("I am no picture")
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "empty.gif").touch()
    (tmp_path / ".hidden.png").write_text("not looked at")
    pack = pack_of(tmp_path)
    assert len(pack) == 3
    reasons = dict(pack.contents.skipped)
    assert set(reasons) == {"cut.jpg", "text.png", "notes.txt", "empty.gif"}
    assert "truncated" in reasons["cut.jpg"]
    assert "not a picture" in reasons["text.png"]
    assert "not named like a picture (.txt)" in reasons["notes.txt"]


def test_nothing_readable_is_an_error_that_says_what_was_there(tmp_path):
    with pytest.raises(InputError, match="it is empty"):
        pack_of(tmp_path)
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(InputError, match="1 other files"):
        pack_of(tmp_path)
    (tmp_path / "text.png").write_text("I am no picture")
    with pytest.raises(InputError, match=r"text\.png: not a picture"):
        pack_of(tmp_path)


@pytest.mark.parametrize(
    ("image", "grey", "rgb"),
    [
        (solid(100, mode="L"), 100, (100, 100, 100)),
        (solid(1, mode="1"), 255, (255, 255, 255)),
        (solid((255, 0, 0)), 76, (255, 0, 0)),
        (solid((255, 0, 0, 0), mode="RGBA"), 255, (255, 255, 255)),
        (solid((0, 0, 255, 255), mode="RGBA"), 29, (0, 0, 255)),
        (solid((50, 255), mode="LA"), 50, (50, 50, 50)),
        (solid((255, 0, 0)).convert("P"), 76, (255, 0, 0)),
        (solid((0, 255, 255, 0), mode="CMYK"), 76, (255, 0, 0)),
        (Image.fromarray(np.full((16, 16), 0x8000, np.uint16)), 128, (128, 128, 128)),
    ],
    ids=["grey", "bilevel", "rgb", "clear", "opaque", "grey-alpha", "palette", "cmyk", "16-bit"],
)
def test_every_mode_becomes_grey_or_rgb(image, grey, rgb):
    np.testing.assert_allclose(fit(image, SIZE, 1), np.full((1, *SIZE), grey), atol=1)
    np.testing.assert_allclose(fit(image, SIZE, 3)[:, 3, 3], rgb, atol=2)


def test_grey_and_colour_are_told_apart(tmp_path):
    solid(10, mode="L").save(tmp_path / "a.png")
    assert pack_of(tmp_path).shape == (1, *SIZE)
    solid("red").save(tmp_path / "b.png")
    assert pack_of(tmp_path).shape == (3, *SIZE)


def test_pictures_cover_the_size_and_are_cut_at_the_centre():
    """A wide picture, red | green | blue, is cropped to its centre."""
    image = Image.new("RGB", (48, 16))
    for i, colour in enumerate(("red", "lime", "blue")):
        image.paste(colour, (16 * i, 0, 16 * i + 16, 16))
    middle = fit(image, (16, 16), 3)
    assert (middle[1] == 255).all()
    assert (middle[[0, 2]] == 0).all()
    half = fit(image, (8, 8), 3)
    assert half.shape == (3, 8, 8)
    assert half[1].mean() > 240
    wide = fit(image, (16, 48), 3)
    assert wide[:, 8, 4].tolist() == [255, 0, 0]
    assert wide[:, 8, 44].tolist() == [0, 0, 255]


def test_exif_rotation_is_applied_to_pixels_and_to_sizes(tmp_path):
    image = Image.new("RGB", (32, 16), "red")
    image.paste("blue", (16, 0, 32, 16))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees: what was left is on top
    image.save(tmp_path / "turned.jpg", exif=exif, quality=100, subsampling=0)
    assert open_source(tmp_path).survey().sizes == {(32, 16): 1}
    pixels = pack_of(tmp_path, (32, 16)).samples[0]
    assert pixels[0, 4].mean() > 200 > 50 > pixels[2, 4].mean()
    assert pixels[2, 28].mean() > 200 > 50 > pixels[0, 28].mean()


def test_sizes_of_their_own_are_kept_and_mixed_ones_get_a_common_one(tmp_path):
    solid("red", (20, 12)).save(tmp_path / "a.png")
    assert pack_of(tmp_path, None).shape == (3, 12, 20)
    solid("red", (40, 50)).save(tmp_path / "b.png")
    assert pack_of(tmp_path, None).shape == (3, 8, 8)
    for i in range(3):
        solid("red", (50, 40)).save(tmp_path / f"c{i}.png")
    assert pack_of(tmp_path, None).shape == (3, 32, 32), "the few small ones do not decide"
    for i in range(3):
        (tmp_path / f"c{i}.png").unlink()
    assert Folder(tmp_path).survey().sizes == {(12, 20): 1, (50, 40): 1}


def test_files_that_cannot_even_be_opened_are_skipped_and_named(tmp_path):
    solid("red").save(tmp_path / "good.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "nowhere.png")
    Image.fromarray(np.zeros((16, 16), np.float32)).save(tmp_path / "float.tiff")
    pack = pack_of(tmp_path)
    assert len(pack) == 1
    reasons = dict(pack.contents.skipped)
    assert reasons["link.png"] == "no such file or directory"
    assert "no known range" in reasons["float.tiff"]


def test_a_damaged_exif_header_costs_one_picture(tmp_path):
    solid("red").save(tmp_path / "good.png")
    solid("red").save(tmp_path / "bad.webp", exif=b"Exif\0\0" + b"nonsense" * 4)
    assert len(pack_of(tmp_path)) >= 1


@pytest.mark.parametrize("error", [RuntimeError("Failed to decode image"), EOFError("no more frames")], ids=repr)
@pytest.mark.parametrize("step", ["_open", "load"])
def test_whatever_a_decoder_raises_costs_one_picture(tmp_path, monkeypatch, error, step):
    """The decoder of AVIF raises RuntimeError for damaged files."""

    def fail(image):
        raise error

    solid("red").save(tmp_path / "good.png")
    solid("red").save(tmp_path / "bad.gif")
    monkeypatch.setattr(f"PIL.GifImagePlugin.GifImageFile.{step}", fail)
    pack = pack_of(tmp_path)
    assert len(pack) == 1
    assert [name for name, _ in pack.contents.skipped] == ["bad.gif"]


def fail_for(monkeypatch, name, error):
    """Make opening one file raise a system error."""
    opened = Image.open

    def open_picture(file, **how):
        if Path(getattr(file, "name", "")).name == name:
            raise error
        return opened(file, **how)

    monkeypatch.setattr("PIL.Image.open", open_picture)


def test_a_file_without_permission_is_skipped_until_it_is_given(tmp_path, monkeypatch):
    for name in ("good.png", "closed.png"):
        solid("red").save(tmp_path / name)
    (tmp_path / "closed.png").chmod(0o200)
    fail_for(monkeypatch, "closed.png", PermissionError(errno.EACCES, "Permission denied"))
    assert dict(pack_of(tmp_path).contents.skipped) == {"closed.png": "permission denied"}
    monkeypatch.undo()
    (tmp_path / "closed.png").chmod(0o644)
    assert len(pack_of(tmp_path)) == 2
    assert open_source(tmp_path).survey().count == 2


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.ESTALE], ids=errno.errorcode.get)
@pytest.mark.parametrize("surveyed", [False, True])
def test_trouble_of_the_disk_is_not_kept_as_damage_of_the_data(tmp_path, monkeypatch, number, surveyed):
    for name in ("good.png", "away.png"):
        solid("red").save(tmp_path / name)
    if surveyed:
        open_source(tmp_path).survey()
    fail_for(monkeypatch, "away.png", OSError(number, os.strerror(number)))
    with pytest.raises(InputError, match=r"Cannot read .*away\.png: .*run the same command again"):
        pack_of(tmp_path)
    monkeypatch.undo()
    assert len(pack_of(tmp_path)) == 2


def test_a_folder_that_cannot_be_listed_now_is_not_passed_over(tmp_path, monkeypatch):
    (tmp_path / "more").mkdir()
    solid("red").save(tmp_path / "good.png")
    scanned = os.scandir

    def scan(path):
        if str(path).endswith("more"):
            raise OSError(errno.EIO, "Input/output error", path)
        return scanned(path)

    source = open_source(tmp_path)
    monkeypatch.setattr("os.scandir", scan)
    with pytest.raises(InputError, match=r"Cannot read .*more: input/output error"):
        source.survey()


def test_dark_16_bit_pictures_stay_dark():
    """The range of values depends on the format, not on the picture."""
    for value, expected in ((200, 0), (300, 1), (0xFFFF, 255)):
        image = Image.fromarray(np.full((8, 8), value, np.uint16))
        assert (fit(image, SIZE, 1) == expected).all()


def test_another_file_that_is_no_picture_is_noticed_too(tmp_path):
    solid("red").save(tmp_path / "good.png")
    assert not pack_of(tmp_path).contents.skipped
    (tmp_path / "notes.txt").write_text("hello")
    assert dict(pack_of(tmp_path).contents.skipped) == {"notes.txt": "not named like a picture (.txt)"}
