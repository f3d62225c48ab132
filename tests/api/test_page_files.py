"""What the page's own files weigh on their way, and that they are kept no longer than they are true."""

import gzip
from pathlib import Path

import httpx
import pytest

from app.static_files import shortened

STATIC = Path(__file__).parents[2] / "static"
OURS = sorted([*STATIC.glob("js/*.js"), *STATIC.glob("css/*.css")])

HEAVIEST = 60 * 1024
"""Bytes of all our modules and styles, compressed, those included that only a dialog asks for."""


def test_all_of_ours_is_light() -> None:
    weights = {path.name: len(shortened(path, 0, True)) for path in OURS}
    assert sum(weights.values()) < HEAVIEST, sorted(weights.items(), key=lambda one: -one[1])[:12]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_what_travels_is_what_is_written_but_for_comments(path: Path) -> None:
    short = shortened(path, 0, False).decode()
    assert gzip.decompress(shortened(path, 0, True)).decode() == short
    if path.suffix == ".css":
        assert short == path.read_text(encoding="utf-8")
    else:
        assert "/**" not in short
        assert len(short) < len(path.read_text(encoding="utf-8"))


async def test_a_file_is_compressed_only_where_that_is_understood(client: httpx.AsyncClient) -> None:
    plain = await client.get("http://backglass/static/js/state.js", headers={"Accept-Encoding": "identity"})
    small = await client.get("http://backglass/static/js/state.js", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert small.text == plain.text
    assert small.headers["etag"] != plain.headers["etag"]
    assert small.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


async def test_what_is_known_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("http://backglass/static/css/page.css")
    again = await client.get(
        "http://backglass/static/css/page.css", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


async def test_a_changed_file_is_sent_anew(tmp_path: Path) -> None:
    path = tmp_path / "one.js"
    path.write_text("export const one = 1; // one\n", encoding="utf-8")
    before = shortened(path, path.stat().st_mtime_ns, False)
    path.write_text("export const one = 2; // two\n", encoding="utf-8")
    assert (before, shortened(path, path.stat().st_mtime_ns + 1, False)) == (
        b"export const one=1;",
        b"export const one=2;",
    )
