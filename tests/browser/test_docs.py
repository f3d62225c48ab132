"""The interactive description of the API: it opens, and its examples run, with no other host asked."""

from playwright.sync_api import Browser, expect


def test_an_example_runs_from_the_docs(browser: Browser, url: str) -> None:
    asked: list[str] = []
    said: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{url}/docs")
    frame = page.locator("#operations-frames-frame")
    frame.locator(".opblock-summary-control").click()
    frame.get_by_role("button", name="Try it out").click()
    frame.get_by_role("button", name="Execute").click()
    expect(frame.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    page.close()
    assert [address for address in asked if not address.startswith((url, "data:"))] == []
    assert said == [], "the page broke its policy, or failed"
