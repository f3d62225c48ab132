"""Links that open a run in the page: the spec itself, deflated, in the URL's fragment.

So a link opens on a server that has never seen the run. A spec too long for a link is
named by its id, and so is one whose data were uploaded.
"""

import base64
import zlib

LONGEST = 16 * 1024
"""Characters of a fragment; a longer one carries the run's id."""

LONGEST_JSON = 256 * 1024
"""Bytes of JSON that are not worth deflating: numbers never shrink to a sixteenth."""


def page_link(run_id: str, spec: bytes | None, position: int | None = None) -> str:
    """The page's link to a run, at a position.

    Args:
        run_id: The run's.
        spec: Its JSON, as short as it may be; None where another server could not do with it.
        position: Finished steps.
    """
    if spec is not None and len(spec) <= LONGEST_JSON:
        there = b"" if position is None else b',"p":%d' % position
        fragment = "s=" + deflated(b'{"spec":' + spec + there + b"}")
        if len(fragment) <= LONGEST:
            return f"/#{fragment}"
    return f"/#run={run_id}" + ("" if position is None else f"&p={position}")


def deflated(text: bytes) -> str:
    """base64url, without padding, of the raw deflate stream."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = compressor.compress(text) + compressor.flush()
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
