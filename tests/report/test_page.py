"""The report is one self-contained file, and names cannot inject code into it."""

import base64
import hashlib
import io
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from helpers import Described, small_run
from signals import BROKEN, write_signals
from wgan.data import find_pack
from wgan.report import reals, write_report
from wgan.runs.doctor import diagnose
from wgan.runs.run import Run
from wgan.runs.sheets import grid_sheet
from wgan.views import picture


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("trained") / "run")


@pytest.fixture
def run(tmp_path, trained):
    place = tmp_path / "<img src=x onerror=alert(1)>"
    shutil.copytree(trained.path, place)
    return Run(place)


def page_of(runs, tmp_path):
    write_report(runs, tmp_path / "page.html")
    return (tmp_path / "page.html").read_text()


def headings(page):
    return re.findall("<h2>(.*?)</h2>", page)


def test_the_page_is_self_contained_and_complete(run, tmp_path):
    page = page_of([run], tmp_path)
    assert not re.search(r"""(src|href)=["'](?!data:)""", page), "everything is in the page"
    grids = re.findall(r'class="grid" src="data:image/\w+;base64,([^"]+)" data-step="(\d+)"', page)
    assert [int(step) for _, step in grids] == list(run.samples())
    with Image.open(io.BytesIO(base64.b64decode(grids[-1][0]))) as shown, Image.open(run.sample_file(12)) as saved:
        np.testing.assert_array_equal(np.asarray(shown), np.asarray(saved))
    for expected in ("objective.penalty_weight", "BatchNorm1d", "1,797 8x8 grey pictures", run.provenance.torch):
        assert expected in page


def test_the_browser_is_told_to_run_this_script_only(run, tmp_path):
    page = page_of([run], tmp_path)
    (script,) = re.findall("<script>(.*?)</script>", page, re.DOTALL)
    expected = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{expected}'" in page


def test_what_a_run_measured_has_its_sections_in_order(run, tmp_path):
    assert headings(page_of([run], tmp_path)) == [
        "Samples over training",
        "Real and generated samples",
        "Nearest training pictures",
        "Beside real samples",
        "Training curves",
        "Gradients by layer",
        "Critic weights",
        "Settings and environment",
    ]
    write_signals(run)
    page = page_of([run], tmp_path)
    assert headings(page)[2:6] == ["Nearest training pictures", "Beside real samples", "Metrics", "Training curves"]
    assert page.index('class="badge"') < page.index("Samples over training")


def test_a_run_that_wrote_nothing_yet_has_a_page(run, tmp_path):
    run.metrics_file.unlink()
    run.comparisons_file.unlink()
    run.critic_file.unlink()
    run.generator_file.unlink()
    for path in run.samples().values():
        path.unlink()
    page = page_of([run], tmp_path)
    assert headings(page) == ["Nearest training pictures", "Settings and environment"]
    assert "it has not reached its first checkpoint" in page


def test_the_verdict_is_the_doctors(run, tmp_path):
    found = diagnose(run)
    page = page_of([run], tmp_path)
    assert f'<p class="badge">{found.verdict.value.replace("-", " ")}</p>' in page
    assert found.summary in page


def test_a_finding_shows_its_evidence_its_advice_and_what_to_type(run, tmp_path, monkeypatch):
    monkeypatch.setattr("wgan.report.page.diagnose", lambda run: BROKEN)
    page = page_of([run], tmp_path)
    assert '<p class="badge">unstable</p>' in page
    for finding in BROKEN.findings:
        assert finding.evidence in page
        assert finding.advice in page
    assert "--set networks.critic_norm=layer\n--set &#39;ignore=[&#34;&lt;b&gt;&#34;]&#39;" in page
    assert re.findall('class="card finding ([a-z]+)"', page) == ["error", "warning", "note"]


def test_names_are_shown_and_never_run(run, tmp_path):
    page = page_of([run], tmp_path)
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img src=x" not in page
    other = small_run(tmp_path / "other", training__seed=1)
    assert "<img src=x" not in page_of([run, other], tmp_path), "nor as the name of a line, or in an alternative text"


def test_several_runs_lie_side_by_side(run, tmp_path):
    other = small_run(tmp_path / "other", training__seed=1, output__sample_every=3)
    page = page_of([run, other, run], tmp_path)
    assert page.count("<article>") == 2, "the same run twice is one"
    (steps,) = re.findall(r'data-steps="([\d,]+)"', page)
    assert [int(step) for step in steps.split(",")] == sorted({*run.samples(), *other.samples()})
    (differing,) = re.findall("<h2>Settings that differ</h2>.*?<tbody>(.*?)</table>", page, re.DOTALL)
    assert re.findall(r"<tr><th>([\w.]+)</th>", differing) == ["training.seed", "output.sample_every"]
    distance = page.partition("<h3>Distance</h3>")[2].partition("</figure>")[0]
    assert [len(re.findall(f'class="{kind}" data-line', distance)) for kind in ("line c0", "line c1")] == [1, 0]
    assert distance.count('class="band c0"') == 1, "two seeds are a group"
    twin = small_run(tmp_path / "twin", output__sample_every=3)
    distance = page_of([run, twin], tmp_path).partition("<h3>Distance</h3>")[2].partition("</figure>")[0]
    assert [len(re.findall(f'class="line c{i}" data-line', distance)) for i in range(3)] == [1, 1, 0]


def test_points_have_no_pictures_to_compare(tmp_path):
    run = small_run(tmp_path / "points", source=np.random.default_rng(0).normal(size=(500, 2)).astype(np.float32))
    page = page_of([run], tmp_path)
    assert headings(page) == [
        "Samples over training",
        "Real and generated samples",
        "Beside real samples",
        "Training curves",
        "Gradients by layer",
        "Critic weights",
        "Settings and environment",
    ]


@pytest.mark.parametrize("shape", [(8, 8), (1, 32), (3,)], ids=["pictures", "signals", "points"])
def test_real_samples_are_laid_out_as_conditional_ones_are(shape, tmp_path, monkeypatch):
    settings = {"data__kind": "signal"} if shape == (1, 32) else {}
    run = small_run(tmp_path / "run", source=Described(shape, 200), data__condition=("label", "energy"), **settings)
    drawn = []

    def seen(samples, *what, real, **how):
        drawn.append((samples, how))
        return picture(samples, *what, real=real, **how)

    monkeypatch.setattr(reals, "picture", seen)
    page = page_of([run], tmp_path)
    assert "Equal numbers in the same layout." in page
    (samples, how), sheet = drawn[0], grid_sheet(run.config, run.spec, 1)
    assert len(samples) == len(sheet.latents) or not run.spec.is_spatial
    if run.spec.is_spatial:
        assert how["heads"] == ("cat", "dog", "eel")
        assert "In each column, real samples are what" in page
        bright = samples.flatten(1).mean(1)  # the classes are 50 apart, and other things at most 82
        means = [bright[place :: len(how["heads"])].mean() for place in range(3)]
        assert means == sorted(means)
    else:
        assert how["by"].names == ("cat", "dog", "eel")
        assert "In each column" not in page
    drawn.clear()
    monkeypatch.setattr(
        "wgan.report.facts.find_pack", lambda digest, condition=None: None if condition else find_pack(digest)
    )
    page = page_of([run], tmp_path)
    assert "Real samples are in no order where" in page
    assert "In each column" not in page
    assert not drawn[0][1], "no heads"


def test_data_that_are_gone_are_told_as_such(run, tmp_path, monkeypatch):
    monkeypatch.setenv("WGAN_CACHE", str(tmp_path / "empty"))
    page = page_of([run], tmp_path)
    assert "not in this machine" in page
    assert "Real and generated samples" not in page
    assert not (tmp_path / "empty").exists(), "nothing is packed for a report"
