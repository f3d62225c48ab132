"""A link carries its run while it is short enough, and names it beyond that."""

import json
import secrets

import pytest

from app.links import deflated, page_link

RUN = "r" + "a" * 20


@pytest.mark.parametrize(("digits", "carried"), [(100, True), (9_000, True), (30_000, False)])
def test_a_link_carries_its_run_up_to_16_kib(digits: int, carried: bool) -> None:
    spec = json.dumps({"noise": secrets.token_hex(digits // 2)}).encode()
    fragment = "s=" + deflated(b'{"spec":' + spec + b',"p":7}')
    assert (len(fragment) <= 16_384) == carried, "the case is on the side that it is meant for"
    assert page_link(RUN, spec, 7) == (f"/#{fragment}" if carried else f"/#run={RUN}&p=7")


def test_what_could_never_fit_is_not_deflated() -> None:
    assert page_link(RUN, b'"' + b"0" * 300_000 + b'"') == f"/#run={RUN}"
