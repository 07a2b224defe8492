"""Markdown and YAML that hold texts of others: what is put in is shown as it is, whatever it is."""

import json
import re

import jinja2
from markupsafe import Markup, escape

from wgan.system.text import printable, writable

SPECIAL = re.compile(r"[\\`*_{}\[\]#|~!$@]|:(?=/)|(?<=www)\.", re.IGNORECASE)
"""What Markdown reads as more than itself within a line: also links that are written out, mentions and formulas."""

BEGINNING = re.compile(r"^([-+])(?!\d)|^(\d+)([.)])(?=\s|$)")
"""What would begin a list or be a rule, where a text begins a line. Negative numbers do not."""


def markdown(text: object) -> Markup:
    """A text within a line of Markdown, shown as it is. Line breaks and hidden characters become escapes."""
    shown = SPECIAL.sub(lambda found: f"\\{found[0]}", printable(writable(str(text))))
    shown = BEGINNING.sub(r"\2\\\1\3", shown)
    return Markup(str(escape(shown)).replace("&#39;", "'").replace("&#34;", '"'))


def code(text: object) -> Markup:
    """A text within a line of a fenced block, where only a line break, and a fence at its start, would do anything."""
    return Markup(printable(writable(str(text))))


def yaml(value: object) -> Markup:
    """A text, a number or a list of them as JSON, which YAML reads alike."""
    if isinstance(value, list | tuple):
        return Markup("[{}]").format(Markup(", ").join(map(yaml, value)))
    return Markup(json.dumps(printable(writable(value)) if isinstance(value, str) else value))


def environment(loader: jinja2.BaseLoader) -> jinja2.Environment:
    """Templates of Markdown: each value is escaped that does not go through the filter `code` or `yaml`."""
    made = jinja2.Environment(
        loader=loader,
        autoescape=True,
        finalize=lambda value: value if isinstance(value, Markup) else markdown(value),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {"code": code, "yaml": yaml}
    return made
