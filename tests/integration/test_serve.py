"""``kloe serve`` as people run it: real processes, real sockets, killed and stopped."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from kloe.core.errors import Conflict, EnvironmentFault, InvalidInput
from kloe.web.serving import sockets, supervisor
from kloe.web.serving.hold import held
from waiting import wait_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


class Served:
    """A running ``kloe serve``."""

    def __init__(self, home: Path, *words: str) -> None:
        self.home = home
        self.data = home / "data"
        for name in ("home", "elsewhere", "here"):
            (home / name).mkdir(parents=True, exist_ok=True)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("KLOE_", "DISPLAY"))}
        env |= {"HOME": str(home / "home"), "TMPDIR": str(home / "elsewhere")}
        env |= {"PYTHONDONTWRITEBYTECODE": "1"}
        env.pop("XDG_RUNTIME_DIR", None)
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [
                sys.executable, "-c", "from kloe.cli.main import run; run()",
                "serve", "--data", str(self.data), *words,
            ],
            env=env, cwd=home / "here", text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.said: list[str] = []
        self.address = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())
            if "://" in line:
                self.address = next(w for w in line.split() if "://" in w)
                break
            if "worker is running" in line:
                break
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())

    def get(self, path: str = "/", method: str = "GET") -> http.client.HTTPResponse:
        parts = urlsplit(self.address)
        if parts.scheme == "https":
            context = ssl._create_unverified_context()
            connection: Any = http.client.HTTPSConnection(parts.netloc, timeout=20, context=context)
        else:
            connection = http.client.HTTPConnection(parts.netloc, timeout=20)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            answer.body = answer.read().decode()
            return answer
        finally:
            connection.close()

    def children(self, module: str) -> list[psutil.Process]:
        """The direct children that run a module."""
        try:
            found = psutil.Process(self.process.pid).children()
            return [p for p in found if p.is_running() and module in p.cmdline()]
        except psutil.Error:
            return []

    def stop(self, with_signal: int = signal.SIGTERM) -> tuple[int, float, str]:
        begun = time.monotonic()
        self.process.send_signal(with_signal)
        code = self.process.wait(60)
        took = time.monotonic() - begun
        self.reader.join()
        assert self.process.stderr is not None
        return code, took, self.process.stderr.read()

    def close(self) -> None:
        if self.process.poll() is None:
            self.stop()
        self.reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


WEB, WORKER = "kloe.web.serving", "kloe.web.jobs"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    made: list[Served] = []

    def start(*words: str) -> Served:
        made.append(Served(tmp_path, "--port", "0", "--workers", "1", *words))
        return made[-1]

    yield start
    for one in made:
        one.close()


def test_it_serves_survives_kills_and_stops(serve: Callable[..., Served], tmp_path: Path) -> None:
    site = serve()
    assert site.address.startswith("http://localhost:")
    assert any("kloe users add" in line for line in site.said)
    answer = site.get()
    assert answer.status == 302
    assert "/accounts/login/" in answer.headers["Location"]
    assert site.get("/static/kloe/kloe.css").status == 200

    # A killed worker is started again, told whom it follows.
    worker = wait_for(lambda: site.children(WORKER))[0]
    worker.kill()
    follower = wait_for(lambda: [p for p in site.children(WORKER) if p.pid != worker.pid])[0]
    assert any(w.startswith("--replaces=") for w in follower.cmdline())

    # A killed web server is started again; meanwhile the socket keeps callers waiting.
    web = site.children(WEB)[0]
    for one in [web, *web.children(recursive=True)]:
        one.kill()
    wait_for(lambda: [p for p in site.children(WEB) if p.pid != web.pid])
    assert site.get().status == 302

    everything = psutil.Process(site.process.pid).children(recursive=True)
    code, took, errors = site.stop()
    assert code == 0, errors
    assert took < 30
    assert not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in everything)
    assert "Traceback" not in errors
    assert any("web server ended" in line for line in site.said)

    # Nothing was written outside the data directory, and no access log anywhere.
    for name in ("home", "elsewhere", "here"):
        assert list((tmp_path / name).rglob("*")) == []
    assert {p.name for p in (site.data / "tmp").iterdir()} == {"serving.lock"}
    assert "GET /" not in errors + "\n".join(site.said)


def test_ctrl_c_stops_it_and_a_second_start_is_quick(serve: Callable[..., Served]) -> None:
    first = serve()
    code, took, _errors = first.stop(signal.SIGINT)
    assert code == 0
    assert took < 30
    second = serve("--access-log")
    # About two seconds on an idle machine; the limit leaves room for one that is not.
    assert time.monotonic() - second.begun < 60
    assert second.get().status == 302
    _code, _took, errors = second.stop()
    assert "GET /" in errors + "\n".join(second.said)


def test_children_do_not_outlive_a_killed_parent(serve: Callable[..., Served]) -> None:
    site = serve()
    wait_for(lambda: site.children(WORKER))
    everything = psutil.Process(site.process.pid).children(recursive=True)
    assert len(everything) >= 3
    site.process.kill()
    site.process.wait()
    _gone, alive = psutil.wait_procs(everything, timeout=10)
    assert alive == []


def test_a_port_that_is_taken_is_said_so(serve: Callable[..., Served], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        site = Served(tmp_path, "--port", str(port))
        try:
            assert site.process.wait(60) == 8
            assert site.process.stderr is not None
            words = site.process.stderr.read()
        finally:
            site.close()
    assert f"Port {port} is taken" in words
    assert f"--port {port + 1}" in words
    assert "Traceback" not in words


def test_a_database_that_cannot_be_opened_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "kloe.sqlite3").write_bytes(b"this is no database at all" * 100)
    site = Served(tmp_path, "--port", "0")
    try:
        assert site.process.wait(60) == 8
        assert site.process.stderr is not None
        words = site.process.stderr.read()
    finally:
        site.close()
    assert "database could not be opened" in words
    assert "Traceback" not in words


def test_web_server_and_worker_also_run_alone(serve: Callable[..., Served], tmp_path: Path) -> None:
    web = serve("--no-worker")
    assert web.get().status == 302
    worker = Served(tmp_path, "--no-web")
    try:
        wait_for(lambda: worker.children(WORKER))
        assert web.children(WORKER) == []
        assert worker.children(WEB) == []
        assert worker.stop()[0] == 0
    finally:
        worker.close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "c.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "k.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "c.pem", folder / "k.pem"


def test_https_with_secure_cookies(serve: Callable[..., Served], tmp_path: Path) -> None:
    cert, key = _certificate(tmp_path)
    site = serve("--cert", str(cert), "--key", str(key), "--no-worker")
    assert site.address.startswith("https://localhost:")
    answer = site.get("/accounts/login/")
    assert answer.status == 200
    cookies = answer.headers.get_all("Set-Cookie") or []
    assert cookies
    assert all("Secure" in one for one in cookies)


# Without processes ------------------------------------------------------------------------------


def _serve(folder: Path, **changes: Any) -> None:
    supervisor.serve(folder, **({"port": 0} | changes))


def test_wrong_options_are_refused_before_anything_starts(tmp_path: Path) -> None:
    cert, key = _certificate(tmp_path)
    with pytest.raises(InvalidInput, match="--key"):
        _serve(tmp_path, cert=cert)
    with pytest.raises(InvalidInput, match="--cert"):
        _serve(tmp_path, key=key)
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        _serve(tmp_path, cert=cert, key=tmp_path / "none.pem")
    with pytest.raises(EnvironmentFault, match="cannot be used"):
        _serve(tmp_path, cert=cert, key=cert)
    with pytest.raises(InvalidInput, match="Neither"):
        _serve(tmp_path, web=False, worker=False)
    with pytest.raises(EnvironmentFault, match="no port"):
        _serve(tmp_path, port=70_000)
    with pytest.raises(EnvironmentFault, match="no address"):
        _serve(tmp_path, host="nowhere.invalid")
    with held(tmp_path, alone=True), pytest.raises(Conflict):
        _serve(tmp_path)


def test_localhost_is_held_on_both_addresses() -> None:
    made = sockets.listen("localhost", 0)
    try:
        assert made[0].getsockname()[0] == "127.0.0.1"
        assert len({one.getsockname()[1] for one in made}) == 1
        if len(made) > 1:
            assert made[1].getsockname()[0] == "::1"
    finally:
        sockets.close(made)


def test_pages_are_answered_under_the_names_people_use() -> None:
    assert sockets.names_for("localhost") == ["localhost", "127.0.0.1", "[::1]"]
    assert sockets.names_for("kloe.example.org")[-1] == "kloe.example.org"
    assert sockets.names_for("2001:db8::1")[-1] == "[2001:db8::1]"
    assert socket.gethostname() in sockets.names_for("0.0.0.0")


def test_a_child_that_keeps_dying_is_given_up() -> None:
    child = supervisor.Child("thing", lambda: ["-c", "raise SystemExit(9)"], env=dict(os.environ))
    said: list[str] = []
    listened = signal.getsignal(signal.SIGINT)
    boss = supervisor.Supervisor([child], lambda words: said.append(str(words)))
    with pytest.raises(EnvironmentFault, match="5 times in a row, last with 9"):
        boss.run(ready=None, when_ready=lambda found: None)
    assert len(said) == 4
    assert signal.getsignal(signal.SIGINT) is listened


def test_a_child_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_WITHIN", 0.5)
    deaf = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    child = supervisor.Child("thing", lambda: ["-c", deaf], env=dict(os.environ))
    boss = supervisor.Supervisor([child], lambda words: None)
    timer = threading.Timer(1.0, boss.stop)
    timer.start()
    begun = time.monotonic()
    boss.run(ready=None, when_ready=lambda found: None)
    assert time.monotonic() - begun < 30
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_no_browser_is_opened_without_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert not supervisor.open_page("http://localhost:1")
