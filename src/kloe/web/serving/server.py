"""The web server: gunicorn where there is ``fork``, waitress on Windows."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

THREADS = 4
#: Seconds a request has to end when the server is told to stop.
GRACE = 3


def application() -> Any:
    """The application with all its pages loaded, so that the first visitor does not wait."""
    from django.db import connections
    from django.urls import get_resolver

    from kloe.web.wsgi import application

    get_resolver().url_patterns  # noqa: B018 - loads them
    # A connection must not be shared by the processes that are forked from this one.
    connections.close_all()
    return application


def run_gunicorn(given: argparse.Namespace, data_dir: Path) -> None:
    """Serve on sockets that the parent has opened."""
    from gunicorn.app.base import BaseApplication
    from gunicorn.arbiter import Arbiter
    from gunicorn.glogging import Logger

    ready = given.ready

    class Orphanable(Arbiter):
        """Stops when the process that started it is gone: nobody would stop it otherwise."""

        def murder_workers(self) -> None:
            if given.parent and os.getppid() != given.parent:
                self.handle_term()
            super().murder_workers()

    class Words(Logger):
        """A caller who stood still for too long is no fault of ours to be told at length."""

        def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
            if isinstance(sys.exc_info()[1], BlockingIOError):
                self.debug("A caller stood still and was cut off.")
            else:
                super().exception(msg, *args, **kwargs)

    class Application(BaseApplication):
        def load_config(self) -> None:
            values = {
                "bind": [f"fd://{fd}" for fd in given.fds.split(",")],
                "workers": given.workers,
                "threads": THREADS,
                "worker_class": "gthread",
                "preload_app": True,
                # Heartbeats, bodies of requests, nothing outside the data directory.
                "worker_tmp_dir": str(data_dir / "tmp"),
                "control_socket_disable": True,
                "graceful_timeout": GRACE,
                "timeout": 120,
                "keepalive": 5,
                "limit_request_line": 8190,
                "accesslog": "-" if given.access_log else None,
                "errorlog": "-",
                "logger_class": Words,
                "loglevel": "warning",
                "proc_name": "kloe",
                "certfile": given.cert or None,
                "keyfile": given.key or None,
                "post_worker_init": lambda worker: _say_ready(ready),
            }
            for name, value in values.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return application()

        def run(self) -> None:
            Orphanable(self).run()

    Application().run()


def run_waitress(given: argparse.Namespace) -> None:
    """Serve on Windows, where sockets are not handed down: the address is taken anew."""
    from waitress.server import create_server

    server = create_server(
        application(),
        listen=given.listen.replace(",", " "),
        threads=THREADS * given.workers,
        ident=None,
    )
    _say_ready(given.ready)
    if given.parent:
        _at_end_of_input(server.close)
    server.run()


def _at_end_of_input(then: Callable[[], Any]) -> None:
    """The parent holds the other end of our standard input: when it closes, we stop."""

    def wait() -> None:
        sys.stdin.buffer.read()
        then()

    threading.Thread(target=wait, daemon=True).start()


def _say_ready(path: str) -> None:
    """Tell the parent that pages can be asked for, and whether anybody can sign in."""
    from django.db import connections

    from kloe.web.accounts.models import User

    try:
        words = {"people": User.objects.exists()}
    finally:
        connections.close_all()
    _leave(Path(path), words)


def _leave(path: Path, words: dict[str, Any]) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(words))
    part.replace(path)


def main(args: list[str] | None = None) -> int:
    """The web server as a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m kloe.web.serving")
    parser.add_argument("--fds", default="", help="open sockets to serve on")
    parser.add_argument(
        "--listen", default="", help="addresses to serve on, where there is no fork"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cert", default="")
    parser.add_argument("--key", default="")
    parser.add_argument("--ready", required=True, help="file that tells the parent how it went")
    parser.add_argument("--access-log", action="store_true")
    parser.add_argument("--parent", type=int, default=0, help="process to stop with")
    given = parser.parse_args(args)
    from kloe.core.errors import KloeError
    from kloe.web import boot

    data_dir = Path(os.environ["KLOE_DATA"])
    try:
        boot.start(data_dir)
    except KloeError as error:
        # The parent says it, in its own place and once.
        _leave(Path(given.ready), {"error": error.as_dict()})
        return error.exit_code
    if sys.platform == "win32":
        run_waitress(given)
    else:
        run_gunicorn(given, data_dir)
    return 0
