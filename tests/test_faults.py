"""A write of every kind fails, and the process is killed at it: what was saved is there, and the run ends the same.

`benchmarks/soak.py --writes` does so at every single write.
"""

from types import SimpleNamespace

import pytest
from PIL import Image

from storage.scenario import Storage


@pytest.fixture(scope="module")
def storage(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        drawn = SimpleNamespace(
            savefig=lambda path: Image.new("L", (8, 8)).save(path)
        )  # drawing takes most of the time
        patch.setattr("wgan.course.curves", lambda rows: drawn)
        patch.setenv("WGAN_CACHE", "to be restored")
        yield Storage(tmp_path_factory.mktemp("storage"))


def test_a_write_of_every_kind_may_fail(storage):
    silent = []
    for number in storage.kinds():
        told, wrong = storage.after_failure(number)
        assert not wrong, (number, storage.writes[number - 1], told, wrong)
        if not told:
            silent.append(storage.writes[number - 1])
        else:
            assert any(words in told for words in ("No space left", "Input/output", "Read-only")), told
    # Who holds the lock is a courtesy; a temporary file that cannot be removed is removed by the next start.
    assert all(name.startswith("run/.lock") or operation == "unlink" for operation, name in silent), silent


def test_a_kill_at_a_write_of_every_kind_changes_nothing(storage):
    for number in storage.kinds():
        wrong = storage.after_kill(number)
        assert not wrong, (number, storage.writes[number - 1], wrong)
