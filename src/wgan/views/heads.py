"""Names above the columns of a grid."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

SIZE, ROOM = 12, 18
"""Of the letters and of their row, in pixels."""
MORE = "…"
GROUND, INK = (255, 255, 255, 255), (40, 40, 40, 255)
"""White and dark grey; a mode like RGB has as many letters as it has channels."""


def headed(image: Image.Image, names: Sequence[str]) -> Image.Image:
    """The grid under one name for each of its columns, which are equally wide. Long names are cut."""
    font = ImageFont.load_default(SIZE)
    whole = Image.new(image.mode, (image.width, image.height + ROOM), GROUND[: len(image.mode)])
    whole.paste(image, (0, ROOM))
    draw, width = ImageDraw.Draw(whole), image.width / max(1, len(names))
    for column, name in enumerate(names):
        text = _cut(name, font, width)
        draw.text(((column + 0.5) * width, ROOM / 2), text, fill=INK[: len(image.mode)], font=font, anchor="mm")
    return whole


def _cut(name: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float) -> str:
    if font.getlength(name) <= width:
        return name
    while name and font.getlength(name + MORE) > width:
        name = name[:-1]
    return name + MORE if name else ""
