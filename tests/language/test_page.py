"""The report, and values in a notebook, in Chinese: no label is left in English."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from helpers import small_run
from signals import BROKEN, write_signals
from wgan.evaluation.result import Evaluation, Result
from wgan.language import using
from wgan.report import write_report
from wgan.types import SampleSpec
from wgan.views import curves, form

LABELS = set(
    re.findall(
        r"\w+",
        "a against all an and are at be better by critic data environment error evaluation every fakes finite floor "
        "folder from generated generator gradients held higher images in interval is it kind layer lower machine "
        "metric nearest newest not note of on or out output parameters pause per pictures play real reals run "
        "samples sample seen setting settings since step steps than the time to training value warning weights what "
        "with",
    )
)
"""Words of English labels. Names of metrics, layers and machines have none of them."""
SHOWN = ("alt", "aria-label", "aria-valuetext", "data-play", "data-pause", "data-step-text", "title")


class Texts(HTMLParser):
    """What people read on a page, or hear: texts, and attributes that stand for one."""

    def __init__(self, page):
        super().__init__()
        self.texts, self._hidden, self.language = [], None, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.texts += [known[name] for name in SHOWN if name in known]
        self.language = known.get("lang", self.language)
        if tag in ("script", "style", "pre") or known.get("class") == "reference":
            self._hidden = tag

    def handle_endtag(self, tag):
        self._hidden = None if tag == self._hidden else self._hidden

    def handle_data(self, data):
        if self._hidden is None and data.strip():
            self.texts.append(data.strip())


def page_of(runs, path):
    write_report(runs, path)
    return path.read_text(encoding="utf-8")


def english(page):
    """Texts with words of English labels. Names are no words: `training.steps`, `critic-mixes-samples`, C(real)."""
    words = {text: re.findall(r"(?<![\w.`(-])[A-Za-z]+(?![\w.`(-])", text) for text in Texts(page).texts}
    return {text for text, found in words.items() if {word.lower() for word in found} & LABELS}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    run = small_run(tmp_path_factory.mktemp("run") / "r1")
    write_signals(run)
    return run


def test_nothing_on_a_page_in_chinese_is_english(run, tmp_path):
    with using("zh"):
        page = page_of([run], tmp_path / "page.html")
    assert Texts(page).language == "zh-CN"
    assert english(page) == set()
    assert {"训练曲线", "播放", "判别器的权重", "更新幅度", "机器", "设备"} <= {*Texts(page).texts}


def test_nor_of_several_runs_points_or_signals(run, tmp_path):
    random = np.random.default_rng(0)
    points = small_run(tmp_path / "r2", source=random.normal(size=(500, 2)).astype(np.float32))
    with using("zh"):
        page = page_of([points, run], tmp_path / "page.html")
    assert english(page) == set()
    assert "500 个 2 维的点" in page


def test_english_pages_are_seen_to_be_english(run, tmp_path):
    page = page_of([run], tmp_path / "page.html")
    assert Texts(page).language == "en"
    assert len(english(page)) > 60
    assert not re.search("[\u4e00-\u9fff]", page)


def test_codes_are_shown_as_they_are_typed(run, tmp_path, monkeypatch):
    monkeypatch.setattr("wgan.report.page.diagnose", lambda run: BROKEN)
    with using("zh"):
        page = page_of([run], tmp_path / "page.html")
    assert '<span class="severity">错误</span> critic-mixes-samples' in page
    assert '<p class="badge">不稳定</p>' in page


@pytest.mark.parametrize(
    "spec",
    [
        SampleSpec.points(2),
        *(SampleSpec.picture(channels, 8, 6) for channels in (1, 2, 3, 4, 5)),
        SampleSpec("picture", (4, 8, 8), "uint16"),
        *(SampleSpec("signal", (channels, 140), "float32") for channels in (1, 3)),
        *(SampleSpec("volume", (channels, 4, 5, 6), "float32") for channels in (1, 3)),
    ],
)
def test_samples_are_called_on_the_page_what_they_are_called_elsewhere(spec):
    assert form(spec) == str(spec)
    with using("zh"):
        assert not re.search("[a-wy-z]{3}", form(spec)), "x is between sides"


def diagnosed(run):
    """A diagnosis of every severity, without what it was given in English."""
    findings = tuple(finding._replace(evidence="", advice="", settings=()) for finding in BROKEN.findings)
    return BROKEN._replace(summary="", findings=findings)


def evaluated(run):
    odd = Result(float("nan"), 0.5, None, None, "higher", 500)
    results = {"frechet": Result(1.5, 0.25, 1.25, 1.75, "lower", 500), "recall": odd}
    return Evaluation(1000, 500, 400, 300, 4, 0, "digits", 0.1, results, {})


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (lambda run: run, {"步数", "训练样本数（累计）", "用时", "文件夹", "第 12 步的样本"}),
        (diagnosed, {"不稳定", "截至第 1,000 步。", "错误", "警告", "提示", "从第 900 步起"}),
        (evaluated, {"评估", "指标", "95% 区间", "1.25 至 1.75", "越低越好", "非有限值"}),
    ],
    ids=["run", "diagnosis", "evaluation"],
)
def test_nothing_of_a_value_in_a_notebook_is_english(run, value, told):
    with using("zh"):
        page = value(run)._repr_html_()
    assert english(page) == set()
    assert told <= {*Texts(page).texts}
    with using("en"):
        assert len(english(value(run)._repr_html_())) > 3


def test_pictures_of_curves_are_the_same(run):
    """Pillow's font has no Chinese."""
    before = curves(run.metrics())
    with using("zh"):
        assert curves(run.metrics()).tobytes() == before.tobytes()
