"""Pictures against the numbers they show."""

import io
import re

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console

from wgan.diagnosis import Verdict
from wgan.system.text import printable
from wgan.types import SampleSpec
from wgan.views import Line, animate, curves, grid, picture, thinned
from wgan.views.curves import BOTTOM, COLOURS, HEIGHT, LEFT, RIGHT, TOP, WIDTH
from wgan.views.grid import BACKGROUND, stretched
from wgan.views.plot import fitted_axes
from wgan.views.points import MOST_COLUMNS, By, cloud
from wgan.views.terminal import Terminal, rate


def test_a_grid_holds_every_image_in_reading_order():
    values = [10, 60, 110, 160, 210]
    pixels = torch.stack([torch.full((1, 4, 4), value, dtype=torch.uint8) for value in values])
    shown = np.asarray(grid(pixels, columns=3))
    assert shown.ndim == 2
    rows, columns = np.array_split(shown, 2), 3
    centres = [[row[row.shape[0] // 2, (2 * i + 1) * row.shape[1] // 6] for i in range(columns)] for row in rows]
    assert np.array(centres).ravel().tolist() == [*values, BACKGROUND]


def test_small_images_are_enlarged_without_blurring():
    pixels = torch.randint(0, 256, (4, 3, 8, 8), dtype=torch.uint8)
    shown = grid(pixels, columns=2)
    assert shown.width > 300
    colours = {tuple(colour) for colour in np.asarray(shown).reshape(-1, 3)}
    assert colours <= {tuple(c) for c in pixels.permute(0, 2, 3, 1).reshape(-1, 3).tolist()} | {(BACKGROUND,) * 3}


def test_large_images_keep_their_size():
    assert grid(torch.zeros(4, 1, 500, 700, dtype=torch.uint8), columns=2).size == (1406, 1006)


@pytest.mark.parametrize("columns", [2, 3])
def test_clouds_have_a_colour_for_each_class_of_their_points(columns):
    points = np.random.default_rng(0).normal(size=(60, columns))
    drawn = np.asarray(cloud(points, by=By("kind", np.arange(60) % 2, ("cat", "größer $x$")))).astype(int)
    for colour in ((31, 119, 180), (255, 127, 14)):  # the first ones of Matplotlib
        assert (np.abs(drawn - colour).max(2) < 3).sum() > 60
    numbers = np.asarray(cloud(points, by=By("energy", np.linspace(0, 1, 60)))).astype(int)
    for colour in ((68, 1, 84), (253, 231, 37)):  # the ends of viridis
        assert (np.abs(numbers - colour).max(2) < 30).any()


def test_the_legend_of_classes_covers_no_points():
    corner = np.array([[0.0, 0.0], [1.0, 1.0]] * 200)
    with_legend = np.asarray(cloud(corner, by=By("mode", np.array([0, 1] * 200), ("a", "b")))).astype(int)
    found = np.abs(with_legend - (255, 127, 14)).max(2) < 3
    axes = np.flatnonzero((with_legend < 60).all(2).sum(0) > 300)  # the frame, left and right
    inside = np.flatnonzero(found[:, axes[0] : axes[-1]].any(0))
    assert len(inside) > 2, "the upper right point is seen"
    assert np.flatnonzero(found.any(0))[-1] > axes[-1], "its entry lies beside the frame"


def test_points_become_a_cloud_in_the_view_of_the_real_ones():
    real = np.random.default_rng(0).normal(size=(100, 2))
    image = np.asarray(picture(torch.zeros(50, 2), SampleSpec.points(2), 5, torch.from_numpy(real))).astype(int)
    assert image.shape == (500, 500, 3)
    red = (image[..., 0] > 150) & (image[..., 1] < 110)
    assert red.any()


ODD = ("$\\frac$", "$b_$", "\\$x$", "_c", "a\nb\x00", "$", "{}^_%&#~")


@pytest.mark.parametrize("names", [ODD, ODD[::-1]])
@pytest.mark.parametrize("name", ["$\\foo$", "_a", "a"])
def test_texts_of_data_are_no_formulas(monkeypatch, names, name):
    """Legends, bars, axes and titles show them as they are, and leave none out."""
    from matplotlib.figure import Figure

    shown, save = [], Figure.savefig

    def saving(figure, *args, **settings):
        shown.extend(text for text in figure.findobj(match=lambda one: hasattr(one, "get_text")) if text.get_text())
        save(figure, *args, **settings)

    monkeypatch.setattr(Figure, "savefig", saving)
    points = np.random.default_rng(0).normal(size=(70, 7))
    cloud(points[:, :2], points[:, :2], names[:2], by=By(name, np.arange(70) % 7, names))
    cloud(points[:, :2], None, names[:2], by=By(name, points[:, 0]))
    cloud(points[:, :1], points[:, :1], names[:1])
    cloud(points, points, names)
    told = {text.get_text().replace(r"\$", "$").strip() for text in shown}
    assert {printable(text) for text in names[:MOST_COLUMNS]} <= told
    assert {printable(f"{name} {text}") for text in names} | {name} <= told
    assert not any(re.search(r"(?<!\\)\$", text.get_text()) for text in shown)


def write_frames(folder, count):
    paths = []
    for i in range(count):
        paths.append(folder / f"{i}.png")
        Image.new("L", (20, 20), i).save(paths[-1])
    return paths


def test_an_animation_shows_the_frames_in_order_and_rests_on_the_last(tmp_path):
    animate(write_frames(tmp_path, 10), tmp_path / "a.gif", milliseconds=50)
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.info["loop"] == 0
        seen = []
        for i in range(gif.n_frames):
            gif.seek(i)
            seen.append((gif.convert("L").getpixel((3, 3)), gif.info["duration"]))
    assert seen == [(i, 50) for i in range(9)] + [(9, 2000)]


def test_long_runs_are_thinned_evenly_with_both_ends():
    assert thinned(range(5), 10) == [0, 1, 2, 3, 4]
    assert thinned(range(101), 5) == [0, 25, 50, 75, 100]
    assert thinned([7], 5) == [7]


def test_curves_draw_what_was_measured():
    rows = [{"step": 50 * i, "critic_loss": -i, "generator_loss": 2 * i, "distance": 3.0 - i} for i in range(1, 4)]
    drawn = curves(rows)
    assert drawn.size == (2 * WIDTH, HEIGHT), "no panel for a penalty that was not measured"
    axes = fitted_axes([Line("distance", [50, 100, 150], [2.0, 1.0, 0.0])], (LEFT, RIGHT, TOP, BOTTOM), reference=0.0)
    for step, value in ((50, 2.0), (75, 1.5), (125, 0.5)):
        assert _is_near(drawn, axes.place(step, value), COLOURS[0])
        assert not _is_near(drawn, axes.place(step, value - 0.3), COLOURS[0])


def _is_near(drawn, place, colour):
    """Whether a pixel of about this colour lies within two pixels."""
    x, y = map(round, place)
    seen = np.asarray(drawn, dtype=int)[y - 2 : y + 3, x - 2 : x + 3]
    return bool((abs(seen - colour).max(axis=2) < 60).any())


def test_curves_of_a_single_line_of_numbers_or_of_none():
    one = curves([{"step": 50, "distance": 3.0}])
    axes = fitted_axes([Line("distance", [50], [3.0])], (LEFT, RIGHT, TOP, BOTTOM), reference=0.0)
    assert _is_near(one, axes.place(50, 3.0), COLOURS[0]), "a dot: one point makes no line"
    assert curves([]).size == (WIDTH, HEIGHT)
    assert curves([{"step": 50, "distance": None}]).size == (WIDTH, HEIGHT), "numbers that left every bound"


def test_a_stretched_grid_goes_from_black_to_white_by_one_rule():
    """(x - min) / (max - min) over all pictures of the grid, not over each."""
    spec = SampleSpec.picture(1, 4, 4)
    values = torch.linspace(-0.3, 0.2, 64).reshape(4, 1, 4, 4)
    share = (values - values.min()) / (values.max() - values.min())
    assert torch.allclose(stretched(values, spec), 2 * share - 1)
    stored = torch.round((values + 1) * 127.5)  # grids show what would be saved
    expected = (stored - stored.min()) / (stored.max() - stored.min()) * 255
    plain, wide = (np.asarray(picture(values, spec, 2, stretch=stretch)) for stretch in (False, True))
    for shown, levels in ((plain, stored), (wide, expected)):
        seen = [level for level in np.unique(shown) if level != BACKGROUND]
        assert np.allclose(seen, [level for level in levels.unique() if level.round() != BACKGROUND], atol=0.51)
    assert (wide.min(), wide.max()) == (0, 255)
    flat = stretched(torch.full((4, 1, 4, 4), 0.25), spec)
    assert len(flat.unique()) == 1, "of one value, nothing can be told apart"


def test_stretching_leaves_opacity_and_what_is_no_picture_alone():
    rgba = SampleSpec.picture(4, 2, 2)
    values = torch.full((1, 4, 2, 2), -0.5)
    values[:, 0], values[:, 3] = 0.5, 0.25
    wide = stretched(values, rgba)
    assert torch.equal(wide[:, 3], values[:, 3])
    assert (wide[:, 0].min(), wide[:, 1].max()) == (1, -1)
    points = torch.randn(20, 2)
    clouds = [np.asarray(picture(points, SampleSpec.points(2), 4, stretch=stretch)) for stretch in (False, True)]
    assert np.array_equal(*clouds)


def test_plain_lines_where_there_is_no_terminal():
    output = io.StringIO()
    terminal = Terminal(Console(file=output, width=40))
    assert list(terminal.counted(range(3), 3, "packing")) == [0, 1, 2]
    assert list(terminal.counted_again(range(3), 3, "batches of fakes")) == [0, 1, 2]
    with terminal.training(0, 2, 10, 6.4) as display:
        for step in (1, 2):
            display.tick(step)
            display.log({"step": step, "distance": 1.5, "critic_loss": -1.25, "generator_loss": 0.5}, "healthy")
    first, *lines = output.getvalue().splitlines()
    assert first == "packing (3)"
    assert lines[0].startswith("step      1/2  epoch 3.2/6.4  healthy  distance 1.5  critic_loss -1.25  generator_loss")
    assert lines[-1].startswith("step      2/2  epoch 6.4/6.4  healthy  distance 1.5")
    assert "\x1b" not in output.getvalue()


ROWS = {
    "wgan": {
        "generator_loss": -123.4,
        "gradient_norm": 1.05,
        "penalty": 0.0123,
        "distance": 123.4,
        "critic_loss": -1e9,
    },
    "gan": {"real_score": 12.3, "fake_score": -12.3, "generator_loss": 12.3, "critic_loss": 0.0123, "js": 0.0123},
}
"""Terms of two objectives, not in the order in which they are shown, with long numbers."""


@pytest.mark.parametrize(
    ("epochs", "told"), [(14.2, "14.2/14.2"), (85.3, "85.3/85.3"), (30.0, "30.0/30"), (0.033, "0.033/0.033")]
)
def test_the_last_epoch_does_not_exceed_all_of_them(epochs, told):
    output = io.StringIO()
    with Terminal(Console(file=output, width=80)).training(0, 10, 8, epochs) as display:
        display.log({"step": 10}, "healthy")
    assert f"epoch {told}  " in output.getvalue()


@pytest.mark.parametrize("kind", ROWS)
@pytest.mark.parametrize("verdict", [verdict.value for verdict in Verdict])
def test_both_losses_are_seen_in_a_terminal_of_80_columns(kind, verdict):
    output = io.StringIO()
    terminal = Terminal(Console(file=output, width=80, force_terminal=True))
    with terminal.training(0, 93_750, 320, 1420.5) as display:
        display.tick(93_700)
        display.log({"step": 93_700, **ROWS[kind]}, verdict)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output.getvalue()).replace("\r", "\n")
    shown = plain.rstrip().splitlines()[-3:]
    assert max(map(len, shown)) <= 80
    assert "93700/93750" in shown[0]
    assert "epoch 1,419.7/1,420.5" in shown[0]
    first = "distance" if kind == "wgan" else "js"
    assert shown[1].startswith(
        f"{verdict}  {first} {ROWS[kind][first]:.3g}  critic_loss {ROWS[kind]['critic_loss']:.3g}"
    )
    assert f"generator_loss {ROWS[kind]['generator_loss']:.3g}" in shown[1]
    assert {word for word in " ".join(shown).split() if word.isidentifier()} > set(ROWS[kind]), "all of them, on two"


def test_a_terminal_that_is_too_narrow_keeps_the_first_terms():
    output = io.StringIO()
    with Terminal(Console(file=output, width=24, force_terminal=True)).training(0, 2, 10, 0.5) as display:
        display.log({"step": 1, **ROWS["wgan"]}, "healthy")
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output.getvalue())
    assert "distance 123" in plain
    assert "gradient_norm" not in plain


def test_a_bar_in_a_terminal():
    output = io.StringIO()
    terminal = Terminal(Console(file=output, width=120, force_terminal=True))
    with terminal.training(0, 2, 10, 1.0) as display:
        for step in (1, 2):
            display.tick(step)
            display.log({"step": step, "distance": 1.5}, "healthy")
        display.tick(2)
    assert "2/2" in output.getvalue()
    assert "distance 1.5" in output.getvalue()


@pytest.mark.parametrize(("images", "told"), [(0.1349, "0.13"), (9.96, "10"), (12.4, "12"), (6093.2, "6,093")])
def test_large_networks_on_a_cpu_are_not_said_to_see_no_image_a_second(images, told):
    assert rate(images) == f"{told} images/s"


def test_where_there_is_no_bar_a_slow_run_says_which_step_is_done(monkeypatch):
    now, told = [100.0], io.StringIO()
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with Terminal(Console(file=told, width=200)).training(0, 60, 64, 2.0) as display:
        for step, seconds in ((1, 8.0), (2, 8.0), (3, 8.0), (4, 8.0)):
            now[0] += seconds
            display.tick(step)
    (line,) = told.getvalue().splitlines()
    assert line.startswith("step      3/60  epoch 0.1/2")
