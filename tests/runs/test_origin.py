"""Pictures say what they are from, and nothing is lost to another."""

import json
import shutil

import pytest
from PIL import ExifTags, Image

from helpers import small_run
from wgan.errors import InputError
from wgan.runs.origin import FOLDER_MARK, KEY, claim_folder, free_name, origin, save_marked
from wgan.runs.run import Run
from wgan.runs.weights_file import opened


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("a") / "run")


@pytest.fixture(scope="module")
def namesake(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("b") / "run", training__seed=1)


def written(mark, target):
    save_marked(Image.new("L", (8, 8)), target, mark)
    return target


def test_a_picture_says_what_it_is_from(run, tmp_path):
    target = written(origin(run, 6, {"seed": 3}), tmp_path / "x.png")
    with Image.open(target) as image:
        found = json.loads(image.info[KEY])
    assert (found["name"], found["step"], found["request"]) == ("run", 6, {"seed": 3})
    assert origin(run, None, {}).step == 12
    assert str(run.path.parent) not in json.dumps(found), "no path of this machine"
    for name in ("x.jpg", "x.webp"):
        with Image.open(written(origin(run, 6, {"seed": 3}), tmp_path / name)) as image:
            assert json.loads(image.getexif()[ExifTags.Base.ImageDescription]) == found


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_the_same_may_be_written_again_and_nothing_else(run, namesake, tmp_path, suffix):
    mark = origin(run, None, {"seed": 0})
    target = written(mark, tmp_path / f"run-0.{suffix}")
    assert free_name(target, mark, chosen=True) == (target, "")
    other = origin(namesake, None, {"seed": 0})
    free = tmp_path / f"run-0-2.{suffix}"
    assert free_name(target, other, chosen=False) == (free, f"{target} holds samples of another run: this is in {free}")
    with pytest.raises(InputError, match=rf"samples of another run.*Use --out .*run-0-2\.{suffix}"):
        free_name(target, other, chosen=True)
    written(other, free)
    assert free_name(target, other, chosen=False)[0] == free, "its own from before"
    assert free_name(target, origin(run, None, {"seed": 1}), chosen=False)[0] == tmp_path / f"run-0-3.{suffix}"


def test_what_does_not_say_what_it_is_from_is_kept(run, tmp_path):
    mark = origin(run, None, {"seed": 0})
    for name, content in (("x.png", b"no picture"), ("x.npy", b""), ("x.jpg", b"{}")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match="does not say what it is from, and is not overwritten"):
            free_name(tmp_path / name, mark, chosen=True)
    (tmp_path / "y.png").symlink_to(tmp_path / "nowhere")
    assert free_name(tmp_path / "y.png", mark, chosen=False)[0].name == "y-2.png"


def test_a_run_that_was_moved_or_trained_on_is_itself(run, tmp_path):
    mark = origin(run, None, {"seed": 0})
    shutil.copytree(run.path, tmp_path / "moved")
    moved = origin(Run(tmp_path / "moved"), None, {"seed": 0})
    assert moved.compared(mark._asdict()) == ""
    assert mark._replace(weights="later").compared(mark._asdict()) == ""
    assert origin(opened(run.generator_file), None, {"seed": 0}).compared(mark._asdict()) == ""


def test_a_folder_holds_the_samples_of_one_command(run, namesake, tmp_path):
    mark, folder = origin(run, None, {"seed": 0}), tmp_path / "each"
    claim_folder(folder, mark)
    claim_folder(folder, mark)
    assert [path.name for path in folder.iterdir()] == [FOLDER_MARK]
    with pytest.raises(InputError, match=r"samples of another run.*Use --each .*each-2"):
        claim_folder(folder, origin(namesake, None, {"seed": 0}))
    with pytest.raises(InputError, match="other samples of this run"):
        claim_folder(folder, origin(run, None, {"seed": 1}))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "holiday.png").write_bytes(b"")
    with pytest.raises(InputError, match="does not say what it is from"):
        claim_folder(tmp_path / "mine", mark)
    (tmp_path / "empty").mkdir()
    claim_folder(tmp_path / "empty", mark)
