"""What values show of themselves in a notebook. The oracle is the standard library's parser of HTML."""

import base64
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import wgan
from helpers import small_config, small_run
from wgan.diagnosis import Diagnosis, Finding, Severity, Verdict
from wgan.diagnosis.html import GROUNDS
from wgan.errors import InputError
from wgan.evaluation.result import Evaluation, Result
from wgan.runs.html import PREVIEW

EVIL = '<script>alert("1")</script> & <b>'
VOID = {"img", "br"}


class Page(HTMLParser):
    """The elements and the text of a piece of HTML, whose tags must match."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.pictures, self._open = [], "", [], []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.pictures += [value for name, value in attrs if name == "src"]
        assert not any(name.startswith("on") or name in ("class", "id") for name, _ in attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data + "\n"


def shown(value):
    page = Page(value._repr_html_())
    assert not {"script", "style", "link", "iframe"} & set(page.tags)
    assert all(source.startswith("data:image/") for source in page.pictures), "it loads nothing"
    return page


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("runs") / "a <b> run")


def test_a_run_shows_its_verdict_its_newest_grid_and_facts(run):
    page = shown(run)
    for told in ("a <b> run", wgan.diagnose(run).verdict.value, "digits: 1,797 8x8 grey pictures", "12 of 12"):
        assert told in page.text
    (picture,) = page.pictures
    width, _ = decoded(picture).size
    assert width == min(PREVIEW, run.grid().width)


def decoded(uri):
    return Image.open(io.BytesIO(base64.b64decode(uri.partition("base64,")[2])))


def test_a_run_that_cannot_be_read_says_why(tmp_path, run):
    assert "config.toml cannot be read" in shown(wgan.Run(tmp_path / "<b>none")).text
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "config.toml").write_text(f"recipe = '{EVIL}'\n[provenance]")
    assert "cannot be read" in shown(wgan.Run(damaged)).text


def test_a_damaged_grid_does_not_hide_the_rest(tmp_path):
    run = small_run(tmp_path / "run")
    max(run.samples().values()).write_bytes(b"no picture")
    page = shown(run)
    assert "not a picture" in page.text
    assert "12 of 12" in page.text


def test_a_diagnosis_shows_its_findings_and_opens_errors():
    error = Finding("a-code", Severity.error, EVIL, "Do <this>.", ("networks.critic_norm=layer",), 50, "Someone 2020")
    note = error._replace(severity=Severity.note, settings=(), step=None)
    html = Diagnosis(Verdict.broken, f"Why: {EVIL}", (error, note), 1200)._repr_html_()
    page = Page(html)
    assert "script" not in page.tags
    for told in ("broken", f"Why: {EVIL}", EVIL, "Do <this>.", "--set networks.critic_norm=layer", "Someone 2020"):
        assert told in re.sub(r"\n", "", page.text), told
    assert "since step 50" in page.text
    assert html.count("<details open") == 1
    assert page.tags.count("details") == 2


def test_every_tone_has_the_ground_that_the_report_gives_it():
    css = (Path(wgan.__file__).parent / "report" / "templates" / "page.css").read_text()
    light = dict(re.findall(r"--(good|wait|care|bad): (#\w{6})", css.partition("@media")[0]))
    for tone in [*Verdict, *Severity]:
        variable = re.search(rf"^[^\n]*\.{tone.value}\b[^\n]*--tone: var\(--(\w+)\)", css, re.MULTILINE)[1]
        assert GROUNDS[tone.value] == light[variable]


@pytest.mark.parametrize("ground", sorted(set(GROUNDS.values())))
def test_white_is_legible_on_every_ground(ground):
    """The contrast ratio of WCAG 2, at least 4.5 for text."""
    parts = np.array([int(ground[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5


def test_an_evaluation_is_a_table():
    results = {
        EVIL: Result(1.5, 0.25, 1.25, 1.75, "lower", 10),
        "recall": Result(float("nan"), 0.5, None, None, "higher", 10),
    }
    page = shown(Evaluation(None, 10, 20, 30, 1, 0, EVIL, 0.1, results, {}, (EVIL,)))
    for told in (EVIL, "1.5", "1.25 to 1.75", "0.25", "not finite", "higher"):
        assert told in page.text
    assert page.tags.count("tr") == 3


def test_a_configuration_shows_every_setting():
    config = small_config()
    config = config.model_copy(update={"data": config.data.model_copy(update={"source": EVIL})})
    page = shown(config)
    words = page.text.split("\n")
    for section, settings in config.to_dict().items():
        assert section in words or not settings
        for key in settings if isinstance(settings, dict) else ():
            assert key in words or settings[key] == []
    assert EVIL in page.text
    assert "16, 16" in words


def test_data_describe_themselves(tmp_path):
    rows = np.random.default_rng(0).normal(size=(40, 1, 32)).astype(np.float32)
    np.save(tmp_path / "<b>.npy", rows)
    found = wgan.describe(tmp_path / "<b>.npy", progress=False)
    page = shown(found)
    for told in ("<b>", "40 signals of 32 values", "held out", "wgan-gp-signals"):
        assert told in page.text
    assert len(page.pictures) == 1
    assert str(tmp_path) not in repr(found)
    assert json.loads(json.dumps(found.to_dict()))["packed"]["count"] == 40
    assert found.sheet().width > 100


@pytest.mark.parametrize(
    ("shape", "kind"), [((30, 1, 8, 8), "picture"), ((90, 3), "points"), ((9, 1, 8, 8, 8), "volume")]
)
def test_data_of_each_kind_show_samples(shape, kind):
    page = shown(wgan.describe(np.random.default_rng(0).random(shape, np.float32), progress=False))
    assert kind in page.text.split("\n")
    assert len(page.pictures) == 1


def test_grids_and_curves_are_the_pictures_of_the_run(run):
    for step, path in run.samples().items():
        with Image.open(path) as expected:
            assert np.array_equal(run.grid(step), expected)
    assert np.array_equal(run.grid(), run.grid(12))
    with Image.open(run.curves_file) as expected:
        assert np.array_equal(run.curves(), expected)


def test_an_animation_is_a_gif_of_the_grids(run, tmp_path):
    found = run.animation()
    found.save(tmp_path / "new" / "a.gif")
    with Image.open(tmp_path / "new" / "a.gif") as gif:
        assert gif.n_frames == len(run.samples()) == 4
        gif.seek(3)
        assert np.array_equal(gif.convert("L"), run.grid())
    assert Image.open(io.BytesIO(run.animation(frames=2).content)).n_frames == 2
    assert decoded(shown(found).pictures[0]).format == "GIF"
    with pytest.raises(InputError, match=r"ends in \.gif"):
        found.save(tmp_path / "a.mp4")


def test_what_a_run_does_not_have_is_told(run, tmp_path):
    with pytest.raises(InputError, match=r"no grid of step 7\. The nearest is that of step 8"):
        run.grid(7)
    with pytest.raises(InputError, match="at least 1 frame"):
        run.animation(frames=0)
    begun = wgan.Run(tmp_path / "begun")
    begun.path.mkdir()
    begun.config_file.write_bytes(run.config_file.read_bytes())
    for call in (begun.grid, begun.animation):
        with pytest.raises(InputError, match="no grid of samples yet"):
            call()
    with pytest.raises(InputError, match="first line of its log comes at step 5"):
        begun.curves()
    assert "0 of 12" in shown(begun).text
