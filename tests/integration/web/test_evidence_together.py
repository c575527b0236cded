"""Many people adding and deleting at the same moment, on a database file they share."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WORK = '''
import sys, threading
from pathlib import Path
from kloe.web import boot
boot.start(Path(sys.argv[1]))
from django.db import connection
from evidence_ground import make_small_assessment
from kloe.web.accounts.models import User
from kloe.web.evidence import actions, storage
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem, StoredFile
from kloe.web.organisations.models import Organisation

org = Organisation.objects.create(name="Tai Enghraifft")
lead = User.objects.create_user("lead@example.org", "a long password")
assessment = make_small_assessment(org, lead)
faults = []

def work(n):
    try:
        for turn in range(6):
            received = storage.receive([b"the same minutes"])
            item = actions.add_file(assessment=assessment, received=received,
                                    file_name="minutes.txt", details=Details(title=f"{n}"), by=lead)
            if turn % 2:
                actions.delete(item=item, reason="twice", by=lead)
            elif not storage.has_bytes(StoredFile.objects.get(pk=item.file_id)):
                faults.append(f"E{item.number} lost its bytes")
    except Exception as error:
        faults.append(repr(error))
    finally:
        connection.close()

threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads: t.start()
for t in threads: t.join()
assert not faults, faults
numbers = list(EvidenceItem.objects.order_by("number").values_list("number", flat=True))
assert numbers == list(range(1, 25)), numbers
assert StoredFile.objects.count() == 1
for item in EvidenceItem.objects.filter(deleted_at=None):
    actions.delete(item=item, reason="done", by=lead)
assert not [p for p in Path(sys.argv[1], "files").rglob("*") if p.is_file()]
assert not list(Path(sys.argv[1], "tmp").glob("evidence-*"))
print("well")
'''  # fmt: skip


@pytest.mark.slow
def test_numbers_and_bytes_hold_when_many_write_at_once(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("KLOE_", "DJANGO_"))}
    env["PYTHONPATH"] = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(tmp_path)],
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout.strip().endswith("well"), done.stdout + done.stderr
