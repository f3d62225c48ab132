"""What a person finds on the page, for tests to read."""

import re
from typing import Any

import numpy as np
from playwright.sync_api import Page

from engine.arrays import Array


def matrix(page: Page, tensor: str) -> Array | None:
    """The numbers of a matrix as they stand on the stage; None where it is hatched."""
    view = page.locator(f'matrix-view[aria-label^="{tensor},"]').first
    text = view.locator("pre").inner_text()
    if "missing" in (view.get_attribute("class") or ""):
        assert text == ""
        return None
    return np.array([[float(number) for number in line.split()] for line in text.splitlines()])


def shown(page: Page, tensor: str) -> Array:
    """The numbers of a matrix that is not hatched."""
    numbers = matrix(page, tensor)
    assert numbers is not None, f"{tensor} is hatched"
    return numbers


def becomes(page: Page, tensor: str, numbers: Array) -> bool:
    """Whether a matrix comes to hold these numbers, as the stage writes them."""
    for _ in range(100):
        there = matrix(page, tensor)
        if there is not None and there.shape == numbers.shape and np.allclose(there, numbers, atol=1e-12):
            return True
        page.wait_for_timeout(50)
    return False


def stop_the_clock(page: Page) -> None:
    """From now on time passes only where a test lets it."""
    page.clock.install(time=0)
    page.clock.pause_at(1000)


def announced(page: Page) -> str:
    """What the live region says."""
    return page.locator("#live").inner_text()


def position(page: Page) -> int:
    """The position in the address."""
    found = re.search(r"[#&]p=(\d+)", page.url)
    assert found, page.url
    return int(found[1])


def number(text: str) -> float:
    """A number as it is shown: with a true minus sign."""
    return float(text.replace("−", "-").replace("=", "").replace("×", "").strip())


def fits(page: Page) -> bool:
    """Whether nothing overflows the page sideways."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return wide


def violations(page: Page, axe: str) -> list[dict[str, Any]]:
    """What axe-core finds wrong."""
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(({violations}) => violations)")
    return [{"rule": one["id"], "where": [node["target"] for node in one["nodes"]]} for one in found]
