"""Fonts that have the letters of a text."""

from functools import cache
from pathlib import Path

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

WIDE_FONTS = ("notosanscjk", "notosanssc", "sourcehansans", "pingfang", "hiragino sans gb", "msyh", "simhei", "wqy")
"""How the files of fonts begin that have Chinese, the likely ones first: Noto, Source Han, those of macOS and Windows,
WenQuanYi."""


def font(text: str, size: int) -> Font:
    """A font that has all letters of a text: Pillow's own for ASCII, that of Matplotlib, or one of the system's.

    Pillow's own where there is none: letters that it lacks become boxes.
    """
    return _loaded(None if text.isascii() else _file(text), size)


@cache
def _loaded(path: Path | None, size: int) -> Font:
    return ImageFont.load_default(size) if path is None else ImageFont.truetype(path, size)


def legible(text: str, otherwise: str) -> str:
    """The text where some font here has its letters, else the other one."""
    return text if text.isascii() or _file(text) else otherwise


def families(texts: str) -> list[str]:
    """Fonts for Matplotlib that together have these letters, as far as there are any."""
    from matplotlib.font_manager import FontProperties, fontManager

    own = ["DejaVu Sans"]
    if _has(_matplotlibs(), texts):
        return own
    for path in _wide():
        fontManager.addfont(path)
        own.append(FontProperties(fname=path).get_name())
    return own


def _file(text: str) -> Path | None:
    return next((path for path in (_matplotlibs(), *_wide()) if _has(path, text)), None)


def _has(path: Path, text: str) -> bool:
    return {*map(ord, text)} <= _letters(path)


@cache
def _matplotlibs() -> Path:
    """Latin with all its accents, Greek and Cyrillic. Comes with Matplotlib, which takes a while to be imported."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


@cache
def _wide() -> tuple[Path, ...]:
    """Those fonts that are here, the regular ones first. Matplotlib's own list may be older than a font."""
    from matplotlib.font_manager import findSystemFonts

    found = sorted(map(Path, findSystemFonts()), key=lambda path: ("regular" not in path.stem.lower(), path))
    return tuple(path for name in WIDE_FONTS for path in found if path.stem.lower().startswith(name))


@cache
def _letters(path: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(path)).get_charmap())
