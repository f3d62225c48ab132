"""Where it listens, and what is said of that: nobody opens it to strangers without knowing."""

import re
import socket
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

import httpx
import pytest

from app.__main__ import main
from app.listening import add_arguments, is_loopback, names, settle
from app.settings import sqlite_url
from tests.api.conftest import SMALL, served

MODULE = (sys.executable, "-m", "app")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "localhost", "::1"])
def test_loopback_is_this_machine_alone(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.0.2.7", "fd00::7", "no such host"])
def test_all_else_is_not(host: str) -> None:
    assert not is_loopback(host)


def settled(*arguments: str, **environment: str) -> dict[str, str]:
    """The environment that the service then runs in."""
    parser = ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    add_arguments(parser)
    settle(parser, parser.parse_args(arguments), environment)
    return environment


def test_by_itself_it_asks_for_no_token_and_has_a_secret() -> None:
    found = settled()
    assert found["BACKGLASS_TOKEN"] == ""
    assert len(found["BACKGLASS_SECRET"]) == 64
    assert "BACKGLASS_ALLOWED_HOSTS" not in found


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.7"])
def test_elsewhere_a_token_is_asked_for_or_it_says_what_else(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        settled("--host", host)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    for choice in ("--token auto", "--token TEXT", "BACKGLASS_TOKEN", "--insecure"):
        assert choice in said
    assert settled("--host", host, "--insecure")["BACKGLASS_TOKEN"] == ""
    assert settled("--host", host, "--token", "mine")["BACKGLASS_TOKEN"] == "mine"
    assert settled("--host", host, BACKGLASS_TOKEN="mine")["BACKGLASS_TOKEN"] == "mine"
    chosen = settled("--host", host, "--insecure", BACKGLASS_ALLOWED_HOSTS="a.example")
    assert chosen["BACKGLASS_ALLOWED_HOSTS"].startswith("a.example,")


def test_a_token_is_made_up_anew_each_time() -> None:
    made = {settled("--token", "auto")["BACKGLASS_TOKEN"] for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[a-z2-9]{5}(-[a-z2-9]{5}){2}", token) for token in made)
    assert not {"auto", ""} & made
    assert settled(BACKGLASS_TOKEN="auto")["BACKGLASS_TOKEN"] not in ("auto", "")


def test_the_names_are_those_that_a_class_can_open() -> None:
    everywhere = names("0.0.0.0")
    assert not {"127.0.0.1", "::1", "0.0.0.0", "localhost"} & {*everywhere}
    assert not [name for name in everywhere if ":" in name], "what listens to IPv4 alone"
    assert names("192.0.2.7")[0] == "192.0.2.7"
    if socket.gethostname() != "localhost":
        assert socket.gethostname().lower() in everywhere


def test_the_command_refuses_to_be_open_to_strangers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BACKGLASS_TOKEN", raising=False)
    monkeypatch.setenv("BACKGLASS_DATABASE_URL", sqlite_url(tmp_path / "none.db"))
    with pytest.raises(SystemExit):
        main(["--host", "0.0.0.0"])
    assert "everybody who reaches this machine" in capsys.readouterr().err
    assert not (tmp_path / "none.db").exists()


def said_by(process: subprocess.Popen[str], last: str) -> list[str]:
    """The lines that a server prints, up to one that begins so."""
    lines: list[str] = []
    while not (lines and lines[-1].startswith(last)):
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, lines
        lines.append(line.rstrip())
    return lines


def test_a_class_opens_what_it_prints(tmp_path: Path) -> None:
    command = (*MODULE, "--host", "0.0.0.0", "--token", "auto")
    with served(tmp_path / "backglass.db", command=command) as (url, process):
        said = said_by(process, "The way there is not encrypted")
        links = [line.strip() for line in said if "?token=" in line]
        assert len(links) >= len(names("0.0.0.0"))
        assert "Only who has the token comes in." in "\n".join(said)
        token = httpx.URL(links[0]).params["token"]
        for link in [*links, f"{url}/?token={token}"]:
            if re.match(r"http://[\d.]+:", link):  # a name server need not know the others
                with httpx.Client() as browser:
                    assert browser.get(link).headers["location"] == "/"
                    assert browser.get(httpx.URL(link, query=None)).status_code == 200
                    assert httpx.get(httpx.URL(link, query=None)).status_code == 401
        # By name, as a browser asks that does know them.
        host = {"Host": f"{socket.gethostname()}:1", "Authorization": f"Bearer {token}"}
        assert httpx.post(f"{url}/api/v1/runs", json=SMALL, headers=host).status_code == 201
        assert httpx.get(url, headers=host | {"Host": "evil.example"}).status_code == 421


def test_insecure_says_so(tmp_path: Path) -> None:
    command = (*MODULE, "--host", "0.0.0.0", "--insecure")
    with served(tmp_path / "backglass.db", command=command, BACKGLASS_TOKEN="") as (url, process):
        said = said_by(process, "The way there is not encrypted")
        assert [line for line in said if line.startswith("INSECURE")]
        assert httpx.get(url).status_code == 200
        assert httpx.get(url, headers={"Host": "evil.example"}).status_code == 421
