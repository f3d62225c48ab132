"""What the page's own files weigh on their way, how they are packed, and how long they are kept."""

import gzip
import re
from pathlib import Path

import brotli
import httpx
import pytest

from app.packing import LAZY, ROOTS, pack
from app.static_files import shortened

pytestmark = pytest.mark.anyio

STATIC = Path(__file__).parents[2] / "static"
AT = "http://backglass/static"

HEAVIEST = 60 * 1024
"""Bytes of our modules and styles, compressed, that the page loads before anybody asks for anything."""

DIALOG = 10 * 1024
"""Bytes of what a part asks for when it is first opened."""

PARTS = 80 * 1024
"""Bytes of all such parts together."""

UNASKED = re.compile(r'^void import\("\./([^"]+)"\)', re.MULTILINE)


def weight(name: str) -> int:
    return len(shortened(STATIC / name, 0, "br"))


def unasked() -> set[str]:
    """The modules that a page asks for by itself, besides its entry."""
    sources = (path.read_text(encoding="utf-8") for path in (STATIC / "js").glob("*.js"))
    return {name for text in sources for name in UNASKED.findall(text)}


def parts() -> dict[str, int]:
    """What each part weighs that a person opens, or that another page is."""
    asked = {*ROOTS, *(name for text in pack(STATIC / "js").values() for name in LAZY.findall(text))}
    return {name: weight(f"js/{name}") for name in asked - {"main.js"} - unasked()}


def test_what_loads_unasked_is_light() -> None:
    names = unasked()
    assert "tour.js" in names
    weights = {name: weight(name) for name in ("css/lab.css", "js/main.js", *(f"js/{one}" for one in names))}
    assert sum(weights.values()) < HEAVIEST, weights


def test_what_a_part_asks_for_is_light() -> None:
    found = parts()
    assert "train-controls.js" in found
    assert {name: weight for name, weight in found.items() if weight > DIALOG} == {}
    assert sum(found.values()) < PARTS, found


async def test_a_file_is_compressed_as_is_understood(client: httpx.AsyncClient) -> None:
    answers = {
        asked: await client.get(f"{AT}/js/main.js", headers={"Accept-Encoding": asked})
        for asked in ("identity", "gzip", "gzip, deflate, br", "br;q=0, gzip")
    }
    assert [a.headers.get("content-encoding") for a in answers.values()] == [None, "gzip", "br", "gzip"]
    assert len({answer.text for answer in answers.values()}) == 1
    assert len({answer.headers["etag"] for answer in answers.values()}) == 3
    assert {answer.headers["vary"] for answer in answers.values()} == {"Accept-Encoding"}
    assert {a.headers["content-type"] for a in answers.values()} == {"text/javascript; charset=utf-8"}


def test_codings_hold_the_same_bytes() -> None:
    path = STATIC / "css" / "stage.css"
    plain = shortened(path, 0, "identity")
    assert gzip.decompress(shortened(path, 0, "gzip")) == plain == brotli.decompress(shortened(path, 0, "br"))
    assert b"/*" not in plain


async def test_what_is_known_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get(f"{AT}/css/page.css")
    again = await client.get(f"{AT}/css/page.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


async def test_third_parties_files_are_sent_as_they_are(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{AT}/vendor/signals-core.mjs")
    assert answer.content == (STATIC / "vendor" / "signals-core.mjs").read_bytes()


def written(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder


def test_a_changed_module_changes_the_pack_that_it_is_in(tmp_path: Path) -> None:
    main = 'import { a } from "./a.js";\nconsole.log(a);\n'
    folder = written(tmp_path, main=main, a="export const a = 1;\n")
    before = shortened(folder / "main.js", 1, "identity")
    written(folder, a="export const a = 2;\n")
    assert shortened(folder / "main.js", 2, "identity") == before.replace(b"1", b"2")


def test_a_module_on_demand_shares_what_the_page_has(tmp_path: Path) -> None:
    state, both = (f'import {{ {name} }} from "./{name}.js";\n' for name in ("state", "both"))
    packs = pack(
        written(
            tmp_path,
            main=state + 'state.n = 1;\nvoid import("./one.js");\nvoid import("./two.js");\n',
            state="export const state = { n: 0 };\n",
            one=state + both + "export const one = both(state);\n",
            two=both + "export function two() { return both; }\n",
            both="const other = (x) => x;\nexport { other as both };\n",
        )
    )
    assert sorted(packs) == ["both.js", "main.js", "one.js", "state.js", "two.js"]
    assert packs["state.js"] == 'export{state}from"./main.js"'
    assert packs["one.js"].startswith('import{both,state}from"./main.js"')
    assert "n:0" in packs["main.js"]
    assert "n:0" not in packs["one.js"]


def test_what_only_the_parts_of_a_part_share_stands_with_it(tmp_path: Path) -> None:
    both = 'import { both } from "./both.js";\n'
    packs = pack(
        written(
            tmp_path,
            main='import { state } from "./state.js";\nstate.n = 1;\nvoid import("./part.js");\n',
            state="export const state = { n: 0 };\n",
            part='import { held } from "./held.js";\nheld(import("./one.js"), import("./two.js"));\n'
            "export function part() {}\n",
            held="export function held() {}\nexport function alone() {}\n",
            one=both + 'import { state } from "./state.js";\nexport const one = both(state);\n',
            two=both + 'import { held } from "./held.js";\nboth(held, import("./part.js"));\n',
            both='export function both() { return "here"; }\n',
        )
    )
    assert sorted(packs) == ["main.js", "one.js", "part.js", "state.js", "two.js"]
    assert [name for name, text in packs.items() if '"here"' in text or "`here`" in text] == ["part.js"]
    assert packs["one.js"].startswith('import{state}from"./main.js";import{both}from"./part.js"')
    assert packs["two.js"].startswith('import{both,held}from"./part.js"')
    assert "both" in packs["part.js"].rpartition("export{")[2]


def test_whatever_is_exported_is_there_for_who_imports_it(tmp_path: Path) -> None:
    kinds = {
        "number": "const number = 1",
        "Box": "class Box {}",
        "plain": "function plain() {}",
        "later": "async function later() {}",
        "several": "function* several() {}",
        "stream": "async function* stream() {}",
    }
    names = ", ".join(kinds)
    packs = pack(
        written(
            tmp_path,
            main=f'import {{ {names} }} from "./all.js";\nconsole.log({names});\n',
            all="".join(f"export {kind}\n" for kind in kinds.values()),
        )
    )
    assert packs["all.js"] == f'export{{{",".join(kinds)}}}from"./main.js"'
    assert f"const{{{','.join(kinds)}}}=" in packs["main.js"]


def test_styles_are_one_file_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "all.css").write_text('/* All. */\n@import "one.css";\n@import "two.css";\n')
    (tmp_path / "one.css").write_text("a { color: red; }\n")
    (tmp_path / "two.css").write_text("b { color: red; }\n")
    assert shortened(tmp_path / "all.css", 0, "identity") == b"a{color:red}b{color:red}"


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        (
            {"main": 'import { a } from "./a.js";\n', "a": 'import "./main.js";\nexport const a = 1;\n'},
            "cycle",
        ),
        ({"main": "export let draft;\n"}, "consts"),
        ({"main": "export default 1;\n"}, "consts"),
        ({"main": 'import * as all from "./main.js";\n'}, "by name"),
        ({"main": 'import { a as b } from "./a.js";\n', "a": "export const a = 1;\n"}, "by name"),
        ({"main": "export const a = 1;\n", "a": "export const a = 2;\n"}, "more than one module: a"),
    ],
)
def test_a_module_that_cannot_be_packed_is_refused(
    tmp_path: Path, modules: dict[str, str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        pack(written(tmp_path, **modules))
