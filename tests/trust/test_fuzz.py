"""Feed a few damaged files to every reader; `benchmarks/fuzz.py` does the same for any time."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from fuzz import READERS, files, try_one

EXAMPLES = 20
SLOW = list(HealthCheck)


def npz_as_npy():
    content = io.BytesIO()
    np.savez(content, images=np.zeros((2, 8, 8), np.uint8))
    return content.getvalue()


def points(value):
    content = io.BytesIO()
    np.save(content, np.full((3, 2), value))
    return content.getvalue()


def nested(depth):
    return (".".join("a" * depth) + " = 1").encode()


def empty_zip():
    content = io.BytesIO()
    zipfile.ZipFile(content, "w").close()
    return content.getvalue()


FOUND = {
    "weights": [b"", b"\x80\x02.", empty_zip()],
    "npy": [npz_as_npy(), points(1e300), points(np.inf)],
    "run": [nested(1000), b"a = " + b"[" * 5000],
    "settings": [nested(1000), b"a = " + b"[" * 5000],
    "state": [b"\x80\x02K\1.", empty_zip()],
    "labels": [npz_as_npy()],
    "pack": [b"[" * 100_000, b'{"skipped": [], "shape": [-1], "dtype": "O"}'],
    "beside": [npz_as_npy(), b""],
    "metadata-csv": [b"file_name\n", b'"', b"file_name,a\n0.png," + b"9" * 5000 + b"\n", b"file_name,\0\n"],
    "metadata-jsonl": [b"[" * 100_000, b'{"file_name": "0.png", "a": ' + b"9" * 4000 + b"}", b'{"file_name": []}'],
    "begun": [b'[0, "a"]\n', b"[" * 100_000 + b"\n", b'{"a": 1}\n'],
    "survey": [b"[" * 100_000, b"[]"],
    "failure": [b"[" * 100_000],
    "metrics": [b'{"step": ' + b"[" * 100_000 + b"\n"],
}
"""Files that once broke a reader, or are likely to."""


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_read_or_refused(name):
    reader = READERS[name]

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=SLOW,
        phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    @given(content=files(reader.valid()))
    def check(content):
        try_one(reader, content)

    for content in FOUND.get(name, []):
        check = example(content=content)(check)
    check()


@pytest.mark.parametrize("name", READERS)
def test_valid_files_are_read(name):
    """Otherwise the tests of damaged files prove nothing."""
    for content in READERS[name].valid()[:2]:
        try_one(READERS[name], content)
