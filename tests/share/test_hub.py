"""A folder goes to a hub and comes back: a server on this machine plays the hub and keeps what it gets."""

import shutil

import pytest
import torch
from typer.testing import CliRunner

from helpers import small_run
from hub_server import TOKEN, serving
from wgan import InputError, Run, TrainingError, diagnose, evaluate, load
from wgan.cli import app
from wgan.runs import opened
from wgan.runs.hub import on_hub
from wgan.share.folder import Choices, write_folder
from wgan.share.hub import checked_repository, push_folder

bars = pytest.importorskip("huggingface_hub.utils")
NAME = "owner/digits-of-mine"
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # of the library about its own


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("run") / "r1")


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    target = tmp_path_factory.mktemp("export") / "folder"
    write_folder(run, target, Choices(license="mit", repository=NAME))
    return target


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The hub, a token for it, and an empty cache."""
    with serving() as found:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", found.address)
        template = f"{found.address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        bars.disable_progress_bars()
        yield found
        bars.enable_progress_bars()


def wgan(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_what_was_pushed_comes_back_with_the_same_samples(hub, run, folder, monkeypatch, tmp_path):
    address = push_folder(folder, NAME)
    assert address == f"{hub.address}/{NAME}"
    _, there = hub.repositories[NAME].at("main")
    assert there == {path.name: path.read_bytes() for path in folder.iterdir()}
    hub.asked.clear()
    back = Run.open(f"hf:{NAME}")
    assert torch.equal(back.sample(8, seed=3), run.sample(8, seed=3))
    assert torch.equal(load(f"hf:{NAME}")(run.latents(4)), run.generator()(run.latents(4)))
    assert back.name == "digits-of-mine"
    fetched = {asked.rpartition("/")[2] for asked in hub.asked if "/resolve/" in asked}
    assert fetched == {"config.toml", "generator.safetensors"}, "and nothing else is downloaded"
    monkeypatch.chdir(tmp_path)
    assert wgan("sample", f"hf:{NAME}", "-n", 4).strip() == "digits-of-mine-0.png"
    values = evaluate(f"hf:{NAME}", metrics=["frechet"], n=40, data="digits").values
    assert values == evaluate(run.path, metrics=["frechet"], n=40, data="digits").values


def test_the_command_writes_pushes_and_says_where(hub, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = wgan("export", run.path, "--push", NAME, "--private", "--license", "cc-by-4.0")
    assert told.split() == ["r1-export", f"{hub.address}/{NAME}"]
    repository = hub.repositories[NAME]
    assert repository.private
    card = repository.at("main")[1]["README.md"].decode()
    assert 'license: "cc-by-4.0"' in card
    assert f"wgan sample hf:{NAME} -n 64" in card


def test_another_push_is_one_commit_and_removes_what_is_gone(hub, folder):
    push_folder(folder, NAME)
    repository = hub.repositories[NAME]
    repository.commit({**repository.at("main")[1], "generator.onnx": b"old", "NOTES.md": b"by hand"})
    before = len(repository.files)
    push_folder(folder, NAME)
    assert len(repository.files) == before + 1
    assert {*repository.at("main")[1]} == {*[path.name for path in folder.iterdir()], "NOTES.md"}


def test_a_folder_that_one_is_in_is_not_replaced(hub, run, folder, tmp_path, monkeypatch):
    push_folder(folder, NAME)
    before = hub.repositories[NAME].at("main")
    shutil.copytree(folder, tmp_path / "a")
    monkeypatch.chdir(tmp_path / "a")
    for to in (".", "../a"):
        told = wgan("export", run.path, "--to", to, "--push", NAME, code=2)
        assert "while you are in it. Change to another folder" in " ".join(told.split())
    assert hub.repositories[NAME].at("main") == before
    assert (tmp_path / "a" / "config.toml").is_file()


def test_nothing_is_pushed_without_a_generator(hub, folder, tmp_path):
    push_folder(folder, NAME)
    before = hub.repositories[NAME].at("main")
    (tmp_path / "README.md").write_text("alone")
    with pytest.raises(InputError, match=r"has no config\.toml and no generator\.safetensors: nothing was uploaded"):
        push_folder(tmp_path, NAME)
    assert hub.repositories[NAME].at("main") == before


def test_files_of_a_repository_that_held_no_export_stay(hub, folder, tmp_path):
    folder = shutil.copytree(folder, tmp_path / "plain", ignore=shutil.ignore_patterns("*.onnx"))
    push_folder(folder, NAME)
    hub.repositories[NAME].commit({"generator.onnx": b"of another program"})
    push_folder(folder, NAME)
    assert hub.repositories[NAME].at("main")[1]["generator.onnx"] == b"of another program"


def test_a_revision_can_be_named(hub, run, folder):
    push_folder(folder, NAME)
    repository = hub.repositories[NAME]
    repository.branches["v1"] = repository.branches["main"]
    repository.commit({"README.md": b"emptied"})
    assert torch.equal(Run.open(f"hf:{NAME}@v1").sample(2), run.sample(2))
    assert torch.equal(Run.open(f"hf:{NAME}@{repository.branches['v1']}").sample(2), run.sample(2))
    with pytest.raises(InputError, match=r"holds no generator of wgan: it has no config\.toml"):
        Run.open(f"hf:{NAME}")
    with pytest.raises(InputError, match="has no revision v2"):
        Run.open(f"hf:{NAME}@v2")


def test_without_a_network_it_is_what_was_downloaded(hub, run, folder, monkeypatch):
    push_folder(folder, NAME)
    Run.open(f"hf:{NAME}")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.warns(UserWarning, match="is what was downloaded before: the hub cannot be reached"):
        assert torch.equal(Run.open(f"hf:{NAME}").sample(2), run.sample(2))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert torch.equal(Run.open(f"hf:{NAME}").sample(2), run.sample(2))  # without a warning: it was asked for
    with pytest.raises(InputError, match="it was not downloaded before"):
        Run.open("hf:owner/other")


def test_a_cache_laid_out_by_hand_is_read(hub, run, folder, monkeypatch, tmp_path):
    place, commit = tmp_path / "hub" / "models--owner--digits-of-mine", "a" * 40
    shutil.copytree(folder, place / "snapshots" / commit)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert torch.equal(Run.open(f"hf:{NAME}").sample(2), run.sample(2))


def test_what_is_too_large_is_not_downloaded(hub, folder, monkeypatch):
    push_folder(folder, NAME)
    hub.sizes["config.toml"] = 1 << 40
    hub.asked.clear()
    with pytest.raises(InputError, match=r"config\.toml of hf:owner/digits-of-mine has 1,099,511,627,776 bytes"):
        Run.open(f"hf:{NAME}")
    assert not [asked for asked in hub.asked if "/resolve/" in asked]


def test_what_has_no_known_size_is_not_downloaded(hub, folder):
    push_folder(folder, NAME)
    hub.sizes["config.toml"] = None
    hub.asked.clear()
    with pytest.raises(InputError, match=r"does not say how large config\.toml of hf:owner/digits-of-mine is"):
        Run.open(f"hf:{NAME}")
    assert not [asked for asked in hub.asked if "/resolve/" in asked]


def test_what_is_downloaded_is_what_was_looked_at(hub, folder):
    push_folder(folder, NAME)
    hub.asked.clear()
    Run.open(f"hf:{NAME}")
    commit = hub.repositories[NAME].branches["main"]
    assert {asked.split("/resolve/")[1].split("/")[0] for asked in hub.asked if "/resolve/" in asked} == {commit}


def test_nobody_is_overlooked(hub):
    with pytest.raises(InputError, match="has no model owner/nothing, or you may not read it"):
        opened("hf:owner/nothing")


def test_without_a_token_it_says_how_to_log_in(hub, folder, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(folder / "no-token"))
    with pytest.raises(InputError, match="hf auth login") as refused:
        push_folder(folder, NAME)
    assert "\n" not in str(refused.value)
    assert "is written; the same command uploads it" in str(refused.value)


def test_a_token_that_may_not_write(hub, folder):
    hub.read_only = True
    with pytest.raises(InputError, match="may not write to owner/digits-of-mine: You need a token that may write"):
        push_folder(folder, NAME)


def test_without_a_network_nothing_is_pushed(hub, folder, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(TrainingError, match="The hub cannot be reached: ConnectError"):
        push_folder(folder, NAME)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match="HF_HUB_OFFLINE is set"):
        push_folder(folder, NAME)


def test_what_should_be_private_never_goes_to_a_public_place(hub, folder):
    push_folder(folder, NAME)
    hub.objects.clear()
    with pytest.raises(InputError, match="is public: nothing was uploaded"):
        push_folder(folder, NAME, private=True)
    assert not hub.objects


@pytest.mark.parametrize("name", ["alone", "a/b/c", "own er/name", "owner/na--me", "owner/name@v1", "../name", "o/.."])
def test_names_that_the_hub_does_not_take(name, run, tmp_path, monkeypatch):
    with pytest.raises(InputError, match="is no name for the hub"):
        checked_repository(name)
    monkeypatch.chdir(tmp_path)
    wgan("export", run.path, "--push", name, code=2)
    assert not [*tmp_path.iterdir()], "it is refused before anything is written"


@pytest.mark.parametrize("name", ["hf:alone", "hf:", "hf:a/b/c", "hf:a/../b", "hf:../b", "hf:a/b@", "hf:a/b@c d"])
def test_names_that_cannot_be_on_the_hub(name):
    with pytest.raises(InputError, match=r"is no generator of the hub|is no name of the hub"):
        Run.open(name)


def test_paths_are_no_names_of_the_hub(tmp_path):
    assert on_hub(tmp_path) is None
    assert str(on_hub("hf:a/b@c")) == "hf:a/b@c"


def test_an_export_has_no_log_to_judge(folder):
    with pytest.raises(InputError, match="without the log of its run"):
        diagnose(folder)
