"""Documents uploaded are read in the background, and their pages found."""

from __future__ import annotations

import io
from typing import Any

import pytest

from kloe.web.documents.models import Document, DocumentPage
from kloe.web.evidence import actions, storage
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem
from kloe.web.jobs.worker import run_waiting

pytestmark = pytest.mark.django_db


def upload(assessment: Any, by: Any, content: bytes, name: str, **details: Any) -> EvidenceItem:
    """A file as evidence."""
    return actions.add_file(
        assessment=assessment,
        received=storage.receive(iter([content])),
        file_name=name,
        details=Details(**({"title": name} | details)),
        by=by,
    )


def pdf(*pages: str) -> bytes:
    """A PDF with these pages."""
    import typst

    source = "\n#pagebreak()\n".join(pages)
    return bytes(typst.compile(source.encode()))


def test_a_page_of_a_pdf_is_found(assessment: Any, lead: Any, client_of: Any) -> None:
    content = pdf("Rents are collected weekly.", "Every boiler is serviced within twelve months.")
    item = upload(assessment, lead, content, "gas.pdf")
    assert Document.objects.get(item=item).state == "waiting"
    run_waiting()
    document = Document.objects.get(item=item)
    assert (document.state, document.pages) == ("read", 2), document.reason
    assert DocumentPage.objects.filter(document=document).count() == 3
    page = client_of(lead).get(f"/assessments/{assessment.pk}/evidence/search?q=boiler")
    said = page.content.decode()
    assert page.status_code == 200
    assert "Page 2" in said
    assert "<mark>boiler</mark>" in said
