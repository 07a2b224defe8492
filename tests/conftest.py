"""Fixtures that many tests share."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import shape_checks

shape_checks.only_where_there_are_shapes()

from wgan.system.interruption import SIGNALS  # noqa: E402

os.environ["WGAN_LANG"] = "en"  # whatever this machine speaks
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # some images set it: each process would compile the checkout anew
os.environ["HF_ENDPOINT"] = "http://127.0.0.1:9"  # nobody listens there: no test asks the hub for anything
os.fsync = os.fstat  # no test outlives a power cut, but a descriptor that is closed is an error still

SHARED = Path(__file__).parents[2] / "shared" / "data"


LONGEST = (
    "test_engines",
    "test_later",
    "test_faults",
    "test_shared_data",
    "test_contracts",
    "test_torchrun",
    "test_convergence",
    "test_measure",
    "test_world",
    "test_doctor",
    "test_libraries",
    "test_zoo",
    "test_examples",
    "test_sweep",
)
"""Files whose tests take a quarter of a minute and more."""


def pytest_collection_modifyitems(items):
    """Those first: of two workers, none should begin one of them when the other has nothing left to do."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Packs made by tests stay among the tests."""
    os.environ["WGAN_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    torch.set_num_threads(1)  # the networks are too small to share


@pytest.fixture
def shared():
    """Real data beside the checkout, where there are any."""
    if not SHARED.exists():
        pytest.skip("no real data beside this checkout")
    return SHARED


@pytest.fixture
def faces(tmp_path) -> Path:
    """A folder of twelve small RGB pictures, all different."""
    folder = tmp_path / "faces"
    folder.mkdir()
    random = np.random.default_rng(0)
    for i in range(12):
        Image.fromarray(random.integers(0, 256, (20, 16, 3), dtype=np.uint8)).save(folder / f"{i:02}.png")
    return folder


@pytest.fixture(scope="session")
def storage(tmp_path_factory):
    """A small run that nothing disturbed, its data, and what can be done to others like it."""
    from storage.scenario import Storage

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WGAN_CACHE", "to be restored")
        made = Storage(tmp_path_factory.mktemp("storage"))
    return made


@pytest.fixture
def foreground():
    """Signals as a program has them that was started in the foreground: nohup, say, has the suite ignore SIGHUP."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
