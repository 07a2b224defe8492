"""What `--set` and `--seeds` of a sweep mean."""

import math

import numpy as np
import pytest

from wgan.config import parse_setting
from wgan.errors import InputError
from wgan.sweeps.axes import Choice, Range, axes_in, given_of, seeds_in, typed_value
from wgan.sweeps.grid import combinations
from wgan.sweeps.random import drawn


def axis(text):
    (found,) = given_of({}, [f"some.key={text}"]).values()
    return found


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,10,100", (1, 10, 100)),
        ("1e-4, 2e-4", (1e-4, 2e-4)),
        ("[0.0,0.9],[0.5,0.9]", ([0.0, 0.9], [0.5, 0.9])),
        ('"a,b",c', ("a,b", "c")),
        ("true,false", (True, False)),
        ("wgan-gp", ("wgan-gp",)),
        ("runs/a..b", ("runs/a..b",)),
    ],
)
def test_commas_split_outside_brackets_and_quotes(text, values):
    assert axis(text) == Choice(values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e-5..1e-3", Range(1e-5, 1e-3, True, False)),
        ("0.5..2", Range(0.5, 2, False, False)),
        ("lin:1e-5..1e-3", Range(1e-5, 1e-3, False, False)),
        ("16..64", Range(16, 64, False, True)),
        ("16..512", Range(16, 512, True, True)),
        ("int:1e1..2e1", Range(10, 20, False, True)),
        ("log:1.0..3.0", Range(1.0, 3.0, True, False)),
        ("-1.0..1.0", Range(-1.0, 1.0, False, False)),
    ],
)
def test_a_range_is_logarithmic_where_it_is_wide_and_whole_where_its_ends_are(text, expected):
    assert axis(text) == expected
    assert axis(expected.to_plain()) == expected, "as sweep.toml keeps it"


@pytest.mark.parametrize(
    "text", ["2..1", "1..1", "log:0.0..1.0", "int:0.5..2", "1,1", "[1,2],[1,2]", "log:lin:1..2", ""]
)
def test_what_cannot_be_drawn_from_or_is_listed_twice_is_refused(text):
    with pytest.raises(InputError, match=r"some\.key"):
        axis(text)


def test_a_flag_is_fixed_and_a_setting_stands_in_its_last_place():
    given = given_of({"training.steps": 5, "data.size": [8]}, ["a.b=1,2", "training.steps=7", "a.b=3"])
    assert [*given.items()] == [("data.size", Choice(([8],))), ("training.steps", Choice((7,))), ("a.b", Choice((3,)))]
    assert axes_in({"a": [1, 2], "b": (0.5,), "c": 3, "d": "1..3"}) == {
        "a": Choice((1, 2)),
        "b": Choice((0.5,)),
        "c": Choice((3,)),
        "d": Range(1, 3, False, True),
    }


def test_seeds():
    assert seeds_in("3") == (0, 1, 2)
    assert seeds_in("0,5,7") == (0, 5, 7)
    assert seeds_in("5,") == (5,)
    for wrong in ("0", "", "a", "1,1", "-1,2", "99999999"):
        with pytest.raises(InputError, match="--seeds"):
            seeds_in(wrong)


def test_combinations_are_the_product():
    axes = {"a": Choice((1, 2)), "b": Choice(("x", "y", "z"))}
    assert [tuple(one.values()) for one in combinations(axes)] == [(a, b) for a in (1, 2) for b in "xyz"]
    assert combinations({}) == [{}]
    with pytest.raises(InputError, match="--random N"):
        combinations({"a": Range(1, 2, False, False)})


def test_draws_are_functions_of_seed_place_and_key():
    axes = {"a": Range(1e-5, 1e-3, True, False), "b": Range(1, 4, False, True), "c": Choice(("x", "y"))}
    few, many = drawn(axes, 5, 1), drawn(axes, 400, 1)
    assert many[:5] == few, "more begin with the same"
    assert [one["b"] for one in drawn({"b": axes["b"]}, 5, 1)] == [one["b"] for one in few], "whatever else is drawn"
    assert drawn(axes, 5, 2) != few
    logs = np.log10([one["a"] for one in many])
    assert -5 <= logs.min() < -4.9 < -3.1 < logs.max() <= -3
    assert abs(logs.mean() + 4) < 4 * (2 / math.sqrt(12)) / math.sqrt(400), "uniform in the logarithm"
    counts = np.unique([one["b"] for one in many], return_counts=True)
    assert counts[0].tolist() == [1, 2, 3, 4]
    assert abs(counts[1] - 100).max() < 4 * math.sqrt(75), "each integer is as likely"
    assert all(isinstance(one["b"], int) for one in many)


@pytest.mark.parametrize("value", [1, 1e-05, "a 'b' \"c\"", [0.0, 0.9], True, "1", "é", 1e300, ["x,y"]])
def test_a_value_is_typed_so_that_set_reads_it_back(value):
    assert parse_setting(f"k={typed_value(value)}") == ("k", value)


def test_what_no_setting_is_is_refused():
    for text in ("2020-01-01", "2020-01-01,2020-01-02", "[2020-01-01]"):
        with pytest.raises(InputError, match="is no value of a setting"):
            axis(text)
    with pytest.raises(InputError, match="is no value of a setting"):
        given_of({"some.key": object()}, [])
