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
    assert float(shown.page.locator("#pad").get_attribute("aria-valuetext").split(",")[0]) > 0


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


def test_points_are_a_cloud_of_which_one_can_be_chosen(explored, tmp_path):
    source = weights_file(tmp_path, "points")
    shown = explored(write_explore(source, tmp_path / "page.html").path)
    shown.page.locator(".wall canvas").click(position={"x": 200, "y": 200})
    shown.page.wait_for_function("() => !document.getElementById('command').textContent.includes('--only 0')")
    index = int(re.search(r"--seed 0 --only (\d+)", shown.command())[1])
    expected = source.sample(index + 1)[index].numpy()
    said = dict(re.findall(r"(\w) (-?[\d.e-]+)", shown.page.locator("#which").inner_text().partition(": ")[2]))
    assert [float(said[name]) for name in "abc"] == pytest.approx(expected.tolist(), rel=2e-3, abs=0.05)
    assert shown.opened.complaints == []
