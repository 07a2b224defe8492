"""Samples as one picture, whatever kind they are."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, PngImagePlugin
from torch import Tensor
from torch.nn.functional import interpolate

from wgan.data import Pack
from wgan.errors import InputError
from wgan.system.files import make_folder, replacing
from wgan.system.pictures import SHEET
from wgan.types import Pixels, Samples, SampleSpec
from wgan.views.heads import headed
from wgan.views.lines import HEIGHT, WIDTH, lines, titled
from wgan.views.points import By, cloud
from wgan.views.slices import middle_slices

GAP = 2
SHEET_COLUMNS, SHEET_PICTURES, SHEET_POINTS = 10, 100, 2000
"""The size of a contact sheet of pictures or points."""
BACKGROUND = 96
"""Grey, to show the edges of both dark and light pictures."""
TILE = 128
"""The longest side of a picture on a contact sheet, in pixels."""
READABLE = 640
"""Grids of small pictures are enlarged by whole factors to at most about this many pixels."""


FLAT = 1e-5
"""Values that differ by less are not stretched any further."""


def picture(
    samples: Samples,
    spec: SampleSpec,
    columns: int,
    around: Tensor | None = None,
    *,
    stretch: bool = False,
    real: bool = False,
    heads: Sequence[str] = (),
    title: str = "",
    blocks: int = 1,
    by: By | None = None,
    whole_rows: bool = False,
) -> Image.Image:
    """Draw samples as networks make them: pictures and slices of volumes in a grid, signals as lines, points as clouds.

    Real samples `around` are drawn behind points and above signals. With `stretch`, the darkest value in the grid is
    black and the brightest white. `real` says that the samples themselves are real ones. `heads` are written above the
    columns of each of the `blocks`, the `title` above all, and `by` says what points are coloured by. With
    `whole_rows`, and with heads, volumes have as many columns as are asked for, and not half of them.
    """
    match spec.kind:
        case "points":
            behind = None if around is None else spec.to_stored(around).numpy()
            drawn = cloud(spec.to_stored(samples).numpy(), behind, spec.names, real=real, by=by)
            return headed(drawn, title=title)
        case "signal":
            drawn = headed(lines(samples, columns, real=real), heads, blocks=blocks)
            if around is not None:
                above = headed(lines(around, columns, real=True), heads, blocks=blocks)
                drawn = titled([("real", above), ("generated", drawn)])
            return headed(drawn, title=title)
        case "volume":
            shown = middle_slices(spec.as_shown(samples))
            columns = columns if heads or whole_rows else max(1, columns // 2)
        case _:
            shown = spec.as_shown(samples)
    drawn = grid(spec.to_pixels(stretched(shown, spec) if stretch else shown), columns)
    return headed(drawn, heads, title=title, blocks=blocks)


def sheet(samples: Samples, spec: SampleSpec, columns: int) -> Image.Image:
    """Real samples, or any that stand alone, as `picture` draws them."""
    return picture(samples, spec, columns, real=True)


def cell_form(spec: SampleSpec) -> float:
    """The width over the height of one sample in a grid."""
    match spec.kind:
        case "points":
            return 1.0
        case "signal":
            return WIDTH / HEIGHT
        case "volume":
            depth, height, width = spec.shape[1:]
            return (2 * width + height) / max(height, depth)
        case _:
            return spec.shape[2] / spec.shape[1]


def stretched(samples: Samples, spec: SampleSpec) -> Samples:
    """All samples by one rule, from the least value in any of them at -1 to the greatest at 1.

    So do `make_grid` and `save_image` of torchvision with `normalize=True`. How opaque a place is stays.
    """
    colours = samples[:, :3] if spec.has_opacity else samples
    low, high = colours.min(), colours.max()
    wide = (colours - low) / (high - low).clamp(min=FLAT) * 2 - 1
    return torch.cat([wide, samples[:, 3:]], dim=1) if spec.has_opacity else wide


def contact_sheet(
    pack: Pack,
    most: int = SHEET_PICTURES,
    columns: int = SHEET_COLUMNS,
    change: Callable[[Samples], Samples] = lambda samples: samples,
) -> Image.Image:
    """A picture of some of the packed samples, evenly chosen: at most `most`, or points. Large ones are reduced.

    `change` is made in them first.
    """
    count = min(len(pack), most if pack.spec.is_spatial else SHEET_POINTS)
    chosen = change(pack.samples_at(np.linspace(0, len(pack) - 1, count).astype(int)))
    return sheet(_tiles(chosen, pack.spec), pack.spec, columns)


def write_contact_sheet(image: Image.Image, target: Path) -> None:
    """Write a contact sheet."""
    with replacing_picture(target) as temporary:
        save_sheet(image, temporary)


def _tiles(samples: Samples, spec: SampleSpec) -> Samples:
    """Pictures of at most `TILE` pixels a side."""
    if not spec.is_picture or max(samples.shape[2:]) <= TILE:
        return samples
    scale = TILE / max(samples.shape[2:])
    size = tuple(max(1, round(side * scale)) for side in samples.shape[2:])
    return torch.cat([interpolate(one[None], size, mode="bilinear", antialias=True) for one in samples])


def save_sheet(image: Image.Image, target: Path) -> None:
    """Save a sheet of many pictures. A PNG is marked as one, so that it is not taken for data later."""
    mark = PngImagePlugin.PngInfo()
    mark.add_text(*SHEET)
    image.save(target, pnginfo=mark)  # other formats take no notice


@contextmanager
def replacing_picture(target: Path) -> Iterator[Path]:
    """Like `files.replacing`, for a picture whose name the user chose. Creates the folder.

    Raises:
        InputError: the name is a folder's, or has no ending of a picture that Pillow can write.
    """
    Image.init()
    if Image.registered_extensions().get(target.suffix.lower()) not in Image.SAVE:
        raise InputError(f"{target} is not the name of a picture. Name one that ends in .png, .jpg or .webp.")
    make_folder(target.parent)
    with replacing(target) as temporary:
        yield temporary


def grid(pixels: Pixels, columns: int) -> Image.Image:
    """Pictures (B, C, H, W) in rows of `columns`, in reading order."""
    count, channels, height, width = pixels.shape
    rows = -(-count // columns)
    scale = max(1, READABLE // (max(columns * width, rows * height) + GAP))
    gap = max(GAP, scale // 2)
    shown = pixels.repeat_interleave(scale, 2).repeat_interleave(scale, 3)
    height, width = height * scale, width * scale
    size = rows * (height + gap) + gap, columns * (width + gap) + gap
    canvas = torch.full((channels, *size), BACKGROUND, dtype=torch.uint8)
    canvas[3:] = 255  # the background is opaque
    for i, image in enumerate(shown):
        row, column = divmod(i, columns)
        top, left = row * (height + gap) + gap, column * (width + gap) + gap
        canvas[:, top : top + height, left : left + width] = image
    return single(canvas)


def single(pixels: UInt8[Tensor, "C H W"]) -> Image.Image:
    """One picture in its own size."""
    array = pixels.numpy()
    return Image.fromarray(array[0] if len(array) == 1 else np.moveaxis(array, 0, 2))


def opaque(image: Image.Image) -> Image.Image:
    """The picture on white, for formats without transparency."""
    if image.mode != "RGBA":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
