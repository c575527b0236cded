"""Bringing extracts in, and going back. Whether the person may do it is settled by the view.

A draft is changed under its row's lock and only while no work runs on it; a mapping is changed
only from the version the person saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from kloe.core.digest import sha256_hex
from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import _
from kloe.records.mapping import parse_mapping
from kloe.web.accounts.models import User
from kloe.web.audit.actions import record
from kloe.web.evidence.uploads import Upload
from kloe.web.ids import new_id
from kloe.web.indicators.holdings import shelf_of
from kloe.web.jobs import actions as jobs
from kloe.web.jobs.models import Job
from kloe.web.organisations.models import Organisation
from kloe.web.records import storage
from kloe.web.records.models import RecordDraft

State = RecordDraft.State
PROPOSE, CHECK, LOAD = "propose-mapping", "check-records", "load-records"


class ChangedMeanwhile(Conflict):
    """Somebody saved the mapping first; ``current`` is the draft as it is now."""

    def __init__(self, current: RecordDraft) -> None:
        super().__init__(
            _("Somebody else changed the mapping while you were at it."),
            _("Nothing was overwritten."),
            _("Look at what it says now, and save again what should stand."),
        )
        self.current = current


def named(by: User | None) -> str:
    """Who did something, as the history of loads keeps it."""
    return (by.name or by.email) if by else "kloe"


def _trace(
    verb: str,
    draft: RecordDraft,
    by: User | None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    request_id: str = "",
) -> None:
    record(
        by=by,
        verb=verb,
        subject_kind="extract",
        subject_id=draft.pk,
        organisation_id=draft.organisation_id,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        request_id=request_id,
    )


def locked(pk: UUID, *, idle: bool = True) -> RecordDraft:
    """A draft that can still be changed, held until the transaction ends.

    :raises Conflict: if it was loaded or discarded, or work runs on it.
    """
    RecordDraft.objects.select_for_update().filter(pk=pk).values_list("pk").first()
    draft = RecordDraft.objects.select_related("job", "organisation").get(pk=pk)
    if draft.state != State.OPEN:
        raise Conflict(
            _("This extract was loaded or discarded already."),
            _("Its files are not kept any more."),
            _("Bring the files in anew."),
        )
    if idle and draft.busy:
        raise Conflict(
            _("Work on this extract is under way."),
            _("Nothing is changed meanwhile."),
            _("Wait until it is done, or cancel it."),
        )
    return draft


# Sending


def send(
    *,
    organisation: Organisation,
    by: User,
    uploads: Sequence[Upload],
    as_at: date | None = None,
    without_personal: bool = False,
    id: UUID | None = None,
    request_id: str = "",
) -> RecordDraft:
    """Keep files that came in as an extract, and have a mapping proposed for them.

    :param id: made by the form; the same form sent twice makes one extract.
    :raises InvalidInput: where they are too many or too large together.
    """
    storage.check_total(uploads)
    pk = id or new_id()
    earlier = RecordDraft.objects.filter(pk=pk).first()
    if earlier is not None:
        if earlier.organisation_id == organisation.pk and earlier.state == State.OPEN:
            return earlier
        pk = new_id()
    try:
        kept = storage.keep(pk, uploads)
    except FileExistsError as error:
        raise Conflict(
            _("This form is just being sent a second time."),
            _("The files of the first sending are kept."),
            _("Go back to the records: the extract waits there."),
        ) from error
    try:
        with transaction.atomic():
            draft = RecordDraft.objects.create(
                id=pk,
                organisation=organisation,
                by=by,
                files=kept,
                as_at=as_at,
                without_personal=without_personal,
            )
            _trace("sent extract", draft, by, after={"files": kept}, request_id=request_id)
            enqueue(draft, PROPOSE, by, request_id)
    except BaseException:
        storage.remove(pk)
        raise
    return draft


def enqueue(draft: RecordDraft, kind: str, by: User | None, request_id: str, **more: Any) -> Job:
    """Have something done with a draft that is locked; ``more`` is what the work has to know."""
    draft.job = jobs.enqueue(
        kind=kind,
        by=by,
        organisation=draft.organisation,
        payload={"draft": str(draft.pk), **more},
        request_id=request_id,
    )
    draft.save(update_fields=["job"])
    return draft.job


def propose_again(*, draft: RecordDraft, by: User, request_id: str = "") -> Job:
    """Have a mapping proposed anew; the one there stays until it is."""
    with transaction.atomic():
        return enqueue(locked(draft.pk), PROPOSE, by, request_id)


def cancel(*, draft: RecordDraft, by: User, request_id: str = "") -> None:
    """Stop the work on a draft, whoever started it.

    :raises Conflict: if it has ended already.
    """
    if draft.job is not None:
        jobs.cancel(job=draft.job, by=by, request_id=request_id)


# The mapping


def proposed(
    *, draft: RecordDraft, by: User | None, mapping: str, proposal: Mapping[str, Any]
) -> RecordDraft:
    """Keep what was proposed."""
    with transaction.atomic():
        draft = locked(draft.pk, idle=False)
        before = draft.version
        draft.proposal = dict(proposal)
        draft.mapping = mapping
        draft.version += 1
        draft.checked = {}
        draft.save(update_fields=["proposal", "mapping", "version", "checked"])
        _trace(
            "proposed mapping",
            draft,
            by,
            before={"version": before},
            after={"version": draft.version, "sha256": sha256_hex(mapping.encode())},
        )
        return draft


def change_mapping(
    *,
    draft: RecordDraft,
    by: User | None,
    mapping: str,
    base_version: int,
    proposal: Mapping[str, Any] | None = None,
    told: Mapping[str, Any] | None = None,
    idle: bool = True,
    request_id: str = "",
) -> RecordDraft:
    """Put another mapping in place of the one somebody saw.

    :param proposal: what was seen of the files meanwhile, where that is more than before.
    :param told: what the trace says besides.
    :param idle: refuse while work runs; the work itself changes it with False.
    :raises InvalidInput: where it is none; naming the line.
    :raises ChangedMeanwhile: if it is not at ``base_version`` any more.
    """
    parse_mapping(mapping)
    with transaction.atomic():
        draft = locked(draft.pk, idle=idle)
        if draft.version != base_version:
            raise ChangedMeanwhile(draft)
        if proposal is not None and draft.proposal != proposal:
            draft.proposal = dict(proposal)
            draft.save(update_fields=["proposal"])
        if mapping == draft.mapping:
            return draft
        before = {"version": draft.version, "sha256": sha256_hex(draft.mapping.encode())}
        draft.mapping = mapping
        draft.version += 1
        draft.checked = {}
        draft.save(update_fields=["mapping", "version", "checked"])
        _trace(
            "changed mapping",
            draft,
            by,
            before=before,
            after={
                "version": draft.version,
                "sha256": sha256_hex(mapping.encode()),
                **(told or {}),
            },
            request_id=request_id,
        )
        return draft


# Checking and loading


def decide(
    *,
    draft: RecordDraft,
    by: User,
    as_at: date,
    without_personal: bool,
    most_rejects: int,
    request_id: str = "",
) -> RecordDraft:
    """Say of which day the extract is, and what of it is taken."""
    values: dict[str, Any] = {
        "as_at": as_at,
        "without_personal": without_personal,
        "most_rejects": most_rejects,
    }
    with transaction.atomic():
        draft = locked(draft.pk)
        before = {k: getattr(draft, k) for k in values if getattr(draft, k) != values[k]}
        if not before:
            return draft
        for name in before:
            setattr(draft, name, values[name])
        draft.checked = {}
        draft.save(update_fields=[*before, "checked"])
        plain = {k: v if not isinstance(v, date) else v.isoformat() for k, v in before.items()}
        after = {k: v if not isinstance(v, date) else v.isoformat() for k, v in values.items()}
        _trace(
            "decided extract",
            draft,
            by,
            before=plain,
            after={k: after[k] for k in before},
            request_id=request_id,
        )
        return draft


def _ready(draft: RecordDraft) -> None:
    if not draft.mapping or draft.as_at is None:
        raise InvalidInput(
            _("There is no mapping yet.")
            if not draft.mapping
            else _("It is not said of which day the records are."),
            _("A check reads the files as a mapping says, for the day of the extract."),
            _("Upload a mapping, or give the day."),
        )


def check(*, draft: RecordDraft, by: User, request_id: str = "") -> Job:
    """Have the extract read with every rule, loading nothing.

    :raises InvalidInput: where the mapping or the day is missing.
    """
    with transaction.atomic():
        draft = locked(draft.pk)
        _ready(draft)
        return enqueue(draft, CHECK, by, request_id)


def checked(*, draft: RecordDraft, by: User | None, version: int, found: dict[str, Any]) -> None:
    """Keep what a check found of a version of the mapping."""
    with transaction.atomic():
        draft = locked(draft.pk, idle=False)
        draft.checked = {**found, "version": version}
        draft.save(update_fields=["checked"])
        after: dict[str, Any] = {"version": version, "refused": "refusal" in found}
        after |= {k: found[k] for k in ("rows", "rejects") if k in found}
        _trace("checked extract", draft, by, after=after)


def load(*, draft: RecordDraft, by: User, base_version: int, request_id: str = "") -> Job:
    """Have the extract loaded that somebody has seen checked.

    :raises ChangedMeanwhile: if the mapping was changed since.
    :raises Conflict: if it was not checked as it is, or the check refused it.
    """
    with transaction.atomic():
        draft = locked(draft.pk)
        _ready(draft)
        if draft.version != base_version:
            raise ChangedMeanwhile(draft)
        if draft.checked.get("version") != draft.version or draft.checked.get("refusal"):
            raise Conflict(
                _("The extract was not checked as it is now, or the check refuses it."),
                _("Only what a check has passed is loaded."),
                _("Check it, and look at what was found."),
            )
        return enqueue(draft, LOAD, by, request_id)


def again(*, job: Job, by: User | None, request_id: str = "") -> Job:
    """Begin work on an extract again that failed, as it is now.

    :raises Conflict: if other work was done on it since, or its mapping was changed.
    """
    with transaction.atomic():
        draft = locked(job.payload["draft"])
        same = draft.job_id == job.pk and (
            "version" not in job.payload or draft.version == job.payload["version"]
        )
        if job.kind == LOAD and draft.checked.get("version") != draft.version:
            same = False
        if not same:
            raise Conflict(
                _("The extract was changed since."),
                _("Work is begun again as it was, or not at all."),
                _("Go to the extract, and go on from what it says now."),
            )
        more = {k: v for k, v in job.payload.items() if k != "draft"}
        return enqueue(draft, job.kind, by, request_id, **more)


def loaded(
    *, draft: RecordDraft, by: User | None, mapping: str, result: dict[str, Any]
) -> RecordDraft:
    """Keep what came of loading; the files and the samples taken from them go.

    :param mapping: the mapping without the samples its comments may hold.
    """
    with transaction.atomic():
        draft = locked(draft.pk, idle=False)
        draft.state = State.LOADED
        # By the shape of the files a later extract finds this mapping again.
        draft.loaded = {**result, "shape": draft.proposal.get("shape", "")}
        draft.mapping = mapping
        draft.proposal = {}
        draft.checked = {}
        draft.save(update_fields=["state", "loaded", "mapping", "proposal", "checked"])
        _trace("loaded records", draft, by, after=result)
        transaction.on_commit(partial(storage.remove, draft.pk))
        return draft


def discard(*, draft: RecordDraft, by: User | None, request_id: str = "") -> None:
    """Forget an extract: its files, its mapping and what was seen of it.

    :raises Conflict: if work on it is under way, or it was loaded already.
    """
    with transaction.atomic():
        draft = locked(draft.pk)
        names = [f["name"] for f in draft.files]
        draft.state = State.DISCARDED
        draft.mapping, draft.proposal, draft.checked = "", {}, {}
        draft.save(update_fields=["state", "mapping", "proposal", "checked"])
        _trace("discarded extract", draft, by, before={"files": names}, request_id=request_id)
        transaction.on_commit(partial(storage.remove, draft.pk))


# Going back


def undo(*, organisation: Organisation, by: User, version: str, request_id: str = "") -> str | None:
    """Go back to the version before; gives its identifier.

    :param version: the version to be undone, as the person saw it.
    :raises Conflict: if another is in use by now, or the one before is no longer kept.
    :raises NotFound: if there are no records.
    """
    with transaction.atomic():
        before = shelf_of(organisation).undo(named(by), version=version)
        record(
            by=by,
            verb="undid load",
            subject_kind="records",
            subject_id=version,
            organisation_id=organisation.pk,
            before={"version": version},
            after={"version": before},
            request_id=request_id,
        )
    return before
