"""What stands beside the numbers: hashes, how long an answer may be kept, the browser's bounds, links."""

import base64
import json
import zlib

import httpx
import numpy as np
import pytest

from app.resources import BUILD
from tests.api.conftest import SMALL, frame_of, made

pytestmark = pytest.mark.anyio


async def test_answers_carry_their_hash_and_how_long_they_may_be_kept(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    path = f"/runs/{run['id']}/frames/5"
    answer = await client.get(path)
    assert answer.headers["cache-control"] == "no-cache"
    assert "immutable" in (await client.get(f"{path}?v={BUILD}")).headers["cache-control"]
    assert (await client.get(f"{path}?v=other")).headers["cache-control"] == "no-cache"
    tag = answer.headers["etag"]
    again = await client.get(path, headers={"if-none-match": f'"x", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await client.get(f"{path}?values=none", headers={"if-none-match": tag})
    assert other.status_code == 200
    assert other.headers["etag"] != tag


async def test_the_browser_is_bound(client: httpx.AsyncClient) -> None:
    for path in ("/datasets", "/nothing", "http://backglass/healthz"):
        headers = (await client.get(path)).headers
        assert "script-src 'self';" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


async def test_the_page_s_link_carries_the_spec(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL | {"seed": 5})
    frame = await frame_of(client, run, 6)
    fragment = frame["page"].removeprefix("/#s=")
    state = json.loads(zlib.decompress(base64.urlsafe_b64decode(fragment + "=" * (-len(fragment) % 4)), -15))
    assert state["p"] == 6
    assert (await made(client, state["spec"]))["id"] == run["id"]


async def test_a_link_too_long_names_the_run(client: httpx.AsyncClient) -> None:
    rng = np.random.default_rng(1)
    data = {"input": rng.standard_normal((400, 4)).tolist(), "target": rng.integers(0, 3, 400).tolist()}
    run = await made(client, SMALL | {"dataset": data})
    assert run["page"] == f"/#run={run['id']}"
    assert (await frame_of(client, run, 6, "?values=none"))["page"] == f"/#run={run['id']}&p=6"
