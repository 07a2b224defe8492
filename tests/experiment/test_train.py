"""`wgan.train` with the user's own data, networks and objective."""

import subprocess
import sys
import tomllib
from dataclasses import asdict, dataclass

import numpy as np
import pytest
import tomli_w
import torch
from torch import nn
from torch.utils.data import TensorDataset

import wgan
from wgan.errors import InputError, TrainingError
from wgan.experiment.plan import plan

QUICK = {"training.batch_size": 8, "training.critic_steps": 1, "output.rows": 2, "output.columns": 2}
IMAGES = np.random.default_rng(0).integers(0, 256, (40, 12, 12, 3), dtype=np.uint8)


def train(data, out, **arguments):
    return wgan.train(data, out=out, steps=3, settings=QUICK, progress=False, **arguments)


@pytest.mark.parametrize("kind", ["array", "tensor", "dataset"])
def test_own_data(tmp_path, kind):
    channels_first = np.moveaxis(IMAGES, 3, 1)
    data = {
        "array": IMAGES,
        "tensor": torch.from_numpy(channels_first / 255.0),
        "dataset": TensorDataset(torch.from_numpy(channels_first.astype(np.float32) / 255)),
    }[kind]
    run = train(data, tmp_path / "run")
    assert run.sample(2).shape == (2, 3, 12, 12)
    assert run.provenance.data_count == 40
    assert "Nearest training pictures" in run.report_file.read_text()
    assert train(data, tmp_path / "run").metrics() == run.metrics(), "the same call finds it done"


class Generator(nn.Module):
    """A network that no recipe has."""

    def __init__(self, size=5):
        super().__init__()
        self.layer = nn.Linear(size, 64)

    def forward(self, z):
        return torch.tanh(self.layer(z)).reshape(-1, 1, 8, 8)


class Critic(nn.Module):
    """With a score of shape (B, 1), as most people write it."""

    def __init__(self, norm=None):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), norm or nn.Identity(), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        return self.layers(x)


@dataclass(frozen=True)
class Squared:
    """An objective that no table has (LSGAN)."""

    def critic_loss(self, critic, real, fake, noise):
        loss = (critic(real) - 1).square().mean() + critic(fake).square().mean()
        return wgan.Loss(loss, {"critic_loss": loss})

    def generator_loss(self, critic, real, fake):
        loss = (critic(fake) - 1).square().mean()
        return wgan.Loss(loss, {"generator_loss": loss})

    def constrain(self, critic):
        pass


@dataclass(frozen=True)
class Halves(Squared):
    """With a hyper-parameter."""

    factor: float = 1.0


@dataclass(frozen=True)
class Halved(Squared):
    """An objective with a mistake: its generator's loss is not a scalar."""

    factor: float = 0.5

    def generator_loss(self, critic, real, fake):
        return wgan.Loss(self.factor * critic(fake), {})


def test_own_networks_and_objective(tmp_path):
    parts = {"generator": Generator(), "critic": Critic(), "objective": Squared()}
    run = train("digits", tmp_path / "run", latent_size=5, **parts)
    row = run.metrics()[-1]
    assert {"step", "images_seen", "epoch", "seconds", "critic_loss", "generator_loss", "held_out_distance"} <= set(row)
    assert not {"distance", "penalty", "gradient_norm"} & set(row), "terms that this objective does not have"
    assert run.sample(3).shape == (3, 1, 8, 8)
    assert run.config.custom["generator"].startswith("Generator (384 parameters, ")
    assert run.config.custom["objective"] == "Squared()"
    loaded = wgan.load(run.path, generator=Generator())
    torch.testing.assert_close(loaded(torch.ones(1, 5)), run.generator()(torch.ones(1, 5)))
    with pytest.raises(InputError, match=r"wgan\.load\(.*generator=Generator"):
        wgan.load(run.path)


def test_other_parts_than_those_of_the_run_are_refused(tmp_path):
    train("digits", tmp_path / "run", generator=Generator(16), objective=Halves(1.0))
    with pytest.raises(InputError, match=r"custom\.objective is Halves\(factor=1\.0\) there and Halves\(factor=2\.0\)"):
        train("digits", tmp_path / "run", generator=Generator(16), objective=Halves(2.0))
    other = nn.Sequential(nn.Linear(16, 64), nn.Unflatten(1, (1, 8, 8)))
    with pytest.raises(InputError, match=r"custom\.generator is Generator"):
        train("digits", tmp_path / "run", generator=other, objective=Halves(1.0))
    with pytest.raises(InputError, match="do not fit the network"):
        wgan.load(tmp_path / "run", generator=other, step=3)


def test_an_objective_of_the_table_is_written_to_the_config(tmp_path):
    run = train("digits", tmp_path / "run", objective=wgan.WGANGP(penalty_weight=3.0))
    assert run.config.objective == wgan.WGANGP(penalty_weight=3.0)
    assert not run.config.custom


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"generator": Generator(7)}, r"does not accept latents of shape \(4, 16\).*set networks.latent_size"),
        ({"generator": nn.Linear(16, 3)}, r"makes \(3,\) samples; the data are \(1, 8, 8\)"),
        ({"critic": nn.Sequential(nn.Flatten(), nn.Linear(99, 1))}, r"cannot use samples of shape \(1, 8, 8\)"),
        ({"critic": Critic(nn.BatchNorm1d(16))}, "changes one of its buffers"),
        ({"critic": Critic(nn.BatchNorm1d(16, track_running_stats=False))}, "mixes the samples of a batch"),
        ({"objective": Halved()}, "cannot use samples"),
    ],
    ids=["latents", "samples", "critic", "batch-norm", "mixing", "objective"],
)
def test_parts_that_do_not_fit_are_told_before_the_first_step(tmp_path, parts, complaint):
    with pytest.raises(InputError, match=complaint):
        train("digits", tmp_path / "run", **parts)
    assert not (tmp_path / "run").exists()


def test_own_networks_resume_bit_for_bit(tmp_path):
    def run(out, steps):
        torch.manual_seed(0)
        parts = {"generator": Generator(16), "critic": Critic()}
        return wgan.train("digits", out=out, steps=steps, settings=QUICK, progress=False, **parts)

    run(tmp_path / "a", 2)
    resumed, unbroken = run(tmp_path / "a", 5), run(tmp_path / "b", 5)
    assert torch.equal(resumed.sample(4), unbroken.sample(4))


def test_the_epochs_of_a_recipe_are_those_of_the_data(tmp_path):
    """Thirty pictures, three held out: 100 epochs of 27 in batches of 90 are 30 steps, whatever the run there has."""
    data = np.random.default_rng(0).integers(0, 256, (30, 28, 28), dtype=np.uint8)
    own = {"recipe": "gan-mnist", "out": tmp_path / "run"}
    settings = {"training.batch_size": 90}
    planned = plan(data, settings=settings, **own)
    assert (planned.train_count, planned.config.training.steps, planned.epochs) == (27, 30, 100.0)

    quick = {**settings, "output.rows": 1, "output.columns": 1}
    run = wgan.train(data, epochs=3.0, settings=quick, progress=False, **own)
    assert run.config.training.model_dump(include={"steps", "epochs"}) == {"steps": 1, "epochs": 3.0}
    assert plan(data, settings=quick, **own).config.training.steps == 30, "no length given: the recipe's"
    assert plan(data, settings=quick | {"training.epochs": 7.0}, **own).config.training.steps == 3
    run = wgan.train(data, steps=2, settings=quick, progress=False, **own)
    assert run.config.training.epochs is None
    assert max(run.checkpoints()) == 2
    assert plan(data, settings=quick, **own).config.training.steps == 30


@pytest.mark.parametrize(
    ("data", "recipe"),
    [
        ("digits", "wgan-gp-digits"),
        ("toy:grid25", "wgan-gp-toy"),
        (np.zeros((20, 28, 28), np.uint8), "wgan-gp-mnist"),
        (np.zeros((20, 70, 50, 3), np.uint8), "wgan-gp-celeba"),
    ],
)
def test_a_recipe_is_chosen_by_the_data(data, recipe):
    from wgan.experiment.plan import choose

    config, _, why = choose(data)
    assert config.recipe == recipe
    assert why


def test_what_is_no_objective_is_told():
    code = "import wgan; wgan.train('digits', objective='hinge')"  # here, the suite's type checks would be first
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr
    assert "InputError: 'hinge' is not an objective: it has no critic_loss, no generator_loss" in told


def test_a_recipe_that_needs_pictures_says_so():
    with pytest.raises(InputError, match="wgan train FOLDER --recipe dcgan-anime"):
        wgan.train(recipe="dcgan-anime")


def test_a_device_that_is_not_there_is_told(tmp_path):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(InputError, match=r"No cuda device here.*sees cpu.*--device auto"):
        wgan.train(out=tmp_path / "run", settings={"device": "cuda"})


def test_dropout_in_own_networks_resumes_bit_for_bit(tmp_path):
    """What networks draw for themselves is a function of the step too."""

    def run(out, steps):
        torch.manual_seed(0)
        generator = nn.Sequential(nn.Linear(16, 64), nn.Dropout(0.5), nn.Linear(64, 64), nn.Unflatten(1, (1, 8, 8)))
        return wgan.train("digits", out=out, steps=steps, settings=QUICK, progress=False, generator=generator)

    run(tmp_path / "a", 2)
    resumed, unbroken = run(tmp_path / "a", 5), run(tmp_path / "b", 5)
    assert torch.equal(resumed.sample(4), unbroken.sample(4))


KINDS = {
    "signals": (np.sin(np.arange(40 * 32).reshape(40, 32) / 7.0), ("DCGAN", "signal", (1, 32))),
    "16-bit pictures": (
        np.arange(40 * 256, dtype=np.uint16).reshape(40, 16, 16) % 4096,
        ("MLP", "picture", (1, 16, 16)),
    ),
    "bands": (np.arange(40 * 5 * 256).reshape(40, 5, 16, 16) % 97 / 10, ("DCGAN", "picture", (5, 16, 16))),
    "volumes": (np.arange(40 * 512, dtype=np.int16).reshape(40, 8, 8, 8) % 300 - 50, ("DCGAN", "volume", (1, 8, 8, 8))),
    "table": (np.random.default_rng(0).normal(size=(40, 12)) * np.arange(1, 13), ("MLP", "points", (12,))),
}


@pytest.mark.parametrize(
    ("kind", "precision"), [*((kind, "fp32") for kind in KINDS), ("signals", "bf16"), ("volumes", "bf16")]
)
def test_every_kind_of_sample_trains_without_a_setting_and_resumes_bit_for_bit(kind, precision, tmp_path):
    data, (networks, named, shape) = KINDS[kind]
    quick = {"training.batch_size": 8, "precision": precision}

    def run(out, steps):
        return wgan.train(data, out=out, steps=steps, settings=quick, progress=False)

    run(tmp_path / "a", 2)
    resumed, unbroken = run(tmp_path / "a", 4), run(tmp_path / "b", 4)
    assert resumed.generator_file.read_bytes() == unbroken.generator_file.read_bytes()
    assert (type(resumed.config.networks).__name__, resumed.spec.kind, resumed.spec.shape) == (networks, named, shape)
    units = resumed.sample(3, units=True).numpy()
    low, high = data.min(), data.max()
    assert units.dtype == np.dtype(resumed.spec.dtype)
    assert resumed.spec.kind == "points" or low <= units.min() <= units.max() <= high + 1e-6


def test_a_run_goes_on_with_the_description_it_was_begun_with(tmp_path):
    """Here one of a version that took points as they are, and every byte as one of 0..255."""
    points, dark = (
        np.random.default_rng(0).normal(98, 3, (60, 3)),
        np.arange(40 * 64, dtype=np.uint8).reshape(40, 8, 8) % 16,
    )
    for name, data, before in (("points", points, {}), ("dark", dark, {"low": 0.0, "high": 255.0})):
        run = wgan.train(data, out=tmp_path / name, steps=2, settings=QUICK, progress=False)
        kept = {key: value for key, value in asdict(run.spec).items() if key in ("kind", "shape", "dtype")} | before
        values = tomllib.loads(run.config_file.read_text()) | {"sample": kept}
        run.config_file.write_text(tomli_w.dumps(values))
        resumed = wgan.train(data, out=tmp_path / name, steps=4, settings=QUICK, progress=False)
        assert (resumed.spec.low, resumed.spec.high) == (before.get("low"), before.get("high"))
        assert resumed.spec.centre == ()


def test_points_on_a_line(tmp_path):
    """The textbook example: a histogram stands for the cloud."""
    points = np.random.default_rng(0).normal(size=(200, 1)).astype(np.float32)
    run = train(points, tmp_path / "run")
    assert run.sample(3).shape == (3, 1)
    assert list(run.samples()) == [0, 3]


def test_python_objects_are_checked_like_settings(tmp_path):
    with pytest.raises(InputError, match="penalty_weight = -1"):
        train("digits", tmp_path / "run", objective=wgan.WGANGP(penalty_weight=-1.0))
    assert not (tmp_path / "run").exists()


def test_a_run_that_fails_leaves_a_report_that_says_why(tmp_path):
    settings = {**QUICK, "critic_optimizer.learning_rate": 1e30, "generator_optimizer.learning_rate": 1e30}
    with pytest.raises(TrainingError, match="doctor"):
        wgan.train(IMAGES, out=tmp_path / "run", steps=20, settings=settings, progress=False)
    assert '<p class="badge">diverged</p>' in (tmp_path / "run" / "report.html").read_text()
