"""What the service says about itself."""

from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter

DESCRIPTION = """\
Backpropagation on demand. A **run** is a value: its spec (layers, data, loss, optimiser, edits) determines
every number of every **frame**, and a frame is the state of all tensors after so many steps. Every **cell**
of every tensor explains itself as a sum of products of other cells.

Numbers are exact: float64 round-trips. NaN and infinities travel as the strings `"NaN"`, `"Infinity"` and
`"-Infinity"`. Errors are RFC 9457 problem details with a stable `code`. All answers about a run are the same
for ever; those asked for with `?v=` of this build say so.
"""


def _version() -> str:
    try:
        return version("backglass")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0"


VERSION = _version()

router = APIRouter(include_in_schema=False)
