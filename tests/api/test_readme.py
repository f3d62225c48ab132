"""The README is a contract: its Python runs, and its table of settings is the settings."""

import re
import subprocess
import sys
from pathlib import Path

from app.settings import Settings

README = (Path(__file__).parents[2] / "README.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_two_commands() -> None:
    assert re.findall(r"```sh\n(.*?)\n```", README) == [
        "pip install . && backglass",
        'pip install ".[test]" && pytest',
    ]


def test_every_setting_is_in_the_table() -> None:
    named = set(re.findall(r"^\| `BACKGLASS_(\w+)`", README, re.MULTILINE))
    assert named == {name.upper() for name in Settings.model_fields}


def test_the_engines_example_prints_what_it_says() -> None:
    (example,) = [block for block in PYTHON if "engine" in block]
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True)
    said = re.findall(r"# (\[.*?\])$", example, re.MULTILINE)
    assert len(said) == 2
    for line in said:
        assert line in done.stdout


def test_the_apis_example_runs(service_url: str) -> None:
    example, _ = [block for block in PYTHON if "httpx" in block]
    example = example.replace("http://127.0.0.1:8000", service_url)
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True)
    step, value, total = done.stdout.split()
    assert step == "backward:dense_2"
    assert abs(float(value) - float(total)) < 1e-15


def test_the_notebook_shows_the_figure(service_url: str) -> None:
    (example,) = [block for block in PYTHON if "plotly" in block]
    example = example.replace("http://127.0.0.1:8000", service_url)
    assert example.rstrip().endswith("\nfigure")
    example += "\nprint(type(figure).__name__, [trace.type for trace in figure.data])"
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Figure ['heatmap'")
