"""Names that tell runs apart."""

from pathlib import Path

import pytest

from wgan.report.page import distinct_names


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["runs/digits"], ["digits"]),
        (["runs/a", "runs/b"], ["a", "b"]),
        (["sweep/fast/run", "sweep/slow/run"], ["fast", "slow"]),
        (["a/digits", "b/digits", "b/mnist"], ["a/digits", "b/digits", "b/mnist"]),
        (["runs/a", "runs/a/inner"], ["a", "a/inner"]),
        (["x/seed0/gan/run", "x/seed1/gan/run", "x/seed1/wgan/run"], ["seed0/gan", "seed1/gan", "seed1/wgan"]),
    ],
)
def test_the_part_that_tells_runs_apart(paths, expected):
    assert distinct_names([Path("/here") / path for path in paths]) == expected
    assert distinct_names([Path(path) for path in paths]) == expected, "wherever they are"
