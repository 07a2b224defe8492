"""If a write fails or the process is killed at it, what was saved remains, and resuming gives the same run.

This tries every fourth kind of write; `benchmarks/soak.py` tries every write.
"""


def test_a_write_may_fail(storage):
    silent = []
    for number in storage.kinds()[::4]:
        told, wrong = storage.after_failure(number)
        assert not wrong, (number, storage.writes[number - 1], told, wrong)
        if not told:
            silent.append(storage.writes[number - 1])
        else:
            assert any(words in told for words in ("No space left", "Input/output", "Read-only")), told
    # A lock needs no owner, the next start removes temporary files, the folder exists already, and zipfile tries to
    # open twice.
    harmless = (".lock", ".tmp", "cache/")
    assert all(operation == "mkdir" or any(part in name for part in harmless) for operation, name in silent), silent


def test_a_kill_at_a_write_changes_nothing(storage):
    for number in storage.kinds()[2::4]:
        wrong = storage.after_kill(number)
        assert not wrong, (number, storage.writes[number - 1], wrong)
