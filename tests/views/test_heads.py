"""Names above columns: where they lie, and that they can be read."""

import numpy as np
import pytest
from PIL import Image

from wgan.views import fonts, legible
from wgan.views.heads import AROUND, BETWEEN, LINE, headed

ROOM = LINE + AROUND


def test_heads_lie_above_their_columns_and_none_runs_into_the_next():
    plain = Image.new("L", (120, 30), 7)
    with_heads = headed(plain, ("a", "b", "c"))
    assert with_heads.size == (120, 30 + ROOM)
    assert with_heads.crop((0, ROOM, 120, 30 + ROOM)).tobytes() == plain.tobytes()
    long = headed(plain, ("a", "a name that is far too long", "c"))
    room = 2 * LINE + AROUND
    assert long.size == (120, 30 + room), "two lines"
    dark = np.asarray(long)[:room] < 200
    assert all(dark[:, 40 * column : 40 * column + 40].any() for column in range(3))
    assert not dark[:, [39, 40, 79, 80]].any()


def test_long_names_are_broken_between_words_before_they_lose_their_middle(monkeypatch):
    written = []
    monkeypatch.setattr("PIL.ImageDraw.ImageDraw.text", lambda self, at, text, **_: written.append(text))
    headed(Image.new("RGB", (46, 30)), ("big|blue|red",))
    headed(Image.new("RGB", (46, 30)), ("unbelievable",))
    headed(Image.new("RGB", (60, 30)), ("unbelievableunbelievable 3",))
    assert written[:2] == ["big|", "blue|red"]
    assert "".join(written[2:-2]) == "unbelievable"
    assert written[-1].startswith("..")
    assert written[-1].endswith(" 3"), "where names differ"


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_blocks_are_apart_and_each_has_the_heads(mode):
    plain = Image.new(mode, (200, 30))
    blocks = np.asarray(headed(plain, ("a", "b"), blocks=2, title="label 7").convert("L"))
    assert blocks.shape == (30 + 2 * ROOM, 200 + BETWEEN)
    assert (blocks[2 * ROOM :, 100 : 100 + BETWEEN] == 255).all()
    assert not blocks[2 * ROOM :, :100].any()
    assert np.array_equal(blocks[ROOM : 2 * ROOM, :100], blocks[ROOM : 2 * ROOM, 100 + BETWEEN :])
    assert (blocks[:ROOM, :60] < 200).any(), "the title"


def test_an_image_of_no_names_is_left_alone():
    plain = Image.new("L", (20, 20), 3)
    assert headed(plain) is plain


def drawn(text):
    return np.asarray(headed(Image.new("L", (60, 2)), (text,)))[:ROOM]


@pytest.mark.parametrize("text", ["ü", "é", "λ", "ж"])
def test_letters_that_pillows_font_lacks_are_no_boxes(text):
    assert legible(text, "#0") == text
    assert (drawn(text) < 200).any()
    assert not np.array_equal(drawn(text), drawn("\U0010fffd")), "a private character is a box"


def test_what_no_font_here_can_write_is_called_otherwise(monkeypatch):
    monkeypatch.setattr(fonts, "_wide", tuple)
    assert (legible("猫", "#3"), legible("cat", "#3")) == ("#3", "cat")
    assert fonts.families("猫") == ["DejaVu Sans"]


def test_a_font_of_the_system_writes_chinese_where_there_is_one():
    if legible("猫", "#3") == "#3":
        pytest.skip("there is none here")
    assert not np.array_equal(drawn("猫"), drawn("狗"))
    assert len(fonts.families("猫")) > 1
