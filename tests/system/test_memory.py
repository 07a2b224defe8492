"""How much memory is free: the least that anything leaves, by files as Linux writes them."""

import sys

import pytest

from wgan.system.memory import free_memory

MEMINFO = "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 600 kB\nSwapFree: 50 kB\nHugePages_Free: 0\n"
MACHINE = 650 * 1024


def written(folder, files):
    for name, text in {"proc/meminfo": MEMINFO, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return free_memory(folder / "proc", folder / "groups")


def test_without_groups_the_machine_tells(tmp_path):
    assert written(tmp_path, {}) == MACHINE
    assert written(tmp_path, {"proc/self/cgroup": "0::/a\n4:memory:/b\nodd\n", "groups/a/memory.max": "?"}) == MACHINE


def test_where_nothing_tells_nothing_is_known(tmp_path):
    assert free_memory(tmp_path / "proc", tmp_path / "groups") is None
    assert written(tmp_path, {"proc/meminfo": "what\n"}) is None


def test_a_group_has_what_its_limit_leaves_and_files_are_let_go_of(tmp_path):
    stat = "anon 300\ninactive_file 20\nactive_file 30\nslab_reclaimable 7\n"
    files = {"proc/self/cgroup": "0::/job\n", "groups/job/memory.max": "1000\n", "groups/job/memory.current": "400\n"}
    assert written(tmp_path, files) == 600
    assert written(tmp_path, {"groups/job/memory.stat": stat}) == 650
    assert written(tmp_path, {"groups/job/memory.max": "max\n"}) == MACHINE
    assert written(tmp_path, {"groups/job/memory.max": "10\n"}) == 0


def test_a_group_has_no_more_than_those_it_is_in(tmp_path):
    files = {"proc/self/cgroup": "0::/a/b\n"}
    for folder, limit in (("a/b", 9000), ("a", 500), ("", 7000)):
        files |= {f"groups/{folder}/memory.max": f"{limit}\n", f"groups/{folder}/memory.current": "100\n"}
    assert written(tmp_path, files) == 400


@pytest.mark.parametrize("inside", [True, False])
def test_the_first_version_of_groups(tmp_path, inside):
    """In a container, its own group is the root, whatever the name outside."""
    folder = "groups/memory" if inside else "groups/memory/docker/1"
    files = {
        "proc/self/cgroup": "9:cpu:/\n4:memory:/docker/1\n0::/\n",
        f"{folder}/memory.limit_in_bytes": "2000",
        f"{folder}/memory.usage_in_bytes": "1500",
        f"{folder}/memory.stat": "total_inactive_file 100\ninactive_file 9\n",
    }
    assert written(tmp_path, files) == 600
    assert written(tmp_path, {f"{folder}/memory.limit_in_bytes": "9223372036854771712"}) == MACHINE


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's files")
def test_something_is_free_here():
    assert 1e7 < free_memory() < 1e14
