"""Pictures as data URIs: a page that holds them needs no other file."""

import base64
import io

from PIL import Image

WIDEST = 1056
"""Larger pictures are reduced to this many pixels across: eight of 128 and the gaps between them."""


def embedded(image: Image.Image, widest: int = WIDEST) -> str:
    """A picture as a data URI: lossless if it is grey; WebP, a tenth of the size, if it has colours."""
    content = io.BytesIO()
    if image.width > widest:
        image = image.resize((widest, max(1, round(image.height * widest / image.width))), Image.Resampling.LANCZOS)
    if image.mode == "L":
        image.save(content, format="png")
        return data_uri("png", content.getvalue())
    image.save(content, format="webp", quality=80)
    return data_uri("webp", content.getvalue())


def data_uri(kind: str, content: bytes) -> str:
    """The content of a picture file of this kind (png, webp, gif) as a data URI."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
