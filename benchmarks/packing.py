"""How long packing a folder of pictures takes beside a plain decoding pass, how much memory, and a second start.

    python benchmarks/packing.py [FOLDER [SIDE]]

Without a folder, 4,000 JPEGs of 96x96 are made for it. The cache is an empty one of its own, so nothing is found
there; the second start is a new process. The plain pass is one process in which Pillow opens each file, decodes it,
scales it, and copies it into an array. Each is run in turn; processor seconds include those of workers.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

ONCE = """
import resource, sys, time
from wgan.data import open_pack, open_source
begin = time.perf_counter(), cpu()
pack = open_pack(open_source(sys.argv[1]), (side, side))
wall = time.perf_counter() - begin[0]
if "joblib.externals.loky" in sys.modules:
    from joblib.externals.loky import get_reusable_executor
    get_reusable_executor().shutdown()  # so that the processor time of its workers is known
tell(len(pack), wall, cpu() - begin[1])
"""
PLAIN = """
import time
from pathlib import Path
import numpy as np
from PIL import Image
begin = time.perf_counter(), cpu()
files = sorted(path for path in Path(sys.argv[1]).rglob("*") if path.is_file())
rows = np.empty((len(files), 3, side, side), np.uint8)
for row, path in zip(rows, files):
    with Image.open(path) as picture:
        row[:] = np.asarray(picture.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)).transpose(2, 0, 1)
tell(len(rows), time.perf_counter() - begin[0], cpu() - begin[1])
"""
BOTH = """
import resource, sys
side = int(sys.argv[2])

def cpu():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)

def tell(count, wall, cpu):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{sys.argv[3]:12} {count:>8,} pictures of {side}x{side}: {wall:.2f} s, {cpu / count * 1e6:.0f} CPU us each, "
          f"peak memory {peak:,.0f} MB")
"""


def make_pictures(folder: Path, count: int = 4000) -> None:
    random = np.random.default_rng(0)
    for i in range(count):
        coarse = Image.fromarray(random.integers(0, 256, (12, 12, 3), dtype=np.uint8))
        coarse.resize((96, 96), Image.Resampling.BICUBIC).save(folder / f"{i:04}.jpg", quality=90)


def main() -> None:
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as cache:
        folder, side = (*sys.argv[1:3], *(made, "64")[len(sys.argv[1:3]) :])
        if folder == made:
            make_pictures(Path(made))
        for what, work in (("plain pass", PLAIN), ("first start", ONCE), ("second start", ONCE), ("plain pass", PLAIN)):
            subprocess.run(
                [sys.executable, "-c", BOTH + work, folder, side, what],
                env=os.environ | {"WGAN_CACHE": cache},
                check=True,
            )


if __name__ == "__main__":
    main()
