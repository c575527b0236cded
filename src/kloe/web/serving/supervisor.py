"""``serve``: take the port, bring the database up to date, start web server and worker, watch both.

Each child is a process of its own: one that dies is started again, both stop with the parent.
The parent holds the listening sockets, so a web server that restarts refuses nobody.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from kloe.core.errors import EnvironmentFault, InvalidInput
from kloe.core.messages import Message, _
from kloe.web.serving import sockets
from kloe.web.serving.hold import held

Say = Callable[[Message], None]

TICK = 0.1
#: Seconds the children have to stop before they are killed.
STOP_WITHIN = 4.0
#: A child that lives for less is failing; after so many failures in a row we give up.
STEADY = 10.0
FAILURES = 5
WINDOWS = sys.platform == "win32"


class Child:
    """A process that is started again when it dies."""

    def __init__(
        self,
        name: str,
        command: Callable[[], list[str]],
        *,
        env: dict[str, str],
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.command = command
        self.env = env
        self.pass_fds = tuple(pass_fds)
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.failures = 0
        self.not_before = 0.0

    def start(self) -> None:
        """Start the process in a session of its own: Ctrl-C in the terminal reaches only us."""
        # -P: a folder "kloe" where the command was called is not our package.
        command = [sys.executable, "-P", *self.command()]
        kwargs: dict[str, Any] = {"stdin": subprocess.DEVNULL}
        if WINDOWS:
            kwargs = {"stdin": subprocess.PIPE}
        else:
            kwargs |= {"start_new_session": True, "pass_fds": self.pass_fds}
        self.process = subprocess.Popen(command, env=self.env, **kwargs)
        self.started = time.monotonic()

    def watch(self, say: Say) -> None:
        """Start the process again if it died.

        :raises EnvironmentFault: if it keeps dying.
        """
        if self.process is None:
            if time.monotonic() >= self.not_before:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.process = None
        steady = time.monotonic() - self.started > STEADY
        self.failures = 1 if steady else self.failures + 1
        if self.failures >= FAILURES:
            raise EnvironmentFault(
                _(
                    "The %(name)s ended %(n)d times in a row, last with %(code)s.",
                    name=self.name,
                    n=self.failures,
                    code=code,
                ),
                "",
                _("Its messages stand above. When their cause is gone, start kloe serve again."),
            )
        say(_("The %(name)s ended with %(code)s and is started again.", name=self.name, code=code))
        self.not_before = time.monotonic() + (0.1 * 2**self.failures if self.failures > 1 else 0)

    def ask_to_stop(self) -> None:
        """Tell the process to finish what it does."""
        if self.process is None or self.process.poll() is not None:
            return
        if WINDOWS:
            assert self.process.stdin is not None
            self.process.stdin.close()
        else:
            self.process.terminate()

    def stopped(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """End the process and what it started."""
        if self.process is None:
            return
        try:
            if WINDOWS:
                self.process.kill()
            else:
                os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.process.wait()


class Supervisor:
    """Runs children until told to stop."""

    def __init__(self, children: list[Child], say: Say) -> None:
        self.children = children
        self.say = say
        self._told = 0

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """Stop; told a second time, without waiting."""
        self._told += 1

    @contextmanager
    def _listening(self) -> Iterator[None]:
        wanted = [signal.SIGINT, signal.SIGTERM]
        wanted += [signal.SIGHUP] if not WINDOWS else [signal.SIGBREAK]  # type: ignore[attr-defined]
        before = {one: signal.signal(one, self.stop) for one in wanted}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def run(self, *, ready: Path | None, when_ready: Callable[[dict[str, Any]], None]) -> None:
        """Start everything, call ``when_ready`` once, watch until told to stop.

        :param ready: the file in which the first child says how its start went; the others
            start when it has, for it brings the database up to date.
        :raises EnvironmentFault: if the first child does not start, or one keeps dying.
        """
        with self._listening():
            try:
                if ready is not None:
                    self.children[0].start()
                    found = self._wait_for(self.children[0], ready)
                    if found is None:
                        return
                    when_ready(found)
                else:
                    when_ready({})
                while not self._told:
                    for child in self.children:
                        child.watch(self.say)
                    time.sleep(TICK)
            finally:
                self._end()

    def _wait_for(self, child: Child, ready: Path) -> dict[str, Any] | None:
        while not self._told:
            ended = child.stopped()
            if ready.exists():
                found: dict[str, Any] = json.loads(ready.read_text())
                if error := found.get("error"):
                    raise EnvironmentFault(error["given"], error["allowed"], error["remedy"])
                return found
            if ended:
                raise EnvironmentFault(
                    _(
                        "The %(name)s did not start: it ended with %(code)s.",
                        name=child.name,
                        code=child.process.returncode if child.process else "",
                    ),
                    "",
                    _("Its messages stand above."),
                )
            time.sleep(0.03)
        return None

    def _end(self) -> None:
        told = self._told
        for child in self.children:
            child.ask_to_stop()
        until = time.monotonic() + STOP_WITHIN
        while time.monotonic() < until and self._told <= max(told, 1):
            if all(child.stopped() for child in self.children):
                break
            time.sleep(0.05)
        for child in self.children:
            child.kill()


def serve(
    data_dir: Path,
    *,
    host: str = "localhost",
    port: int = 8000,
    cert: Path | None = None,
    key: Path | None = None,
    workers: int = 2,
    web: bool = True,
    worker: bool = True,
    open_browser: bool = False,
    access_log: bool = False,
    say: Say | None = None,
    when_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve ``data_dir`` until a signal says stop. Has to be called from the main thread.

    :param port: 0 takes a free one.
    :param cert: certificate and ``key`` for HTTPS, as phones ask for.
    :param say: gets what the person at the terminal should know.
    :param when_ready: called with the address once pages can be asked for; without it the
        address is said.
    :raises EnvironmentFault: if the port is taken, the database cannot be opened, or a child
        process keeps dying.
    :raises Conflict: if a backup is being put back into the directory.
    """
    tell: Say = say or (lambda sentence: None)
    _check(cert, key, web=web, worker=worker)
    with ExitStack() as stack:
        found = sockets.listen(host, port) if web else []
        stack.callback(sockets.close, found)
        address = _address(host, found, https=cert is not None)
        stack.enter_context(held(data_dir, alone=False, address=address))
        ready = data_dir / "tmp" / f"ready-{secrets.token_hex(4)}"
        stack.callback(ready.unlink, missing_ok=True)
        (data_dir / "tmp").mkdir(parents=True, exist_ok=True)
        if not web:
            _prepare(data_dir)
        env = _environment(data_dir, host, https=cert is not None)
        children = []
        if web:
            children.append(_web_child(found, workers, cert, key, access_log, ready, env))
        if worker:
            children.append(_worker_child(env))

        def announce(found: dict[str, Any]) -> None:
            if not web:
                tell(_("The worker is running. Stop it with Ctrl-C."))
                return
            if not found.get("people", True):
                tell(_("Nobody can sign in yet: make an account with kloe users add."))
            if when_ready is not None:
                when_ready(address)
            else:
                tell(_("kloe is at %(address)s – stop it with Ctrl-C.", address=address))
            if open_browser and not open_page(address):
                tell(_("Open %(address)s in your browser.", address=address))

        Supervisor(children, tell).run(ready=ready if web else None, when_ready=announce)


def _check(cert: Path | None, key: Path | None, *, web: bool, worker: bool) -> None:
    if not web and not worker:
        raise InvalidInput(
            _("Neither the web server nor the worker is wanted."),
            _("kloe serve runs both, or one of them."),
            _("Leave out --no-web or --no-worker."),
        )
    if cert is None and key is None:
        return
    if WINDOWS:
        raise EnvironmentFault(
            _("On Windows kloe does not speak HTTPS itself."),
            _("A web server in front of it can."),
            _("See docs/how-to/serve.md, and set KLOE_HTTPS=1."),
        )
    for path, option in ((cert, "--cert"), (key, "--key")):
        if path is None:
            raise InvalidInput(
                _("%(option)s is missing.", option=option),
                _("HTTPS takes a certificate and its key, both as PEM files."),
                _("Give --cert FILE and --key FILE."),
            )
        if not path.is_file():
            raise EnvironmentFault(
                _("The file %(path)s of %(option)s cannot be read.", path=path, option=option),
                _("HTTPS takes a certificate and its key, both as PEM files."),
                _("Check the path."),
            )
    import ssl

    assert cert is not None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except (ssl.SSLError, OSError) as error:
        raise EnvironmentFault(
            _("The certificate %(path)s cannot be used: %(error)s.", path=cert, error=error),
            _("HTTPS takes a certificate and the key that belongs to it, both as PEM files."),
            _("Check that the two belong together and that the key has no passphrase."),
        ) from error


def _address(host: str, found: list[socket.socket], *, https: bool) -> str:
    if not found:
        return ""
    name = host
    if host in sockets.EVERYWHERE:
        name = "localhost"
    elif ":" in host and not host.startswith("["):
        name = f"[{host}]"
    return f"{'https' if https else 'http'}://{name}:{found[0].getsockname()[1]}"


def _prepare(data_dir: Path) -> None:
    from kloe.web import boot

    boot.start(data_dir)
    from django.db import connections

    connections.close_all()


def _environment(data_dir: Path, host: str, *, https: bool) -> dict[str, str]:
    tmp = str(data_dir / "tmp")
    env = os.environ | {"KLOE_DATA": str(data_dir), "TMPDIR": tmp, "TEMP": tmp, "TMP": tmp}
    if https:
        env["KLOE_HTTPS"] = "1"
    if "KLOE_HOSTS" not in env:
        env["KLOE_HOSTS"] = ",".join(sockets.names_for(host))
    return env


def _web_child(
    found: list[socket.socket],
    workers: int,
    cert: Path | None,
    key: Path | None,
    access_log: bool,
    ready: Path,
    env: dict[str, str],
) -> Child:
    fds = [one.fileno() for one in found]
    command = [
        "-m",
        "kloe.web.serving",
        f"--parent={os.getpid()}",
        f"--workers={workers}",
        f"--ready={ready}",
    ]
    if WINDOWS:
        names = [one.getsockname()[:2] for one in found]
        listen = ",".join(f"[{a}]:{p}" if ":" in a else f"{a}:{p}" for a, p in names)
        command.append(f"--listen={listen}")
        # The child takes the address itself: until here it was held against others.
        sockets.close(found)
    else:
        command.append(f"--fds={','.join(map(str, fds))}")
    command += [f"--cert={cert}", f"--key={key}"] if cert else []
    command += ["--access-log"] if access_log else []
    return Child("web server", lambda: command, env=env, pass_fds=fds)


def _worker_child(env: dict[str, str]) -> Child:
    last = ""

    def command() -> list[str]:
        # A worker that follows a dead one takes over its job at once.
        nonlocal last
        name, before = f"{socket.gethostname()[:40]}:{secrets.token_hex(6)}", last
        last = name
        replaces = [f"--replaces={before}"] if before else []
        return ["-m", "kloe.web.jobs", f"--parent={os.getpid()}", f"--name={name}", *replaces]

    return Child("worker", command, env=env)


def open_page(address: str) -> bool:
    """Open a page in the person's browser, if there is a screen to show it on."""
    screen = WINDOWS or sys.platform == "darwin"
    if not screen and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    import webbrowser

    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False
