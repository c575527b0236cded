"""Adding evidence, changing it, and saying what it shows.

Every action leaves an audit event and, where it touches what a criterion rests on, brings that
criterion's state up to date in the same transaction. Whether the person may do it is settled by
the view.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kloe.assessment.challenges import Counts
from kloe.assessment.vocabulary import Direction, Origin
from kloe.core.errors import Conflict, InvalidInput
from kloe.core.given import within
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments import states
from kloe.web.assessments.models import Assessment
from kloe.web.documents import actions as documents
from kloe.web.evidence import checks, storage
from kloe.web.evidence.checks import Details
from kloe.web.evidence.filenames import HEAD, clean_name, sniff
from kloe.web.evidence.models import EvidenceItem, EvidenceLink, StoredFile
from kloe.web.evidence.storage import Received
from kloe.web.evidence.writing import trace
from kloe.web.ids import new_id
from kloe.web.library import store
from kloe.web.numbering import numbered

FORM = EvidenceItem.Form
#: What of an item counts when a criterion's state is made.
WEIGHED = frozenset({"kind", "origin", "period_start", "period_end"})
#: What of an item is searched as its own words.
TOLD = frozenset({"title", "source", "text", "url"})
SAID = (*Details.__dataclass_fields__, "url")


class ChangedMeanwhile(Conflict):
    """Somebody saved the item first; ``current`` is what they saved."""

    def __init__(self, current: EvidenceItem) -> None:
        super().__init__(
            _("Somebody else changed E%(n)d while you were writing.", n=current.number),
            _("Both versions are shown; nothing was overwritten."),
            _("Compare them, and save again what should stand."),
        )
        self.current = current


def _replayed(item: EvidenceItem) -> EvidenceItem | None:
    """The item an earlier sending of the same form made. Same identifier, same content."""
    earlier = EvidenceItem.objects.filter(pk=item.pk).first()
    if earlier is None:
        return None
    same = ("assessment_id", "form", "file_id", *SAID)
    if all(getattr(earlier, name) == getattr(item, name) for name in same):
        return earlier
    # The person went back and wrote something else on the same page: that is another item.
    item.pk = new_id()
    return None


def _add(item: EvidenceItem, by: User | None) -> EvidenceItem:
    earlier = _replayed(item)
    others = EvidenceItem.objects.filter(assessment=item.assessment_id)
    while earlier is None and not numbered(item, others):
        earlier = _replayed(item)
    if earlier is not None:
        return earlier
    documents.begin(item, by)
    after = {name: getattr(item, name) for name in ("form", *SAID) if getattr(item, name)}
    if item.file is not None:
        after |= {"file": item.file_name, "sha256": item.file.sha256, "size": item.file.size}
    trace("added evidence", item, by, after=after)
    return item


def _new(
    assessment: Assessment, form: str, details: Details, by: User | None, id: UUID | None
) -> EvidenceItem:
    return EvidenceItem(
        id=id or new_id(),
        organisation_id=assessment.organisation_id,
        assessment=assessment,
        form=form,
        added_by=by,
        **details.as_dict(),
    )


def add_file(
    *,
    assessment: Assessment,
    received: Received,
    file_name: str,
    details: Details,
    by: User | None,
    id: UUID | None = None,
) -> EvidenceItem:
    """Add a file that came in (see ``storage.receive``). Its bytes are stored once.

    :param id: made by the form; sent twice, the same content stands once.
    :raises InvalidInput: if the file is empty.
    """
    name = clean_name(file_name)
    if not received.size:
        received.discard()
        raise InvalidInput(
            _("The file %(name)s is empty: it has 0 bytes.", name=name),
            _("Evidence says something."),
            _("Save the document again and choose the file anew."),
        )
    with transaction.atomic():
        item = _new(assessment, FORM.FILE, details, by, id)
        item.file = storage.keep(received, assessment.organisation_id)
        item.file_name = name
        item.media_type = sniff(received.head, name)
        return _add(item, by)


def add_stored(
    *,
    assessment: Assessment,
    stored: StoredFile,
    file_name: str,
    details: Details,
    by: User | None,
    id: UUID | None = None,
) -> EvidenceItem:
    """Add a file whose bytes are kept already. Call within a transaction."""
    with storage.open_file(stored) as f:
        head = f.read(HEAD)
    item = _new(assessment, FORM.FILE, details, by, id)
    item.file, item.file_name = stored, clean_name(file_name)
    item.media_type = sniff(head, item.file_name)
    return _add(item, by)


def add_link(
    *,
    assessment: Assessment,
    url: str,
    details: Details,
    by: User | None,
    id: UUID | None = None,
) -> EvidenceItem:
    """Add something that is kept elsewhere.

    :raises InvalidInput: unless the address is ``http`` or ``https``.
    """
    address = checks.web_address(url)
    with transaction.atomic():
        item = _new(assessment, FORM.LINK, details, by, id)
        item.url = address
        return _add(item, by)


def add_note(
    *, assessment: Assessment, details: Details, by: User | None, id: UUID | None = None
) -> EvidenceItem:
    """Add what somebody saw or was told; ``details.text`` is the note.

    :raises InvalidInput: if the note is empty.
    """
    _note_says_something(details)
    with transaction.atomic():
        return _add(_new(assessment, FORM.NOTE, details, by, id), by)


def add_result(
    *, assessment: Assessment, details: Details, by: User | None, id: UUID | None = None
) -> EvidenceItem:
    """Add a published or computed result; ``details`` say of what, for when and from where."""
    with transaction.atomic():
        return _add(_new(assessment, FORM.RESULT, details, by, id), by)


def _note_says_something(details: Details) -> None:
    if not details.text:
        raise InvalidInput(
            _("The note is empty."),
            _("A note says what was seen, heard or found."),
            _("Write it, or add a file or link instead."),
        )


def _live(item_id: UUID) -> EvidenceItem:
    item = EvidenceItem.objects.select_for_update().get(pk=item_id)
    if item.deleted_at is not None:
        raise Conflict(
            _("E%(n)d was deleted.", n=item.number),
            _("Deleted evidence can be looked at, not changed."),
            _("Restore it first, or add it anew."),
        )
    return item


def _own(item: EvidenceItem) -> EvidenceItem:
    """:raises Conflict: for what came with a landlord's self-assessment, which is only read."""
    if hasattr(item, "brought"):
        raise Conflict(
            _("E%(n)d came with the landlord's self-assessment.", n=item.number),
            _("What was handed over stays as it came: it is read, linked and cited."),
            _("Add an item of your own beside it."),
        )
    return item


def edit(
    *,
    item: EvidenceItem,
    details: Details,
    by: User | None,
    base_version: int,
    url: str = "",
) -> EvidenceItem:
    """Change what is said about an item. The file of a file stays as it came.

    :raises ChangedMeanwhile: if it is not at ``base_version`` any more.
    """
    values: dict[str, Any] = details.as_dict()
    if item.form == FORM.LINK:
        values["url"] = checks.web_address(url)
    if item.form == FORM.NOTE:
        _note_says_something(details)
    with transaction.atomic():
        item = _own(_live(item.pk))
        before = {k: getattr(item, k) for k in values if getattr(item, k) != values[k]}
        if not before:
            return item
        if item.version != base_version:
            raise ChangedMeanwhile(item)
        for name in before:
            setattr(item, name, values[name])
        item.version += 1
        item.save(update_fields=[*before, "version"])
        if TOLD.intersection(before):
            documents.put_words(item)
        trace("changed evidence", item, by, before=before, after={k: values[k] for k in before})
        if WEIGHED.intersection(before):
            _refresh(item)
        return item


def _refresh(item: EvidenceItem) -> None:
    criteria = item.links.order_by().values_list("criterion", flat=True)
    states.refresh_many(item.assessment, criteria)


def delete(*, item: EvidenceItem, reason: str, by: User | None) -> EvidenceItem:
    """Delete an item, leaving its number, who deleted it and why. Its links stand still.

    The bytes of a file go when no other live item uses them.

    :raises InvalidInput: without a reason.
    """
    reason = within(reason, checks.MAX_REASON, _("reason"))
    if not reason:
        raise InvalidInput(
            _("E%(n)d was to be deleted without a reason.", n=item.number),
            _("The reason stands where the evidence stood."),
            _("Say in a few words why it should go."),
        )
    with transaction.atomic():
        item = _own(_live(item.pk))
        item.deleted_at, item.deleted_by, item.deleted_reason = timezone.now(), by, reason
        item.version += 1
        item.save(update_fields=["deleted_at", "deleted_by", "deleted_reason", "version"])
        documents.forget(item)
        trace("deleted evidence", item, by, before={"title": item.title}, after={"reason": reason})
        _refresh(item)
        if item.file_id is not None:
            transaction.on_commit(partial(storage.remove_unused, item.file_id))
    return item


def can_restore(item: EvidenceItem) -> bool:
    """Whether a deleted item can come back: a file only while its bytes are there."""
    return item.deleted_at is not None and (item.file is None or storage.has_bytes(item.file))


def restore(*, item: EvidenceItem, by: User | None) -> EvidenceItem:
    """Bring a deleted item back, with its links.

    :raises Conflict: if its bytes are not kept any more.
    """
    with transaction.atomic():
        item = EvidenceItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
        if item.deleted_at is None:
            return item
        if item.file_id is not None:
            item.file = StoredFile.objects.select_for_update().get(pk=item.file_id)
        if not can_restore(item):
            raise Conflict(
                _("The file of E%(n)d is not kept any more.", n=item.number),
                _("Bytes go when the last item using them is deleted."),
                _("Add the file again; what was said about it is still shown."),
            )
        before = {"reason": item.deleted_reason}
        item.deleted_at, item.deleted_by, item.deleted_reason = None, None, ""
        item.version += 1
        item.save(update_fields=["deleted_at", "deleted_by", "deleted_reason", "version"])
        trace("restored evidence", item, by, before=before)
        documents.begin(item, by)
        _refresh(item)
    return item


# What an item shows --------------------------------------------------------------------------


def link(
    *,
    item: EvidenceItem,
    descriptor: str,
    direction: str,
    by: User | None,
    locator: str = "",
    note: str = "",
) -> EvidenceLink:
    """Say what an item shows of a descriptor of the pinned edition. Said twice, it stands once.

    :raises NotFound: if the pinned editions have no such descriptor.
    :raises Conflict: if the item already speaks to the descriptor in another way.
    """
    framework = store.pinned(item.assessment).framework_of(descriptor)
    found = framework.descriptor(descriptor)
    said = _said(direction, locator, note)
    with transaction.atomic():
        item = _live(item.pk)
        _counts_there(item, found.criterion_id, said["direction"])
        values = {
            "assessment_id": item.assessment_id,
            "criterion": found.criterion_id,
            "theme": found.criterion_id.rpartition("/")[0],
            "side": found.side,
            "polarity": found.polarity,
            "by": by,
            **said,
        }
        made, new = EvidenceLink.objects.get_or_create(
            item=item, descriptor=found.id, defaults=values
        )
        if not new:
            if all(getattr(made, k) == v for k, v in said.items()):
                return made
            raise Conflict(
                _(
                    "E%(n)d already speaks to this statement: %(direction)s.",
                    n=item.number,
                    direction=made.direction,
                ),
                _("An item says one thing of a statement."),
                _("Change what it says there, or remove that link first."),
            )
        trace("linked evidence", item, by, after={"descriptor": found.id, **said})
        states.refresh(item.assessment, found.criterion_id)
    return made


def _counts_there(item: EvidenceItem, criterion: str, direction: str) -> None:
    """:raises Conflict: where evidence that came late would show what it does not count for."""
    if direction == Direction.CONTEXT or item.origin != Origin.LANDLORD:
        return
    # Asked of the landlord's items alone, since it takes a query.
    if not hasattr(item, "late") or item.late.counts != Counts.PROSPECTS:
        return
    framework = store.pinned(item.assessment).framework_of(criterion)
    kloe = framework.kloe(framework.theme(criterion.rpartition("/")[0]).kloe_id)
    if kloe.judgement == "service":
        raise Conflict(
            _("E%(n)d shows what was done since the inspectors looked.", n=item.number),
            _("It counts for the prospects for improvement, not for how good the service is."),
            _("Link it to a criterion of the prospects; here it can be context."),
        )


def _said(direction: str, locator: str, note: str) -> dict[str, str]:
    return {
        "direction": checks.direction(direction),
        "locator": within(locator, checks.MAX_LOCATOR, _("place in the evidence")),
        "note": within(note, checks.MAX_NOTE, _("note")),
    }


def relink(
    *, link: EvidenceLink, direction: str, by: User | None, locator: str = "", note: str = ""
) -> EvidenceLink:
    """Change what an item says of a descriptor."""
    said = _said(direction, locator, note)
    with transaction.atomic():
        link = EvidenceLink.objects.select_for_update().get(pk=link.pk)
        before = {k: getattr(link, k) for k in said if getattr(link, k) != said[k]}
        if not before:
            return link
        item = _live(link.item_id)
        _counts_there(item, link.criterion, said["direction"])
        for name in before:
            setattr(link, name, said[name])
        link.save(update_fields=list(before))
        trace(
            "changed link",
            item,
            by,
            before={"descriptor": link.descriptor, **before},
            after={k: said[k] for k in before},
        )
        states.refresh(item.assessment, link.criterion)
    return link


def unlink(*, link: EvidenceLink, by: User | None) -> None:
    """Take back what an item says of a descriptor; what was said stays in the audit trail."""
    with transaction.atomic():
        item = EvidenceItem.objects.get(pk=link.item_id)
        gone, _by_model = EvidenceLink.objects.filter(pk=link.pk).delete()
        if not gone:
            return
        trace(
            "unlinked evidence",
            item,
            by,
            before={
                "descriptor": link.descriptor,
                "direction": link.direction,
                "locator": link.locator,
                "note": link.note,
            },
        )
        states.refresh(item.assessment, link.criterion)
