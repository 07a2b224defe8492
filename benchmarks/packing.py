"""How long packing a folder of pictures takes, how much memory, and how long a second start.

    python benchmarks/packing.py [FOLDER [SIDE]]

Without a folder, 4,000 JPEGs of 96x96 are made for it. The cache is an empty one of its own, so nothing is found
there; the second start is a new process.
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
begin = time.perf_counter()
from wgan.data import open_pack, open_source
imported = time.perf_counter()
side = int(sys.argv[2])
pack = open_pack(open_source(sys.argv[1]), (side, side))
done = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{sys.argv[3]:13} {len(pack):>8,} pictures of {side}x{side}: imports {imported - begin:.1f} s, "
      f"then {done - imported:.2f} s; peak memory {peak:,.0f} MB")
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
        for what in ("first start", "second start"):
            subprocess.run(
                [sys.executable, "-c", ONCE, folder, side, what], env=os.environ | {"WGAN_CACHE": cache}, check=True
            )


if __name__ == "__main__":
    main()
