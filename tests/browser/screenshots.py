"""Pictures of every view, in three sizes, both languages and themes, to be looked at.

    python -m tests.browser.screenshots FOLDER
    python -m tests.browser.screenshots FOLDER --only 'walk-*' '*-1024-en-light'

A view that cannot be drawn is named at the end, and the command fails. The page as it opens also stands
beside this file as `backglass.png`: `--readme` draws it anew.
"""

import argparse
import itertools
import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Error, Page, Route, sync_playwright

from tests.api.conftest import served
from tests.browser.conftest import DESKTOP, PHONE, QUIET, SEEN, browser_path
from tests.browser.test_sharing import drop

README = Path(__file__).parent / "backglass.png"
TABLET = (1024, 768)
WIDE = (DESKTOP, TABLET)
EVERY = (*WIDE, PHONE)
LOCALES = ("en-GB", "zh-CN")
THEMES = ("light", "dark")
WORKERS = 2

Act = Callable[[Page], object]


@dataclass(frozen=True)
class View:
    """What is looked at: an address, what is done there, and the sizes in which it exists."""

    path: str = "/"
    act: Act | None = None
    sizes: tuple[tuple[int, int], ...] = EVERY
    first: bool = False
    """Whether it is a person's first visit."""


def then(*acts: Act) -> Act:
    """One after the other."""

    def all_of_them(page: Page) -> None:
        for act in acts:
            act(page)

    return all_of_them


def key(name: str) -> Act:
    """Press a key on the stage."""

    def press(page: Page) -> None:
        page.locator("#stage").focus()
        page.keyboard.press(name)

    return press


def click(selector: str) -> Act:
    """Click what may stand in the header's menu."""

    def press(page: Page) -> None:
        one = page.locator(selector).first
        if one.evaluate("one => one.closest('#more') !== null") and not one.is_visible():
            page.locator("#more-button").click()
        one.click()

    return press


def figure(name: str) -> Act:
    """Open a figure by its key, and put the cursor on a cell of it."""

    def open_figure(page: Page) -> None:
        key(name)(page)
        page.locator("dialog .heatmaplayer image").first.wait_for(state="attached")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")

    return open_figure


def flow(what: str) -> Act:
    """Open a picture of the run's history, and put the cursor on a cell of it."""

    def open_flow(page: Page) -> None:
        page.locator("#train").click()
        page.locator("#flow-open").click()
        page.locator("#flow-what").select_option(what)
        page.locator(f"#flow-plot[data-drawn*='{what}'] .main-svg").first.wait_for()
        page.locator("#flow-plot").focus()
        for name in ("ArrowDown", "ArrowDown", "PageDown"):
            page.keyboard.press(name)

    return open_flow


def heads(page: Page, there: bool = True) -> None:
    """The proof's tab on heads, with its curves."""
    click("#proof-open")(page)
    page.locator("#proof-tab-heads").click()
    for of in ("loss", "dinput") if there else ():
        page.locator(f"#proof-heads-{of}[data-marked]").wait_for()


def heads_to_zero(page: Page) -> None:
    """The probability at exactly 0, where one divides by it, and every cell there."""
    heads(page)
    page.locator("#proof-heads-by-by").select_option("probability")
    page.locator("#proof-heads-now:not([inert]) #proof-heads-place[max='202']").press("Home")
    page.locator("#proof-heads-said", has_text="NaN").wait_for()


def checked(page: Page) -> None:
    """The proof's tab on checking, one gradient's figure drawn."""
    click("#proof-open")(page)
    page.locator("#check-plot[data-drawn] .main-svg").first.wait_for()


def conventions(page: Page) -> None:
    """The proof's tab on conventions, with a tensor that changes."""
    click("#proof-open")(page)
    page.locator("#proof-tab-conventions").click()
    page.locator("#proof-conventions-matrices[data-drawn]").wait_for()


def jacobians(page: Page) -> None:
    """The proof's tab on Jacobians, a cell of the figure chosen."""
    click("#proof-open")(page)
    page.locator("#proof-tab-jacobians").click()
    page.locator("#proof-jacobians-plot[data-drawn] .main-svg").first.wait_for()
    page.locator("#proof-jacobians-plot").focus()
    page.keyboard.press("ArrowDown")


def jacobian_part(page: Page) -> None:
    """A part of one that is too large to be shown at once."""
    jacobians(page)
    page.locator("#proof-jacobians-to").select_option("dense_1.output")
    page.locator("#proof-jacobians-part:not([hidden])").wait_for()
    page.locator("#proof-jacobians-plot[data-drawn*='dense_1.output'] .main-svg").first.wait_for()


def hunt(page: Page) -> None:
    """The proof's tab on finding the fault."""
    click("#proof-open")(page)
    page.locator("#proof-tab-hunt").click()
    page.locator("#hunt-box button").wait_for()


def hunting(page: Page) -> None:
    """A fault is set, and a cell was pointed at that is only made of a wrong number."""
    page.evaluate("Math.random = () => 0.5")
    hunt(page)
    page.locator("#hunt-box [data-key=set]").click()
    page.locator("#inspector-hunt [data-key=claim]").click()
    page.locator("#inspector-hunt h2", has_text="1").wait_for()


def found(page: Page) -> None:
    """It was given up, and stands there with the way to mend it."""
    hunting(page)
    page.locator("#inspector-hunt [data-key=show]").click()
    page.locator("#inspector-hunt [data-key=mend]").wait_for()


def drag(page: Page) -> None:
    """Open the Jacobian and move a score without letting go."""
    figure("j")(page)
    page.locator(".scores input[type=range]").nth(1).focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")


def jacobian_table(page: Page) -> None:
    """The Jacobian's figure as its tables."""
    figure("j")(page)
    page.keyboard.press("t")


def wrong(page: Page) -> None:
    """Set something in the builder that cannot be."""
    page.locator('[name="optimizer.momentum"]').fill("3")
    page.locator('[name="layers[2].units"]').fill("4")
    page.locator("#builder-apply").click()
    page.locator('#builder [aria-invalid="true"]').first.wait_for()


def no_number(page: Page) -> None:
    """Type what is no number into the editor."""
    page.locator("#editor-value").fill("0.5x")
    page.keyboard.press("Enter")
    page.locator("#editor-error:not(:empty)").wait_for()


def edited(page: Page) -> None:
    """Change the chosen number, and let what came of it be said."""
    key("e")(page)
    page.locator("#editor-value").fill("0.5")
    page.keyboard.press("Enter")
    page.locator("#change-text:not(:empty)").wait_for()


def unfolded(page: Page) -> None:
    """Open the inspector where it is a drawer."""
    drawer = page.locator("#inspector-open")
    if drawer.is_visible():
        drawer.click()


def walk(page: Page) -> None:
    """Set out along the chain rule, some hops far."""
    unfolded(page)
    page.locator("#inspector-actions button", has_text=re.compile("Walk|走")).click()
    page.locator("#inspector-walk [data-key=on]").wait_for()
    for _ in range(3):
        page.keyboard.press("Enter")


def homework(page: Page) -> None:
    """A gradient of one's own, graded, with the right numbers beside it."""
    click("#proof-open")(page)
    page.locator("#proof-tab-homework").click()
    page.locator("#homework-tensor").select_option("dense_2.dweight")
    page.locator("#homework-text").fill("\n".join("-0.5, 0.25, 1.0" for _ in range(5)))
    page.locator("#homework-go").click()
    page.locator("#homework-cells table").wait_for()
    page.locator("#homework-shown").check()


def pasted(page: Page) -> None:
    """Paste a matrix of one's own for the one that stands open."""
    unfolded(page)
    page.locator("#inspector button", has_text=re.compile("^(Paste|粘贴)")).first.click()
    page.locator("#paste-text").fill("\n".join("0.0, 0.5, 1.0" for _ in range(5)))


def compared(page: Page) -> None:
    """Compare it with the one that is shown."""
    pasted(page)
    page.locator("#paste-compare").click()


def lens(page: Page) -> None:
    """Point to a cell of a picture."""
    page.locator("#column-dense_1 .slot.dweight matrix-view").hover()


def shared_scale(by: str) -> Act:
    """Choose what shares one range of colours."""
    return lambda page: page.locator("#scale-by").select_option(by)


def goto(page: Page) -> None:
    """Open the form, which comes a moment after the page."""
    page.evaluate("import('/static/js/goto.js')")
    key("g")(page)


def refused(page: Page) -> None:
    """Ask for a step that does not exist."""
    goto(page)
    page.locator("#goto-step").fill("99")


def slow(page: Page) -> None:
    """Let the server take its time."""
    page.clock.install()
    page.route(re.compile(r"/frames/\d+\?"), lambda _: None)
    page.locator("#next").click()
    page.clock.fast_forward(5000)
    page.locator("#notice:not([hidden])").wait_for()


def offline(page: Page) -> None:
    """Let the server be out of reach."""

    def refuse(route: Route) -> None:
        route.abort("connectionrefused")

    page.route(re.compile(r"/frames/\d+\?"), refuse)
    page.locator("#next").click()
    page.locator("#notice:not([hidden])").wait_for()


def tour(page: Page) -> None:
    """Be shown around, two stops far."""
    click("#guide")(page)
    for _ in range(2):
        page.locator("#tour .actions button:visible").first.click()


def strip(page: Page) -> None:
    """Open the strip, and let the data be painted."""
    page.locator("#train").click()
    page.locator("#strip-data .data-box:not(.late)").wait_for()


def trained(page: Page) -> None:
    """A hundred iterations, done."""
    strip(page)
    page.locator("#train-count").fill("100")
    page.locator("#train-go").click()
    page.locator("#train-go[data-on=false]").wait_for()
    page.locator("#curve").wait_for()


def training(page: Page) -> None:
    """In the middle of one."""
    strip(page)
    page.locator("#train-count").fill("20000")
    page.locator("#train-go").click()
    page.locator("#curve").wait_for()


def larger(page: Page) -> None:
    """The data's picture, large."""
    page.locator("#strip-data .data-box").focus()
    page.keyboard.press("Enter")
    page.locator("#data-picture .data-box:not(.late)").wait_for()


def table(page: Page) -> None:
    """Let a table go on the page, with a column of words and a number that is none."""
    rows = [f"n{n},{n / 2 if n != 7 else '?'},{n % 5},{('cat', 'dog')[n % 2]}" for n in range(40)]
    drop(page, "pets.csv", "\n".join(["number,weight,height,kind", *rows]))
    page.locator("#own table").wait_for()


def table_wrong(page: Page) -> None:
    """Go on with it as it is."""
    table(page)
    page.locator("#own-go").click()
    page.locator("#own-wrong:not(:empty)").wait_for()


def table_taken(page: Page) -> None:
    """Leave the column out, and see the run."""
    table(page)
    page.locator("#own-column-1").uncheck()
    page.locator("#own-go").click()
    page.locator("#own").wait_for(state="hidden")
    page.locator('.dweight[data-column="dense_1"] > matrix-view[aria-label]').wait_for()


def runs_shown(page: Page) -> None:
    """Fork twice, and open the tree of runs."""
    edited(page)
    key("e")(page)
    page.locator("#editor-value").fill("-0.25")
    page.keyboard.press("Enter")
    page.locator("#change-text", has_text="−0.25").wait_for()
    click("#runs-open")(page)
    page.locator("#runs[open] li li li").wait_for()


def autopsy(page: Page) -> None:
    """What first went wrong, whole: the first search waits for a worker process to start."""
    page.locator("#signs button").first.click()
    page.locator("#proof-autopsy-said:not(:empty)").wait_for()


def compared_runs(page: Page) -> None:
    """Compare a fork with its parent, where they part."""
    runs_shown(page)
    page.locator("#runs-compare").click()
    page.locator("#versus-go:not([hidden])").click()
    page.locator(".pair.wrote").first.wait_for()


def other_steps(page: Page) -> None:
    """Compare two runs that have not the same steps."""
    page.locator("#preset").select_option("vanishing")
    page.locator("#column-sigmoid_1").wait_for()
    click("#runs-open")(page)
    page.locator("#runs[open]").wait_for()
    for box in page.locator("#runs-list input:not(:checked)").all():
        box.check()
    page.locator("#runs-compare").click()
    page.locator(".versus.apart .pair").first.wait_for()
    page.keyboard.press("n")


def legend(page: Page) -> None:
    """Bring the legend into sight where the page scrolls."""
    page.locator("#legend").scroll_into_view_if_needed()


OPEN = "/#preset=default&p=11"
WEIGHT = f"{OPEN}&sel=dense_1.weight,2,3"
DIGITS = "/#preset=digits&p=11&sel=dense_1.weight,20,5"

VIEWS: dict[str, View] = {
    "opening": View(),
    "proof-check": View("/#preset=digits&p=9", checked),
    "proof-check-wrong": View("/#run={faulty}&p=9", checked),
    "proof-check-table": View("/#run={faulty}&p=9", then(checked, click("#check-swap"))),
    "proof-heads": View(act=heads),
    "proof-jacobians": View("/#preset=default&p=11", jacobians),
    "proof-jacobians-part": View("/#run={wide}&p=11", jacobian_part),
    "proof-hunt": View(act=hunt),
    "proof-hunt-asked": View(act=hunting),
    "proof-hunt-over": View(act=found),
    "proof-heads-zero": View(act=heads_to_zero),
    "proof-conventions": View("/?preset=two_outputs&p=11", conventions),
    "start": View("/#preset=default&p=0"),
    "forward": View("/#preset=default&p=3"),
    "not-computed": View("/#preset=default&p=4&sel=dense_1.dweight,2,1", unfolded),
    "updated": View("/#preset=default&p=12"),
    "binary": View("/#preset=binary&p=9"),
    "two-outputs": View("/#preset=two_outputs&p=9"),
    "spiral": View("/#preset=spiral&p=9"),
    "digits": View("/#preset=digits&p=9"),
    "digits-pixels": View(DIGITS),
    "digits-lens": View("/#preset=digits&p=11", lens, WIDE),
    "digits-jacobian": View("/#preset=digits&p=9", figure("j")),
    "vanishing": View("/#preset=vanishing&p=27"),
    "golden": View("/#preset=golden&p=5"),
    "one-sample": View("/#run={one}&p=11"),
    "many-samples": View("/#run={many}&p=11"),
    "two-layers": View("/#run={two}&p=5"),
    "eight-layers": View("/#run={eight}&p=19"),
    "not-finite": View("/#run={huge}&p=7"),
    "adam": View("/#run={adam}&p=12&sel=dense_1.weight,2,1"),
    "memory": View("/#run={adam}&p=24&sel=dense_1.weight.cache,2,1", unfolded),
    "penalty": View("/#run={adam}&p=6&sel=loss.penalty,0,0", unfolded),
    "velocity": View("/#run={velocity}&p=32"),
    "inspector": View("/", unfolded),
    "many-terms": View("/#preset=spiral&p=15&sel=dense_1.dweight,0,0", unfolded),
    "leaf": View(f"{OPEN}&sel=dense_1.weight,2,1", unfolded),
    "walk": View(f"{OPEN}&sel=dense_1.dweight,2,1", walk),
    "editing": View(WEIGHT, key("e")),
    "editing-wrong": View(WEIGHT, then(key("e"), no_number)),
    "edited": View(WEIGHT, edited),
    "edited-inspector": View(WEIGHT, then(edited, unfolded)),
    "differences": View(WEIGHT, then(edited, key("d"))),
    "alone": View("/#preset=default&p=11&sel=dense_2.dweight,1,1&sample=3&alone=1", unfolded),
    "alone-digits": View("/#preset=digits&p=11&sel=dense_2.dweight,2,1&sample=5&alone=1"),
    "contrast": View("/", key("c")),
    "scale-kind": View("/", shared_scale("kind")),
    "scale-stage": View("/", shared_scale("stage")),
    "legend": View(WEIGHT, then(edited, legend)),
    "builder": View(
        "/", then(click("#build"), lambda page: page.locator("#builder-hints p").first.wait_for())
    ),
    "builder-wrong": View("/", then(click("#build"), wrong)),
    "runs": View(WEIGHT, runs_shown),
    "runs-compared": View(WEIGHT, compared_runs),
    "runs-compared-trained": View("/#preset=default&p=500&sel=relu_1.output,0,1", compared_runs),
    "runs-compared-pictures": View(DIGITS, compared_runs),
    "runs-of-other-steps": View("/#preset=default&p=3", other_steps),
    "share": View("/", click("#share")),
    "training": View("/#preset=spiral&p=15", training),
    "trained": View("/", trained),
    "trained-test": View("/#run={held}&p=11", trained),
    "data-plane": View("/#preset=spiral&p=1500", strip),
    "data-plane-large": View("/#preset=spiral&p=1500", then(strip, larger)),
    "data-digits": View("/#preset=digits&p=200", strip),
    "data-digits-large": View("/#preset=digits&p=200", then(strip, larger)),
    "data-rows": View("/", strip),
    "own-data": View("/", table),
    "own-data-wrong": View("/", table_wrong),
    "own-data-taken": View("/", table_taken),
    "proof-homework": View(act=homework),
    "paste": View("/", pasted),
    "compare": View("/", compared),
    "tensor": View("/", figure("f")),
    "jacobian": View("/", figure("j")),
    "jacobian-dragged": View("/", drag),
    "jacobian-table": View("/", jacobian_table),
    "jacobian-too-early": View("/#preset=default&p=2", key("j")),
    "flow-gradient": View("/#preset=vanishing&p=0", flow("gradient")),
    "flow-ratio": View("/#preset=vanishing&p=0", flow("ratio")),
    "flow-curves": View("/#preset=spiral&p=0", flow("curves")),
    "flow-table": View("/#preset=default&p=0", then(flow("gradient"), lambda page: page.keyboard.press("t"))),
    "proof-autopsy": View("/#run={wild}&p=20", autopsy),
    "table": View("/", key("t")),
    "help": View("/", key("?")),
    "word": View("/", lambda page: page.locator("#sentence .word").last.click()),
    "offer": View("/", first=True),
    "tour": View("/", tour),
    "goto": View("/", goto),
    "goto-wrong": View("/", refused),
    "slow": View("/#preset=default&p=9", slow),
    "offline": View("/#preset=default&p=9", offline),
    "menu": View("/", click("#more-button"), (PHONE,)),
}
"""By name. `{NAME}` in an address is a run of `runs`."""


UNCLIPPED = {"relu_at_zero": 1, "bce_outputs": "sum", "clip": 0}


def runs(url: str) -> dict[str, str]:
    """The ids of runs that no preset has."""

    def made(
        units: Iterable[int],
        samples: int = 8,
        edits: Iterable[dict[str, object]] = (),
        l2: float = 0,
        held: float = 0,
        **more: object,
    ) -> str:
        dense = {"type": "dense", "initializer": {"type": "he"}, "l2": l2}
        hidden = [layer for unit in units for layer in ({**dense, "units": unit}, {"type": "relu"})]
        spec = {
            "dataset": {
                "name": "iris",
                "samples": samples,
                "standardise": True,
                "seed": 0,
                "test_fraction": held,
            },
            "layers": [*hidden, {**dense, "units": 3}, {"type": "softmax"}],
            "loss": "categorical_crossentropy",
            "seed": 3,
            "edits": list(edits),
            **more,
        }
        run: str = httpx.post(f"{url}/api/v1/runs", json=spec).raise_for_status().json()["id"]
        return run

    huge = [
        {"position": 0, "tensor": "dense_1.weight", "index": [row, 0], "value": value}
        for row, value in ((0, 1e308), (1, -1e308))
    ]
    return {
        "one": made([5], 1),
        "many": made([5], 64),
        "two": made([]),
        "eight": made([8, 8, 8]),
        "huge": made([5], 8, huge),
        "wild": made([5], conventions=UNCLIPPED, optimizer={"type": "sgd", "learning_rate": 1e6}),
        "held": made([5], 100, held=0.25, batch={"size": 16, "order": "shuffled"}),
        "adam": made([5], l2=0.01, optimizer={"type": "adam"}),
        "faulty": made([5], faults=["missing_transpose"]),
        "wide": made([200]),
        "velocity": made([8, 8], optimizer={"type": "sgd", "momentum": 0.9, "nesterov": True}),
    }


def pictures(
    browser: Browser, url: str, view: View, size: tuple[int, int], locale: str
) -> Iterable[tuple[str, bytes]]:
    """One view in each theme, as PNGs."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=locale,
        color_scheme="light",
        has_touch=size == PHONE,
        reduced_motion="reduce",
    )
    context.set_default_timeout(8000)
    try:
        if not view.first:
            context.add_init_script(SEEN)
        page = context.new_page()
        page.goto(url + view.path)
        page.locator("#counter:not(:empty)").wait_for(state="attached")
        if view.act:
            view.act(page)
        if view.act not in (slow, offline, training):
            page.wait_for_load_state("networkidle")
        for theme in THEMES:
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            # A figure is drawn again for the other theme.
            page.wait_for_timeout(200)
            yield theme, page.screenshot()
        page.unroute_all(behavior="ignoreErrors")
    finally:
        context.close()


Kind = tuple[str, tuple[int, int], str]


def kinds(only: list[str]) -> list[Kind]:
    """All that is asked for."""
    every = itertools.product(VIEWS, EVERY, LOCALES)
    return [
        (view, size, locale)
        for view, size, locale in every
        if size in VIEWS[view].sizes
        and (
            not only or any(fnmatch(name(view, size, locale, theme), one) for one in only for theme in THEMES)
        )
    ]


def name(view: str, size: tuple[int, int], locale: str, theme: str) -> str:
    """A picture's name, without its ending."""
    return f"{view}-{size[0]}-{locale[:2]}-{theme}"


def draw(folder: Path, url: str, made: dict[str, str], wanted: list[Kind]) -> list[str]:
    """Draw them all; what could not be drawn, and why."""
    failed = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=QUIET)
        for view, size, locale in wanted:
            found = VIEWS[view]
            there = View(found.path.format(**made), found.act, found.sizes, found.first)
            try:
                for theme, drawn in pictures(browser, url, there, size, locale):
                    (folder / f"{name(view, size, locale, theme)}.png").write_bytes(drawn)
            except Error as error:
                failed.append(f"{name(view, size, locale, '*')}: {error}")
        browser.close()
    return failed


def main() -> None:
    """Draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="where the pictures go")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="names like 'walk-*-en-dark'")
    parser.add_argument("--readme", action="store_true", help="draw the README's picture anew")
    asked = parser.parse_args()
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as data, served(Path(data) / "backglass.db") as (url, _):
        if asked.readme:
            draw(Path(data), url, {}, [("opening", DESKTOP, "en-GB")])
            README.write_bytes((Path(data) / "opening-1440-en-light.png").read_bytes())
        if asked.folder:
            asked.folder.mkdir(parents=True, exist_ok=True)
            wanted, made = kinds(asked.only), runs(url)
            with ProcessPoolExecutor(WORKERS) as pool:
                parts = [
                    pool.submit(draw, asked.folder, url, made, wanted[at::WORKERS]) for at in range(WORKERS)
                ]
                failed = [one for part in parts for one in part.result()]
    sys.exit("\n".join(failed) or None)


if __name__ == "__main__":
    main()
