"""Commands speak the language that is asked for, and nothing else changes."""

import json
import re

import pytest
from torch import nn
from typer.testing import CliRunner

from helpers import small_run
from wgan import train
from wgan.cli import app
from wgan.errors import InputError
from wgan.language import language, using

HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("run") / "r1")


@pytest.fixture
def chinese(monkeypatch):
    """A machine whose locale is Chinese."""
    monkeypatch.delenv("WGAN_LANG")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


def wgan(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.stdout


def test_the_locale_decides(run, chinese):
    told = wgan("doctor", run.path)
    assert told.startswith(f"{run.path}：第 12 步，")
    assert "警告：dataset" in told or "提示：" in told or "错误：" in told or "没有发现问题" in told


def test_an_option_decides_before_it(run, chinese):
    in_chinese = wgan("doctor", run.path)
    assert wgan("doctor", run.path, "--lang", "en").startswith(f"{run.path}: ")
    assert wgan("--lang", "en", "doctor", run.path).startswith(f"{run.path}: ")
    assert wgan("--lang", "en", "doctor", run.path, "--lang", "zh") == in_chinese
    assert wgan("doctor", run.path) == in_chinese, "for one command only"


def test_without_a_locale_it_is_english_until_asked(run):
    assert not HAN.search(wgan("doctor", run.path))
    assert HAN.search(wgan("--lang", "zh", "doctor", run.path))
    assert language() == "en"
    wgan("doctor", run.path, "--lang", "xx", code=2)


def test_json_keeps_its_keys_and_codes(run):
    english, chinese = (json.loads(wgan("doctor", run.path, "--json", "--lang", name)) for name in ("en", "zh"))
    assert HAN.search(chinese["summary"])
    for told in (english, chinese):
        told["summary"] = ""
        for finding in told["findings"]:
            finding["evidence"] = finding["advice"] = ""
    assert english == chinese


def test_training_ends_in_chinese_and_writes_english(tmp_path):
    settings = ["--steps", 4, "--batch-size", 8, "--out", tmp_path / "r", "--set", "training.critic_steps=1"]
    told = wgan("train", *settings, "--lang", "zh")
    assert "完成：4 步" in told
    assert "\n结论：" in told
    assert f"  {tmp_path / 'r' / 'report.html'}   汇总在一页上的报告" in told
    assert "好" in wgan("evaluate", tmp_path / "r", "-n", 20, "--metrics", "frechet", "--lang", "zh")
    texts = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "r").glob("*.*l*") if path.is_file()}
    assert {"config.toml", "metrics.jsonl", "comparisons.jsonl", "evaluations.jsonl", "report.html"} <= {*texts}
    assert [name for name, text in texts.items() if HAN.search(text)] == ["report.html"]
    assert 'lang="zh-CN"' in texts["report.html"]
    wgan("report", tmp_path / "r")
    assert 'lang="en"' in (tmp_path / "r" / "report.html").read_text(encoding="utf-8")


def test_a_refusal_says_why_in_chinese(tmp_path):
    norm = nn.BatchNorm1d(8, track_running_stats=False)
    critic = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), norm, nn.Linear(8, 1), nn.Flatten(0))
    with using("zh"), pytest.raises(InputError) as refused:
        train("digits", critic=critic, steps=4, out=tmp_path / "r", progress=False)
    assert "判别器把一个批次里的样本混在一起" in str(refused.value)
    assert """--set 'ignore=["critic-mixes-samples"]'""" in str(refused.value)
