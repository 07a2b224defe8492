"""Films, with a stand-in encoder that records its input."""

import json
import sys
import textwrap

import numpy as np
import pytest
from PIL import Image

from helpers import small_experiment
from wgan.errors import TrainingError
from wgan.views import film


@pytest.fixture
def stand_in(tmp_path):
    """Make an executable called ffmpeg whose body is the given Python; returns its path."""

    def write(body: str):
        path = tmp_path / "bin" / "ffmpeg"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!{sys.executable}\nimport json, sys\n" + textwrap.dedent(body))
        path.chmod(0o755)
        return path

    return write


KEEP = """
    frames = sys.stdin.buffer.read()
    open(sys.argv[-1] + ".raw", "wb").write(frames)
    open(sys.argv[-1], "w").write(json.dumps(sys.argv[1:]))
"""


def test_every_frame_reaches_the_encoder_in_order_and_the_last_is_held(stand_in, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, size=(3, 5, 7, 3), dtype=np.uint8)
    paths = [tmp_path / f"{i}.png" for i in range(len(pixels))]
    for path, frame in zip(paths, pixels, strict=True):
        Image.fromarray(frame).save(path)
    film(paths, tmp_path / "a.mp4", milliseconds=500, encoder=str(stand_in(KEEP)))
    frames = np.frombuffer((tmp_path / "a.mp4.raw").read_bytes(), np.uint8).reshape(-1, 5, 7, 3)
    np.testing.assert_array_equal(frames, pixels[[0, 1, 2, 2, 2, 2]])  # two seconds are four frames
    options = json.loads((tmp_path / "a.mp4").read_text())
    assert options[options.index("-video_size") + 1] == "7x5"
    assert options[options.index("-framerate") + 1] == "2"


def test_an_encoder_that_gives_up_is_quoted(stand_in, tmp_path):
    path = tmp_path / "0.png"
    Image.new("RGB", (600, 600)).save(path)  # larger than a pipe holds
    failing = stand_in("sys.exit('Unknown encoder')")
    with pytest.raises(TrainingError, match="ffmpeg could not make a film: Unknown encoder"):
        film([path] * 5, tmp_path / "a.mp4", milliseconds=100, encoder=str(failing))


def test_an_encoder_that_says_much_is_listened_to(stand_in, tmp_path):
    path = tmp_path / "0.png"
    Image.new("RGB", (600, 600)).save(path)
    chatty = stand_in("sys.stderr.write('x' * 300_000 + chr(10) + 'last words'); sys.stdin.buffer.read(); sys.exit(1)")
    with pytest.raises(TrainingError, match="film: last words"):
        film([path] * 5, tmp_path / "a.mp4", milliseconds=100, encoder=str(chatty))


def test_an_encoder_that_cannot_be_started_is_told(tmp_path):
    path = tmp_path / "0.png"
    Image.new("RGB", (6, 6)).save(path)
    (tmp_path / "ffmpeg").write_bytes(b"no program")
    (tmp_path / "ffmpeg").chmod(0o755)
    with pytest.raises(TrainingError, match="ffmpeg could not be started: Exec format error"):
        film([path], tmp_path / "a.mp4", milliseconds=100, encoder=str(tmp_path / "ffmpeg"))


def test_a_run_has_a_film_where_there_is_an_encoder_and_never_half_of_one(stand_in, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    without = small_experiment(tmp_path / "without")
    list(without.events())
    assert without.run.evolution_file.exists()
    assert not without.run.film_file.exists()

    stand_in(KEEP)
    made = small_experiment(tmp_path / "made")
    list(made.events())
    assert made.run.film_file.exists()

    stand_in("open(sys.argv[-1], 'w').write('half'); sys.exit(1)")
    failed = small_experiment(tmp_path / "failed")
    with pytest.warns(UserWarning, match=r"could not make a film: it gave no reason\. .*evolution\.gif has the same"):
        list(failed.events())
    assert failed.complete
    assert not failed.run.film_file.exists()
