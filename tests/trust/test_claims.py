"""Small files that claim a large size or unpack to one are refused in little memory, or skipped with a reason."""

import gzip
import io
import json
import lzma
import os
import struct
import tarfile
import zipfile
import zlib

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from fuzz import bounded
from wgan.cli import app
from wgan.config import RunConfig, parse_setting
from wgan.data import open_pack, open_source
from wgan.data.source import ArraySource
from wgan.data.sources.archive_members import members
from wgan.data.sources.idx import read_idx
from wgan.errors import InputError
from wgan.networks import MLP
from wgan.report.weights import critic_weights
from wgan.runs.doctor import diagnose
from wgan.runs.run import Run
from wgan.runs.weights import load_weights
from wgan.system.fitting import fit_all
from wgan.system.pictures import read_headers

MEGABYTES = 100
"""The most memory that refusing a file may take."""


@pytest.fixture
def little():
    with bounded(60, MEGABYTES):
        yield


def chunk(kind, content, claimed=None):
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content) if claimed is None else claimed) + kind + content + checksum


def png(width, height, *chunks):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


ZEROS = zlib.compress(bytes(200_000_000), 9)
DATA = chunk(b"IDAT", zlib.compress(bytes(9 * 8)))
BOMBS = {
    "a header of 60,000 x 60,000": (png(60_000, 60_000, chunk(b"IDAT", ZEROS)), "pixels"),
    "a GIF of 60,000 x 60,000": (
        b"GIF89a" + struct.pack("<HH", 60_000, 60_000) + b"\0\0\0," + bytes(9) + b"\x08\x02\0\1\0;", "pixels",
    ),
    "a GIF whose frame is larger": (
        b"GIF89a\x08\0\x08\0\0\0\0," + struct.pack("<HHHH", 0, 0, 60_000, 60_000) + b"\0\x08\x02\0\1\0;", "pixels",
    ),
    "a BMP of a million lines": (
        b"BM" + struct.pack("<IHHI", 0, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 1 << 20, 1 << 20, 1, 24, *[0] * 6),
        "pixels",
    ),
    "a text of 200 MB": (png(8, 8, chunk(b"zTXt", b"a\0\0" + ZEROS), DATA), "damaged"),
    "a profile of 200 MB": (png(8, 8, chunk(b"iTXt", b"a\0\1\0\0\0" + ZEROS), DATA), "damaged"),
    "data that go on": (png(8, 8, chunk(b"IDAT", ZEROS)), None),
    "a chunk of 2 GB": (png(8, 8, chunk(b"IDAT", b"x", 0x7FFFFFFF)), "damaged"),
    "a TIFF of 2^32 tags": (b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 256, 4, 1 << 31, 8), None),
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_pictures(bomb, little):
    content, why = BOMBS[bomb]
    (header,) = read_headers([content])
    (row,) = fit_all([content], (8, 8), 3)
    told = [entry for entry in (header, row) if isinstance(entry, str)]
    assert not why or any(why in entry for entry in told), (header, row)
    assert why or told or len(row) == 192


def test_an_archive_of_bombs_costs_its_members(tmp_path, little):
    """Ten gigabytes of zeros named like a picture, a nested archive, a header of 60,000 x 60,000; a valid picture."""
    path, sound = tmp_path / "a.zip", io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(sound, "png")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("sound.png", sound.getvalue())
        archive.writestr("within.png", (tmp_path / "a.zip").read_bytes())
        archive.writestr("wide.png", png(60_000, 60_000))
        archive.writestr("zeros.png", bytes(1000))
    content = path.read_bytes()
    entry = content.rindex(b"zeros.png") - 46
    huge = bytearray(content)
    huge[entry + 24 : entry + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    path.write_bytes(huge)
    skipped = dict(open_pack(open_source(path)).contents.skipped)
    assert set(skipped) == {"within.png", "wide.png", "zeros.png"}
    assert "bytes, more than the limit of" in skipped["zeros.png"]
    assert "more than 134,217,728 pixels" in skipped["wide.png"]


WAYS = {
    zipfile.ZIP_DEFLATED: "damaged in the archive (Bad CRC",
    zipfile.ZIP_BZIP2: "another method than deflate",
    zipfile.ZIP_LZMA: "another method than deflate",
}


@pytest.mark.parametrize("how", WAYS)
def test_a_member_that_holds_more_than_it_says(how, tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", how) as archive:
        archive.writestr("a.png", bytes(60_000_000))
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"a.png") - 46
    content[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(content)
    with bounded(60, 20):
        for member in members(path):
            assert WAYS[how] in member.read()


def tar_of(*entries):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, kind, target in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, target
            archive.addfile(entry)
    return content.getvalue()


def test_a_tar_whose_header_is_huge(tmp_path, little):
    """tarfile reads the long name or attributes of a member into memory."""
    for kind in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE):
        entry = tarfile.TarInfo("a.png")
        entry.type, entry.size = kind, 400_000_000
        with gzip.open(tmp_path / "a.tar.gz", "wb", compresslevel=1) as file:
            file.write(entry.tobuf())
            for _ in range(400):
                file.write(bytes(1_000_000))
        with pytest.raises(InputError, match="no header"):
            list(members(tmp_path / "a.tar.gz"))


def test_a_tar_of_endless_members(tmp_path, monkeypatch):
    block = tarfile.TarInfo("a.png").tobuf()
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(block * 5000))
    monkeypatch.setenv("WGAN_MAX_MEMBERS", "1000")
    with pytest.raises(InputError, match=r"1,001 members, more than the limit of 1,000 .*WGAN_MAX_MEMBERS"):
        open_source(tmp_path / "a.tar.gz").survey()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for i in range(1001):
            archive.writestr(f"{i}.png", b"")
    with pytest.raises(InputError, match=r"1,001 members"):
        open_source(tmp_path / "a.zip").survey()


def test_a_tar_of_headers_of_headers(tmp_path):
    entry = tarfile.TarInfo("a.png")
    entry.type = tarfile.XHDTYPE
    (tmp_path / "a.tar").write_bytes(entry.tobuf() * 5000)
    with pytest.raises(InputError, match="Cannot read the archive"):
        list(members(tmp_path / "a.tar"))


OUTSIDE = ["../../evil.png", "/tmp/evil.png", "..\\..\\evil.png", "C:\\evil.png", "a/../../evil.png", "evil.png/.."]


@pytest.mark.parametrize("name", OUTSIDE)
def test_names_that_lead_out_of_an_archive_write_nothing(name, tmp_path, monkeypatch):
    """A picture of such a name is read from the archive like any other; a link or a device is skipped."""
    work = tmp_path / "a" / "b"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    sound = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(sound, "png")
    with zipfile.ZipFile("a.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), sound.getvalue())
        archive.writestr("sound.png", sound.getvalue())
        link = zipfile.ZipInfo("link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with tarfile.open("a.tar", "w") as archive:
        for there in (name, "sound.png"):
            entry = tarfile.TarInfo(there)
            entry.size = len(sound.getvalue())
            archive.addfile(entry, io.BytesIO(sound.getvalue()))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.BLKTYPE):
            entry = tarfile.TarInfo(f"{kind.decode()}.png")
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    before = sorted(tmp_path.rglob("*"))
    for path, others in (("a.zip", {"link.png"}), ("a.tar", {f"{kind}.png" for kind in "12346"})):
        pack = open_pack(open_source(path))
        assert {entry.name for entry in pack.contents.skipped} >= others
        assert len(pack) >= 1
    assert sorted(tmp_path.rglob("*")) == before


# -- arrays -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape", [(1 << 31, 1000, 1000), (1 << 31, 1 << 31, 1 << 31), (0, 28, 28), (1, 60_000, 60_000)]
)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_claims(shape, suffix, tmp_path, little):
    path = tmp_path / f"train-images-idx3-ubyte{suffix}"
    content = b"\0\0\x08\3" + struct.pack(">III", *shape) + bytes(100)
    path.write_bytes(gzip.compress(content) if suffix else content)
    with pytest.raises(InputError, match="train-images"):
        open_source(tmp_path).survey()


def test_an_idx_file_that_unpacks_to_more_than_it_says(tmp_path, little):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"\0\0\x08\3" + struct.pack(">III", 1, 2, 2))
        for _ in range(300):
            file.write(bytes(1_000_000))
    with pytest.raises(InputError, match="should hold 4 bytes after its header and holds more"):
        read_idx(path)


def test_an_idx_file_beyond_the_limit_says_how_to_read_it(tmp_path, monkeypatch):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(b"\0\0\x08\3" + struct.pack(">III", 10, 8, 8) + bytes(640)))
    monkeypatch.setenv("WGAN_MAX_ARRAY_BYTES", "639")
    with pytest.raises(InputError, match=r"640 bytes, more than the limit of 639 \(set WGAN_MAX_ARRAY_BYTES"):
        read_idx(path)
    monkeypatch.setenv("WGAN_MAX_ARRAY_BYTES", "640")
    assert read_idx(path).shape == (10, 8, 8)


def npy(shape, descr="|u1"):
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + bytes(100)


NPY = [
    *(npy(s) for s in ("(10**12, 8, 8)", "(1 << 40,)", "(-1, 8, 8)", "()", "(2, 0, 3)", f"(1{',1' * 70})", "(" * 300)),
    *(npy("(5, 2)", kind) for kind in ("|O", "<c16", "<U1000000000")),
]


@pytest.mark.parametrize("content", NPY)
def test_npy_claims(content, tmp_path, little):
    (tmp_path / "a.npy").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("images.npy", content)
    for name in ("a.npy", "a.npz"):
        with pytest.raises(InputError, match="a"):
            open_source(tmp_path / name)


def test_an_npz_of_zeros(tmp_path, monkeypatch, little):
    np.savez_compressed(tmp_path / "a.npz", images=np.zeros((40, 1000, 1000), np.uint8))
    monkeypatch.setenv("WGAN_MAX_ARRAY_BYTES", "1_000_000")
    with pytest.raises(InputError, match=r"'images'.* has 40,000,128 bytes, more than the limit of 1,000,000"):
        open_source(tmp_path / "a.npz")


def test_a_pack_that_the_disk_cannot_hold_is_not_begun(tmp_path):
    """Pictures of one size keep it, so an archive of some kilobytes could fill any disk."""
    large = np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (10**8, 2000, 2000, 1), (0, 0, 0, 0))

    class Many(ArraySource):
        name, arrays = "many", (large, None, None)

        def identity(self):
            return "many"

    with pytest.raises(InputError, match=r"takes 400,000,000,000,000 bytes, and .* has room for .*--size"):
        open_pack(Many())


# -- weights ----------------------------------------------------------------------------------------------------

NETWORK = MLP(latent_size=4, generator_widths=(8,))


def saved(value):
    content = io.BytesIO()
    torch.save(value, content)
    return content.getvalue()


def compressed(content):
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    return packed.getvalue()


class Big:
    def __reduce__(self):
        return bytearray, (3_000_000_000,)


WEIGHTS = {
    "a bytearray of 3 GB": (".pt", lambda: saved({"a": Big()}), "bytearray, and not only tensors"),
    "an archive that is compressed": (".pt", lambda: compressed(saved({"a": torch.zeros(10**7)})), "compressed"),
    "a safetensors header of 2^60": (".safetensors", lambda: struct.pack("<Q", 1 << 60) + b"{}", "cannot be read"),
    "a safetensors header of 90 MB": (".safetensors", lambda: struct.pack("<Q", 90_000_000) + b"{}", "cannot be read"),
    "a tensor of 2^60 bytes": (
        ".safetensors",
        lambda: (lambda h: struct.pack("<Q", len(h)) + h)(
            json.dumps({"a": {"dtype": "U8", "shape": [1 << 60], "data_offsets": [0, 1 << 60]}}).encode()
        ),
        "cannot be read",
    ),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights(name, tmp_path):
    suffix, make, why = WEIGHTS[name]
    (tmp_path / f"w{suffix}").write_bytes(make())
    network = NETWORK.generator((2,))
    with bounded(60, MEGABYTES), pytest.raises(InputError, match=why):
        load_weights(network, tmp_path / f"w{suffix}")


def test_a_configuration_of_networks_of_terabytes(run, little):
    text = (run / "config.toml").read_text()
    for old, new in (("16,\n    16,", "1000000,\n    1000000,"), ("latent_size = 4", "latent_size = 1000000000000")):
        (run / "config.toml").write_text(text.replace(old, new))
        assert text != (run / "config.toml").read_text()
        for command in (["sample", str(run), "--out", str(run / "a.png")], ["evaluate", str(run), "--data", "digits"]):
            result = CliRunner().invoke(app, command)
            assert result.exit_code == 2, result.output
            assert "WGAN_MAX_ARRAY_BYTES" in result.output.replace("\n", "")
        assert CliRunner().invoke(app, ["report", str(run)]).exit_code == 0


# -- texts ------------------------------------------------------------------------------------------------------

TOML = {
    "brackets without end": "a = " + "[" * 100_000,
    "tables without end": "a = " + "{a = " * 50_000,
    "an integer of 5,000 digits": f"a = {'9' * 5000}",
    "a year 99999": "a = 99999-01-01T00:00:00Z",
    "NUL": "recipe = \"a\0b\"",
    "keys that clash": "a.b = 1\na.b.c = 2",
    "a table twice": "[training]\n[training]\n",
    "megabytes of keys": "".join(f"k{i} = 1\n" for i in range(200_000)),
    "a key of a thousand parts": ".".join("a" * 1000) + " = 1",
    "a date for a number": "[training]\nsteps = 2026-01-01",
    "an infinite number": "[training]\nsteps = inf",
}  # fmt: skip


@pytest.mark.parametrize("name", TOML)
def test_toml_tricks(name, run, little):
    with pytest.raises(InputError) as told:
        RunConfig.from_toml(TOML[name])
    assert len(str(told.value)) < 20_000
    if (equals := f"a={TOML[name]}") and len(equals) < 1_000_000:
        assert parse_setting(equals)[0] == "a"
    (run / "config.toml").write_text(TOML[name])
    with pytest.raises(InputError, match=r"config\.toml|recipe is missing|is no"):
        diagnose(run)


def test_lines_of_json(run, little):
    with (run / "metrics.jsonl").open("ab") as file:
        file.write(b'{"step": 7, "a": ' + b"[" * 500_000 + b"\n")
        file.write(b'{"step": 8, "a": [' + b"[]," * 3_000_000 + b"1]}\n")
        file.write(b'{"step": 9}\n')
    assert [row["step"] for row in Run.open(run).metrics()] == [3, 6, 9]
    (run / "failure.json").write_bytes(b"[" * 500_000)
    assert Run.open(run).failure() is None


def test_a_sparse_file_of_a_terabyte(run, little):
    """It takes no space on disk, but would fill the memory."""
    readers = {"metrics.jsonl": diagnose, "config.toml": diagnose, "generator.safetensors": Run.generator}
    for name, read in (readers | {"critic.safetensors": critic_weights}).items():
        content = (run / name).read_bytes()
        os.truncate(run / name, 1 << 40)
        with pytest.raises(InputError, match=r"1,099,511,627,776 bytes, more than the limit of .* WGAN_MAX_"):
            read(Run.open(run))
        (run / name).write_bytes(content)


# -- what is no file --------------------------------------------------------------------------------------------


def test_pipes_devices_and_links(tmp_path):
    """Links to files are followed; links to folders are not, so there are no endless loops."""
    folder, elsewhere = tmp_path / "pictures", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    Image.new("RGB", (8, 8), "red").save(elsewhere / "there.png")
    Image.new("RGB", (8, 8), "blue").save(folder / "here.png")
    (folder / "linked.png").symlink_to(elsewhere / "there.png")
    (folder / "loop").symlink_to(folder)
    (folder / "out").symlink_to(elsewhere)
    (folder / "itself.png").symlink_to(folder / "itself.png")
    (folder / "zero.png").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.png")
    with bounded(10, MEGABYTES):
        pack = open_pack(open_source(folder))
    skipped = dict(pack.contents.skipped)
    assert len(pack) == 2
    assert set(skipped) == {"itself.png", "zero.png", "pipe.png", "loop", "out"}
    assert skipped["loop"].startswith("a link to a folder, which is not followed")
    assert skipped["pipe.png"] == skipped["zero.png"] == "a device or a pipe, not a file"


@pytest.mark.parametrize(
    "name", ["a.npy", "a.npz", "a.zip", "a.tar", "train-images-idx3-ubyte", "w.pt", "w.safetensors"]
)
def test_a_pipe_under_every_name_ends(name, tmp_path):
    os.mkfifo(tmp_path / name)
    place = tmp_path if name.startswith("train") else tmp_path / name
    with bounded(10, MEGABYTES), pytest.raises(InputError, match="pipe"):
        load_weights(NETWORK.generator((2,)), place) if name.startswith("w") else open_source(place).survey()


def test_an_lzma_stream_without_end(tmp_path, little):
    compressor = lzma.LZMACompressor(preset=0)  # piece by piece, or the test itself would take the memory
    pieces = [compressor.compress(bytes(1_000_000)) for _ in range(300)]
    (tmp_path / "a.tar.xz").write_bytes(b"".join([*pieces, compressor.flush()]))
    with pytest.raises(InputError):
        open_source(tmp_path / "a.tar.xz").survey()
