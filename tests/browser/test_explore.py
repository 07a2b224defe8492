"""The page of `wgan explore` in a browser: from the disk, without a network, it makes what PyTorch makes."""

import json
import re

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import norm, truncnorm

from helpers import small_run
from share.conftest import weights_file
from wgan.runs.latents_text import latent_of
from wgan.runs.sampling import slerp
from wgan.share.explore import write_explore

PIXELS = """(canvas) => {
  const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return [canvas.height, canvas.width, ...image.data];
}"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("explored") / "digits-run")


@pytest.fixture(scope="module")
def page(run):
    return write_explore(run, run.path / "explore.html", neighbours=20).path


class Explored:
    """A page whose generator runs."""

    def __init__(self, opened, path, **screen):
        self.opened = opened(path, clock=False, **screen)
        self.page = self.opened.page
        self.page.wait_for_selector("html[data-state=ready]")

    def large(self):
        """The chosen sample as it is shown: (H, W, 4)."""
        height, width, *values = self.page.locator("#large").evaluate(PIXELS)
        return np.array(values, np.uint8).reshape(height, width, 4)

    def slide(self, locator, value):
        """Move a slider, and wait for the picture that follows it."""
        before = self.page.locator("#large").evaluate(PIXELS)
        locator.evaluate(
            f"(one) => {{ one.value = {value}; one.dispatchEvent(new Event('input', {{bubbles: true}})); }}"
        )
        self.page.wait_for_function(
            f"(before) => JSON.stringify(({PIXELS})(document.getElementById('large'))) !== JSON.stringify(before)",
            arg=before,
        )

    def command(self):
        return self.page.locator("#command").inner_text()


@pytest.fixture
def explored(opened):
    return lambda path, **screen: Explored(opened, path, **screen)


def test_it_opens_from_the_disk_without_a_complaint_or_a_request(explored, page):
    shown = explored(page)
    assert shown.page.locator(".wall button canvas").count() >= 12
    assert [url for url in shown.opened.asked_for() if not url.startswith("blob:")] == []
    assert shown.opened.complaints == []
    assert "ready in" in shown.page.locator("#status").inner_text()


def test_the_picture_is_that_of_pytorch(explored, page, run):
    """But for weights in fp16: one grey level of 255."""
    shown = explored(page)
    for seed, index in ((0, 0), (0, 7), (123456789, 3)):
        shown.page.locator("#seed").fill(str(seed))
        tile = shown.page.locator(".wall button").nth(index)
        tile.click()
        shown.page.wait_for_function(
            f"() => document.getElementById('command').textContent.includes('--seed {seed} --only {index}')"
        )
        expected = run.sample(index + 1, seed=seed, units=True)[index, 0].numpy()
        assert np.abs(shown.large()[:, :, 0].astype(int) - expected).max() <= 1
    checked = float(re.search(r"by ([\d.]+) at most", shown.page.locator("#checked").inner_text())[1])
    assert checked <= 1


def test_a_slider_moves_the_sample_to_what_its_command_asks_for(explored, page, run):
    shown = explored(page)
    before = shown.large()
    shown.slide(shown.page.locator("#sliders input").first, 1.5)
    assert not np.array_equal(shown.large(), before)
    text = re.fullmatch(r"wgan sample digits-run --latent=([\w-]+)", shown.command())[1]
    z = latent_of(text, run.latent_size)[0]
    direction = np.array(json.loads(shown.page.locator("#facts").text_content())["directions"][0])
    np.testing.assert_allclose(z, run.latents(1)[0].numpy() + 1.5 * direction, atol=1e-5)
    expected = run.spec.to_stored(torch.cat(list(run.stream(z[None]))))[0, 0].numpy()
    assert np.abs(shown.large()[:, :, 0].astype(int) - expected).max() <= 1
    shown.page.locator("#back").click()
    shown.page.wait_for_function("() => document.getElementById('command').textContent.includes('--only 0')")
    assert np.array_equal(shown.large(), before)


def test_the_pad_is_moved_by_keys(explored, page):
    shown = explored(page)
    shown.page.locator("#pad").focus()
    shown.page.keyboard.press("ArrowRight")
    shown.page.wait_for_function("() => document.getElementById('command').textContent.includes('--latent=')")
    assert float(shown.page.locator("#pad-at").inner_text().split(",")[0]) > 0
    assert shown.page.locator("#pad").get_attribute("aria-describedby") == shown.page.locator(
        "#pad-said"
    ).get_attribute("id")


def test_between_two_picks_lies_the_great_arc(explored, page, run):
    shown = explored(page)
    for index in (0, 5):
        shown.page.locator(".wall button").nth(index).click()
        shown.page.wait_for_function(f"() => document.getElementById('command').textContent.includes('--only {index}')")
        shown.page.locator("#pick").click()
    shown.page.wait_for_selector("#between button:nth-child(10)")
    shown.page.locator("#between button").nth(4).click()
    shown.page.wait_for_function("() => document.getElementById('command').textContent.includes('--latent=')")
    z = latent_of(re.search(r"--latent=([\w-]+)", shown.command())[1], run.latent_size)[0]
    first, last = run.latents(6)[[0, 5]]
    np.testing.assert_allclose(z, slerp(first, last, torch.tensor([4 / 9]))[0].numpy(), atol=1e-5)


def test_truncation_keeps_latents_within_its_limit_and_in_their_order(explored, page, run):
    shown = explored(page)
    shown.slide(shown.page.locator("#truncation"), 0.5)
    shown.page.wait_for_function("() => document.getElementById('command').textContent.includes('--latent=')")
    z = latent_of(re.search(r"--latent=([\w-]+)", shown.command())[1], run.latent_size)[0]
    plain = run.latents(1)[0].numpy()
    np.testing.assert_allclose(z, truncnorm.ppf(norm.cdf(plain), -0.5, 0.5), atol=1e-5)


def test_what_is_saved_is_the_picture(explored, page, run, tmp_path):
    shown = explored(page)
    with shown.page.expect_download() as download:
        shown.page.locator("#save").click()
    assert download.value.suggested_filename == "digits-run-seed0-0.png"
    download.value.save_as(tmp_path / "one.png")
    saved = np.asarray(Image.open(tmp_path / "one.png").convert("L")).astype(int)
    assert np.abs(saved - run.sample(1, units=True)[0, 0].numpy()).max() <= 1


def test_the_nearest_training_samples_are_those_numpy_finds(explored, page):
    shown = explored(page)
    figures = shown.page.locator("#nearest figure")
    figures.nth(3).wait_for()
    distances = [float(figures.nth(k).locator("figcaption").inner_text()) for k in range(4)]
    assert distances == sorted(distances)
    large = shown.large()[:, :, 0] / 127.5 - 1
    height, width, *values = figures.first.locator("canvas").evaluate(PIXELS)
    nearest = np.array(values, float).reshape(height, width, 4)[:, :, 0] / 127.5 - 1
    assert distances[0] == pytest.approx(np.sqrt(np.square(large - nearest).mean()), abs=0.01)


@pytest.fixture(scope="module")
def asked_page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked")
    source = weights_file(folder, "mixture")
    return source, write_explore(source, folder / "page.html").path


def test_what_is_asked_for_is_what_pytorch_is_asked_for(explored, asked_page):
    source, page = asked_page
    shown = explored(page)
    shown.page.get_by_label("eel").check()
    shown.page.get_by_label("round").check()
    shown.slide(shown.page.locator(".asked").nth(2).locator("input"), 25)
    shown.page.wait_for_function("() => document.getElementById('command').textContent.includes('energy=25')")
    assert shown.command().endswith("--only 0 --condition label=eel --condition tags=round --condition energy=25")
    asked = {"label": "eel", "tags": "round", "energy": 25.0}
    expected = source.sample(1, units=True, condition=asked)[0, 0].numpy()
    assert np.abs(shown.large()[:, :, 0].astype(int) - expected).max() <= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(explored, asked_page, width, scheme):
    shown = explored(asked_page[1], width=width, scheme=scheme)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width


def test_numbers_of_a_condition_are_those_of_the_command(explored, asked_page):
    shown = explored(asked_page[1])
    slider = shown.page.locator(".asked").nth(2).locator("input")
    shown.slide(slider, 25.123456789)
    shown.page.wait_for_function("() => document.getElementById('command').textContent.includes('energy=25.1235')")
    assert shown.page.locator(".asked").nth(2).locator("output").inner_text() == "25.1235"


# ---- What is done before the last thing that was done has settled ----

TOUCH = """
const one = (id) => document.getElementById(id), tile = (k) => document.querySelectorAll(".wall button")[k];
const slide = (input, value, kind = "input") => {
  input.value = value;
  input.dispatchEvent(new Event(kind, {bubbles: true}));
};
const first = document.querySelector("#sliders input");
"""
FAIL_ONCE = """
const set = Float32Array.prototype.set;
Float32Array.prototype.set = function () { Float32Array.prototype.set = set; throw new Error("out of memory"); };
"""
MAP_IS_WHOLE = f"""() => {{
  const canvas = document.querySelector("#pad canvas"), values = ({PIXELS})(canvas).slice(2);
  const row = canvas.width * canvas.height * 4 / 5;
  return [0, 1, 2, 3, 4].every((k) => values.slice(k * row, (k + 1) * row).some((value) => value));
}}"""


def test_another_seed_while_the_sample_is_moved_chooses_the_first_of_the_new_one(explored, page, run):
    shown = explored(page)
    shown.page.evaluate(f"() => {{ {TOUCH} slide(first, 1); one('another').click(); slide(first, 2); }}")
    shown.page.wait_for_function("() => /--seed [1-9][0-9]* --only 0$/.test(command.textContent)")
    seed = int(re.search(r"--seed (\d+)", shown.command())[1])
    assert seed == int(shown.page.locator("#seed").input_value())
    assert np.abs(shown.large()[:, :, 0].astype(int) - run.sample(1, seed=seed, units=True)[0, 0].numpy()).max() <= 1
    shown.slide(shown.page.locator("#sliders input").first, 1.5)
    assert "--latent=" in shown.command()
    assert "ready in" in shown.page.locator("#status").inner_text()


def test_a_call_that_fails_is_said_and_the_next_one_works(explored, page):
    shown = explored(page)
    shown.page.evaluate(f"() => {{ {TOUCH} {FAIL_ONCE} slide(first, 1); }}")
    shown.page.wait_for_function("() => document.getElementById('status').textContent.includes('out of memory')")
    shown.slide(shown.page.locator("#sliders input").first, 1.5)
    assert "--latent=" in shown.command()


def test_facts_that_cannot_be_read_are_said(opened, page, tmp_path):
    broken = tmp_path / "broken.html"
    broken.write_text(re.sub(r'(id="facts">)\{', r"\1", page.read_text(encoding="utf-8")), encoding="utf-8")
    one = opened(broken, clock=False).page
    one.wait_for_selector("html[data-state=failed]")
    assert "JSON" in one.locator("#status").inner_text()


def test_the_map_is_whole_after_a_drag_that_came_before_it(explored, page):
    shown = explored(page)
    shown.page.evaluate(f"""() => {{
      {TOUCH}
      tile(5).click();
      let left = 30;
      const drag = () => {{ slide(first, left / 20); if (--left) requestAnimationFrame(drag); }};
      drag();
    }}""")
    shown.page.wait_for_function("() => document.getElementById('command').textContent.includes('--latent=')")
    shown.page.wait_for_function(MAP_IS_WHOLE)
    shown.page.locator("#plane").select_option("random")
    shown.page.evaluate(f"() => {{ {TOUCH} tile(3).click(); tile(4).click(); slide(first, 1); slide(first, 0.5); }}")
    shown.page.wait_for_function(MAP_IS_WHOLE)


def test_what_is_saved_and_picked_at_once_is_what_is_shown(explored, page, run, tmp_path):
    shown = explored(page)

    def saved(acts):
        with shown.page.expect_download() as download:
            shown.page.evaluate(f"() => {{ {TOUCH} {acts} one('save').click(); one('pick').click(); }}")
        download.value.save_as(tmp_path / "one.png")
        return download.value.suggested_filename, np.asarray(Image.open(tmp_path / "one.png").convert("L")).astype(int)

    seventh = run.sample(8, units=True)[7, 0].numpy()
    for acts in ("tile(7).click();", "slide(first, 1.5);"):  # the second is not shown yet, and is not said either
        name, values = saved(acts)
        assert name == "digits-run-seed0-7.png"
        assert np.abs(values - seventh).max() <= 1
    labels = [one.get_attribute("aria-label") for one in shown.page.locator("#picks button").all()]
    assert labels == ["Sample 7 of seed 0"] * 2
    shown.page.wait_for_function("() => document.getElementById('command').textContent.includes('--latent=')")
    assert saved("")[0] == "digits-run-seed0-7-moved.png"
    assert shown.page.locator("#picks button").nth(2).get_attribute("aria-label") == "Sample 7 of seed 0 (moved)"


def test_another_slice_or_colour_scheme_only_repaints(explored, tmp_path):
    shown = explored(write_explore(weights_file(tmp_path, "volumes"), tmp_path / "page.html").path)
    shown.page.wait_for_function(MAP_IS_WHOLE)
    canvases = ["#large", "#pad canvas", ".wall button:nth-child(2) canvas", "#between button:nth-child(5) canvas"]
    look = lambda: [shown.page.locator(one).evaluate(PIXELS) for one in canvases]  # noqa: E731
    for k in (0, 1):
        shown.page.evaluate(f"() => {{ {TOUCH} tile({k}).click(); one('pick').click(); }}")
    shown.page.wait_for_selector("#between button:nth-child(10)")
    shown.page.wait_for_function(MAP_IS_WHOLE)
    before = look()
    calls = "const set = Float32Array.prototype.set; window.calls = 0;" + (
        "Float32Array.prototype.set = function (...all) { window.calls += 1; return set.apply(this, all); };"
    )
    shown.page.evaluate(f"() => {{ {TOUCH} {calls} for (let k = 0; k < 10; k++) slide(one('slice'), k); }}")
    shown.page.emulate_media(color_scheme="dark")
    shown.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert shown.page.evaluate("window.calls") == 0
    assert all(old != new for old, new in zip(before, look(), strict=True))
    shown.page.locator("#pick").click()
    shown.page.wait_for_selector("#between button:nth-child(20)")
    assert shown.page.locator("#between button").count() == 20
    assert shown.page.locator("#picks button").count() == 3


def test_a_class_keeps_the_moves_of_the_chosen_sample(explored, asked_page):
    source, page = asked_page
    shown = explored(page)
    shown.slide(shown.page.locator("#sliders input").first, 1.5)
    shown.page.get_by_label("eel").check()
    shown.page.wait_for_function("() => document.getElementById('command').textContent.includes('label=eel')")
    z = latent_of(re.search(r"--latent=([\w-]+)", shown.command())[1], source.latent_size)
    asked = {"label": "eel", "tags": "", "energy": float(re.search(r"energy=([\d.]+)", shown.command())[1])}
    conditions = source.conditions(1, asked)
    expected = source.spec.to_stored(torch.cat(list(source.stream(z, conditions=conditions))))[0, 0].numpy()
    assert np.abs(shown.large()[:, :, 0].astype(int) - expected).max() <= 1


def test_more_samples_go_on_where_the_wall_ends(explored, page, run):
    shown = explored(page)
    count = shown.page.locator(".wall button").count()
    shown.page.locator("#more").click()
    shown.page.wait_for_function("(k) => document.querySelectorAll('.wall button').length > k", arg=count)
    shown.page.wait_for_function(
        f"(k) => {{ {TOUCH} tile(k).click(); return command.textContent.endsWith(`--only ${{k}}`); }}", arg=count + 3
    )
    expected = run.sample(count + 4, units=True)[count + 3, 0].numpy()
    assert np.abs(shown.large()[:, :, 0].astype(int) - expected).max() <= 1


def test_a_phone_leads_back_to_the_samples(explored, page):
    shown = explored(page, width=390)
    shown.page.locator(".wall button").nth(2).click()
    shown.page.get_by_role("link", name="Back to the samples").click()
    shown.page.wait_for_function("() => Math.abs(document.getElementById('samples').getBoundingClientRect().top) < 2")


def test_points_are_a_cloud_of_which_one_can_be_chosen(explored, tmp_path):
    source = weights_file(tmp_path, "points")
    shown = explored(write_explore(source, tmp_path / "page.html").path)
    assert shown.page.locator("#large").is_hidden()
    shown.page.locator(".wall canvas").click(position={"x": 200, "y": 200})
    shown.page.wait_for_function("() => !document.getElementById('command').textContent.includes('--only 0')")
    index = int(re.search(r"--seed 0 --only (\d+)", shown.command())[1])
    expected = source.sample(index + 1)[index].numpy()
    said = dict(re.findall(r"(\w) (-?[\d.e-]+)", shown.page.locator("#which").inner_text().partition(": ")[2]))
    assert [float(said[name]) for name in "abc"] == pytest.approx(expected.tolist(), rel=2e-3, abs=0.05)
    shown.page.get_by_role("application", name="Samples").press("ArrowRight")
    assert shown.command().endswith(f"--only {index + 1}")
    shown.page.keyboard.press("ArrowUp")
    assert shown.command().endswith(f"--only {index}")
    assert shown.opened.complaints == []
