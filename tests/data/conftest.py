"""Fixtures of the tests of data."""

import pytest


@pytest.fixture(autouse=True)
def _cache_of_one_test(tmp_path_factory):
    """Each test has its own cache, outside its folder of data."""
    with pytest.MonkeyPatch.context() as patch:  # of its own: a test may undo what it patched itself
        patch.setenv("WGAN_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
