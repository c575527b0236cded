"""Saving a rating, the theme page and the overview over HTTP, each beside its reference.

    python benchmarks/web_pages.py [--runs 60] [--format table|json]

One server process, one client, requests in turn: kloe's, the reference's, kloe's, ... so that
a noisy machine is noisy for both. The figures are medians in milliseconds and their ratio.
Bounds: saving 1.5 times the reference and 1.2 times what it is with one theme in scope; pages
twice an ordinary page of the same size (see reference_site.py). Also: how long it takes to
create the assessment and to migrate an empty database.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

HERE = Path(__file__).resolve().parent


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Client:
    """One connection at a time to the server, signed in."""

    def __init__(self, port: int, session: str) -> None:
        self.port, self.session = port, session

    def ask(
        self, method: str, path: str, values: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        token = "x" * 32
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={token}"}
        body = None
        if values is not None:
            body = urlencode(values)
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-CSRFToken": token,
                "X-Kloe-Write": "1",
                "Accept": "application/json",
            }
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        found = answer.read()
        connection.close()
        return answer.status, found


def timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def in_turn(runs: int, *works: Callable[[], Any]) -> list[float]:
    """Median time of each, taken in turn."""
    for work in works:
        work()
        work()
    times: list[list[float]] = [[] for _ in works]
    for _run in range(runs):
        for at, work in enumerate(works):
            times[at].append(timed(work))
    return [statistics.median(t) for t in times]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--format", choices=("table", "json"), default="table")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), given.runs)
    if given.format == "json":
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name:52} {value:10.2f}")
    return 0


def measure(data: Path, runs: int) -> dict[str, float]:
    os.environ["KLOE_SECRET_KEY"] = "for-the-benchmark-" + "x" * 40
    sys.path.insert(0, str(HERE))
    from kloe.web import boot

    figures: dict[str, float] = {}
    figures["migrate an empty database, s"] = timed(lambda: boot.start(data)) / 1000
    import ground

    organisation, people = ground.organisation_with_people()
    one = ground.small(people, organisation)
    made: list[Any] = []
    figures["create an assessment of ten KLOEs, s"] = (
        timed(lambda: made.append(ground._assessment("Timed", people, organisation))) / 1000
    )
    everything = ground.full(people, organisation)
    with served(data, people[0]) as client:
        figures |= saving(client, runs, everything, one)
        figures |= pages(client, runs, everything)
    return figures


@contextmanager
def served(data: Path, person: Any) -> Iterator[Client]:
    """A server of one process over a data directory, and a client signed in as somebody."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connections

    session = SessionStore()
    session["_auth_user_id"] = str(person.pk)
    session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
    session["_auth_user_hash"] = person.get_session_auth_hash()
    session.create()
    connections.close_all()
    port = free_port()
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--workers=1",
            f"--bind=127.0.0.1:{port}",
            "--log-level=error",
            "reference_site:application",
        ],
        cwd=HERE,
        env={**os.environ, "KLOE_DATA": str(data), "PYTHONPATH": str(HERE)},
    )
    try:
        client = Client(port, str(session.session_key))
        wait_for(client)
        yield client
    finally:
        server.terminate()
        server.wait()


def wait_for(client: Client) -> None:
    for _attempt in range(200):
        try:
            client.ask("GET", "/reference/page/1000")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


def saving(client: Client, runs: int, everything: Any, one: Any) -> dict[str, float]:
    criterion = "wao-housing-2005/1.2/1/" + first_criterion()
    versions: dict[str, int] = {}

    def save(assessment: Any) -> Callable[[], None]:
        address = f"/assessments/{assessment.pk}/rate/{criterion}"

        def work() -> None:
            base = versions.get(address)
            if base is None:
                base = version_of(assessment, criterion)
            status, body = client.ask(
                "POST",
                address,
                {
                    "position": "upper" if base % 2 else "lower",
                    "reason": f"Reason number {base}.",
                    "base_version": str(base),
                    "write_id": str(uuid4()),
                },
            )
            assert status == 200, (status, body[:500])
            versions[address] = json.loads(body)["version"]

        return work

    def reference() -> None:
        status, _body = client.ask("POST", "/reference/save", {"reason": "A reason."})
        assert status == 200, status

    full, small, plain = in_turn(runs, save(everything), save(one), reference)
    return {
        "save a rating, ten KLOEs, ms": full,
        "save a rating, one theme in scope, ms": small,
        "reference: three small rows, ms": plain,
        "save / reference (at most 1.5)": full / plain,
        "save / one theme (at most 1.2)": full / small,
    }


def first_criterion() -> str:
    from kloe.frameworks import library

    theme = library.load("wao-housing-2005").theme("1.2/1")
    return next(c.key for c in theme.criteria if c.form == "paired")


def version_of(assessment: Any, criterion: str) -> int:
    from kloe.web.assessments.models import Rating

    row = Rating.objects.filter(assessment=assessment, criterion=criterion, author=None).first()
    return row.version if row else 0


def addresses(assessment: Any) -> tuple[tuple[str, str], ...]:
    """The two pages measured."""
    return (
        ("theme page", f"/assessments/{assessment.pk}/themes/wao-housing-2005/1.2/1"),
        ("overview", f"/assessments/{assessment.pk}/"),
    )


def pages(client: Client, runs: int, everything: Any, limit: float = 2) -> dict[str, float]:
    """Theme page and overview, each beside an ordinary page of its size."""
    figures: dict[str, float] = {}
    for name, path in addresses(everything):
        status, body = client.ask("GET", path)
        assert status == 200, (status, path)
        size = len(body)
        _status, plain_page = client.ask("GET", f"/reference/page/{size}")
        assert 0.9 < len(plain_page) / size < 1.1, (len(plain_page), size)

        def page(path: str = path) -> None:
            assert client.ask("GET", path)[0] == 200

        def reference(size: int = size) -> None:
            assert client.ask("GET", f"/reference/page/{size}")[0] == 200

        ours, plain = in_turn(runs, page, reference)
        figures |= {
            f"{name}, KB": size / 1024,
            f"{name}, ms": ours,
            f"reference of the same size, {name}, ms": plain,
            f"{name} / reference (at most {limit:g})": ours / plain,
        }
    return figures


if __name__ == "__main__":
    sys.exit(main())
