"""Tables of pictures, local and from a simulated hub; no test here uses a network."""

import io
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from wgan.data import Folder, open_pack, open_source
from wgan.data.sources.hub import SHORT_NAMES, open_hub
from wgan.data.sources.tables import chosen_splits
from wgan.errors import InputError

datasets = pytest.importorskip("datasets")
PICTURES = np.random.default_rng(0).integers(0, 256, (9, 12, 10, 3), dtype=np.uint8)
FIRST = np.moveaxis(PICTURES, 3, 1)


def png(picture):
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "png")
    return {"bytes": content.getvalue(), "path": None}


def table(pictures, column="img"):
    """A column of pictures between two other columns; the labels alternate between cat and dog."""
    features = {"id": datasets.Value("int64"), column: datasets.Image()}
    features["animal"] = datasets.ClassLabel(names=["cat", "dog"])
    rows = {"id": range(len(pictures)), column: map(png, pictures), "animal": (i % 2 for i in range(len(pictures)))}
    return datasets.Dataset.from_dict(
        {name: list(values) for name, values in rows.items()}, features=datasets.Features(features)
    )


@pytest.fixture(autouse=True)
def library_cache(tmp_path, monkeypatch):
    """The folder of the library's downloads."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "library")
    return tmp_path / "library"


@pytest.fixture
def animals(tmp_path):
    """A folder in the layout of the hub: two shards of training data, and a test split."""
    data = tmp_path / "animals" / "data"
    data.mkdir(parents=True)
    table(PICTURES[:4]).to_parquet(data / "train-00000-of-00002.parquet")
    table(PICTURES[4:6]).to_parquet(data / "train-00001-of-00002.parquet")
    table(PICTURES[6:]).to_parquet(data / "test-00000-of-00001.parquet")
    return tmp_path / "animals"


def check(pack):
    np.testing.assert_array_equal(pack.samples, FIRST)
    assert pack.contents.label_names == ("cat", "dog")
    assert pack.labels.tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 0]
    train, held_out = pack.split(0.5)
    assert (train.tolist(), held_out.tolist()) == ([0, 1, 2, 3, 4, 5], [6, 7, 8])


def test_a_folder_as_the_hub_lays_it_out(animals):
    check(pack := open_pack(open_source(animals)))
    assert pack.columns["id"][1].tolist() == [0, 1, 2, 3, 0, 1, 0, 1, 2], "shard after shard"
    survey = open_source(animals).survey()
    assert (survey.count, survey.sizes) == (9, {(12, 10): 9})
    assert survey.labels == {"cat": 5, "dog": 4}


@pytest.mark.parametrize("count", [1, 9])
def test_pictures_beside_a_table_of_the_hub_are_not_taken_for_the_set(animals, count):
    (animals / "assets").mkdir()
    for i in range(count):
        Image.new("RGB", (30, 30)).save(animals / "assets" / f"logo{i}.png")
    check(open_pack(open_source(animals)))


def test_pictures_with_a_table_about_them_are_a_folder(animals):
    shutil.rmtree(animals / "data")
    (animals / "train").mkdir()
    Image.new("RGB", (30, 30)).save(animals / "train" / "1.png")
    datasets.Dataset.from_dict({"file_name": ["1.png"]}).to_parquet(animals / "train" / "metadata.parquet")
    assert isinstance(open_source(animals), Folder)


def test_what_save_to_disk_wrote(tmp_path):
    both = datasets.DatasetDict(train=table(PICTURES[:6]), test=table(PICTURES[6:]))
    both.save_to_disk(tmp_path / "both")
    check(open_pack(open_source(tmp_path / "both")))
    both["train"].save_to_disk(tmp_path / "one")
    np.testing.assert_array_equal(open_pack(open_source(tmp_path / "one")).samples, FIRST[:6])


def test_data_sets_passed_from_python():
    both = datasets.DatasetDict(train=table(PICTURES[:6]), test=table(PICTURES[6:]))
    check(open_pack(open_source(both)))
    check(open_pack(open_source(both.with_format("numpy"))))
    one = open_source(both["train"])
    np.testing.assert_array_equal(open_pack(one).samples, FIRST[:6])
    assert one.label_names() == ("cat", "dog")
    assert one.survey().labels == {"cat": 3, "dog": 3}


def test_a_data_set_passed_from_python_is_known_by_its_fingerprint(monkeypatch):
    def identity(data):
        return open_source(data).identity()

    whole = table(PICTURES)
    assert identity(whole) == identity(table(PICTURES))
    assert len({identity(data) for data in (whole, whole.select(range(4)), whole.shuffle(seed=1))}) == 3
    np.testing.assert_array_equal(open_pack(open_source(whole.select([2, 5]))).samples, FIRST[[2, 5]])
    first = open_pack(open_source(whole))
    monkeypatch.setattr("wgan.data.sources.tables.LoadedTable.samples", lambda self: pytest.fail("read again"))
    assert open_pack(open_source(table(PICTURES))).path == first.path


def test_data_sets_that_cannot_be_packed_say_why():
    whole = table(PICTURES)
    with pytest.raises(InputError, match=r"IterableDataset is streamed.*without streaming=True"):
        open_source(whole.to_iterable_dataset())
    with pytest.raises(InputError, match=r"IterableDatasetDict is streamed"):
        open_source(datasets.IterableDatasetDict(train=whole.to_iterable_dataset()))
    with pytest.raises(InputError, match=r"has a transform.*dataset\.map"):
        open_source(whole.with_transform(lambda rows: rows))
    with pytest.raises(InputError, match=r"no column of pictures \(it has id\)\. Pass one alone, with dataset\.select"):
        open_source(whole.select_columns(["id"])).survey()
    with pytest.raises(InputError, match="is empty"):
        open_source(datasets.DatasetDict())


def test_a_module_of_the_users_own_may_be_called_datasets(monkeypatch):
    class Dataset:
        pass

    for name in [name for name in sys.modules if name.partition(".")[0] == "datasets"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(Dataset=Dataset))
    with pytest.raises(InputError, match="Data cannot be a Dataset"):
        open_source(Dataset())


def test_parquet_files_of_other_programs_need_not_say_what_is_a_picture(tmp_path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    entries = [png(picture) for picture in PICTURES[:3]]
    parquet.write_table(arrow.table({"n": [1, 2, 3], "picture": entries}), tmp_path / "a.parquet")
    parquet.write_table(arrow.table({"content": [entry["bytes"] for entry in entries]}), tmp_path / "b.parquet")
    for name in ("a", "b"):
        np.testing.assert_array_equal(open_pack(open_source(tmp_path / f"{name}.parquet")).samples, FIRST[:3])


def test_a_file_that_was_replaced_is_read_again(tmp_path):
    for pictures in (PICTURES[:3], PICTURES[3:7]):
        table(pictures).to_parquet(tmp_path / "a.parquet")
        assert len(open_pack(open_source(tmp_path / "a.parquet"))) == len(pictures)


def test_rows_without_a_readable_picture_are_skipped(tmp_path):
    rows = [png(PICTURES[0]), None, {"bytes": b"I am no picture", "path": None}, png(PICTURES[1])]
    features = datasets.Features({"image": datasets.Image()})
    datasets.Dataset.from_dict({"image": rows}, features=features).to_parquet(tmp_path / "a.parquet")
    pack = open_pack(open_source(tmp_path / "a.parquet"))
    np.testing.assert_array_equal(pack.samples, FIRST[:2])
    reasons = dict(pack.contents.skipped)
    assert reasons.keys() == {"train/1", "train/2"}
    assert "not a picture" in reasons["train/2"]


def test_a_second_start_does_not_load_the_library(animals):
    """A packed table is identified by its files alone."""
    open_pack(open_source(animals))
    code = "import sys; from wgan.data import open_pack, open_source as o; s = o(sys.argv[1]); s.survey(); open_pack(s)"
    code += "; print('datasets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(animals)], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_damaged_tables_and_those_without_pictures_are_told(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"I am no table")
    with pytest.raises(InputError, match=r"Cannot read .*a\.parquet as a table of pictures"):
        open_pack(open_source(tmp_path / "a.parquet"))
    datasets.Dataset.from_dict({"n": ["a", "b"]}).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(InputError, match=r"no column of numbers, only: n \(string\)"):
        open_pack(open_source(tmp_path / "b.parquet"))


def test_damaged_pages_of_a_table_are_told(tmp_path):
    table(PICTURES).to_parquet(tmp_path / "a.parquet")
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    first = content.index(b"\x89PNG")
    content[4:first] = bytes(first - 4)  # what says of the pages how they are written
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(InputError, match=r"(?s)Cannot read all rows of a: .*Copy or download it again"):
        open_pack(open_source(tmp_path / "a.parquet"))


@pytest.mark.parametrize(
    ("names", "split", "expected"),
    [
        (["train", "test"], None, [("train", False), ("test", True)]),
        (["test", "validation", "train"], None, [("train", False), ("test", True)]),
        (["train", "valid"], None, [("train", False), ("valid", True)]),
        (["train", "test"], "test", [("test", False)]),
        (["train", "extra"], None, [("train", False)]),
        (["cats", "dogs", "test"], None, [("cats", False), ("dogs", False), ("test", True)]),
        (["test"], None, [("test", False)]),
    ],
)
def test_splits_for_training_and_for_testing(names, split, expected):
    assert chosen_splits(names, split) == expected


# -- the hub ----------------------------------------------------------------------------------------------------


@pytest.fixture
def hub(animals, monkeypatch):
    """A hub with one data set, someone/animals, at revision r1; returns the list of requests."""
    asked = []
    load = datasets.load_dataset

    def info(api, name, timeout):
        asked.append(name)
        return SimpleNamespace(sha="r1")

    def load_dataset(name, config, revision):
        asked.append((name, config, revision))
        return load(str(animals), cache_dir=str(animals.parent / "hub-cache"))

    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", info)
    monkeypatch.setattr("datasets.load_dataset", load_dataset)
    return asked


def test_a_set_of_the_hub_is_packed_at_the_revision_it_has(hub):
    source = open_source("hf:someone/animals")
    assert hub == [], "nothing is asked before it is needed"
    assert source.name == "animals"
    check(open_pack(source))
    assert hub == ["someone/animals", ("someone/animals", None, "r1")]
    open_pack(open_source("hf:someone/animals"))
    assert hub[2:] == ["someone/animals"], "once packed, only its revision is asked for"


def test_a_configuration_a_split_and_a_column_may_be_named(hub):
    source = open_source("hf:someone/animals:large@test#img")
    assert source.name == "animals-large"
    pack = open_pack(source)
    np.testing.assert_array_equal(pack.samples, FIRST[6:])
    assert hub[1] == ("someone/animals", "large", "r1")
    assert not pack.split(0.0)[1].size, "a split that was named is trained on"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("someone/animals@tset", "Unknown split 'tset'. Did you mean test"),
        ("someone/animals#imf", "Unknown column of animals 'imf'. Did you mean img"),
        ("someone/animals#id", "'id' holds no pictures"),
        ("some one/animals", "no data set of the hub. Write hf:owner/name"),
        ("", "no data set of the hub. Write hf:owner/name"),
    ],
)
def test_what_is_named_and_is_not_there_is_told(hub, text, complaint):
    with pytest.raises(InputError, match=complaint):
        open_pack(open_source(f"hf:{text}"))


def test_short_names_stand_for_sets_of_the_hub_unless_there_is_such_a_folder(hub, animals, monkeypatch):
    for name, full in SHORT_NAMES.items():
        assert open_source(name).name == name
        assert open_hub(full).identity() == open_source(name).identity()
    monkeypatch.chdir(animals.parent)
    shutil.copytree(animals, "mnist")
    check(open_pack(open_source("mnist")))


def test_without_the_hub_what_was_packed_before_is_used(hub, monkeypatch):
    first = open_pack(open_source("hf:someone/animals"))
    monkeypatch.undo()
    assert open_pack(open_source("hf:someone/animals")).path == first.path


def test_without_the_hub_what_the_library_downloaded_before_is_used(animals, library_cache):
    """Its cache after `load_dataset("nobody/animals")`."""
    datasets.load_dataset(str(animals))
    (library_cache / "animals").rename(library_cache / "nobody___animals")
    check(open_pack(open_source("hf:nobody/animals")))


R1, R2 = "1" * 40, "2" * 40


class Library:
    """The hub, and the library's cache, of a data set whose pictures differ between revisions R1 and R2."""

    def __init__(self, folder):
        self.folder, self.now, self.reachable = folder, R1, True
        self.newest = None  # the revision in the cache, which the library uses offline

    def info(self, name):
        if not self.reachable:
            raise ConnectionError("no route to the hub")
        return SimpleNamespace(sha=self.now)

    def load_dataset(self, name, config, revision):
        if self.reachable and revision:
            self.newest = revision
        if self.newest is None:
            raise ConnectionError("not in the cache")
        place = self.folder / self.newest
        if not place.exists():
            table(PICTURES[:3] if self.newest == R1 else PICTURES[3:6]).save_to_disk(place)
        return datasets.DatasetDict(train=datasets.load_from_disk(str(place)))


@pytest.fixture
def library(tmp_path, monkeypatch):
    made = Library(tmp_path / "library")
    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", lambda api, *names, timeout: made.info(*names))
    monkeypatch.setattr("datasets.load_dataset", made.load_dataset)
    return made


def revisions():
    return open_pack(open_source("hf:someone/animals")).samples


def test_a_revision_that_was_seen_and_not_downloaded_is_not_remembered(library, monkeypatch):
    np.testing.assert_array_equal(revisions(), FIRST[:3])
    library.now = R2
    with monkeypatch.context() as patch:
        patch.delattr("datasets.load_dataset")  # whatever comes between
        with pytest.raises(InputError, match="Cannot load"):
            revisions()
    library.reachable = False
    np.testing.assert_array_equal(revisions(), FIRST[:3])
    library.reachable = True
    np.testing.assert_array_equal(revisions(), FIRST[3:6])


def test_what_the_library_falls_back_to_is_not_taken_for_the_revision_of_now(library, monkeypatch):
    revisions()
    library.now = R2
    with monkeypatch.context() as patch:
        patch.setattr("datasets.load_dataset", lambda *names, revision: library.load_dataset(*names, None))
        with pytest.raises(InputError, match=f"{R1}.* is not the revision {R2} that the hub has now"):
            revisions()
    np.testing.assert_array_equal(revisions(), FIRST[3:6])


def test_without_the_hub_another_revision_is_not_taken_for_the_last(library):
    pack = open_pack(open_source("hf:someone/animals"))
    library.newest, library.reachable = R2, False
    assert open_pack(open_source("hf:someone/animals")).path == pack.path
    shutil.rmtree(pack.path)
    with pytest.raises(InputError, match="delete the note") as told:
        revisions()
    Path(str(told.value).rpartition("delete the note ")[2].rstrip(".")).unlink()
    np.testing.assert_array_equal(revisions(), FIRST[3:6])
    library.reachable = True
    np.testing.assert_array_equal(revisions(), FIRST[:3])


def test_without_the_hub_and_any_note_of_it_the_cache_tells_the_revision(library):
    library.newest, library.reachable = R2, False
    pack = open_pack(open_source("hf:someone/animals"))
    library.now, library.reachable = R2, True
    assert open_pack(open_source("hf:someone/animals")).path == pack.path


def test_without_the_hub_and_any_copy_the_ways_out_are_told(monkeypatch):
    with pytest.raises(InputError, match=r"Cannot reach the hub .*refused.*archive of pictures.*HF_HUB_OFFLINE=1"):
        open_pack(open_source("celeba"))


def test_a_set_that_the_hub_does_not_have_is_told(monkeypatch):
    from huggingface_hub.errors import RepositoryNotFoundError

    def info(api, name, timeout):
        raise RepositoryNotFoundError("404", response=SimpleNamespace(headers={}, request=None))

    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", info)
    with pytest.raises(InputError, match=r"no data set a/b.*hf auth login"):
        open_pack(open_source("hf:a/b"))


def test_without_the_library_the_command_that_installs_it_is_told(monkeypatch, animals):
    monkeypatch.setitem(sys.modules, "datasets", None)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    for data in ("mnist", animals):
        with pytest.raises(InputError, match=r"pip install 'datasets"):
            open_pack(open_source(data))


def test_a_person_sees_one_paragraph_and_no_traceback(tmp_path):
    command = [sys.executable, "-m", "wgan", "data", "mnist"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "error: Cannot reach the hub for the data set ylecun/mnist" in done.stderr
