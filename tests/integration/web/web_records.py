"""Ground for the tests of records on the web: files to send, and hands to send them with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from kloe.web.jobs.worker import run_waiting
from kloe.web.records import storage
from kloe.web.records.models import RecordDraft

AS_AT = "2026-03-31"
HOMES = "property_ref,property_type,bedrooms,build_year\n" + "".join(
    f"P{n},{('house', 'flat', 'bungalow')[n % 3]},{n % 4 + 1},{1950 + n}\n" for n in range(1, 61)
)
TENANCIES = "tenancy_ref,property_ref,tenure,start_on,end_on\n" + "".join(
    f"T{n},P{n},secure,20{10 + n % 15}-0{n % 9 + 1}-10,\n" for n in range(1, 61)
)


def file(name: str, content: str | bytes) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


@dataclass
class Records:
    """An organisation, and somebody who brings records in."""

    org: Any
    client: Any

    def url(self, name: str, *more: Any) -> str:
        return reverse(name, args=[self.org.pk, *more])

    def send(self, *files: SimpleUploadedFile, **more: Any) -> Any:
        return self.client.post(
            self.url("records-add"), {"as_at": AS_AT, "upload": list(files), **more}
        )

    def draft(self) -> RecordDraft:
        """The extract sent last."""
        return RecordDraft.objects.order_by("-created_at")[0]

    def sent(self, **files: str | bytes) -> RecordDraft:
        """An extract sent, with a mapping proposed."""
        given = files or {"homes": HOMES, "tenancies": TENANCIES}
        answer = self.send(*(file(f"{name}.csv", words) for name, words in given.items()))
        assert answer.status_code == 303, answer.content.decode()
        run_waiting()
        return self.draft()

    def page(self, draft: RecordDraft, status: int = 200) -> str:
        answer = self.client.get(self.url("records-draft", draft.pk))
        assert answer.status_code == status
        return str(answer.content.decode())

    def check(self, draft: RecordDraft, **more: Any) -> RecordDraft:
        """Checked, the work done."""
        values = {"as_at": AS_AT, "most_rejects": 10, **more}
        answer = self.client.post(self.url("records-check", draft.pk), values)
        assert answer.status_code == 303, answer.content.decode()
        run_waiting()
        draft.refresh_from_db()
        return draft

    def load(self, draft: RecordDraft) -> RecordDraft:
        """Loaded, the work done."""
        answer = self.client.post(
            self.url("records-load", draft.pk), {"base_version": draft.version}
        )
        assert answer.status_code == 303, answer.content.decode()
        run_waiting()
        draft.refresh_from_db()
        return draft

    def loaded(self, **files: str | bytes) -> RecordDraft:
        """Sent, checked and loaded."""
        return self.load(self.check(self.sent(**files)))

    def upload_mapping(self, draft: RecordDraft, words: str | bytes, version: int) -> Any:
        return self.client.post(
            self.url("records-mapping-upload", draft.pk),
            {"mapping": file("m.yaml", words), "base_version": version},
        )

    @staticmethod
    def files(draft: RecordDraft) -> list[str]:
        place = storage.files_of(draft.pk)
        return sorted(p.name for p in place.iterdir()) if place.is_dir() else []


@pytest.fixture
def ground(org: Any, lead: Any, client_of: Any, monkeypatch: pytest.MonkeyPatch) -> Records:
    # A test is one transaction: what waits for its end is done at once.
    monkeypatch.setattr(transaction, "on_commit", lambda then, **_more: then())
    return Records(org, client_of(lead))
