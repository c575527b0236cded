"""What a reader rates for themselves is found nowhere by anybody else before it is open.

Every page and file is fetched twice by each person: once with one set of ratings by the others,
once with another set. Whatever tells of them differs between the two, or holds their words.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from readings_ground import THEME, Readers
from test_access_matrix import something_real

from access_matrix import MATRIX, PUBLIC
from kloe.assessment.permissions import Role
from kloe.web.accounts.routes import BY_NAME as FOREIGN
from kloe.web.assessments.models import Rating, Revision
from kloe.web.audit.models import AuditEvent

WORDS = {"one": "Quagmire-of-ledgers", "other": "Zephyr-of-statements"}
#: What differs from one request to the next and tells of nobody's rating: tokens and identifiers
#: made anew, times, digests, and how often somebody has saved.
_CHANGING = re.compile(
    r'csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"|nonce="[^"]+"'
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b\d{1,2}:\d{2}(:\d{2})?\b"
    r"|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:[\d.]+(Z|\+[\d:]+)?|DTSTAMP:\S+|\b[0-9a-f]{12,64}…?"
)


@pytest.fixture
def everything(
    db: None, assessment: Any, org: Any, lead: Any, user_with: Any, pinned: Any
) -> tuple[Readers, dict[str, list[Any]]]:
    """Something real for every route, in an inspection with a theme that is read by two."""
    from inspection_ground import Ground

    from kloe.web.inspections import enquiry, team
    from kloe.web.inspections.models import Inspection

    arguments = something_real(assessment, org, lead, user_with("reader", org), pinned)
    inspection = Inspection.objects.select_related("assessment").get(assessment=assessment)
    people = {}
    for role in (Role.LEAD_INSPECTOR, Role.INSPECTOR, Role.MODERATOR, Role.OBSERVER):
        people[role] = user_with()
        team.join(inspection=inspection, person=people[role], role=role.value, by=lead)
    second, third = user_with(), user_with()
    for who in (second, third):
        team.join(inspection=inspection, person=who, role="inspector", by=lead)
    enquiry.assign(
        assessment=assessment, theme=THEME, lead=people[Role.INSPECTOR], second=second, due=None,
        by=lead,
    )  # fmt: skip
    ground = Ground(org, org, lead, lead, assessment, inspection, people)
    readers = Readers(
        ground, pinned, pinned.theme(THEME), people[Role.INSPECTOR], second, third,
        people[Role.LEAD_INSPECTOR],
    )  # fmt: skip
    return readers, arguments


def say(readers: Readers, which: str) -> None:
    """The lead and a third reader rate every criterion: differently by ``which``."""
    for n, criterion in enumerate(readers.theme.criteria):
        for who in (readers.lead, readers.third):
            standing = Rating.objects.filter(criterion=criterion.id, author=who).first()
            step = 0 if which == "one" else -1
            position = readers.placing(n, step)
            base = standing.version if standing else 0
            readers.rate(who, n, position, f"{WORDS[which]} {n}", base=base)


def text_of(body: bytes) -> str:
    """What a page or a file says; of a workbook, what is packed in it."""
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return "\n".join(text_of(packed.read(name)) for name in sorted(packed.namelist()))


def pages(client: Any, arguments: dict[str, list[Any]]) -> dict[str, str]:
    """The whole text of every route that is read, by its name."""
    found = {}
    for name, (rule, methods) in MATRIX.items():
        if "GET" not in methods or name in FOREIGN or rule == PUBLIC:
            continue
        address = reverse(name, args=arguments[name])
        for query in ("", "?q=Quagmire", "?subject=upper", "?kind=rating&verb=rated"):
            if query and not name.startswith(("audit", "evidence-search", "organisation-search")):
                continue
            answer = client.get(address + query)
            assert answer.status_code < 500, (name, answer.status_code)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            found[name + query] = _CHANGING.sub("·", text_of(body))
    return found


def test_no_page_tells_what_others_rated_for_themselves(
    everything: tuple[Readers, dict[str, list[Any]]], client_of: Any
) -> None:
    from kloe.web.readings import asking

    readers, arguments = everything
    asking.draw(
        assessment=readers.assessment, pinned=readers.pinned, share=100, by=readers.chief, seed="x"
    )
    asking.ask(
        assessment=readers.assessment, pinned=readers.pinned,
        wanted={readers.theme.criteria[0].id: readers.third.pk}, by=readers.chief,
    )  # fmt: skip
    clients = {
        "the second reader": client_of(readers.second),
        # Leads the organisation, and so may do all that the lead inspector may, and more.
        "the owner": client_of(readers.ground.chief),
    }
    say(readers, "one")
    say(readers, "other")
    before = {who: pages(client, arguments) for who, client in clients.items()}
    say(readers, "one")
    for who, client in clients.items():
        after = pages(client, arguments)
        for name, text in [*before[who].items(), *after.items()]:
            said = text.replace("?q=Quagmire", "")
            assert not any(words in said for words in WORDS.values()), (who, name)
        changed = {n for n in after if before[who][n] != after[n]}
        # The trail grows with each save; what it says of one is tested below.
        assert {n for n in changed if not n.startswith("audit-")} == set(), who
    # The test can fail: once the theme is open the same words are found.
    readers.opened()
    opened = clients["the second reader"].get(reverse("reading", args=arguments["reading"]))
    assert WORDS["one"] in opened.content.decode()


def test_the_audit_trail_and_its_search_hold_no_word_of_it(
    everything: tuple[Readers, dict[str, list[Any]]],
) -> None:
    """Neither in what is shown nor in what is kept: the trail goes into packages, too."""
    readers, _arguments = everything
    say(readers, "one")
    events = AuditEvent.objects.filter(verb="rated for themselves")
    assert events.count() == 2 * len(readers.theme.criteria)
    for event in events:
        assert event.before is None
        assert set(event.after or {}) == {"sealed"}
    kept = json.dumps(list(events.values_list("before", "after")))
    assert WORDS["one"] not in kept


def test_the_seal_binds_to_what_was_said(
    everything: tuple[Readers, dict[str, list[Any]]],
) -> None:
    """Recomputed from the history, which nobody else reads; another placing gives another."""
    from kloe.core.digest import value_digest

    readers, _arguments = everything
    readers.rate(readers.lead, 0, readers.best(0), "Seen.")
    event = AuditEvent.objects.get(verb="rated for themselves")
    row = Revision.objects.get(subject=event.subject_id)
    assert event.after == {"sealed": value_digest([str(row.write_id), row.values])}
    other = {**row.values, "position": readers.placing(0, 1)}
    assert event.after != {"sealed": value_digest([str(row.write_id), other])}
    assert event.after != {"sealed": value_digest([str(uuid4()), row.values])}


def test_a_report_made_meanwhile_holds_nothing_of_it(
    everything: tuple[Readers, dict[str, list[Any]]],
) -> None:
    from kloe.web.reporting import snapshot

    readers, _arguments = everything
    say(readers, "one")
    taken = json.dumps(snapshot.take(readers.assessment).to_json(), default=str)
    assert WORDS["one"] not in taken


def test_no_reader_takes_the_others_words_away_in_a_file(
    everything: tuple[Readers, dict[str, list[Any]]], tmp_path: Any
) -> None:
    """Whoever reads a closed theme exports nothing that holds what the others rated."""
    from kloe.core.errors import Conflict
    from kloe.web.moving import packing
    from kloe.web.readings import sealed

    readers, _arguments = everything
    readers.rate(readers.lead, 0, readers.best(0), WORDS["one"])
    with pytest.raises(Conflict, match=r"1\.2/3"):
        packing.export(
            assessment=readers.assessment, output=tmp_path / "taken.zip", by=readers.second
        )
    assert not list(tmp_path.iterdir())
    # Who rated alone would learn nothing; nor does anybody else read it unseen.
    for who in (readers.lead, readers.chief, None):
        sealed.check_taking_away(readers.assessment, who)
    assert not sealed.told(readers.assessment).exists()
    readers.opened()
    sealed.check_taking_away(readers.assessment, readers.second)
    assert sealed.told(readers.assessment).get().reason == WORDS["one"]
