"""Changes: they equal a second implementation, pass exact gradients on, and are drawn as often as they should be."""

import numpy as np
import pytest
import torch

from changes import changed, drawn
from wgan.augmentation import ADA, AUGMENTATIONS, DiffAugment, NoAugmentation
from wgan.training import Draws, Stream, random_numbers

SHAPES = [(3, 16, 16), (1, 8, 12), (4, 9, 7), (5, 33), (2, 8, 6, 4)]
CPU = torch.device("cpu")


def random(index=0):
    return random_numbers(3, Stream.CRITIC_VIEWS, index)


def some(shape, count=6):
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("probability", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_changed_samples_are_those_of_a_second_implementation(shape, probability):
    """Pictures of any channels, signals and volumes; of the latter two, nothing but places changes."""
    samples, change = some(shape), DiffAugment()
    numbers = torch.from_numpy(change.draw(random(), shape, len(samples), probability)).double()
    made = drawn(random(), shape[1:], len(samples), probability)
    expected = [changed(sample.numpy(), one) for sample, one in zip(samples, made, strict=True)]
    np.testing.assert_allclose(change(samples, numbers).numpy(), np.stack(expected), atol=1e-6)
    assert all(made) == (probability == 1) or probability == 0.5


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_at_probability_zero_nothing_changes(shape):
    samples = some(shape).float()
    numbers = torch.from_numpy(ADA().draw(random(), shape, len(samples), 0.0))
    torch.testing.assert_close(ADA()(samples, numbers), samples, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", [(3, 4, 6), (2, 9), (1, 4, 3, 2)], ids=str)
def test_gradients_pass_through(shape):
    samples = some(shape, 2).requires_grad_()
    numbers = torch.from_numpy(DiffAugment().draw(random(), shape, 2, 1.0)).double()
    assert torch.autograd.gradcheck(lambda x: DiffAugment()(x, numbers), samples)


@pytest.mark.parametrize(
    ("left_out", "columns"), [({"color": False}, [0, 1, 2]), ({"translation": 0.0}, [3, 4]), ({"cutout": 0.0}, [5, 6])]
)
def test_a_kind_of_change_can_be_left_out(left_out, columns):
    """Then samples do not depend on its numbers."""
    change, samples = DiffAugment(**left_out), some((3, 8, 8)).float()
    numbers, others = (torch.from_numpy(DiffAugment().draw(random(i), (3, 8, 8), len(samples), 1.0)) for i in range(2))
    others = torch.stack([others[:, i] if i in columns else numbers[:, i] for i in range(7)], dim=1)
    assert torch.equal(change(samples, numbers), change(samples, others))
    assert not torch.equal(DiffAugment()(samples, numbers), change(samples, numbers))


@pytest.mark.parametrize("probability", [0.1, 0.7])
def test_each_change_is_made_with_its_probability_and_by_itself(probability):
    """Within four standard errors of 8,000 draws, and pairs of changes too."""
    count = 8000
    neutral, all_made = (ADA().draw(random(), (3, 32, 32), count, p) for p in (0.0, 1.0))
    found = ADA().draw(random(), (3, 32, 32), count, probability)
    assert np.array_equal(neutral[0], [0, 1, 1, 0, 0, 32, 32])
    made = [(found[:, columns] != neutral[:, columns]).any(1) for columns in ([0], [1], [2], [5, 6])]
    for i, one in enumerate(made):
        for other, expected in ((one, probability), *((two, probability**2) for two in made[:i])):
            error = (expected * (1 - expected) / count) ** 0.5
            assert (one & other).mean() == pytest.approx(expected, abs=4 * error)
    # Where it is made, it is the change that would be made at any other probability.
    assert np.array_equal(found[made[0], 0], all_made[made[0], 0])


def test_shifts_and_windows_are_uniform():
    """Shifts of -4 to 4 of 32 places, and windows of 16 that begin from 8 places outside on."""
    count = 9000
    found = DiffAugment().draw(random(), (3, 32, 32), count, 1.0)
    for column, places in ((3, range(-4, 5)), (4, range(-4, 5)), (5, range(-8, 25)), (6, range(-8, 25))):
        values, counts = np.unique(found[:, column], return_counts=True)
        assert list(values) == list(places)
        expected = count / len(places)
        chi_squared = ((counts - expected) ** 2 / expected).sum()
        degrees = len(places) - 1
        assert chi_squared < degrees + 4 * (2 * degrees) ** 0.5


def test_real_and_fake_draw_their_own_and_each_update_others():
    draws = Draws(0, 16, 4, CPU)
    views = [draws.critic_views(number, DiffAugment(), (3, 8, 8), 1.0) for number in (4, 5, 4)]
    views.append(draws.generator_views(4, DiffAugment(), (3, 8, 8), 1.0))
    assert torch.equal(views[0].real, views[2].real)
    assert torch.equal(views[0].fake, views[2].fake)
    drawn = [views[0].real, views[0].fake, views[1].real, views[1].fake, views[3].real, views[3].fake]
    assert len({tuple(one.flatten().tolist()) for one in drawn}) == len(drawn)


class TestADA:
    def test_the_probability_follows_overfitting_and_stays_within_its_bounds(self):
        ada = ADA(target=0.3, step=0.1, most=0.8)
        assert ada.adapted(0.2, 0.31) == pytest.approx(0.3)
        assert ada.adapted(0.2, 0.29) == pytest.approx(0.1)
        assert ada.adapted(0.05, 0.0) == 0.0
        assert ada.adapted(0.75, 1.0) == 0.8

    @pytest.mark.parametrize("name", AUGMENTATIONS)
    def test_only_ada_adapts(self, name):
        change = AUGMENTATIONS[name]()
        assert change.adapts == (name == "ada")
        assert change.adapted(0.5, 1.0) == pytest.approx(0.55 if name == "ada" else 0.5)
        assert change.probability(0.5) == {"none": 0.0, "diffaugment": 1.0, "ada": 0.5}[name]


def test_no_augmentation_changes_nothing():
    samples = some((3, 8, 8))
    numbers = torch.from_numpy(NoAugmentation().draw(random(), (3, 8, 8), len(samples), 1.0))
    assert NoAugmentation()(samples, numbers) is samples
    assert not NoAugmentation().changes
