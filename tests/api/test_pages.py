"""The page as the server sends it: a living run in it, in the person's language, asking no other host."""

import html
import json
import re
from typing import Any

import httpx
import numpy as np
import pytest

from app.locales import LANGUAGES, Language, catalogue
from app.presets import DEFAULT, OPENS_AT, PRESETS
from app.resources import BUILD

pytestmark = pytest.mark.anyio

PAGE = "http://backglass/"


def boot_of(page: httpx.Response) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page.text, re.DOTALL)
    assert found is not None
    boot: dict[str, Any] = json.loads(found[1])
    return boot


async def test_the_run_in_the_page_is_the_one_that_the_api_serves(client: httpx.AsyncClient) -> None:
    boot = boot_of(await client.get(PAGE))
    made = (await client.post("/runs", json=PRESETS[DEFAULT])).json()
    assert boot["run"] == made
    for frame in boot["frames"]:
        served = await client.get(f"/runs/{made['id']}/frames/{frame['position']}")
        assert served.json() == frame
    assert [frame["position"] for frame in boot["frames"]] == [0, OPENS_AT]


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_proof_comes_by_itself_with_its_words(client: httpx.AsyncClient, lang: Language) -> None:
    page = await client.get(f"{PAGE}?lang={lang}")
    assert not [key for key in boot_of(page)["catalogue"] if key.startswith("proof.")]
    assert 'id="proof"' not in page.text
    assert 'id="proof-open"' in page.text
    answer = await client.get(f"{PAGE}parts/proof?lang={lang}&v={BUILD}")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    part = answer.json()
    assert part["words"] == {key: text for key, text in catalogue(lang).items() if key.startswith("proof.")}
    tabs = re.findall(r'role="tab" id="proof-tab-(\w+)" aria-controls="proof-(\w+)"', part["markup"])
    assert len(tabs) == 7
    for name, panel in tabs:
        assert f'role="tabpanel" id="proof-{name}"' in part["markup"]
        assert name == panel
    assert html.escape(catalogue(lang)["proof.title"]) in part["markup"]


async def test_no_unit_of_the_default_run_is_dead_and_each_is_off_for_some(client: httpx.AsyncClient) -> None:
    frame = boot_of(await client.get(PAGE))["frames"][1]
    on = np.array(frame["tensors"]["relu_1.output"]["values"]) > 0
    assert on.any(axis=0).all()
    assert not on.all(axis=0).any()


@pytest.mark.parametrize("name", PRESETS)
async def test_every_preset_is_a_run(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.post("/runs", json=PRESETS[name])
    assert answer.status_code in (200, 201)
    last = answer.json()["steps_per_iteration"] - 1
    frame = (await client.get(f"/runs/{answer.json()['id']}/frames/{last}")).json()
    assert isinstance(frame["loss"], float)
    # What the stage draws comes with the frame, so that an iteration is asked for once.
    assert all("values" in tensor for tensor in frame["tensors"].values())


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "lang"),
    [
        ("", None, "", "en"),
        ("", None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("", None, "en-GB;q=0.3, zh;q=0.9", "zh"),
        ("", None, "fr, zh;q=0, en;q=0.1", "en"),
        ("", None, "zh;q=nonsense", "en"),
        ("", "zh", "en", "zh"),
        ("?lang=en", "zh", "zh", "en"),
        ("?lang=klingon", None, "zh", "zh"),
    ],
)
async def test_the_language(
    client: httpx.AsyncClient, query: str, cookie: str | None, accepted: str, lang: str
) -> None:
    headers = {"Accept-Language": accepted} | ({"Cookie": f"lang={cookie}"} if cookie else {})
    page = await client.get(PAGE + query, headers=headers)
    assert boot_of(page)["lang"] == lang
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page.text
    assert html.escape(catalogue("zh" if lang == "zh" else "en")["header.walk"]) in page.text


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("position", [0, 3, 40])
async def test_a_short_address_opens_its_preset_there(
    client: httpx.AsyncClient, name: str, position: int
) -> None:
    page = await client.get(f"{PAGE}?preset={name}&p={position}&sel=batch.input,1,2")
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["vary"] == "Accept-Language, Cookie"
    boot = boot_of(page)
    assert boot["run"] == (await client.post("/runs", json=PRESETS[name])).json()
    cell = {"tensor": "batch.input", "index": [1, 2], "position": position}
    assert boot["opens"] == {"preset": name, "position": position, "selection": cell}
    assert boot["notice"] is None
    steps = boot["run"]["steps_per_iteration"]
    start = position // steps * steps
    assert [frame["position"] for frame in boot["frames"]] == [start, start + steps - 1]


async def test_a_far_position_does_not_hold_the_page_back(client: httpx.AsyncClient) -> None:
    boot = boot_of(await client.get(f"{PAGE}?preset=vanishing&p=100000"))
    assert boot["opens"]["position"] == 100000
    assert boot["frames"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("preset=nothing", "preset_unknown"),
        ("preset=<script>alert(1)</script>", "preset_unknown"),
        ("preset=", "preset_unknown"),
        ("preset=default&p=-1", "position_unknown"),
        ("preset=default&p=x", "position_unknown"),
        ("preset=default&p=" + "9" * 400, "position_unknown"),
        ("preset=default&p=%D9%A3", "position_unknown"),
        ("preset=digits&p=999999999999999", "too_long"),
    ],
)
async def test_an_address_that_names_nothing_shows_the_default_and_says_why(
    client: httpx.AsyncClient, query: str, code: str
) -> None:
    page = await client.get(f"{PAGE}?{query}")
    assert page.status_code == 200
    boot = boot_of(page)
    assert boot["opens"]["preset"] == DEFAULT
    assert boot["opens"]["position"] == OPENS_AT
    assert boot["notice"]["key"] == f"problem.{code}"
    assert boot["notice"]["key"] in boot["catalogue"]
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("sel", ["dense_1.weight", "a,b,c", "<b>,1,1", "x" * 200 + ",1,1", "a.b,1,1,1"])
async def test_a_cell_that_is_none_is_left_out(client: httpx.AsyncClient, sel: str) -> None:
    boot = boot_of(await client.get(PAGE, params={"preset": "default", "p": "9", "sel": sel}))
    assert boot["opens"] == {"preset": "default", "position": 9, "selection": None}


async def test_the_page_asks_no_other_host_and_runs_nothing_inline(client: httpx.AsyncClient) -> None:
    page = await client.get(PAGE)
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert addresses
    assert all(address.startswith(("/static/", "#", "data:image/svg+xml,")) for address in addresses)
    scripts = re.findall(r"<script([^>]*)>", page.text)
    assert all("application/json" in script or "src=" in script for script in scripts)
    assert "<style" not in page.text
    assert not re.search(r"\son\w+=", page.text)


async def test_every_file_that_the_page_names_is_there(client: httpx.AsyncClient) -> None:
    page = await client.get(PAGE)
    for address in re.findall(r'(?:src|href)="(/static/[^"]*)"', page.text):
        assert (await client.get(f"http://backglass{address}")).status_code == 200, address


async def test_files_are_asked_for_again_unless_the_build_is_named(client: httpx.AsyncClient) -> None:
    file = f"{PAGE}static/js/main.js"
    plain = await client.get(file)
    assert plain.headers["cache-control"] == "no-cache"
    again = await client.get(file, headers={"if-none-match": plain.headers["etag"]})
    assert again.status_code == 304
    kept = await client.get(f"{file}?v={BUILD}")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await client.get(f"{file}?v=old")).headers["cache-control"] == "no-cache"
    assert (await client.get(f"{PAGE}static/none.js")).status_code == 404
