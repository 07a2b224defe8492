"""Evaluations of generators that are asked for something: perfect ones, deaf ones, and those of runs."""

import math

import numpy as np
import pytest
import torch

import wgan
from wgan.data import Arrays, open_pack, open_source
from wgan.data.source import Beside
from wgan.errors import InputError
from wgan.evaluation import Evaluator
from wgan.evaluation.data_info import content_key
from wgan.metrics import METRICS

ASKED = ("condition_accuracy", "class_frechet", "class_diversity")
CENTRES = np.array([[-4, -4], [-4, 4], [4, -4], [4, 4]])


class Told(Arrays):
    """Points with columns beside them."""

    def __init__(self, values, *columns):
        super().__init__(np.asarray(values, np.float32), name="told")
        self.columns = columns

    def beside(self):
        return self.columns

    def identity(self):
        return f"{super().identity()} {[(column.name, column.values.tolist()) for column in self.columns]}"


def blobs(count=2400, seed=0, deviation=1.0):
    """Four round Gaussians, and the class of each point."""
    random = np.random.default_rng(seed)
    classes = random.integers(4, size=count)
    return CENTRES[classes] + deviation * random.standard_normal((count, 2)), np.array(["a", "b", "c", "d"])[classes]


@pytest.fixture(scope="module")
def pack():
    points, names = blobs()
    return open_pack(Told(points, Beside("kind", names))).with_condition(["kind"])


@pytest.fixture(scope="module")
def evaluator(pack):
    return Evaluator(pack, 0.1, ASKED)


class Perfect:
    """Gives training reals of the class that it is asked for."""

    def __init__(self, pack, listens=True):
        train, _ = pack.split(0.1)
        self.reals, self.classes = pack.samples_at(train), pack.condition_rows[train, 0]
        self.random, self.listens = np.random.default_rng(0), listens

    def __call__(self, z, conditions):
        wanted = conditions.argmax(1).numpy()
        pools = [
            np.flatnonzero(self.classes == kind) if self.listens else np.arange(len(self.classes)) for kind in wanted
        ]
        return self.reals[[self.random.choice(pool) for pool in pools]]


def latents(count):
    return torch.randn(count, 2, generator=torch.Generator().manual_seed(0))


def test_a_perfect_generator_is_at_the_floors(pack, evaluator):
    found = evaluator(Perfect(pack), latents(evaluator.n))
    assert evaluator.n == 240
    assert found.metrics["condition_accuracy"].value == pytest.approx(
        found.metrics["condition_accuracy"].floor, abs=0.02
    )
    assert found.metrics["condition_accuracy"].floor > 0.98
    assert found.metrics["class_diversity"].value == pytest.approx(found.metrics["class_diversity"].floor, abs=0.1)
    assert 0.3 < found.metrics["class_frechet"].value / found.metrics["class_frechet"].floor < 3
    assert any("accuracy" in note and "held-out reals themselves" in note for note in found.notes)


def test_a_generator_that_does_not_listen_is_at_chance_and_far_within_classes(pack, evaluator):
    """Its samples are those of the data, so that the distance over all classes sees nothing wrong."""
    found = evaluator(Perfect(pack, listens=False), latents(1200))
    assert found.metrics["condition_accuracy"].value == pytest.approx(1 / 4, abs=0.05)
    # Of each class against all: the centre is √32 away, and the variance of a coordinate 17 instead of 1.
    scale = float(np.prod(pack.spec.spread))
    distance = (32 + 2 * (math.sqrt(17) - 1) ** 2) / scale
    assert found.metrics["class_frechet"].value == pytest.approx(distance, rel=0.15)
    whole = Evaluator(pack, 0.1, ["frechet"])(Perfect(pack, listens=False), latents(1200))
    assert whole.values["frechet"] < 0.02 * distance
    assert any("does not listen has a condition_accuracy of 0.25" in note for note in found.notes)


def test_one_sample_for_all_is_read_as_one_class_and_has_no_diversity(pack, evaluator):
    one = Perfect(pack).reals[:1]
    found = evaluator(lambda z, conditions: one.expand(len(z), 2), latents(240))
    assert found.values["condition_accuracy"] == pytest.approx(1 / 4)
    assert found.values["class_diversity"] == 0


def test_a_collapsed_class_is_named(pack, evaluator):
    perfect = Perfect(pack)

    def collapsed(z, conditions):
        samples = perfect(z, conditions)
        alike = conditions[:, 2] > 0
        return torch.where(alike[:, None], torch.as_tensor(perfect.reals[perfect.classes == 2][:1]), samples)

    found = evaluator(collapsed, latents(240))
    assert any(note.startswith("class_diversity is worst of kind=c: 0 (floor") for note in found.notes)
    assert any(note.startswith("class_frechet is worst of kind=c") for note in found.notes)
    assert found.values["class_diversity"] == pytest.approx(0.75, abs=0.08)


def test_fakes_are_asked_for_what_the_held_out_reals_are_over_and_over(pack, evaluator):
    truth = torch.from_numpy(pack.condition_rows[evaluator._held_out, 0]).long()
    asked = evaluator.conditions(500)
    assert torch.equal(asked.argmax(1), torch.cat([truth, truth, truth])[:500])
    assert torch.equal(asked.sum(1), torch.ones(500))
    seen = []
    evaluator(lambda z, conditions: seen.append(conditions) or z, latents(500))
    assert torch.equal(torch.cat(seen), asked)


def test_intervals_hold_what_other_draws_of_fakes_give(pack, evaluator):
    """Of 30 draws, the spread is what the intervals say, on average: between 0.6 and 1.6 times."""
    perfect, draws = Perfect(pack), []
    for draw in range(30):
        asked = evaluator.conditions(240)
        noise = torch.randn(240, 2, generator=torch.Generator().manual_seed(draw))
        samples = perfect(noise, asked) + 0.5 * noise * (1 + 2 * asked[:, :1])
        draws.append(evaluator.evaluate([samples], 240, intervals=True))
    for name in ASKED:
        seen = np.std([draw.values[name] for draw in draws], ddof=1)
        told = np.mean([(draw.metrics[name].high - draw.metrics[name].low) / (2 * 1.96) for draw in draws])
        assert 0.6 < told / seen < 1.6, name


def test_a_cached_real_side_is_the_fresh_one_and_batches_do_not_matter():
    pack = open_pack(open_source("digits")).with_condition(["label"])
    first, second = (Evaluator(pack, 0.1, ASKED, 180) for _ in range(2))
    assert first.floors == second.floors
    samples = torch.rand(180, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    whole, parts = (
        first.evaluate([samples], 180, intervals=True),
        second.evaluate(samples.split(7), 180, intervals=True),
    )
    for name, result in whole.metrics.items():
        assert parts.metrics[name][:4] == pytest.approx(result[:4], rel=1e-4), name


def test_numbers_are_told_in_their_own_units():
    """The number is 100 times the first column: a generator that is 50 off everywhere is, on average, 50 off."""
    random = np.random.default_rng(3)
    points = random.standard_normal((4000, 2))
    source = Told(points, Beside("energy", 100 * points[:, 0] + 1000))
    pack = open_pack(source).with_condition(["energy"])
    evaluator = Evaluator(pack, 0.1)
    assert {"condition_error", "class_frechet", "class_diversity"} <= set(evaluator.metrics)
    assert "condition_accuracy" not in evaluator.metrics
    spread, part = pack.spec.spread[0], pack.spec.condition.parts[0]

    def off(by):
        def generator(z, conditions):
            energy = conditions[:, 0] * part.spread + part.centre + by
            first = ((energy - 1000) / 100 - pack.spec.centre[0]) / spread
            return torch.stack([first, z[:, 1]], dim=1)

        return evaluator(generator, latents(evaluator.n))

    exact, wrong = off(0.0), off(50.0)
    assert exact.values["condition_error"] == pytest.approx(exact.metrics["condition_error"].floor, abs=0.02)
    assert exact.values["condition_error"] < 0.05
    assert wrong.values["condition_error"] == pytest.approx(50 / part.spread, rel=0.1)
    (note,) = (note for note in wrong.notes if note.startswith("off what was asked for"))
    assert float(note.split("energy ")[1].split()[0]) == pytest.approx(50, rel=0.1)
    assert wrong.values["class_frechet"] == pytest.approx((0.5 / spread) ** 2, rel=0.5)
    assert sum(name.startswith("energy=") for name in evaluator._extractors["groups"].names) == 5


def test_a_class_labels_and_a_number_are_asked_for_together():
    """The generator listens to all but the number, and each part is told by itself."""
    random = np.random.default_rng(4)
    points, names = blobs(3000, seed=4)
    tags = np.column_stack([points[:, 0] > 0, points[:, 1] > 4])
    source = Told(points, Beside("kind", names), Beside("tags", tags, ("east", "far")), Beside("heat", points[:, 1]))
    pack = open_pack(source).with_condition(["kind", "tags", "heat"])
    evaluator = Evaluator(pack, 0.1)
    train, _ = pack.split(0.1)
    reals, rows = pack.samples_at(train), pack.condition_rows[train]

    def generator(z, conditions):
        wanted = torch.cat([conditions[:, :4].argmax(1, keepdim=True).float(), conditions[:, 4:6]], dim=1).numpy()
        return reals[[random.choice(np.flatnonzero((rows[:, :3] == row).all(1))) for row in wanted]]

    found = evaluator(generator, latents(evaluator.n))
    assert found.metrics["condition_accuracy"].value == pytest.approx(
        found.metrics["condition_accuracy"].floor, abs=0.02
    )
    assert found.metrics["condition_error"].value > 3 * found.metrics["condition_error"].floor
    assert any(note.startswith("condition_accuracy of each: kind ") and ", tags " in note for note in found.notes)
    assert any("does not listen has a condition_accuracy of 0.375" in note for note in found.notes)
    assert evaluator._extractors["groups"].names[:6] == [*(f"kind={kind}" for kind in "abcd"), "tags=east", "tags=far"]
    (told,) = {text for text in found.seen_by.values() if text.startswith("a reader of")}
    assert told.startswith("a reader of kind (")
    assert "right), heat (" in told
    assert told.endswith(f"judged on {len(pack) - len(train)} held-out samples")


def test_samples_of_unknown_condition_are_on_neither_side():
    points, names = blobs(800, seed=5)
    some = np.where(np.arange(800) % 3 == 0, "", names)
    pack = open_pack(Told(points, Beside("kind", some))).with_condition(["kind"])
    known = open_pack(Told(points, Beside("kind", names))).with_condition(["kind"])
    evaluator = Evaluator(pack, 0.1, ["class_diversity", "w1"])
    assert set(np.concatenate([evaluator._held_out, *evaluator._train])) <= set(np.flatnonzero(np.arange(800) % 3))
    assert content_key(pack) != content_key(known) == known.contents.digest


def test_classes_with_few_reals_are_named():
    random = np.random.default_rng(7)
    classes = np.array(["often", "rare"])[(random.random(1000) < 0.03).astype(int)]
    pack = open_pack(Told(random.standard_normal((1000, 2)), Beside("kind", classes))).with_condition(["kind"])
    found = Evaluator(pack, 0.1, ASKED).evaluate([latents(100)], 100)
    (note,) = (note for note in found.notes if note.startswith("left out of"))
    assert note.startswith(
        "left out of class_frechet and class_diversity, with fewer than 10 held-out reals: kind=rare ("
    )
    many = np.array([f"{place % 50}" for place in range(1000)])
    pack = open_pack(Told(random.standard_normal((1000, 2)), Beside("kind", many))).with_condition(["kind"])
    evaluator = Evaluator(pack, 0.1)
    assert not {"class_frechet", "class_diversity"} & set(evaluator.metrics)
    told = evaluator.evaluate([latents(100)], 100)
    assert any("class_frechet (needs 10 of a class)" in note for note in told.notes)
    with pytest.raises(InputError, match=r"class_frechet \(needs 10 of a class\)"):
        Evaluator(pack, 0.1, ["class_frechet"])


@pytest.mark.parametrize("name", ["condition_accuracy", "condition_error", "class_frechet", "class_diversity"])
def test_without_a_condition_such_metrics_are_refused(name):
    with pytest.raises(InputError, match=rf"{name}.*asked for nothing.*--condition"):
        Evaluator(open_pack(open_source("digits")), 0.1, [name])


@pytest.mark.parametrize(("name", "condition"), [("condition_accuracy", "energy"), ("condition_error", "kind")])
def test_metrics_of_another_kind_of_condition_are_refused(name, condition):
    points, names = blobs(200)
    pack = open_pack(Told(points, Beside("kind", names), Beside("energy", points[:, 0]))).with_condition([condition])
    with pytest.raises(InputError, match=rf"{name} is of .* For {condition}, ask for"):
        Evaluator(pack, 0.1, [name])
    assert METRICS[name].fitted


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    settings = {
        "data.condition": ["label"],
        "output.metrics": ["condition_accuracy", "class_frechet"],
        "output.best_by": "condition_accuracy",
        "output.evaluate_every": 100,
        "output.sample_every": 200,
        "output.checkpoint_every": 100,
        "output.keep_checkpoints": 3,
    }
    out = tmp_path_factory.mktemp("run") / "run"
    return wgan.train("digits", steps=200, out=out, settings=settings, progress=False)


def test_a_run_is_evaluated_alike_while_it_trains_and_later(run):
    rows = {row["step"]: row["metrics"] for row in run.evaluations() if row.get("while_training")}
    later = wgan.evaluate(run, step=200)
    assert set(ASKED) <= set(later.metrics)
    for name in ("condition_accuracy", "class_frechet"):
        assert rows[200][name]["value"] == pytest.approx(later.values[name], rel=1e-5)
        assert rows[200][name]["floor"] == later.metrics[name].floor
        assert later.metrics[name].low < later.metrics[name].high
    assert later.values["condition_accuracy"] > 0.3, "it listens already"
    assert run.evaluations()[-1]["notes"] == list(later.notes)


def test_other_data_need_what_the_generator_is_asked_for(run, tmp_path):
    """By name: a class that the run does not know is unknown."""
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (200, 8, 8), dtype=np.uint8)
    with pytest.raises(InputError, match=r"asked for label, and beside the samples of array there is no label"):
        wgan.evaluate(run, data=pictures)
    file = tmp_path / "other.npz"
    np.savez(file, x=pictures, y=random.choice([77, 78], 200))
    with pytest.raises(InputError, match=r"Of no sample of other is all known .* \(label\)"):
        wgan.evaluate(run, data=file)
    for values in (pictures, (pictures / 255).astype(np.float32)):  # kept in another type, with the same condition
        np.savez(file, x=values, y=random.choice([3, 5, 77], 200))
        found = wgan.evaluate(run, data=file, metrics=["condition_accuracy"])
        assert found.reference < 20
        assert 0 <= found.values["condition_accuracy"] <= 1


def test_samples_alone_are_compared_as_they_are(run):
    found = wgan.evaluate(run.sample(180), data="digits", metrics=["frechet"])
    assert found.values["frechet"] > 0
    with pytest.raises(InputError, match="asked for nothing"):
        wgan.evaluate(run.sample(180), data="digits", metrics=["class_frechet"])
