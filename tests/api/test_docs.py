"""The interactive description needs no other host and no inline script."""

import re

import httpx
import pytest

from app.docs import API

pytestmark = pytest.mark.anyio


async def test_the_docs_page_is_self_contained(client: httpx.AsyncClient) -> None:
    page = await client.get("http://backglass/docs")
    assert page.status_code == 200
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", page.text)
    addresses = re.findall(r'(?:src|href|data-openapi)="([^"]*)"', page.text)
    assert f"{API}/openapi.json" in addresses
    for address in addresses:
        assert address.startswith("/")
        answer = await client.get(f"http://backglass{address}")
        assert answer.status_code == 200, address
