"""The fixed words of reality checks, with their labels."""

from __future__ import annotations

from enum import StrEnum

from kloe.core.messages import Message, _
from kloe.frameworks.words import CHECK_KINDS


class CheckState(StrEnum):
    """Where a check is."""

    PLANNED = "planned"
    UNDER_WAY = "under way"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class CheckResult(StrEnum):
    """What a check says of the claim it tested."""

    CONFIRMS = "confirms"
    CONTRADICTS = "contradicts"
    MIXED = "mixed"
    NOTHING = "nothing found"


class ItemAnswer(StrEnum):
    """What was found on one item of a checklist."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    NOT_APPLICABLE = "not applicable"


class SampleMethod(StrEnum):
    """How the cases of a check were come by."""

    RANDOM = "random"
    STRATIFIED = "stratified"
    PURPOSIVE = "purposive"
    ALL = "all"


class ClaimSource(StrEnum):
    """Where the words of a claim come from."""

    FRAMEWORK = "framework"
    ANSWER = "answer"
    FINDING = "finding"
    OWN = "own words"


class PeopleRole(StrEnum):
    """What the people are who were seen or heard."""

    TENANT = "tenant"
    LEASEHOLDER = "leaseholder"
    APPLICANT = "applicant"
    STAFF = "staff"
    MANAGER = "manager"
    BOARD = "board member or councillor"
    CONTRACTOR = "contractor"
    PARTNER = "partner"
    SOMEBODY = "somebody else"


class RiskKind(StrEnum):
    """What an urgent risk is about."""

    GAS = "gas"
    FIRE = "fire"
    SAFEGUARDING = "safeguarding"
    OTHER = "other"


LABELS: dict[StrEnum, Message] = {
    CheckState.PLANNED: _("Planned"),
    CheckState.UNDER_WAY: _("Under way"),
    CheckState.DONE: _("Done"),
    CheckState.WITHDRAWN: _("Withdrawn"),
    CheckResult.CONFIRMS: _("Confirms the claim"),
    CheckResult.CONTRADICTS: _("Contradicts it"),
    CheckResult.MIXED: _("Mixed"),
    CheckResult.NOTHING: _("Nothing found"),
    ItemAnswer.YES: _("Yes (confirms)"),
    ItemAnswer.PARTLY: _("Partly"),
    ItemAnswer.NO: _("No (contradicts)"),
    ItemAnswer.NOT_APPLICABLE: _("Not applicable"),
    SampleMethod.RANDOM: _("Random"),
    SampleMethod.STRATIFIED: _("Random within strata"),
    SampleMethod.PURPOSIVE: _("Purposive: chosen for a reason"),
    SampleMethod.ALL: _("All cases there are"),
    ClaimSource.FRAMEWORK: _("Suggested by the framework"),
    ClaimSource.ANSWER: _("From an answer"),
    ClaimSource.FINDING: _("From a finding"),
    ClaimSource.OWN: _("Own words"),
    PeopleRole.TENANT: _("Tenants"),
    PeopleRole.LEASEHOLDER: _("Leaseholders"),
    PeopleRole.APPLICANT: _("Applicants"),
    PeopleRole.STAFF: _("Staff"),
    PeopleRole.MANAGER: _("Managers"),
    PeopleRole.BOARD: _("Board members or councillors"),
    PeopleRole.CONTRACTOR: _("Contractors"),
    PeopleRole.PARTNER: _("Partners"),
    PeopleRole.SOMEBODY: _("Somebody else"),
    RiskKind.GAS: _("Gas or carbon monoxide"),
    RiskKind.FIRE: _("Fire"),
    RiskKind.SAFEGUARDING: _("Safeguarding"),
    RiskKind.OTHER: _("Another danger"),
}

KIND_LABELS: dict[str, Message] = {
    "interview": _("Interview"),
    "focus group": _("Focus group"),
    "file check": _("File check"),
    "case tracer": _("Case tracer"),
    "show-me walkthrough": _("Show-me walkthrough"),
    "visit": _("Visit"),
    "walkabout": _("Walkabout"),
    "mystery shop": _("Mystery shop"),
    "observation": _("Observation"),
    "document review": _("Document review"),
}
#: Kind of check: its code in the layout ``check_result``.
LAYOUT_KINDS: dict[str, str] = {
    "interview": "interview",
    "focus group": "focus_group",
    "file check": "file_check",
    "case tracer": "case_tracer",
    "show-me walkthrough": "walkthrough",
    "visit": "visit",
    "walkabout": "walkabout",
    "mystery shop": "mystery_shop",
    "observation": "observation",
    "document review": "document",
}
#: Result of a check: its code in the same layout.
LAYOUT_RESULTS: dict[str, str] = {
    CheckResult.CONFIRMS: "confirms",
    CheckResult.CONTRADICTS: "contradicts",
    CheckResult.MIXED: "mixed",
    CheckResult.NOTHING: "nothing",
}
assert set(CHECK_KINDS) == set(LAYOUT_KINDS) == set(KIND_LABELS)


def label(word: str) -> str:
    """The label of a word or kind of check; the word itself where it has none."""
    return str(KIND_LABELS.get(word) or _BY_WORD.get(word) or word)


def choices(words: type[StrEnum]) -> list[tuple[str, Message]]:
    """(value, label) pairs for a form."""
    return [(word.value, LABELS[word]) for word in words]


_BY_WORD: dict[str, Message] = {str(word): said for word, said in LABELS.items()}
