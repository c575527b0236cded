"""The cases of a check: drawn by chance from a frame, chosen for a reason, or all there are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kloe.assessment.checks.words import SampleMethod
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.measures import samples
from kloe.measures.framing import Drawable
from kloe.records import sampling
from kloe.records.frames import frame as frame_named
from kloe.records.frames import frames
from kloe.records.sampling import Sample
from kloe.web.accounts.models import User
from kloe.web.checks.models import Check, CheckCase
from kloe.web.checks.writing import changeable, found_in, locked, text_within, trace
from kloe.web.indicators.computed import required_records
from kloe.web.indicators.holdings import records_of
from kloe.web.indicators.models import CaseSample
from kloe.web.site.wording import period as in_words

MOST_CASES = 200
MOST_FRAME = 50_000
RANDOM = (SampleMethod.RANDOM.value, SampleMethod.STRATIFIED.value)


def parse(text: str) -> list[tuple[str, str]]:
    """Stratum and reference of each line: ``reference``, or ``stratum;reference``.

    :raises InvalidInput: where a reference stands twice, or is too long.
    """
    found: list[tuple[str, str]] = []
    seen: set[tuple[str, str]] = set()
    for n, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        stratum, mark, reference = line.replace("\t", ";").partition(";")
        one = (stratum.strip(), reference.strip()) if mark else ("", stratum.strip())
        if not one[1] or max(map(len, one)) > 200:
            raise InvalidInput(
                _("Line %(n)d holds no reference that can be kept.", n=n),
                _("A line is a reference, or stratum;reference, each of up to 200 characters."),
                _("Correct the line."),
            )
        if one in seen:
            raise InvalidInput(
                _("The reference %(ref)s stands twice in the frame.", ref=one[1]),
                _("Every case has the same chance, so it stands once."),
                _("Take each case once."),
            )
        seen.add(one)
        found.append(one)
    if len(found) > MOST_FRAME:
        raise InvalidInput(
            _("The frame has %(n)d cases.", n=len(found)),
            _("At most %(most)d are taken from a page.", most=MOST_FRAME),
            _("Load the records, and draw from an indicator's cases."),
        )
    return found


def _keep(
    check: Check,
    *,
    method: str,
    frame: str,
    cases: Sequence[tuple[str, str]],
    drawn: Sample | None,
    by: User,
    case_sample: CaseSample | None = None,
) -> Check:
    check = locked(check)
    changeable(check)
    if check.entries.exclude(case=None).exists():
        raise Conflict(
            _("Cases of C%(n)d have answers already.", n=check.number),
            _("A sample stands once its cases are looked at."),
            _("Plan another check for another sample."),
        )
    before = check.method
    check.cases.all().delete()
    CheckCase.objects.bulk_create(
        CheckCase(check_of=check, place=n, stratum=stratum, reference=reference)
        for n, (stratum, reference) in enumerate(cases, start=1)
    )
    check.method, check.frame = method, frame
    check.sample = drawn.as_dict() if drawn else None
    check.case_sample = case_sample
    check.version += 1
    check.updated_at = timezone.now()
    check.save(update_fields=["method", "frame", "sample", "case_sample", "version", "updated_at"])
    after = {"title": check.title, "method": method, "frame": frame, "size": len(cases)}
    if drawn is not None:
        after |= {"cases": drawn.cases, "seed": drawn.seed}
    trace(check, by, "set sample", before={"method": before} if before else None, after=after)
    return check


def set_sample(
    *, check: Check, method: str, frame: str, references: str, size: int, seed: str, by: User
) -> Check:
    """Set the cases of a check from a frame that is typed or pasted.

    :param frame: of what, in words.
    :param references: a line for each case of the frame; of a purposive sample, the cases chosen.
    :param seed: agreed beforehand; made by chance where it is empty.
    :raises InvalidInput: for a method there is not, no cases, too many, or one twice.
    """
    if method not in {m.value for m in SampleMethod}:
        raise InvalidInput(
            _("“%(given)s” is no way to sample.", given=method[:40]),
            _("Allowed: %(all)s.", all=", ".join(m.value for m in SampleMethod)),
            _("Choose one of these."),
        )
    said = text_within(" ".join(frame.split()), 300, _("frame"), needed=True)
    found = parse(references)
    if not found:
        raise InvalidInput(
            _("No case is given."),
            _("A frame lists every case that could be drawn, one in a line."),
            _("Paste the references, or take a sample drawn from an indicator."),
        )
    if method == SampleMethod.STRATIFIED and not any(stratum for stratum, _ref in found):
        raise InvalidInput(
            _("The frame has no strata."),
            _("A stratified sample needs lines of the form stratum;reference."),
            _("Add them, or draw a random sample."),
        )
    drawn: Sample | None = None
    cases = found
    if method in RANDOM:
        if not 1 <= size <= MOST_CASES:
            raise InvalidInput(
                _("A sample of %(n)d case.", plural="A sample of %(n)d cases.", n=size),
                _("From 1 to %(most)d.", most=MOST_CASES),
                _("Ask for another number."),
            )
        chosen = text_within(seed, 100, _("seed")) or sampling.new_seed()
        least = 1 if method == SampleMethod.STRATIFIED else 0
        whole = found if method == SampleMethod.STRATIFIED else [("", _plain(c)) for c in found]
        drawn = sampling.draw(
            whole, size, seed=chosen, frame=said, least=least, reserve=max(3, size // 4)
        )
        cases = [(s.name, ref) for s in drawn.strata for ref in s.drawn]
    if len(cases) > MOST_CASES:
        raise InvalidInput(
            _("%(n)d case to look at.", plural="%(n)d cases to look at.", n=len(cases)),
            _("A check has at most %(most)d.", most=MOST_CASES),
            _("Draw a random sample of them."),
        )
    with transaction.atomic():
        return _keep(check, method=method, frame=said, cases=cases, drawn=drawn, by=by)


def _plain(case: tuple[str, str]) -> str:
    stratum, reference = case
    return f"{stratum};{reference}" if stratum else reference


def take_case_sample(*, check: Check, sample: UUID, by: User) -> Check:
    """Take the cases drawn from an indicator's records as those of this check.

    :raises NotFound: where the assessment has no such sample.
    """
    kept = found_in(
        CaseSample.objects.filter(assessment=check.assessment_id), sample, _("sample of cases")
    )
    drawn = Sample.from_dict(kept.sample)
    cases = [(s.name, ref) for s in drawn.strata for ref in s.drawn]
    if len(cases) > MOST_CASES:
        raise InvalidInput(
            _("%(n)d case to look at.", plural="%(n)d cases to look at.", n=len(cases)),
            _("A check has at most %(most)d.", most=MOST_CASES),
            _("Draw a smaller sample."),
        )
    method = SampleMethod.STRATIFIED if len(drawn.strata) > 1 else SampleMethod.RANDOM
    with transaction.atomic():
        return _keep(
            check,
            method=method.value,
            frame=drawn.frame,
            cases=cases,
            drawn=drawn,
            by=by,
            case_sample=kept,
        )


def not_found(*, check: Check, case: CheckCase, reason: str, by: User) -> CheckCase | None:
    """Say that a case could not be looked at, and why; gives the one that stands in, if any.

    :raises InvalidInput: without a reason.
    """
    why = text_within(reason, 300, _("reason"), needed=True)
    with transaction.atomic():
        check = locked(check)
        changeable(check)
        case = CheckCase.objects.select_for_update().get(pk=case.pk)
        if case.not_found:
            return None
        case.not_found = why
        case.save(update_fields=["not_found"])
        stand_in = _stand_in(check, case)
        trace(
            check,
            by,
            "could not look at case",
            after={"title": check.title, "case": case.place, "reason": why},
        )
    return stand_in


def _stand_in(check: Check, case: CheckCase) -> CheckCase | None:
    """The next reserve of the case's stratum, added as a further case."""
    if not check.sample:
        return None
    drawn = Sample.from_dict(check.sample)
    stratum = next((s for s in drawn.strata if s.name == case.stratum), None)
    rows = list(check.cases.all())
    used = {c.reference for c in rows if c.stratum == case.stratum}
    following = next((ref for ref in (stratum.reserve if stratum else ()) if ref not in used), None)
    if following is None:
        return None
    return CheckCase.objects.create(
        check_of=check,
        place=max(c.place for c in rows) + 1,
        reference=following,
        stratum=case.stratum,
        stands_in=True,
    )


def frames_of(check: Check) -> list[tuple[str, str, tuple[str, ...]]]:
    """What can be drawn from the landlord's records: name, title, and columns to stratify by."""
    records = records_of(check.assessment.landlord_id)
    if records is None:
        return []
    there = {t for t in records.tables if records.tables[t].rows}
    found = [(n, str(f.title), f.by) for n, f in frames().items() if f.table in there]
    return sorted(found, key=lambda f: f[1].casefold())


def draw_from_records(
    *, check: Check, frame: str, strata: str, size: int, seed: str, by: User
) -> Check:
    """Draw the cases from the landlord's records, in the period assessed.

    :param strata: a column to draw in proportion by; empty for none.
    :raises NotFound: where there are no records, or no such frame.
    :raises InvalidInput: for a size that cannot be, a column the frame does not offer, or a frame
        without cases.
    """
    records = required_records(check.assessment)
    offered = {name: columns for name, _title, columns in frames_of(check)}
    if frame not in offered:
        raise NotFound(
            _("There is no frame “%(name)s” in these records.", name=frame[:60]),
            _("There are: %(all)s.", all=", ".join(offered) or "–"),
            _("Choose one of the list."),
        )
    if strata and strata not in offered[frame]:
        raise InvalidInput(
            _("“%(frame)s” is not parted by “%(column)s”.", frame=frame, column=strata[:60]),
            _("It can be by: %(all)s.", all=", ".join(offered[frame]) or "–"),
            _("Choose one, or none."),
        )
    if not 1 <= size <= MOST_CASES:
        raise InvalidInput(
            _("A sample of %(n)d case.", plural="A sample of %(n)d cases.", n=size),
            _("From 1 to %(most)d.", most=MOST_CASES),
            _("Ask for another number."),
        )
    chosen = frame_named(frame)
    assessed = Period(check.assessment.period_start, check.assessment.period_end)
    kept = samples.draw(
        records,
        Drawable(frame=chosen, period=assessed if chosen.dated else None, by=strata or None),
        samples.Size(number=size),
        seed=text_within(seed, 100, _("seed")) or None,
        least=1 if strata else 0,
        reserve=max(3, size // 4),
    )
    drawn = kept.sample
    if not drawn.size:
        raise InvalidInput(
            _("“%(frame)s” has no case in the period assessed.", frame=str(chosen.title)),
            "",
            _("Choose another frame, or load records of the period."),
        )
    least = check.assessment.landlord.small_number
    if drawn.cases < least:
        raise Conflict(
            _("Fewer than %(n)d records are in “%(frame)s”.", n=least, frame=str(chosen.title)),
            _("So few tell of people; there is nothing to draw from where all could be named."),
            _("Look at all of them where they are kept."),
        )
    cases = [(s.name, ref) for s in drawn.strata for ref in s.drawn]
    method = SampleMethod.STRATIFIED if strata else SampleMethod.RANDOM
    words = f"{drawn.frame}, {in_words(assessed)}"
    with transaction.atomic():
        return _keep(
            check,
            method=method.value,
            frame=words if chosen.dated else drawn.frame,
            cases=cases,
            drawn=drawn,
            by=by,
        )
