"""Feed damaged files to every reader. Each must be read, or refused with a `WganError`, in bounded memory.

    python benchmarks/fuzz.py --minutes 10        # all readers in turn
    python benchmarks/fuzz.py --minutes 2 --reader idx --seed 7

Files are random bytes, or valid files with flipped bits, pieces cut out, repeated or copied from other files, and
numbers that often break programs. A file that breaks a reader is saved in --keep and reported. The test suite does
the same for some seconds (`tests/trust/test_fuzz.py`), and keeps findings as named cases.
"""

import argparse
import gzip
import io
import json
import signal
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st
from PIL import Image
from safetensors.torch import save

from wgan.config import RunConfig, parse_setting
from wgan.data.columns import stored
from wgan.data.pack import read_pack
from wgan.data.source import Sample
from wgan.data.sources.archives import Archives
from wgan.data.sources.folder import Folder
from wgan.data.sources.idx import idx_folder
from wgan.data.sources.numpy_files import open_array_file
from wgan.data.survey import _from_json
from wgan.data.unfinished_pack import Rows
from wgan.errors import WganError
from wgan.networks import MLP, networks
from wgan.recipes import recipe
from wgan.report.charts import metrics_over_time, panels
from wgan.report.tables import metrics_table, notes, spread_table
from wgan.runs.checkpoints import load_state
from wgan.runs.doctor import diagnose
from wgan.runs.run import Run
from wgan.runs.weights import load_weights, read_tensors
from wgan.system.fitting import fit_all
from wgan.system.pictures import read_headers

MEGABYTES = 600
"""The most that reading a file of some kilobytes may add to the memory of the process."""
SECONDS = 60
"""A reader that takes longer hangs."""
NUMBERS = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 60_000, 1 << 62, (1 << 64) - 1]


class Reader(NamedTuple):
    """Valid files, and a function that reads one."""

    name: str
    """The name of the file, whose suffix decides how it is read."""
    valid: Callable[[], list[bytes]]
    read: Callable[[Path], object]


# -- valid files ------------------------------------------------------------------------------------------------

PICTURES = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)


def pictures() -> list[bytes]:
    found = []
    rgb, grey = Image.fromarray(PICTURES[0]), Image.fromarray(PICTURES[1, ..., 0])
    for image, kind in ((rgb, "png"), (grey, "png"), (rgb, "jpeg"), (rgb, "gif"), (rgb, "bmp"), (rgb, "tiff"),
                        (rgb, "webp"), (rgb, "ppm"), (rgb, "tga"), (rgb, "ico"), (rgb, "jpeg2000"), (rgb, "pcx"),
                        (rgb, "dds"), (rgb, "sgi"), (rgb.quantize(4), "png"), (grey, "xbm"), (rgb, "icns"),
                        (rgb, "qoi"), (rgb, "avif")):  # fmt: skip
        content = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = 6
        try:
            image.convert("1" if kind == "xbm" else image.mode).save(
                content, kind, **({"exif": exif} if kind in ("png", "jpeg", "webp", "tiff") else {})
            )
        except (OSError, KeyError):  # this build of Pillow cannot write it
            continue
        found.append(content.getvalue())
    return found


def idx_files() -> list[bytes]:
    header = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (6, 8, 8))
    return [header + PICTURES[..., 0].tobytes()]


def npy_files() -> list[bytes]:
    found = []
    for array in (PICTURES, PICTURES / 255, PICTURES[..., 0].astype(np.float32), np.ones((5, 2)), PICTURES > 9):
        content = io.BytesIO()
        np.save(content, array, allow_pickle=False)
        found.append(content.getvalue())
    return found


def npz_files() -> list[bytes]:
    found = []
    for write in (np.savez, np.savez_compressed):
        content = io.BytesIO()
        write(content, images=PICTURES, labels=np.arange(6) % 2)
        found.append(content.getvalue())
    return found


def zips() -> list[bytes]:
    found = []
    for how in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", how) as archive:
            for i, picture in enumerate(pictures()[:3]):
                archive.writestr(f"{'cats' if i else 'dogs'}/{i}.png", picture)
            archive.writestr("notes.txt", "none")
        found.append(content.getvalue())
    return found


def tars() -> list[bytes]:
    found = []
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT):
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w", format=form) as archive:
            for i, picture in enumerate(pictures()[:3]):
                entry = tarfile.TarInfo(f"{'long/' * 40 if form != tarfile.USTAR_FORMAT else ''}é{i}.png")
                entry.size = len(picture)
                archive.addfile(entry, io.BytesIO(picture))
        found.append(content.getvalue())
    return found


def packed_tars() -> list[bytes]:
    return [gzip.compress(content) for content in tars()]


@cache
def network() -> torch.nn.Module:
    return MLP(latent_size=4, generator_widths=(8, 8)).generator((2,))


def states() -> list[bytes]:
    optimiser = torch.optim.Adam(network().parameters())
    network()(torch.randn(3, 4)).sum().backward()
    optimiser.step()
    found = []
    for how in (True, False):
        for state in (network().state_dict(), {"step": 3, "ema": network().state_dict(), "o": optimiser.state_dict()}):
            content = io.BytesIO()
            torch.save(state, content, _use_new_zipfile_serialization=how)
            found.append(content.getvalue())
    return found


def safetensors() -> list[bytes]:
    return [save(network().state_dict())]


PROVENANCE = """
[provenance]
wgan = "0.1"
torch = "2.13"
python = "3.11"
machine = "Linux"
device = "cpu"
started = "2026-01-01"
data_name = "toy-ring8"
data_shape = [2]
data_count = 100
data_digest = "00"
train_count = 90
generator_parameters = 10
critic_parameters = 10
"""


def configs() -> list[bytes]:
    return [(recipe(name).to_toml() + PROVENANCE).encode() for name in ("wgan-gp-toy", "wgan-gp-digits")]


def lines() -> list[bytes]:
    numbers = {"distance": 1.5, "critic_loss": -1.0, "generator_loss": 0.1, "penalty": 0.1, "gradient_norm": 1.0}
    rows = [
        {"step": step, "images_seen": 64 * step, "seconds": step / 10, **numbers, "energy_distance": 0.1,
         "layers": {"critic": {"0.weight": 1.0}}} for step in range(50, 500, 50)
    ]  # fmt: skip
    result = {"value": 2.0, "floor": 1.0, "low": 1.5, "high": 2.5, "better": "lower", "n": 180}
    rows += [
        {"step": step, "n": 180, "seed": 0, "metrics": {"frechet": result}, "seen_by": {"frechet": "x"}, "notes": ["a"]}
        for step in (100, 200)
    ]
    return ["".join(json.dumps(row) + "\n" for row in rows).encode()]


def pack_files() -> list[bytes]:
    contents = {"version": 3, "name": "a", "shape": [3, 8, 8], "dtype": "uint8", "count": 6, "label_names": ["a", "b"],
                "skipped": [["b.png", "damaged"]], "digest": "00",
                "columns": [{"name": "kind", "kind": "class", "names": ["a", "b"], "counts": [3, 3]}]}  # fmt: skip
    return [json.dumps(contents).encode()]


def columns() -> list[bytes]:
    found = []
    for column in (np.arange(6) % 2, np.zeros(6, bool), np.arange(6, dtype=np.uint64)):
        content = io.BytesIO()
        np.save(content, column)
        found.append(content.getvalue())
    return found


def metadata_files() -> list[bytes]:
    rows = [{"file_name": f"{i}.png", "energy": i / 3, "kind": "ab"[i], "tags": ["x", "y"]} for i in range(2)]
    table = "file_name,energy,kind,tags\n0.png,1.5,a,x|y\n1.png,,b,y\n"
    return ["".join(json.dumps(row) + "\n" for row in rows).encode(), table.encode(), table.encode("utf-16")]


def survey_files() -> list[bytes]:
    survey = {"count": 2, "sizes": [[8, 8, 2]], "modes": {"RGB": 2}, "labels": {}, "skipped": [["a", "b"]],
              "point_size": None}  # fmt: skip
    return [json.dumps(survey).encode()]


def skipped_files() -> list[bytes]:
    return [b'[0, "a.png", "damaged"]\n[3, "b.png", "damaged"]\n', b"\1" * 50]


# -- how they are read ------------------------------------------------------------------------------------------


def read_picture(path: Path) -> None:
    content = path.read_bytes()
    (header,) = read_headers([content])
    (row,) = fit_all([path], (8, 8), 3)
    if isinstance(row, bytes) and (isinstance(header, str) or len(row) != 192):
        raise AssertionError(f"{header} and {len(row)} bytes")


def read_source(source: object) -> None:
    samples = [item for item in source.samples() if isinstance(item, Sample)]  # type: ignore[attr-defined]
    values = [item.value if isinstance(item.value, bytes | np.ndarray) else None for item in samples[:50]]
    if isinstance(source, Archives):
        source.label_names()
    else:
        survey = source.survey()  # type: ignore[attr-defined]
        if survey.point_size is not None:
            return
    read_headers([value for value in values if isinstance(value, bytes)])
    fit_all(values, (8, 8), 3)


def read_weights(path: Path) -> None:
    load_weights(MLP(latent_size=4, generator_widths=(8, 8)).generator((2,)), path)


def read_tensor_file(path: Path) -> None:
    for tensor in read_tensors(path).values():
        tensor.float().flatten()


def in_run(name: str) -> Callable[[Path], None]:
    """Put the file into the folder of an otherwise intact run."""

    def read(path: Path) -> None:
        folder = path.parent
        if name != "config.toml":
            (folder / "config.toml").write_bytes(configs()[0])
        (folder / name).write_bytes(path.read_bytes())
        run = Run.open(folder)
        diagnose(run)
        metrics, evaluations = [run.metrics()], [run.evaluations()]
        panels(["a", "b"], [metrics, metrics * 2])
        metrics_table(evaluations)
        spread_table([evaluations * 2])
        metrics_over_time(["a", "b"], [evaluations, evaluations * 2])
        notes(evaluations)
        if name == "config.toml":
            run.latents(2)
            networks(run.config.networks, run.spec, leave_out=run.config.custom)

    return read


def read_settings(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    RunConfig.from_toml(text)
    key, value = parse_setting(text)
    RunConfig.from_toml(text).with_settings({key: value})


def in_pack(name: str) -> Callable[[Path], None]:
    def read(path: Path) -> None:
        folder = path.parent
        (folder / "pack.json").write_bytes(pack_files()[0])
        (folder / "samples.bin").write_bytes(PICTURES.tobytes())
        for column, content in zip(("labels", "tests", "hashes"), columns(), strict=True):
            (folder / f"{column}.npy").write_bytes(content)
        (folder / "beside-0.npy").write_bytes(columns()[0])
        (folder / name).write_bytes(path.read_bytes())
        pack = read_pack(folder)
        np.array(pack.samples[:1])
        _ = pack.labels
        pack.split(0.1)
        asked = pack.with_condition([*pack.columns][-1:])
        asked.conditions_at(asked.split(0.1)[0])

    return read


def read_described(path: Path) -> None:
    for i, picture in enumerate(pictures()[:2]):
        (path.parent / f"{i}.png").write_bytes(picture)
    source = Folder(path.parent)  # its survey would start processes for each file
    source.label_names()
    list(source.samples())
    for column in source.beside():
        stored(column)


def read_survey(path: Path) -> None:
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):  # a survey is redone
        _from_json(path.read_text(encoding="utf-8"))


def read_begun(path: Path) -> None:
    folder = path.parent / "making"
    folder.mkdir(exist_ok=True)
    (folder / "records.bin").write_bytes(path.read_bytes())
    (folder / "skipped.jsonl").write_bytes(path.read_bytes())
    (folder / "samples.bin").write_bytes(PICTURES.tobytes())
    with closing(Rows(folder, 192)) as rows:
        rows.append(Sample(b""), bytes(192))
        rows.finished()


READERS = {
    "picture": Reader("a.png", pictures, read_picture),
    "idx": Reader("train-images-idx3-ubyte", idx_files, lambda path: read_source(idx_folder(path.parent))),
    "idx-gz": Reader(
        "train-images-idx3-ubyte.gz",
        lambda: [gzip.compress(one) for one in idx_files()],
        lambda path: read_source(idx_folder(path.parent)),
    ),
    "npy": Reader("a.npy", npy_files, lambda path: read_source(open_array_file(path))),
    "npz": Reader("a.npz", npz_files, lambda path: read_source(open_array_file(path))),
    "zip": Reader("a.zip", zips, lambda path: read_source(Archives([path]))),
    "tar": Reader("a.tar", tars, lambda path: read_source(Archives([path]))),
    "tar-gz": Reader("a.tar.gz", packed_tars, lambda path: read_source(Archives([path]))),
    "state": Reader("a.pt", states, load_state),
    "weights": Reader("a.pth", states, read_weights),
    "safetensors": Reader("a.safetensors", safetensors, read_weights),
    "tensors": Reader("b.safetensors", safetensors, read_tensor_file),
    "run": Reader("config", configs, in_run("config.toml")),
    "settings": Reader("text", lambda: [b"training.steps=3", *configs()], read_settings),
    "metrics": Reader("metrics", lines, in_run("metrics.jsonl")),
    "comparisons": Reader("evaluations", lines, in_run("comparisons.jsonl")),
    "evaluations": Reader("evaluations", lines, in_run("evaluations.jsonl")),
    "failure": Reader("failure", lambda: [b'{"step": 3, "what": "x"}'], in_run("failure.json")),
    "pack": Reader("pack", pack_files, in_pack("pack.json")),
    "labels": Reader("labels", columns, in_pack("labels.npy")),
    "hashes": Reader("hashes", columns, in_pack("hashes.npy")),
    "beside": Reader("beside", columns, in_pack("beside-0.npy")),
    "metadata-csv": Reader("metadata.csv", metadata_files, read_described),
    "metadata-jsonl": Reader("metadata.jsonl", metadata_files, read_described),
    "survey": Reader("survey.json", survey_files, read_survey),
    "begun": Reader("begun", skipped_files, read_begun),
}

# -- damage -----------------------------------------------------------------------------------------------------


@st.composite
def files(draw: st.DrawFn, valid: list[bytes]) -> bytes:
    """Random bytes, or a valid file with some damage."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    content = bytearray(draw(st.sampled_from(valid)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(content), 1)))
        at = draw(st.sampled_from([at, at % 64, at % 512]))  # headers are at the start
        match draw(st.sampled_from(["flip", "number", "cut", "drop", "splice", "repeat", "bytes"])):
            case "flip" if at < len(content):
                content[at] ^= 1 << draw(st.integers(0, 7))
            case "number":
                size = draw(st.sampled_from([1, 2, 4, 8]))
                number = draw(st.sampled_from(NUMBERS)) % (1 << 8 * size)
                content[at : at + size] = number.to_bytes(size, draw(st.sampled_from(["little", "big"])))
            case "cut":
                del content[at:]
            case "drop":
                del content[at : at + draw(st.integers(1, 64))]
            case "splice":
                other = draw(st.sampled_from(valid))
                start = draw(st.integers(0, len(other)))
                content[at : at + 64] = other[start : start + draw(st.integers(1, 300))]
            case "repeat":
                content[at:at] = bytes(content[at : at + 64]) * draw(st.sampled_from([1, 10, 1000]))
            case "bytes":
                content[at:at] = draw(st.binary(min_size=1, max_size=8)) * draw(st.sampled_from([1, 1, 500]))
    return bytes(content)


class Broken(BaseException):
    """A reader hung or took too much memory. Not an `Exception`, since readers catch those."""


def try_one(reader: Reader, content: bytes) -> None:
    """Read a file as the program would.

    Raises:
        Broken: It hung or took too much memory.
        Exception: It was neither read nor refused with a `WganError`.
    """
    with tempfile.TemporaryDirectory() as folder, bounded(SECONDS, MEGABYTES):
        path = Path(folder) / reader.name
        path.write_bytes(content)
        try:
            reader.read(path)
        except WganError as error:
            if not str(error).strip():
                raise Broken("an error without a message") from error


@contextmanager
def bounded(seconds: int, megabytes: int) -> Iterator[None]:
    """Raise if the body takes more time or memory. Needs Linux and the main thread."""

    def hangs(*_: object) -> None:
        raise Broken(f"more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(seconds)
    forget_peak()
    started = memory("VmRSS")
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    if (taken := memory("VmHWM") - started) > megabytes:
        raise Broken(f"{taken} MB of memory")


def forget_peak() -> None:
    """Reset the peak of memory."""
    Path("/proc/self/clear_refs").write_text("5")


def memory(what: str) -> int:
    """The memory of the process in megabytes, current (VmRSS) or peak (VmHWM)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{what}:")[2].split()[0]) // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--reader", choices=READERS, action="append")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "wgan-fuzz")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    end, tried, found, number = time.monotonic() + 60 * asked.minutes, 0, set(), asked.seed
    valid = {name: READERS[name].valid() for name in asked.reader or READERS}
    while time.monotonic() < end:
        number += 1
        for name in valid:
            if time.monotonic() >= end:
                break

            @seed(number)
            @settings(max_examples=200, deadline=None, database=None, phases=[Phase.generate],
                      suppress_health_check=list(HealthCheck))  # fmt: skip
            @given(content=files(valid[name]), name=st.just(name))
            def some(content: bytes, name: str) -> None:
                nonlocal tried
                tried += 1
                try:
                    try_one(READERS[name], content)
                except (Exception, Broken) as error:
                    where = error.__traceback__
                    while where and where.tb_next:
                        where = where.tb_next
                    line = (name, type(error).__name__, where.tb_frame.f_code.co_filename, where.tb_lineno)
                    if line not in found:
                        found.add(line)
                        asked.keep.mkdir(exist_ok=True)
                        kept = asked.keep / f"{name}-{len(found)}"
                        kept.write_bytes(content)
                        print(f"{kept}: {type(error).__name__}: {error!s:.200} at {line[2]}:{line[3]}", flush=True)

            some()
    print(f"{tried:,} files, seeds {asked.seed + 1} to {number}: {len(found)} findings")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
