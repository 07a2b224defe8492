"""The report in a browser: it works from disk, is read on a phone and in the dark, and runs nothing that it shows."""

import json
import shutil

import pytest

from helpers import small_run
from signals import BROKEN, write_signals
from wgan.diagnosis import Diagnosis, Finding, Severity, Verdict
from wgan.language import using
from wgan.report import write_report
from wgan.runs.run import Run
from wgan.views.svg import LEFT, RIGHT, WIDTH

HOSTILE = "<img src=x onerror=window.hit=1><script>window.hit=1<"
"""With no slash, for it is a folder's name too."""

CONTRASTS = """() => {
  const channel = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const worst = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.tagName === "SCRIPT" || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ink = light(parts(element instanceof SVGElement ? style.fill : style.color)), paper = light(ground(element));
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    worst.push([contrast, element.tagName + ": " + element.textContent.trim().slice(0, 40)]);
  }
  return worst.sort((a, b) => a[0] - b[0]);
}"""
"""The contrast of every text with what lies behind it, the worst first: WCAG 2.2, "relative luminance"."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of many lines, with evaluations, and one of three."""
    folder = tmp_path_factory.mktemp("runs")
    full, short = small_run(folder / "full" / "run"), small_run(folder / "short" / "run", output__sample_every=5)
    write_signals(full)
    return full, short


@pytest.fixture(autouse=True)
def _diagnoses(monkeypatch):
    """Of the long run, one with all kinds of findings; of another, a good one."""
    healthy = Diagnosis(Verdict.healthy, "It works.", (), 12)
    monkeypatch.setattr(
        "wgan.report.page.diagnose", lambda run: BROKEN if run.metrics()[-1]["step"] == 1000 else healthy
    )


@pytest.fixture
def single(trained, tmp_path):
    write_report(trained[:1], tmp_path / "page.html")
    return tmp_path / "page.html"


@pytest.fixture
def comparison(trained, tmp_path):
    write_report(trained, tmp_path / "page.html")
    return tmp_path / "page.html"


@pytest.fixture(scope="module")
def groups(trained, tmp_path_factory):
    """A page of ten settings with two seeds each, whose logs were written by hand."""
    folder = tmp_path_factory.mktemp("groups")
    runs = []
    for weight in range(1, 11):
        for seed in (0, 1):
            place = folder / f"weight-{weight}-seed-{seed}"
            shutil.copytree(trained[0].path, place)
            text = (place / "config.toml").read_text()
            text = text.replace("penalty_weight = 10.0", f"penalty_weight = {weight}.0", 1)
            (place / "config.toml").write_text(text.replace("seed = 0", f"seed = {seed}", 1))
            rows = [
                {"step": 50 * i, "distance": weight + seed - 0.01 * i, "real_score": 1.0, "fake_score": -1.0 * weight}
                for i in range(20 - 5 * seed)
            ]
            (place / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
            runs.append(Run(place))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("wgan.report.page.diagnose", lambda run: Diagnosis(Verdict.healthy, "It works.", (), 950))
        write_report(runs, folder / "page.html")
    return folder / "page.html"


@pytest.mark.parametrize("kind", ["single", "comparison", "groups"])
def test_a_page_opens_without_a_complaint_and_asks_for_nothing(opened, request, kind):
    report = opened(request.getfixturevalue(kind))
    broken = report.page.evaluate("[...document.images].filter((one) => !one.naturalWidth).length")
    assert broken == 0, "every picture is one"
    assert report.page.locator("img:not([alt]), svg:not([aria-label], [aria-hidden])").count() == 0
    assert report.complaints == []
    assert report.asked_for() == []


def test_the_slider_moves_the_grid_by_keyboard(opened, single):
    report = opened(single)
    assert report.shown_grids() == [12], "the newest at first"
    slider = report.page.get_by_role("slider", name="step")
    slider.press("Home")
    assert (report.shown_grids(), report.captions()) == ([0], ["step 0"])
    slider.press("ArrowRight")
    assert (report.shown_grids(), report.captions()) == ([4], ["step 4"])
    assert report.page.locator("output").inner_text() == "step 4"
    assert slider.get_attribute("aria-valuetext") == "step 4"
    slider.press("End")
    assert (report.shown_grids(), report.captions()) == ([12], ["step 12"])


def test_the_slider_moves_the_grid_by_mouse(opened, single):
    report = opened(single)
    box = report.page.get_by_role("slider", name="step").bounding_box()
    middle = box["y"] + box["height"] / 2
    report.page.mouse.click(box["x"] + 2, middle)
    assert report.shown_grids() == [0]
    report.page.mouse.down()
    report.page.mouse.move(box["x"] + box["width"] * 0.66, middle, steps=4)
    report.page.mouse.up()
    assert (report.shown_grids(), report.captions()) == ([8], ["step 8"])


def test_the_button_plays_to_the_end(opened, single):
    report = opened(single)
    report.page.get_by_role("button", name="play").click()
    assert report.shown_grids() == [0]
    report.page.clock.run_for(130)
    assert report.shown_grids() == [4]
    report.page.clock.run_for(1000)
    assert report.shown_grids() == [12]
    assert report.page.get_by_role("button", name="play").is_visible(), "ready to play again"


def test_runs_are_compared_step_by_step(opened, comparison):
    report = opened(comparison)
    assert report.page.locator("[data-grids] h3").all_inner_texts() == ["full", "short"]
    assert report.page.locator(".badge").all_inner_texts() == ["unstable", "healthy"]
    slider = report.page.get_by_role("slider", name="step")
    slider.press("Home")
    seen = [report.shown_grids()]
    for _ in range(6):
        slider.press("ArrowRight")
        seen.append(report.shown_grids())
    assert seen == [[0, 0], [4, 0], [4, 5], [8, 5], [8, 10], [12, 12], [12, 12]]
    assert report.captions() == ["step 12", "step 12"]
    lines = report.page.locator(".panel", has=report.page.get_by_role("heading", name="Distance", exact=True))
    colours = lines.locator("polyline").evaluate_all("(all) => all.map((one) => getComputedStyle(one).stroke)")
    assert len(set(colours)) == 2


def test_pointing_at_a_drawing_reads_all_of_them_at_that_step(opened, single, trained):
    report = opened(single)
    panels, heading = report.page.locator(".panel"), report.page.get_by_role
    titles = ("Distance", "Size of an update")
    cards = {title: panels.filter(has=heading("heading", name=title, exact=True)) for title in titles}
    newest = {title: card.locator(".legend b").all_inner_texts() for title, card in cards.items()}
    drawing = cards["Distance"].locator("svg.chart")
    box = drawing.bounding_box()
    middle = (LEFT + RIGHT) / 2 / WIDTH
    drawing.hover(position={"x": box["width"] * middle, "y": box["height"] / 2})
    row = next(row for row in trained[0].metrics() if row["step"] == 500)
    assert cards["Distance"].locator("text.cursor").text_content() == "step 500"
    for title, terms in (("Distance", ["distance"]), ("Size of an update", ["generator_update", "critic_update"])):
        read = [float(text) for text in cards[title].locator(".legend b").all_inner_texts()]
        assert read == pytest.approx([row[term] for term in terms], rel=0.03, abs=1e-9)
    report.page.mouse.move(0, 0)
    assert {title: card.locator(".legend b").all_inner_texts() for title, card in cards.items()} == newest
    assert report.complaints == []


def test_groups_are_bands_with_a_legend_smaller_than_the_drawing(opened, groups):
    for width in (320, 1280):
        report = opened(groups, width=width)
        for title in ("Distance", "Mean scores"):
            card = report.page.locator(".panel", has=report.page.get_by_role("heading", name=title, exact=True))
            assert card.locator(".legend li").count() == 10
            legend, drawing = card.locator(".legend").bounding_box(), card.locator("svg.chart").bounding_box()
            assert legend["height"] < drawing["height"]
            overflow = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).length"
            assert card.locator(".legend li > span").evaluate_all(overflow) == 0, "no name is cut"
        assert card.locator("polygon.band").count() == 20
        pieces = "(all) => all.map((one) => one.getAttribute('class') + one.getAttribute('d').split(/[mM]/)[2])"
        marks = card.locator("svg.chart path.mark").evaluate_all(pieces)
        assert len(set(marks)) == 10
        assert report.page.locator(".count").all_inner_texts() == ["2 healthy"] * 10


@pytest.mark.parametrize("kind", ["single", "comparison", "groups"])
@pytest.mark.parametrize("width", [320, 360, 800])
def test_nothing_is_wider_than_the_screen(opened, request, kind, width):
    page = opened(request.getfixturevalue(kind), width=width).page
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    smallest = page.locator(".chart text").first.evaluate("(one) => one.getBoundingClientRect().height")
    assert smallest >= 10, "the numbers of a drawing can be read"


@pytest.mark.parametrize("kind", ["single", "comparison", "groups"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(opened, request, kind, scheme):
    page = opened(request.getfixturevalue(kind), scheme=scheme).page
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    red, green, blue = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert max(red, green, blue) < 40 if scheme == "dark" else min(red, green, blue) > 215
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 100
    assert contrasts[0][0] >= 4.5, contrasts[0]


def test_all_of_it_is_on_paper(opened, single):
    page = opened(single).page
    assert page.locator("details[open]").count() == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
    assert page.pdf().startswith(b"%PDF")


def test_paper_is_light_whatever_the_screen_is(opened, single):
    page = opened(single, scheme="dark").page
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    contrasts = page.evaluate(CONTRASTS)
    assert contrasts[0][0] >= 4.5, contrasts[0]


def test_what_a_run_is_called_runs_nothing(opened, trained, tmp_path, monkeypatch):
    shutil.copytree(trained[0].path, tmp_path / HOSTILE)
    run = Run(tmp_path / HOSTILE)
    rows = run.metrics()
    rows[0]["layers"]["critic"][HOSTILE] = 1.0
    run.metrics_file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    evaluation = {"value": 1.0, "floor": 0.5, "low": 0.9, "high": 1.1, "better": HOSTILE}
    lines = [
        json.dumps({"step": step, "n": 9, "metrics": {HOSTILE: evaluation}, "notes": [HOSTILE]}) for step in (1, 2)
    ]
    (run.path / "evaluations.jsonl").write_text("\n".join(lines))
    finding = Finding(HOSTILE, Severity.error, HOSTILE, HOSTILE, (HOSTILE,), 1, HOSTILE)
    monkeypatch.setattr("wgan.report.page.diagnose", lambda run: Diagnosis(Verdict.broken, HOSTILE, (finding,), 1))
    for runs in ([run], [run, trained[1]]):
        write_report(runs, tmp_path / "page.html")
        report = opened(tmp_path / "page.html")
        assert HOSTILE in report.page.title()
        assert HOSTILE in report.page.locator("h1").inner_text()
        assert report.page.evaluate("window.hit") is None
        assert report.page.locator("script").count() == 1
        assert report.page.locator("img[onerror]").count() == 0
        assert (report.complaints, report.asked_for()) == ([], [])


def test_in_chinese_what_the_script_says_is_chinese_too(opened, trained, tmp_path):
    with using("zh"):
        write_report(trained, tmp_path / "page.html")
    report = opened(tmp_path / "page.html", width=390)
    button = report.page.get_by_role("button")
    assert button.inner_text() == "播放"
    assert set(report.captions()) == {"第 12 步"}
    button.click()
    assert button.inner_text() == "暂停"
    assert set(report.captions()) == {"第 0 步"}
    report.page.locator("svg[data-across]").first.hover()
    assert report.page.locator("text.cursor").first.text_content().startswith("第 ")
    report.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert report.page.evaluate("document.documentElement.scrollWidth") == 390
    assert report.complaints == []
