"""HTML by which values show themselves in a notebook: whole in itself, and legible on light and dark ground.

Styles are inline, since notebooks drop style sheets from outputs that they do not trust. What is put in is escaped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar

from markupsafe import Markup as Markup

from wgan.system.text import printable

T = TypeVar("T")

GOOD, WAIT, CARE, BAD = "#17693b", "#3d4f73", "#8a5200", "#b3261e"
"""The grounds of badges, on which white is legible: the report's tones in its light theme."""
RULE = "1px solid rgba(128, 128, 128, 0.35)"
ROW = f"background: none; border-bottom: {RULE}"
CELL = "text-align: {}; padding: 3px 14px 3px 0"
SOFT = "opacity: 0.7"
LONGEST = 500
"""Of a cell, in characters."""


def shown(method: Callable[[T], str]) -> Callable[[T], str]:
    """Make a `_repr_html_` that never raises: where a value cannot be shown, it says why."""

    @wraps(method)
    def guarded(value: T) -> str:
        try:
            return printable(method(value), kept="\n\t")
        except Exception as error:  # a notebook would print its traceback in place of the value
            text = Markup('<pre style="white-space: pre-wrap">{}: {}</pre>').format(type(value).__name__, error)
            return printable(text, kept="\n\t")

    return guarded


def block(*parts: str) -> Markup:
    """Parts one below the other."""
    return Markup('<div style="font-family: system-ui, sans-serif; font-size: 14px; line-height: 1.5">{}</div>').format(
        Markup("").join(parts)
    )


def title(text: str, beside: str = "") -> Markup:
    """A name, and what is said of it on the same line."""
    return Markup('<div style="margin-bottom: 6px"><b>{}</b> <span style="{}">{}</span></div>').format(
        text, SOFT, beside
    )


def line(text: str) -> Markup:
    """A line of text that matters less than what stands above it."""
    return Markup('<div style="margin-top: 6px; {}">{}</div>').format(SOFT, text)


def badge(word: str, ground: str) -> Markup:
    """A word on a ground of its own."""
    style = f"background: {ground}; color: #fff; border-radius: 999px; padding: 2px 11px; font-weight: 600"
    return Markup('<span style="{}; white-space: nowrap">{}</span>').format(style, word)


def picture(uri: str, described: str, widest: int = 480) -> Markup:
    """A picture that is embedded as a data URI, at most `widest` pixels across."""
    image = '<img src="{}" alt="{}" style="display: block; width: 100%; max-width: {}px; margin: 6px 0">'
    return Markup(image).format(uri, described, widest)


def table(rows: Iterable[Sequence[Any]], head: Sequence[str] = ()) -> Markup:
    """Rows of which the first cell is a name; under a head, the others stand to the right, as numbers do."""
    side = "right" if head else "left"
    body = Markup("").join(_row(row, "th", "td", side) for row in rows)
    top = Markup("<thead>{}</thead>").format(_row(head, "th", "th", side)) if head else ""
    return Markup('<table style="border-collapse: collapse; margin: 4px 0; font-size: 13px">{}{}</table>').format(
        top, Markup("<tbody>{}</tbody>").format(body)
    )


def _row(row: Sequence[Any], first: str, other: str, side: str) -> Markup:
    weight = "" if other == "th" else "; font-weight: 400"  # names of rows are no bolder than what they name
    cells = [
        Markup('<{0} style="{1}">{2}</{0}>').format(
            other if place else first, CELL.format(side if place else "left") + ("" if place else weight), _cell(one)
        )
        for place, one in enumerate(row)
    ]
    return Markup('<tr style="{}">{}</tr>').format(ROW, Markup("").join(cells))


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def sections(values: Mapping[str, Any]) -> Markup:
    """Nested plain values as one table: the keys of a section follow its name. Empty lists are left out."""
    plain = {key: value for key, value in values.items() if not isinstance(value, Mapping)}
    grouped = {"": plain} | {key: value for key, value in values.items() if isinstance(value, Mapping) and value}
    rows: list[Sequence[Any]] = []
    for name, settings in grouped.items():
        told = [(key, value) for key, value in settings.items() if value != []]
        for place, (key, value) in enumerate(told):
            rows.append((Markup("<b>{}</b>").format(name if place == 0 else ""), key, _plain(value)))
    return table(rows)


def _plain(value: Any) -> str:
    """A value as it is written in TOML, short of the quotes."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(_plain, value)) if isinstance(value, list | tuple) else str(value)
