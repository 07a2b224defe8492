"""Fixtures of the tests of trust."""

import pickle
import shutil

import pytest

from helpers import small_run
from payloads import LOADED, WATCHING, Evil


@pytest.fixture(autouse=True)
def _cache_of_one_test(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WGAN_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def marker(tmp_path):
    """The file that a payload would create. Checks that it does not exist, and that no pickle with names was loaded."""
    path = tmp_path / "pwned"
    LOADED.clear()
    WATCHING.append(True)
    yield path
    WATCHING.clear()
    assert not path.exists()
    assert LOADED == []


@pytest.fixture
def payload(marker):
    return pickle.dumps(Evil(marker), protocol=2)


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A small finished run, with a cached evaluation."""
    return small_run(tmp_path_factory.mktemp("trained") / "run", training__steps=6, output__log_every=3)


@pytest.fixture
def run(trained, tmp_path):
    """A copy that tests may damage."""
    return shutil.copytree(trained.path, tmp_path / "run")
