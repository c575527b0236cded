"""Two processes of ten people each, saving at the same moment; prints what came of it as JSON.

Run by ``test_savers_together.py`` with a data directory, on SQLite or PostgreSQL. Everything goes
through the views, with sessions and transactions as in life.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

from kloe.web import boot

PROCESSES, PEOPLE, WAVES = 2, 10, int(os.environ.get("KLOE_WAVES", "3"))
RATED, JUDGED = "wao-housing-2005/1.2/3", "wao-housing-2005/1.2/1"
#: An address below the assessment, and what is sent there.
Request = tuple[str, dict[str, Any]]


def ground() -> dict[str, Any]:
    """An organisation with an assessment, and a session for each person."""
    from django.test import Client

    from kloe.web.accounts.models import User
    from kloe.web.assessments import actions
    from kloe.web.library import store
    from kloe.web.organisations.models import Membership, Organisation

    org = Organisation.objects.create(name="Tai", jurisdiction="wales")
    sessions = []
    for n in range(PROCESSES * PEOPLE):
        user = User.objects.create(email=f"p{n}@example.org", name=f"P{n}", password="!")
        Membership.objects.create(user=user, organisation=org, role="administrator")
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        sessions.append(client.cookies["sessionid"].value)
    made = actions.create(
        organisation=org,
        frameworks=["wao-housing-2005"],
        kind="self-assessment",
        title="Together",
        period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31),
        by=User.objects.get(email="p0@example.org"),
    )
    criteria = [c.id for t in store.pinned(made).themes() for c in t.criteria]
    return {"assessment": str(made.pk), "sessions": sessions, "criteria": criteria}


def person(session: str, assessment: str, request: Request, gate: Any, found: list[Any]) -> None:
    """One person's browser: waits for the others, then sends."""
    from django.db import connections
    from django.test import Client

    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = session
    where, body = request
    gate.wait(60)
    try:
        answer = client.post(
            f"/assessments/{assessment}/{where}",
            body,
            headers={"X-Kloe-Write": "1", "Accept": "application/json"},
        )
        found.append(answer.status_code)
    except Exception:
        found.append(traceback.format_exc())
    finally:
        connections.close_all()


def process(pipe: Connection, gate: Any, known: dict[str, Any]) -> None:
    """One server process: its people, round after round."""
    while (requests := pipe.recv()) is not None:
        found: list[Any] = []
        threads = [
            threading.Thread(target=person, args=(s, known["assessment"], r, gate, found))
            for s, r in requests
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pipe.send(found)


class Together:
    """Everybody at once."""

    def __init__(self, known: dict[str, Any]) -> None:
        fork = multiprocessing.get_context("fork")
        gate = fork.Barrier(PROCESSES * PEOPLE)
        self.pipes: list[Connection] = []
        self.sessions = known["sessions"]
        for _number in range(PROCESSES):
            ours, theirs = fork.Pipe()
            fork.Process(target=process, args=(theirs, gate, known), daemon=True).start()
            self.pipes.append(ours)

    def __call__(self, request: Callable[[int], Request], *, one: bool = False) -> Counter[Any]:
        """Send what ``request`` gives for each person; how often each answer came.

        :param one: it is the same person who sends it all.
        """
        for n, pipe in enumerate(self.pipes):
            people = range(n * PEOPLE, (n + 1) * PEOPLE)
            pipe.send([(self.sessions[0 if one else k], request(k)) for k in people])
        return Counter(answer for pipe in self.pipes for answer in pipe.recv())

    def close(self) -> None:
        for pipe in self.pipes:
            pipe.send(None)


def rounds(known: dict[str, Any], together: Together) -> dict[str, Counter[Any]]:
    """What everybody does at once, by name; statuses with how often each came."""
    from kloe.web.assessments.models import Assessment
    from kloe.web.evidence import actions as evidence
    from kloe.web.evidence.checks import Details
    from kloe.web.evidence.models import EvidenceItem
    from kloe.web.judgements.models import Finding, Weakness

    criteria = known["criteria"]
    here = Assessment.objects.get(pk=known["assessment"])
    write, item = str(uuid4()), str(uuid4())
    note = {
        "what": "note", "kind": "document", "origin": "landlord", "confidentiality": "internal",
        "text": "Words.",
    }  # fmt: skip

    def base(**body: Any) -> dict[str, Any]:
        return {"base_version": "0", "write_id": str(uuid4()), **body}

    def rating(n: int, criterion: str, **more: Any) -> Request:
        return f"rate/{criterion}", base(**{"position": "", "reason": f"By {n}."} | more)

    found = {
        "different criteria": together(lambda n: rating(n, criteria[n])),
        "one criterion": together(lambda n: rating(n, criteria[30])),
        "one criterion again": together(
            lambda n: rating(n, criteria[30], base_version="1", reason=f"Again by {n}.")
        ),
        "one write": together(
            lambda n: (f"rate/{criteria[31]}", base(position="", reason="One.", write_id=write))
        ),
        "one answer": together(lambda n: (f"answer/{RATED}/Q1", base(text=f"By {n}."))),
        "one context": together(lambda n: ("context/save", base(stock=f"By {n}."))),
        "one judgement": together(
            lambda n: (f"judge/provisional/{JUDGED}", base(grade="good", reasons=f"By {n}."))
        ),
        "one comment": together(
            lambda n: (f"comment/{RATED}/" + criteria_of(criteria, RATED), {
                "kind": "unclear", "text": "What?", "write_id": item,
            }),
            one=True,
        ),
        "notes": together(
            lambda n: ("evidence/add", note | {"title": f"By {n}", "item_id": str(uuid4())})
        ),
        "one note": together(
            lambda n: ("evidence/add", note | {"title": "Once", "item_id": item}), one=True
        ),
        "one finding": together(
            lambda n: (f"findings/add/{RATED}", base(
                kind="area for improvement", text="Late.", priority="high", write_id=item,
            ))
        ),
    }  # fmt: skip
    finding = Finding.objects.get()
    found["one take-over"] = together(lambda n: (f"weaknesses/take/{finding.pk}", {}))
    weakness = Weakness.objects.get()
    found["one weakness"] = together(
        lambda n: (f"weaknesses/{weakness.pk}", base(text=f"By {n}.", base_version="1"))
    )
    found["one removal"] = together(lambda n: (f"weaknesses/{weakness.pk}/remove", {}))
    found["cites"] = together(lambda n: (f"cites/{RATED}/Q1", {"cites": [item]}))

    # Ratings, links, edits and deletions of the same few things, in every order.
    items = [
        evidence.add_note(assessment=here, details=Details(title=f"M{n}", text="x"), by=None)
        for n in range(3)
    ]
    few = criteria[40:44]

    def mixed(n: int) -> Request:
        one, criterion = items[n % 3], few[n % 4]
        kind = n % 5
        if kind == 0:
            return rating(n, criterion)
        if kind == 4:
            return f"evidence/{one.pk}/edit", note | {
                "title": f"M by {n}", "kind": ("data", "testimony")[n % 2],
                "base_version": str(one.version),
            }  # fmt: skip
        return f"evidence/for/{criterion}", {
            "what": "existing",
            "items": [str(i.pk) for i in (items if n % 2 else reversed(items))],
            "direction-upper-1": "shows this",
            "direction-lower-1": "shows this",
        }

    found["mixed"] = together(mixed)
    # As if everybody had read what stands now, and began anew elsewhere.
    for turn in range(1, WAVES):
        few = criteria[40 + 4 * turn : 44 + 4 * turn]
        items = list(EvidenceItem.objects.filter(title__startswith="M").order_by("number"))
        found["mixed"] += together(mixed)
    return found


def criteria_of(criteria: list[str], theme: str) -> str:
    """The key of the first criterion of a theme."""
    return next(c for c in criteria if c.startswith(f"{theme}/")).rpartition("/")[2]


def afterwards(known: dict[str, Any]) -> dict[str, Any]:
    """What stands in the database, for the test to hold against the answers."""
    from kloe.web.assessments import states
    from kloe.web.assessments.models import (
        Assessment,
        CriterionState,
        FrameworkComment,
        Rating,
        Revision,
    )
    from kloe.web.audit.models import AuditEvent
    from kloe.web.evidence.models import EvidenceItem
    from kloe.web.judgements.models import Finding, Weakness

    here = Assessment.objects.get(pk=known["assessment"])
    fields = ("criterion", *states.FIELDS)

    def kept() -> list[Any]:
        return sorted(CriterionState.objects.values_list(*fields))

    before = kept()
    CriterionState.objects.all().delete()
    states.rebuild(here)
    numbers = list(EvidenceItem.objects.values_list("number", flat=True))
    versions: dict[str, list[int]] = {}
    for kind, subject, version in Revision.objects.order_by("id").values_list(
        "subject_kind", "subject", "version"
    ):
        versions.setdefault(f"{kind} {subject}", []).append(version)
    return {
        "states": [s for s in before if s not in kept()] + [s for s in kept() if s not in before],
        "numbers": len(numbers) == len(set(numbers)) and max(numbers) == len(numbers),
        "notes": EvidenceItem.objects.filter(title__startswith="By").count(),
        "once": EvidenceItem.objects.filter(title="Once").count(),
        "comments": FrameworkComment.objects.count(),
        "findings": Finding.objects.count(),
        "weaknesses": Weakness.objects.count(),
        "gapless": all(v == list(range(v[0], v[0] + len(v))) for v in versions.values()),
        "ratings": Rating.objects.count(),
        "rated": AuditEvent.objects.filter(verb="rated").count(),
        "revisions": Revision.objects.filter(subject_kind="rating").count(),
        "taken": AuditEvent.objects.filter(verb="took over weakness").count(),
        "removed": AuditEvent.objects.filter(verb="removed weakness").count(),
    }


def main(data: str) -> None:
    """Make the ground, save together, tell."""
    boot.start(Path(data))
    from django.conf import settings
    from django.db import connections

    settings.ALLOWED_HOSTS = ["testserver"]
    logging.getLogger("django.request").setLevel(logging.ERROR)
    known = ground()
    connections.close_all()
    together = Together(known)
    found = rounds(known, together)
    together.close()
    said = {name: {str(k): n for k, n in counts.items()} for name, counts in found.items()}
    print(json.dumps({"answers": said, "after": afterwards(known)}))


if __name__ == "__main__":
    main(sys.argv[1])
