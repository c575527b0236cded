"""``kloe serve`` as callers meet it: slow ones, large bodies, lasting connections, and an end."""

from __future__ import annotations

import http.client
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from test_serve import Served

from kloe.web.serving import server, sockets

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

PASSWORD = "a long password of somebody"
EMAIL = "ann@example.org"


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory brought up to date, with somebody who signs in."""
    data = tmp_path_factory.mktemp("served") / "data"
    made = subprocess.run(
        [
            sys.executable, "-c", "from kloe.cli.main import run; run()", "users", "add", EMAIL,
            "--organisation", "Tai", "--password-stdin", "--data", str(data),
        ],
        input=PASSWORD + "\n", text=True, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return data


@pytest.fixture
def site(tmp_path: Path, ground: Path) -> Iterator[Served]:
    shutil.copytree(ground, tmp_path / "data")
    one = Served(tmp_path, "--port", "0", "--workers", "1", "--no-worker")
    yield one
    one.close()


def address(site: Served) -> tuple[str, int]:
    parts = urlsplit(site.address)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def opened(site: Served, words: bytes) -> socket.socket:
    """A connection on which something was said."""
    made = socket.create_connection(address(site), timeout=40)
    made.sendall(words)
    return made


def answered(made: socket.socket) -> bytes:
    """All that comes back until the other end closes."""
    found = b""
    try:
        while chunk := made.recv(65536):
            found += chunk
    except ConnectionResetError:
        pass
    return found


def _cookies(answer: http.client.HTTPResponse) -> dict[str, str]:
    given = answer.headers.get_all("Set-Cookie") or []
    return dict(one.split(";")[0].split("=", 1) for one in given)


def signed_in(site: Served) -> tuple[http.client.HTTPConnection, str, str]:
    """A connection with a session, its cookies and the token of its forms."""
    connection = http.client.HTTPConnection(*address(site), timeout=30)
    connection.request("GET", "/accounts/login/")
    answer = connection.getresponse()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())
    assert token
    cookies = _cookies(answer)
    form = {"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token.group(1)}
    connection.request(
        "POST", "/accounts/login/", urlencode(form),
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"csrftoken={cookies['csrftoken']}",
            "Referer": site.address,
        },
    )  # fmt: skip
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 302
    cookies |= _cookies(answer)
    words = "; ".join(f"{n}={cookies[n]}" for n in ("csrftoken", "sessionid"))
    return connection, words, cookies["csrftoken"]


def test_callers_who_stand_still_do_not_hold_the_others_up(site: Served) -> None:
    """More of them than there are threads, in the head of a request and in its body."""
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
    body = (
        b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin="
    )
    slow = [opened(site, words) for words in [head, body] * server.THREADS]
    try:
        begun = time.monotonic()
        connection = http.client.HTTPConnection(*address(site), timeout=3 * sockets.PATIENCE)
        connection.request("GET", "/accounts/login/")
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
        connection.close()
        assert time.monotonic() - begun < 2.5 * sockets.PATIENCE
        # Whoever stood still is told off or cut off, and never left hanging.
        for one in slow:
            found = answered(one)
            assert not found or re.match(rb"HTTP/1\.1 4\d\d ", found), found[:200]
    finally:
        for one in slow:
            one.close()
    code, _took, errors = site.stop()
    assert code == 0
    assert "Traceback" not in errors


def test_a_body_beyond_every_limit_is_refused_before_it_is_sent(site: Served) -> None:
    connection, cookies, token = signed_in(site)
    connection.close()
    page = http.client.HTTPConnection(*address(site), timeout=30)
    page.request("GET", "/organisations/", headers={"Cookie": cookies})
    found = re.search(r"/organisations/([0-9a-f-]{36})/", page.getresponse().read().decode())
    page.close()
    assert found
    whose = f"/organisations/{found.group(1)}/records/add"
    for path, statuses in (
        (whose, {400}),  # signed in: the limit of extracts
        ("/accounts/login/", {400}),  # nobody knows who: the limit of all forms
    ):
        words = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {10**13}\r\n"
            f"Content-Type: multipart/form-data; boundary=b\r\nCookie: {cookies}\r\n"
            f"X-CSRFToken: {token}\r\nReferer: {site.address}\r\n\r\n"
        )
        begun = time.monotonic()
        made = opened(site, words.encode())
        made.settimeout(15)
        answer = made.recv(65536)
        made.close()
        assert int(answer.split()[1]) in statuses, (path, answer[:300])
        assert time.monotonic() - begun < 10
    # Nothing of them was written; the server's own files there are small.
    assert all(p.stat().st_size < 4096 for p in (site.data / "tmp").iterdir() if p.is_file())


def test_one_connection_carries_several_requests(site: Served) -> None:
    connection = http.client.HTTPConnection(*address(site), timeout=30)
    seen = set()
    for path in ("/accounts/login/", "/static/kloe/kloe.css", "/nowhere", "/accounts/login/"):
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.read()
        assert answer.status in {200, 404, 302}
        assert connection.sock is not None, "the connection was closed"
        seen.add(connection.sock.getsockname())
    assert len(seen) == 1
    # A second request on it may be asked for before the first is answered.
    made = opened(site, b"GET /static/kloe/kloe.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)
    made.settimeout(10)
    found = b""
    while found.count(b"HTTP/1.1 200") < 2:
        chunk = made.recv(1 << 16)
        assert chunk, found[-200:]
        found += chunk
    made.close()
    connection.close()


def test_a_request_that_runs_is_answered_when_the_server_stops(site: Served) -> None:
    form = b"login=ann%40example.org&password=x"
    made = opened(
        site,
        b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n"
        % len(form)
        + form[:10],
    )
    time.sleep(1)
    site.process.send_signal(signal.SIGTERM)
    time.sleep(1)
    made.sendall(form[10:])
    found = answered(made)
    made.close()
    assert re.match(rb"HTTP/1\.1 \d\d\d ", found), found[:200]
    assert b"</html>" in found, "all of it"
    assert site.process.wait(60) == 0


def test_a_request_that_does_not_end_does_not_keep_the_server(site: Served) -> None:
    made = opened(
        site, b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n"
    )
    time.sleep(1)
    code, took, errors = site.stop()
    made.close()
    assert code == 0
    assert took < 20
    assert "Traceback" not in errors
