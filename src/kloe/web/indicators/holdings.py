"""Where an organisation's records lie.

Under its own identifier, which nobody can choose: a landlord's code can be typed in by an
administrator, and would open another organisation's records.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from kloe.records import application
from kloe.records.store import RecordSet
from kloe.records.versions import Shelf
from kloe.web.organisations.models import Organisation


def landlord_of(organisation: Organisation | UUID) -> str:
    """The name under which records of an organisation are loaded."""
    return str(organisation if isinstance(organisation, UUID) else organisation.pk)


def shelf_of(organisation: Organisation | UUID) -> Shelf:
    """Where the records of an organisation lie, whether or not there are any."""
    return Shelf(settings.DATA_DIR, landlord_of(organisation))


def records_of(organisation: Organisation | UUID) -> RecordSet | None:
    """The records of an organisation that are in use, with what its plan published among them."""
    return application.joined(shelf_of(organisation))
