"""Links that open a run in the page: the spec itself, deflated, in the URL's fragment.

So a link opens on a server that has never seen the run. A spec too long for a link is named by its id.
"""

import base64
import zlib
from typing import Any

import orjson

LONGEST = 16 * 1024
"""Characters of a fragment; a longer one carries the run's id."""

LONGEST_JSON = 256 * 1024
"""Bytes of JSON that are not worth deflating: numbers never shrink to a sixteenth."""


def page_link(run_id: str, spec: dict[str, Any], position: int | None = None, selection: Any = None) -> str:
    """The page's link to a run, at a position and with a cell chosen.

    Args:
        run_id: The run's.
        spec: As `app.build` writes it for links: defaults left out, arrays as nested lists.
        position: Finished steps.
        selection: The chosen cell.
    """
    state: dict[str, Any] = {"spec": spec}
    if position is not None:
        state["p"] = position
    if selection is not None:
        state["sel"] = selection
    text = orjson.dumps(state, option=orjson.OPT_SERIALIZE_NUMPY)
    if len(text) <= LONGEST_JSON:
        fragment = f"s={deflated(text)}"
        if len(fragment) <= LONGEST:
            return f"/#{fragment}"
    return f"/#run={run_id}" + ("" if position is None else f"&p={position}")


def deflated(text: bytes) -> str:
    """base64url, without padding, of the raw deflate stream."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = compressor.compress(text) + compressor.flush()
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
