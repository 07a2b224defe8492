"""The public names, frozen; and what importing them costs."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import wgan

NAMES = [
    "DCGAN",
    "DRAGAN",
    "GAN",
    "LSGAN",
    "MLP",
    "R1",
    "R3GAN",
    "RECIPES",
    "WGAN",
    "WGANGP",
    "WGANLP",
    "Composed",
    "Hinge",
    "InputError",
    "Loss",
    "ResNet",
    "Run",
    "RunConfig",
    "SmallConv",
    "TrainingError",
    "WganError",
    "__version__",
    "describe",
    "diagnose",
    "evaluate",
    "gradient_norm",
    "input_gradient",
    "interpolate",
    "load",
    "replay",
    "set_language",
    "slopes",
    "sweep",
    "train",
]


def test_the_public_names_are_these():
    assert sorted(wgan.__all__) == sorted(NAMES)
    for name in NAMES:
        assert getattr(wgan, name) is not None


def test_every_public_name_says_what_it_is():
    for name in NAMES:
        value = getattr(wgan, name)
        assert name in ("RECIPES", "__version__") or (value.__doc__ or "").strip(), name


def test_import_loads_nothing_heavy():
    code = "import sys, wgan, wgan.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "numpy", "PIL", "matplotlib", "pydantic", "sklearn"} & set(loaded)


def test_a_short_run_loads_neither_the_compiler_nor_matplotlib(tmp_path):
    """Each takes longer to import than such a run trains."""
    arguments = ["train", "--steps", "2", "--batch-size", "8", "--out", str(tmp_path / "run")]
    code = f"import sys; from wgan.cli import main; sys.argv = ['wgan', *{arguments!r}]\n"
    code += "try: main()\nexcept SystemExit: pass\n"
    code += "print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (tmp_path / "run" / "report.html").exists()
    unasked = {"wandb", "mlflow", "trackio", "wgan.trackers.process"}
    assert not {"torch._dynamo", "torch._inductor", "sympy", "matplotlib", *unasked} & set(done.stderr.split())
    assert not (tmp_path / "run" / "trackers.json").exists()


def test_one_gradient_in_the_package():
    """Every penalty goes through `input_gradient`: no other file differentiates scores."""
    users = []
    for path in Path(wgan.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            module = node.module if isinstance(node, ast.ImportFrom) and node.names[0].name != "functional_call" else ""
            attribute = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            if module == "torch.func" or attribute.endswith("autograd.grad"):
                users.append(path.name)
    assert users == ["gradient.py"] * 2, "the plain way, and the one that compiles"


def test_objectives_never_call_backward():
    for path in (Path(wgan.__file__).parent / "objectives").glob("*.py"):
        assert ".backward(" not in path.read_text(), path


@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, "10000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "active"}, "None")],
    ids=["nothing", "a count", "a policy"],
)
def test_waiting_threads_leave_a_busy_processor_to_others_unless_the_user_says_how_they_wait(given, expected):
    known = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    code = "import wgan, os; print(os.environ.get('GOMP_SPINCOUNT'))"
    told = subprocess.run([sys.executable, "-c", code], env=known | given, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == expected
