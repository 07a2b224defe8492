"""Lines are told apart on light and dark ground, and by eyes that lack one kind of cone."""

import re
from itertools import combinations

import numpy as np
import pytest

from wgan.report import STYLESHEET
from wgan.views.marks import SHAPES, mark, style
from wgan.views.plot import STYLES

EYES = {
    "all cones": np.eye(3),
    "no long ones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no middle ones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "no short ones": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""Machado, Oliveira and Fernandes 2009, table 1, severity 1: what linear RGB becomes."""
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]])
WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(colour):
    values = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    x, y, z = np.cbrt(np.maximum(XYZ @ np.clip(rgb, 0, 1) / WHITE, 1e-9))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def themes():
    """The colours of lines and of their ground, light and then dark."""
    text = STYLESHEET.read_text()
    lines = re.findall("--c[0-9]: (#[0-9a-f]{6})", text)
    papers = re.findall("--paper: (#[0-9a-f]{6})", text)
    assert (len(lines), len(papers)) == (2 * STYLES, 2)
    return [(lines[:STYLES], papers[0]), (lines[STYLES:], papers[1])]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_are_apart_and_stand_out(theme):
    colours, paper = themes()[theme]
    for eyes in EYES.values():
        seen = [lab(eyes @ linear(colour)) for colour in colours]
        assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 30
    for colour in colours:
        dim, bright = sorted(float(linear(one) @ XYZ[1]) for one in (colour, paper))
        assert (bright + 0.05) / (dim + 0.05) >= 3, "WCAG 2.2, 1.4.11"


def test_no_two_of_many_lines_are_alike():
    shapes = [str(mark(number, [(0, 0)])) for number in range(72)]
    assert len(set(shapes)) == 72
    assert len(set(SHAPES)) == len(SHAPES) == 12, "a shape for each of twelve, whatever their colours"
    assert len({style(number) for number in range(STYLES)}) == STYLES
