"""Run the notebooks in examples/ again and keep small outputs: part of `make docs`. Takes half a minute."""

import base64
import io
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

EXAMPLES = Path(__file__).parents[1] / "examples"
WIDEST, GREYS, COLOURS = 800, 16, 96
"""Of pictures in a notebook that is kept in the repository."""


def executed(path: Path) -> Any:
    """The notebook with fresh outputs, run in an empty folder."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=300, record_timing=False, resources={"metadata": {"path": folder}})
        client.execute()
    return notebook


def slim(notebook: Any) -> None:
    """Reduce its pictures, and drop what depends on the machine."""
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs = [output for output in cell.outputs if not is_blank(output)]
        for output in cell.outputs:
            data = output.get("data", {})
            data.pop("image/jpeg", None)  # Pillow gives the same picture as PNG
            if "image/png" in data:
                data["image/png"] = _small(data["image/png"])


def is_blank(output: Any) -> bool:
    """Whether it held a bar that is gone: packing data shows one, and data that are packed none."""
    return output.output_type == "display_data" and output.data.get("text/plain") == ""


def _small(png: str) -> str:
    image, content = Image.open(io.BytesIO(base64.b64decode(png))), io.BytesIO()
    if image.width > WIDEST:
        size = WIDEST, round(image.height * WIDEST / image.width)
        image = image.resize(size, Image.Resampling.LANCZOS)
    few = image.quantize(COLOURS, Image.Quantize.FASTOCTREE) if image.mode == "RGB" else image.quantize(GREYS)
    few.save(content, "png", optimize=True)
    return base64.b64encode(content.getvalue()).decode("ascii")


def main() -> None:
    for path in sorted(EXAMPLES.glob("*.ipynb")):
        notebook = executed(path)
        slim(notebook)
        nbformat.write(notebook, path)


if __name__ == "__main__":
    main()
