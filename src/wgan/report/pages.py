"""What all pages share: templates that escape, the style, scripts that a policy can name, writing them whole."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import jinja2

from wgan.language import language, say
from wgan.system.files import make_folder, write_text
from wgan.system.text import printable

TEMPLATES = Path(__file__).parent / "templates"
STYLESHEET = TEMPLATES / "page.css"


@cache
def environment(folder: Path, *words: Callable[..., object]) -> jinja2.Environment:
    """The templates of a folder, which may call these functions by their names, and `say` and `language`.

    It is kept with its compiled templates, because compiling takes half the time of a page.
    """
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.globals.update({word.__name__: word for word in (say, language, *words)})
    return made


def script_of(files: Sequence[Path]) -> tuple[str, str]:
    """Files as one script, and its hash as a policy of what may run names it."""
    script = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return script, base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def write_page(page: str, target: Path) -> None:
    """Write a page whole, without control characters."""
    make_folder(target.parent)
    write_text(target, printable(page, kept="\n\t"))
