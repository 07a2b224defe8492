"""How speed grows with the batch: one recipe at many batch sizes, plain and with CUDA graphs."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from gpu_parts.cases import case, device_of, settings
from gpu_parts.fast import PICTURES, Rounds, engine_name
from gpu_parts.works import speaking
from rivals.given import pictures
from rivals.turns import Contender, begun
from wgan.training import Mode
from wgan.training.engines.engine import with_memory_format

SIZES = {False: (64, 128, 256, 512, 1024, 2048), True: (8, 32)}
"""Full and small."""


def main() -> None:
    with speaking() as (given, say), ExitStack() as stack:
        until, name, device = time.monotonic() + given["seconds"], given["recipe"], device_of(given)
        folder, small = Path(stack.enter_context(tempfile.TemporaryDirectory())), given["small"]
        data = pictures(case(name, small=small), PICTURES, folder / "pictures.npy")
        cuda = device.type == "cuda"
        modes = [Mode(), with_memory_format(Mode("bf16", graphs=cuda), device)]
        found: dict[int, dict[str, Contender]] = {}
        for size in SIZES[small]:
            changed = settings(name, small=small) | {"training.batch_size": size}
            ours = {"threads": given["threads"], "device": given["device"], "recipe": name, "data": data}
            found[size] = {
                str(mode): begun("our_step", {**ours, "settings": changed, "engine": engine_name(mode)})
                for mode in modes
            }
            for contender in found[size].values():
                stack.callback(contender.end)
        ready = []
        for size, contenders in found.items():
            config = case(name, small=small, training__batch_size=size)
            about = {"recipe": name, "batch_size": size, "images": config.training.images_per_step, "growth": True}
            ready.append(Rounds(contenders, about, given["ceilings"], say))
            ready[-1].wait(until - 0.3 * given["seconds"])
        for i, rounds in enumerate(ready):
            rounds.take(time.monotonic() + (until - time.monotonic()) / (len(ready) - i))


if __name__ == "__main__":
    main()
