"""Third-party files are what their manifests say, and carry their licences."""

import hashlib
import json
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import plotly.offline
import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / "static" / "vendor", ROOT / "tests" / "browser" / "vendor"]


def packages(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))[
        "packages"
    ]
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=["static", "browser"])
def test_every_file_is_in_the_manifest_with_its_hash(folder: Path) -> None:
    listed = {name: digest for package in packages(folder) for name, digest in package["files"].items()}
    there = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.name != "manifest.json"
    }
    assert there == listed


@pytest.mark.parametrize("folder", FOLDERS, ids=["static", "browser"])
def test_every_package_names_its_licence_and_brings_it(folder: Path) -> None:
    for package in packages(folder):
        assert package["licence"] in {"MIT", "OFL-1.1", "Apache-2.0", "MPL-2.0"}
        texts = [name for name in package["files"] if "LICENSE" in name]
        assert texts, package["name"]
        assert all((folder / name).stat().st_size > 500 for name in texts)


def test_the_page_draws_with_the_plotly_that_python_builds_for() -> None:
    vendored = {package["name"]: package["version"] for package in packages(FOLDERS[0])}
    assert vendored["plotly.js-cartesian-dist-min"] == plotly.offline.get_plotlyjs_version()
    start = (FOLDERS[0] / "plotly-cartesian.min.js").read_bytes()[:200].decode()
    assert f"v{plotly.offline.get_plotlyjs_version()}\n" in start


def test_plotly_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"plotly=={version('plotly')}" in project["dependencies"]
