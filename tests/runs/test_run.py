"""Reading runs: samples, generators, and files that are not what they should be."""

import pytest
import torch

import wgan
from helpers import small_run
from wgan.errors import InputError
from wgan.runs.checkpoints import Damaged


@pytest.fixture
def run(tmp_path):
    return small_run(tmp_path / "run")


def test_samples_are_images_that_a_seed_decides(run):
    images = run.sample(5, seed=3)
    assert images.shape == (5, 1, 8, 8)
    assert images.abs().max() <= 1
    assert torch.equal(images, run.sample(5, seed=3))
    torch.testing.assert_close(images, run.sample(300, seed=3)[:5])
    assert not torch.equal(images, run.sample(5, seed=4))


def test_load_gives_the_averaged_generator(run):
    generator = wgan.load(run.path)
    assert not generator.training
    assert isinstance(generator, torch.nn.Module)
    saved = run.load_checkpoint()["ema"]
    assert all(torch.equal(value, saved[key]) for key, value in generator.state_dict().items())
    older = wgan.load(run.path, step=6).state_dict()
    assert any(not torch.equal(value, saved[key]) for key, value in older.items())


def test_a_step_that_was_not_kept_is_told(run):
    with pytest.raises(InputError, match=r"no checkpoint of step 7\. There are: 6, 12"):
        run.sample(1, step=7)


def test_folders_that_are_no_runs_are_told(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        wgan.load(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="it is a file"):
        wgan.Run.open(tmp_path / "file")
    with pytest.raises(InputError, match="file cannot be read"):
        wgan.load(tmp_path / "file")
    with pytest.raises(InputError, match=r"holds no config\.toml"):
        wgan.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not toml [", b"recipe = 1\n[provenance]\n"])
def test_a_damaged_config_is_told(run, content):
    run.config_file.write_bytes(content)
    with pytest.raises(InputError, match=r"config\.toml cannot be read"):
        wgan.load(run.path)


def test_damaged_weights_are_told(run):
    whole = run.generator_file.read_bytes()
    run.generator_file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"generator\.safetensors cannot be read"):
        run.sample(1)
    run.generator_file.unlink()
    with pytest.raises(InputError, match="no generator yet"):
        run.sample(1)


def test_a_checkpoint_cannot_run_code(run):
    class Evil:
        def __reduce__(self):
            return (pytest.fail, ("code in a checkpoint was run",))

    newest = max(run.checkpoints().items())[1]
    torch.save({"step": 12, "ema": Evil()}, newest)
    for sums in (run.checkpoint_folder.sums_file.read_text(), ""):  # with sums, it is not even opened
        run.checkpoint_folder.sums_file.write_text(sums)
        with pytest.raises(Damaged, match="SHA-256 differs" if sums else "holds more than tensors"):
            run.sample(1, step=12)
