"""Untrusted text on the page and in the terminal is shown, and never interpreted."""

import io
import json
import tomllib
from html.parser import HTMLParser

import pytest
import tomli_w
from PIL import Image
from rich.console import Console
from typer.testing import CliRunner

from wgan.cli import app
from wgan.runs.run import Run
from wgan.system.files import append_row
from wgan.system.text import printable
from wgan.views.terminal import Terminal

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}\u202e\x1b[31m\ud800"
RESULT = {"value": 2.0, "floor": 1.0, "low": 1.5, "high": 2.5, "better": EVIL, "n": 180}


class Page(HTMLParser):
    """The scripts, handlers and links that a browser would find."""

    def __init__(self):
        super().__init__()
        self.scripts, self.tags, self.handlers, self.places = 0, set(), [], set()

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.places |= {(value or "").partition(":")[0] for name, value in attrs if name in ("src", "href")}


def test_the_report_shows_names_as_text(run):
    values = tomllib.loads((run / "config.toml").read_text())
    words = EVIL.encode("utf-8", "replace").decode().replace("\x1b", "\\x1b")
    values["recipe"] = words
    values["custom"] = {"objective": words}
    values["provenance"] |= dict.fromkeys(
        ("machine", "device", "data_name", "started", "wgan", "torch", "python"), words
    )
    (run / "config.toml").write_text(tomli_w.dumps(values))
    opened = Run.open(run)
    row = {"step": 6, "n": 180, "seed": 0, "metrics": {"frechet": RESULT, EVIL: RESULT}}
    for step in (3, 6):
        append_row(opened.evaluations_file, row | {"step": step, "seen_by": {EVIL: EVIL}, "notes": [EVIL]})
        layers = {EVIL: {EVIL: 1.0}}
        append_row(opened.metrics_file, {"step": 7 + step, EVIL: 1.0, "distance": 1.0, "layers": layers})
    opened.failure_file.write_text(json.dumps({"step": 6, "what": EVIL}))
    place = run.rename(run.with_name("<script>alert(3)"))
    result = CliRunner().invoke(app, ["report", str(place)])
    assert result.exit_code == 0, result.output
    text = (place / "report.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert page.scripts == 1
    assert page.handlers == []
    assert page.places <= {"data"}
    assert not page.tags & {"iframe", "object", "embed", "form", "base", "frame", "audio", "video"}
    assert "alert(1)" in text
    assert "49" not in [part for part in text.split("{{") if part.startswith("7*7")]
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "\ud800" not in text


def test_the_report_keeps_its_policy(run):
    CliRunner().invoke(app, ["report", str(run)])
    text = (run / "report.html").read_text()
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-" in text


NAMES = {
    "[red]bold.png": "[red]bold.png",
    "\x1b]0;title\x07\x1b[2J.png": r"\x1b]0;title\x07\x1b[2J.png",
    "a\rb\nc.png": r"a\rb\nc.png",
    "\u202egnp.exe": r"\u202egnp.exe",
    ":bomb:.txt": ":bomb:.txt",
    "\udcff.png": r"\udcff.png",
}
"""Names of files, and how they are shown."""


def test_the_terminal_shows_names_of_files_as_they_are(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("RGB", (8, 8), "red").save(folder / "sound.png")
    for name in NAMES:
        (folder / name).write_bytes(b"no picture")
    output = CliRunner().invoke(app, ["data", str(folder), "--out", str(tmp_path / "sheet.png")]).output
    for shown in NAMES.values():
        assert shown in output
    assert not set(output) & set("\x1b\r\x07\u202e\udcff")
    bad = tmp_path / "\x1b[31m[b]no\udcff"
    bad.mkdir()
    result = CliRunner().invoke(app, ["data", str(bad)])
    assert result.exit_code == 2
    assert r"\x1b[31m[b]no\udcff: it is empty" in result.output


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_shows_names_as_they_are(terminal):
    stream = io.StringIO()
    shown = Terminal(Console(file=stream, force_terminal=terminal, width=200))
    for _ in shown.counted([1, 2], 2, "packing [red]x[/red] :bomb: \x1b[31m"):
        pass
    shown.say("[b]y[/b] :bomb: \x1b[31m")
    assert r"packing [red]x[/red] :bomb: \x1b[31m" in stream.getvalue()
    assert r"[b]y[/b] :bomb: \x1b[31m" in stream.getvalue()


def test_words_of_people_stay_as_they_are():
    for text in ("Ærø 写真 📷 café · “x”", "👩\u200d🔬", "ไทย हिन्दी עברית العربية"):
        assert printable(text) == text
