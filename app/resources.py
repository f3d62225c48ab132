"""Where the page's files are, and the name of this build."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import engine

APP = Path(__file__).parent
ENGINE = Path(engine.__file__).parent


def _folder(name: str) -> Path:
    """Inside the package in a wheel, beside it in a checkout."""
    packed = APP / name
    return packed if packed.is_dir() else APP.parent / name


STATIC = _folder("static")
TEMPLATES = _folder("templates")


def _digest(folders: Iterable[Path]) -> str:
    """The hash of every file's name and bytes, but for what Python compiled."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{folder.name}/{path.relative_to(folder)}".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


BUILD = _digest([APP, ENGINE, STATIC, TEMPLATES])
"""Changes whenever anything that an answer is made of does: what is asked for with `?v=BUILD` may be kept."""
