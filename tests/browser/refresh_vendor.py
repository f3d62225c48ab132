"""Fetch the third-party files that stand in the repository, and write down what they are.

    python -m tests.browser.refresh_vendor

needs npm, and fonttools with brotli for the subset of the mathematical font. Each folder has a manifest: what
every package is called, its version and licence, and the SHA-256 of each of its files.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import plotly.offline

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static" / "vendor"
BROWSER = ROOT / "tests" / "browser" / "vendor"

# What formulas are written with: Latin, Greek, operators, arrows, and the letters of mathematical italic.
MATHEMATICS = (
    "U+0020-007E,U+00A0-00FF,U+02C6,U+0302,U+0304,U+0391-03A9,U+03B1-03C9,U+03D5,U+2010-2016,U+2026,U+2032,"
    "U+2061-2064,U+210E,U+2190-2193,U+2202,U+2207,U+2208,U+220F,U+2211,U+2212,U+2215,U+2217,U+221A,U+221E,"
    "U+2225,U+2248,U+2260,U+2264,U+2265,U+2299,U+22A4,U+22A5,U+22C5,U+22EE,U+22EF,U+2308-230B,U+27E8,U+27E9,"
    "U+1D400-1D467,U+1D6A8-1D71B,U+1D7D8"
)


@dataclass(frozen=True)
class Package:
    """One npm package: which of its files are taken, and under which names (its licences among them)."""

    name: str
    version: str
    files: dict[str, str]
    subset: tuple[str, ...] = field(default=())


SHIPPED = [
    Package(
        "plotly.js-cartesian-dist-min",
        plotly.offline.get_plotlyjs_version(),
        {"plotly-cartesian.min.js": "plotly-cartesian.min.js", "LICENSE": "plotly.LICENSE.txt"},
    ),
    Package(
        "@preact/signals-core",
        "1.14.5",
        {
            "dist/signals-core.mjs": "signals-core.mjs",
            "dist/signals-core.d.ts": "signals-core.d.mts",
            "LICENSE": "signals-core.LICENSE.txt",
        },
    ),
    Package(
        "@fontsource/stix-two-math",
        "5.3.0",
        {
            "files/stix-two-math-latin-400-normal.woff2": "stix-two-math.woff2",
            "LICENSE": "stix-two-math.LICENSE.txt",
        },
        subset=("stix-two-math.woff2",),
    ),
    Package(
        "@fontsource/inconsolata",
        "5.3.0",
        {
            "files/inconsolata-latin-400-normal.woff2": "inconsolata-latin.woff2",
            "LICENSE": "inconsolata.LICENSE.txt",
        },
    ),
    Package(
        "swagger-ui-dist",
        "5.35.0",
        {
            "swagger-ui-bundle.js": "swagger-ui-bundle.js",
            "swagger-ui.css": "swagger-ui.css",
            "LICENSE": "swagger-ui.LICENSE.txt",
            "NOTICE": "swagger-ui.NOTICE.txt",
            "swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-bundle.LICENSE.txt",
        },
    ),
]

TESTING = [
    Package(
        "axe-core",
        "4.14.1",
        {
            "axe.min.js": "axe.min.js",
            "LICENSE": "axe-core.LICENSE.txt",
            "LICENSE-3RD-PARTY.txt": "axe-core.LICENSE-3RD-PARTY.txt",
        },
    ),
]


def unpacked(package: Package, folder: Path) -> Path:
    """The package's files, as npm packs them."""
    npm = shutil.which("npm") or sys.exit("npm is needed to refresh the third-party files")
    wanted = f"{package.name}@{package.version}"
    packed = subprocess.run(
        [npm, "pack", "--json", wanted], cwd=folder, check=True, stdout=subprocess.PIPE, text=True
    )
    name: str = json.loads(packed.stdout)[0]["filename"]
    archive = folder / name
    target = folder / archive.stem
    with tarfile.open(archive) as file:
        file.extractall(target, filter="data")
    return target / "package"


def subset_font(file: Path) -> None:
    """Keep of a font what formulas need: its letters, the sizes of their brackets, no hints."""
    whole = file.rename(file.with_suffix(".whole"))
    subprocess.run(
        [
            *(sys.executable, "-m", "fontTools.subset", str(whole), f"--unicodes={MATHEMATICS}"),
            *("--layout-features=ssty,dtls,flac", "--no-hinting", "--flavor=woff2", f"--output-file={file}"),
        ],
        check=True,
    )
    whole.unlink()


def taken(package: Package, folder: Path, work: Path) -> dict[str, Any]:
    """Copy a package's files into the folder; its entry in the manifest."""
    source = unpacked(package, work)
    for inside, name in package.files.items():
        shutil.copyfile(source / inside, folder / name)
        if name in package.subset:
            subset_font(folder / name)
    described = json.loads((source / "package.json").read_text(encoding="utf-8"))
    return {
        "name": package.name,
        "version": package.version,
        "licence": described["license"],
        "source": f"npm:{package.name}@{package.version}",
        "subset": list(package.subset),
        "files": {name: sha256(folder / name) for name in sorted(package.files.values())},
    }


def sha256(file: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def refresh(folder: Path, packages: list[Package]) -> None:
    """Fetch the packages into the folder and write its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        entries = [taken(package, folder, Path(work)) for package in packages]
    text = json.dumps({"packages": entries}, indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    refresh(STATIC, SHIPPED)
    refresh(BROWSER, TESTING)
