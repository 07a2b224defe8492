"""HEIC and HEIF pictures: pillow-heif gives Pillow an opener for them. Pillow reads AVIF itself from 11.3."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

SUFFIXES = (".heic", ".heif", ".hif")
FORMAT = "HEIF"
"""Pillow's name of the format, once it is registered."""
BRANDS = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypheim", b"ftyphevx", b"ftypmif1", b"ftypmsf1")
"""What such files hold from their fifth byte on."""
NEEDED = "HEIC, which needs pillow-heif: pip install pillow-heif"


@cache
def register_heif() -> bool:
    """Give Pillow the opener of pillow-heif if that is installed; whether it is. Call it in each worker process."""
    if find_spec("pillow_heif") is None:
        return False
    try:
        library = import_module("pillow_heif")
    except ImportError:  # a part of it is missing
        return False
    library.register_heif_opener(thumbnails=False)
    return True
