"""Handing out the package of a published version."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from django.db import transaction

from kloe.core.digest import CHUNK
from kloe.core.disk import room
from kloe.core.errors import EnvironmentFault, VerificationFailed
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.inspections.actions import trace
from kloe.web.publication import files, queries
from kloe.web.publication.models import Publication


def copy_package(
    assessment: Assessment, *, edition: str, number: int | None, output: Path, by: User | None
) -> Publication:
    """Copy the package of a version to a file, which is there whole or not at all.

    :raises NotFound: if nothing, or no such version, is published.
    :raises EnvironmentFault: if it cannot be written there.
    :raises VerificationFailed: if the package kept here is not what was published.
    """
    row = queries.of_version(assessment, number)
    kept = queries.file_of(assessment.pk, row.number, edition, files.PACKAGE_NAME)
    if not output.parent.is_dir() or output.is_dir():
        raise EnvironmentFault(
            _("There is no folder for the package %(path)s.", path=output),
            _("--output names a file in a folder that exists."),
            _("Make the folder, or give another path."),
        )
    part = output.with_name(f".{output.name}.{secrets.token_hex(4)}.part")
    h = hashlib.sha256()
    try:
        with room(), files.path_of(kept).open("rb") as source, part.open("xb") as target:
            while chunk := source.read(CHUNK):
                h.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        if h.hexdigest() != kept.sha256:
            raise VerificationFailed(
                _("The package of version %(n)d kept here was changed.", n=row.number),
                _("Its digest stands in the database: %(digest)s.", digest=kept.sha256[:16]),
                _("Put the data directory back from a backup."),
            )
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
    with transaction.atomic():
        trace(
            assessment, by, "took package", kind="publication", subject=row.pk,
            after={"version": row.number, "edition": edition},
        )  # fmt: skip
    return row
