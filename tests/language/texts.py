"""The English texts of the program as they stand in its code and its templates, and what is English in a text."""

import ast
import re
from pathlib import Path

import jinja2
from jinja2 import nodes

import wgan

PACKAGE = Path(wgan.__file__).parent
HAN = re.compile("[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"\{[^}]*\}")
SENTENCE = re.compile(r"(?:\b[A-Za-z]+\b[ ,]+){3,}[A-Za-z]+\b")
"""Four English words in a row: more than a name."""


def spoken() -> list[str]:
    """What `say` and `marked` are called with; None where that is no literal."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("say", "marked"):
                found.append(node.args[0].value if isinstance(node.args[0], ast.Constant) else None)
    for path in PACKAGE.rglob("*.html"):
        for node in jinja2.Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(node.node, nodes.Name) and node.node.name == "say":
                found.append(node.args[0].value if isinstance(node.args[0], nodes.Const) else None)
    return found


def english_in(text: str) -> list[str]:
    """Its runs of English words; what is typed stands between backticks, and what is filled in does not count."""
    return SENTENCE.findall(PLACEHOLDER.sub("；", re.sub("`[^`]*`", "；", text)))
