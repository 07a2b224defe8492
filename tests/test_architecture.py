"""The map of the code and the code agree."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "wgan"


def modules():
    files = {path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("_")}
    return files | {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}


def test_the_package_has_few_flat_files():
    assert len([path for path in PACKAGE.iterdir() if path.is_file()]) <= 8


def test_the_codemap_names_every_module():
    text = (ROOT / "ARCHITECTURE.md").read_text().partition("## Codemap")[2].partition("## What must stay true")[0]
    assert set(re.findall(r"^    ([a-z]+/?) ", text, re.MULTILINE)) == modules()


def test_the_layers_name_every_module_in_the_order_of_the_map():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    named = [name for layer in contract["layers"] for name in layer.split(" | ")]
    assert len(contract["layers"]) <= 12
    assert {name.rstrip("/") for name in modules()} == set(named)


def test_every_objective_has_a_page():
    from wgan.objectives import OBJECTIVES

    pages = {path.stem for path in (ROOT / "docs" / "objectives").glob("*.md")}
    assert pages == set(OBJECTIVES)


def test_every_metric_has_a_section():
    from wgan.metrics import METRICS

    sections = re.findall(r"^## ([a-z0-9_]+)$", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE)
    assert sections == list(METRICS)


def test_links_in_the_documents_lead_somewhere():
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\"]+)\"", document.read_text()):
            path = document.parent / (target[0] or target[1])
            assert path.exists(), f"{document.name} points to {path}"


def test_lines_of_the_documents_end_at_100_columns():
    """Outside fenced code, except table rows and links that stand alone on a line: these cannot be broken."""
    unbreakable = re.compile(r"\s*(\||([-*] )?!?\[[^\]]*\]\([^)]*\)\W*$)")
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        text = re.sub(r"^ *```.*?^ *```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
        long = [line for line in text.splitlines() if len(line) > 100 and not unbreakable.match(line)]
        assert not long, f"{document.relative_to(ROOT)} has lines of more than 100 columns: {long}"
