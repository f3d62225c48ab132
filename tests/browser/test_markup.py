"""Names, labels, cells and files' names with markup in them stand on the page as they are written."""

import csv
import io
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.test_sharing import drop

EVIL = "<x-evil>"
FEATURES = (f'<img src="x" onerror="hacked=1">{EVIL}', f'"><svg/onload=hacked=1>{EVIL}%{{x}}{{n}}$&')
CLASSES = (
    f"</script><script>hacked=1</script>{EVIL}",
    f"<a href='javascript:hacked=1'>a</a>{EVIL}&lt;b&gt;",
)
LABEL = f"<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>{EVIL}"
FILE = f"<style>*{{display:none}}</style>{EVIL}.csv"


def table(*more: list[str]) -> str:
    out = io.StringIO()
    rows = [[str(n), str(n * n % 7), CLASSES[n % 2]] for n in range(16)]
    csv.writer(out).writerows([[*FEATURES, LABEL], *rows, *more])
    return out.getvalue()


def says(place: Locator, *texts: str) -> None:
    """The text stands there as it is, and nothing was made of it."""
    for text in texts:
        expect(place).to_contain_text(text)
    harmless(place.page)


def harmless(page: Page) -> None:
    made = "x-evil, [src=x], [onload], [srcdoc], [href^=javascript]"
    found = page.evaluate("made => document.querySelectorAll(made).length", made)
    assert found == 0
    assert page.evaluate("typeof hacked") == "undefined"
    assert page.evaluate("getComputedStyle(document.body).display") != "none"


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_what_is_uploaded_never_becomes_markup(visit: Open, locale: str) -> None:
    page = visit(locale=locale)
    drop(page, FILE, table())
    own = page.locator("#own")
    says(own.locator("#own-title"), FILE)
    says(own.locator("thead"), *FEATURES, LABEL)
    says(own.locator("tbody"), *(name[:39] for name in CLASSES))
    own.locator("#own-go").click()
    expect(own).to_be_hidden()
    expect(page).to_have_url(re.compile("#run="))
    for tensor, column, name in (
        ("batch.input", 0, FEATURES[0]),
        ("batch.input", 1, FEATURES[1]),
        ("softmax_1.output", 0, CLASSES[0]),
        ("softmax_1.output", 1, CLASSES[1]),
    ):
        page.evaluate(
            """async ([tensor, column]) => {
                const { select } = await import("/static/js/state.js");
                select({ tensor, index: [0, column], position: 11 });
            }""",
            [tensor, column],
        )
        says(page.locator("#inspector-meaning"), name)
        page.locator("#stage").focus()
        page.keyboard.press("f")
        figure = page.locator("#figure")
        figure.locator("svg .heatmaplayer image").first.wait_for(state="attached")
        figure.locator(".nsewdrag").first.hover()
        harmless(page)
        page.keyboard.press("Escape")
    page.locator("#train").click()
    page.locator("#data-larger").click()
    page.locator("#data-list summary").click()
    says(page.locator("#data-key"), *CLASSES)
    says(page.locator("#data-table"), *FEATURES, *CLASSES)
    page.keyboard.press("Escape")
    page.locator("#share").click()
    with page.expect_download() as saved:
        page.locator("#share-save").click()
    assert saved.value.suggested_filename.endswith(".json")
    harmless(page)


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_what_is_refused_never_becomes_markup(visit: Open, locale: str) -> None:
    page = visit(locale=locale, fails=True)
    got = f"<b>{EVIL}</b>"
    drop(page, FILE, table(["1", got, CLASSES[0]]))
    own = page.locator("#own")
    says(own.locator("thead"), f"“{got}”")
    own.locator("#own-go").click()
    says(own.locator("#own-wrong"), got, FEATURES[1])
    page.keyboard.press("Escape")
    drop(page, f"{EVIL}.json", '{"version": 1, "spec": {"layers": [], "<x-evil>": 1}}')
    expect(page.locator("body")).to_contain_text(EVIL)
    harmless(page)
