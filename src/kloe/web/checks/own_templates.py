"""Templates of an organisation: its own copies, in versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kloe.assessment.checks import templates
from kloe.assessment.checks.templates import Template
from kloe.core.errors import Conflict, NotFound
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.audit.actions import record
from kloe.web.checks.actions import keep_template
from kloe.web.checks.models import CheckTemplate
from kloe.web.organisations.models import Organisation


def latest(organisation: UUID) -> dict[str, CheckTemplate]:
    """The newest version of each template of an organisation, by key."""
    found: dict[str, CheckTemplate] = {}
    rows = CheckTemplate.objects.filter(organisation=organisation).order_by("key", "-version")
    for row in rows.select_related("by"):
        found.setdefault(row.key, row)
    return found


def offered(organisation: UUID) -> list[Template | CheckTemplate]:
    """What a check may be made from, by title: an organisation's own stand for the package's."""
    own = latest(organisation)
    shipped = [t for t in templates.shipped() if t.id not in own]
    return sorted([*own.values(), *shipped], key=lambda t: t.title.casefold())


def row_for(organisation: UUID, key: str) -> CheckTemplate:
    """The version to make a check from: the organisation's own, else the package's.

    :raises NotFound: where there is none of this name.
    """
    own = latest(organisation).get(key)
    return own if own is not None else keep_template(templates.template(key))


def current(organisation: UUID, key: str) -> tuple[Template, CheckTemplate | None]:
    """A template as this organisation uses it, and its own row where it has one.

    :raises NotFound: where there is none of this name.
    """
    own = latest(organisation).get(key)
    if own is None:
        return templates.template(key), None
    return templates.from_mapping(own.content, built=True), own


def versions(organisation: UUID, key: str) -> list[CheckTemplate]:
    """All versions of an organisation's template, newest first."""
    return list(
        CheckTemplate.objects.filter(organisation=organisation, key=key)
        .select_related("by")
        .order_by("-version")
    )


def save(
    *,
    organisation: Organisation,
    key: str,
    content: Mapping[str, Any],
    base_version: int,
    by: User,
) -> CheckTemplate:
    """Save a template as the organisation's next version of it.

    :param base_version: the organisation's version it was changed from; 0 for the package's.
    :raises TemplateFaults: with everything that is wrong in it.
    :raises Conflict: where somebody saved a version meanwhile.
    """
    own = latest(organisation.pk).get(key)
    version = own.version if own else 0
    made = templates.from_mapping({**content, "id": key, "version": version + 1})
    if own is not None and own.digest == made.digest:
        return own
    if version != base_version:
        raise Conflict(
            _("Somebody saved version %(n)d of this template meanwhile.", n=version),
            _("Yours was made from version %(n)d.", n=base_version),
            _("Look at theirs in another tab, then save yours again over it."),
        )
    based_on = own.based_on if own else ""
    if not based_on and key in {t.id for t in templates.shipped()}:
        based_on = f"{key} {templates.template(key).version}"
    try:
        with transaction.atomic():
            row = CheckTemplate.objects.create(
                organisation=organisation,
                key=key,
                version=version + 1,
                kind=made.kind,
                title=made.title,
                content=made.as_dict(),
                digest=made.digest,
                based_on=based_on,
                by=by,
            )
            record(
                by=by,
                verb="saved template",
                subject_kind="template",
                subject_id=key,
                organisation_id=organisation.pk,
                before={"version": version} if version else None,
                after={"title": made.title, "version": row.version, "items": len(made.items)},
            )
    except IntegrityError:
        raise Conflict(
            _("Somebody saved this template at the same moment."),
            "",
            _("Load the page again; what you typed is kept in the browser."),
        ) from None
    return row


def new_key(organisation: UUID, title: str) -> str:
    """A name for a new template, from its title, that no other has."""
    taken = {*latest(organisation), *(t.id for t in templates.shipped())}
    base = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "check"
    key, n = base, 2
    while key in taken:
        key, n = f"{base}-{n}", n + 1
    return key


def version_of(organisation: UUID, key: str, version: int) -> CheckTemplate:
    """:raises NotFound: where the organisation has no such version."""
    row = CheckTemplate.objects.filter(organisation=organisation, key=key, version=version).first()
    if row is None:
        raise NotFound(
            _("There is no version %(n)d of this template.", n=version),
            "",
            _("Choose one of the list."),
        )
    return row
