"""SVG drawings, against the numbers they show."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from wgan.views import PANELS, Line, chart, histogram, measured, shades, short
from wgan.views.scale import fitted, ticks
from wgan.views.svg import BOTTOM, LEFT, RIGHT, TOP


def drawn(svg, kind):
    """The elements of a class, in order."""
    return [element for element in ET.fromstring(svg).iter() if kind in (element.get("class") or "").split()]


def places(element):
    return np.array([[float(value) for value in pair.split(",")] for pair in element.get("points").split()])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (1.0, "1"),
        (0.158211, "0.158"),
        (-2.5, "-2.5"),
        (1234.5, "1,234"),
        (123456, "123,456"),
        (0.00123, "0.00123"),
        (0.00012345, "1.23e-4"),
        (2e9, "2e9"),
        (math.nan, "not finite"),
    ],
)
def test_numbers_in_short(value, expected):
    assert short(value) == expected


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3.2, 4.7), (1e-5, 1.3e-5), (-400, 1e6), (0.98, 1.01)])
def test_ticks_are_round_and_few(low, high):
    found = ticks(low, high)
    assert 2 <= len(found) <= 5
    assert all(low <= tick <= high for tick in found)
    step = np.diff(found)
    np.testing.assert_allclose(step, step[0])
    assert float(f"{step[0]:e}".partition("e")[0]) in (1, 2, 5)


def test_a_line_goes_through_its_points():
    values = [3.0, 1.0, 2.0]
    svg = chart([Line("distance", [0, 50, 100], values)], "Distance")
    (line,) = drawn(svg, "line")
    x, y = places(line).T
    np.testing.assert_allclose(x, [LEFT, (LEFT + RIGHT) / 2, RIGHT], atol=0.06)
    assert TOP < y[0] < y[2] < y[1] < BOTTOM
    np.testing.assert_allclose(y[2], (y[0] + y[1]) / 2, atol=0.11)


def test_a_logarithmic_axis_has_equal_steps_for_equal_factors():
    (line,) = drawn(chart([Line("update", [0, 1, 2], [1e-4, 1e-3, 1e-2])], "Update", logarithmic=True), "line")
    y = places(line)[:, 1]
    np.testing.assert_allclose(y[0] - y[1], y[1] - y[2], atol=0.11)
    (line,) = drawn(chart([Line("update", [0, 1], [0.0, 1e-2])], "Update", logarithmic=True), "line")
    assert places(line)[0, 1] == BOTTOM, "a network that stands still is at the bottom"


def test_no_spike_is_lost_in_a_long_line():
    values = np.sin(np.arange(100_000) / 1e4)
    values[54_321] = 50.0
    (line,) = drawn(chart([Line("loss", range(100_000), values.tolist())], "Losses"), "line")
    points = places(line)
    assert len(points) <= 300
    assert (np.diff(points[:, 0]) >= 0).all()
    highest = points[points[:, 1].argmin()]
    assert highest[0] == pytest.approx(LEFT + 0.54321 * (RIGHT - LEFT), abs=0.1)


def test_what_was_not_measured_or_is_not_finite_is_left_out():
    (line,) = drawn(chart([Line("loss", [1, 2, 3, 4], [1.0, None, math.nan, 2.0])], "Losses"), "line")
    assert len(places(line)) == 2
    svg = chart([Line("loss", [1], [1.0]), Line("other", [1], [None])], "Losses")
    assert (len(drawn(svg, "dot")), len(drawn(svg, "line"))) == (1, 0), "one point makes a dot, none makes nothing"


def test_a_reference_is_drawn_where_it_does_not_flatten_the_line():
    line = Line("gradient_norm", [1, 2], [0.9, 1.1])
    (reference,) = drawn(chart([line], "Slope", reference=1.0), "reference")
    assert float(reference.get("y1")) == pytest.approx((TOP + BOTTOM) / 2, abs=0.1)
    far = Line("gradient_norm", [1, 2], [100.0, 101.0])
    assert not drawn(chart([far], "Slope", reference=1.0), "reference")


def test_a_drawing_tells_what_it_shows_and_escapes_names():
    svg = chart([Line("<b>", [0, 100], [4.0, 0.5])], "Distance")
    assert ET.fromstring(svg).get("aria-label") == "Distance over steps: <b> from 4 at step 0 to 0.5 at 100"
    assert "<b>" not in svg


def test_a_histogram_has_a_bar_for_each_count_and_lines_at_the_bound():
    svg = histogram([1, 0, 10, 100], -2.0, 2.0, "weights", bound=1.0)
    bars = drawn(svg, "bar")
    heights = [float(bar.get("height")) for bar in bars]
    assert len(bars) == 3
    np.testing.assert_allclose(heights[2] - heights[1], heights[1] - heights[0], atol=0.2)
    assert [float(line.get("x1")) for line in drawn(svg, "bound")] == pytest.approx(
        [LEFT + 0.25 * (RIGHT - LEFT), LEFT + 0.75 * (RIGHT - LEFT)], abs=0.1
    )


def test_shades_grow_with_the_logarithm_and_equal_ones_are_one_cell():
    svg = shades([1e-4, 1e-4, None, 1e-2, 1.0, 0.0], 1e-4, 1.0, "norms")
    cells = [(int(c.get("x")), int(c.get("width")), float(c.get("fill-opacity"))) for c in ET.fromstring(svg)]
    assert [cell[:2] for cell in cells] == [(0, 2), (3, 1), (4, 1), (5, 1)]
    assert cells[0][2] < cells[1][2] < cells[2][2] == 1.0
    assert cells[3][2] == cells[0][2]


def test_panels_show_each_term_once_and_only_what_was_measured():
    terms = [term for panel in PANELS for term in panel.terms]
    assert len(terms) == len(set(terms))
    assert [(panel.title, panel.terms) for panel in measured({"step", "r1", "penalty"})] == [
        ("Penalty", ("penalty", "r1"))
    ]


def test_constant_and_empty_lines_have_an_axis():
    for values in ([2.0, 2.0], [0.0, 0.0], []):
        scale = fitted(values, 0.0, 1.0)
        assert scale.low < scale.high
        assert re.search("<svg", chart([Line("x", range(len(values)), values)], "x"))
