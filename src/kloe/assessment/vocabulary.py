"""The fixed words of evidence, findings, judgements and assessments, with their labels."""

from __future__ import annotations

from enum import StrEnum

from kloe.core.messages import Message, _


class EvidenceKind(StrEnum):
    DOCUMENT = "document"
    DATA = "data"
    OBSERVATION = "observation"
    TESTIMONY = "testimony"
    TENANT_VOICE = "tenant voice"


class Origin(StrEnum):
    LANDLORD = "landlord"
    TENANT = "tenant"
    THIRD_PARTY = "third party"
    INSPECTOR = "inspector"
    SYSTEM = "system"


class Direction(StrEnum):
    """What evidence says of a descriptor."""

    SHOWS = "shows this"
    OTHERWISE = "shows otherwise"
    CONTEXT = "context"


class Confidentiality(StrEnum):
    OPEN = "open"
    INTERNAL = "internal"
    RESTRICTED = "restricted"


class FindingKind(StrEnum):
    STRENGTH = "strength"
    IMPROVEMENT = "area for improvement"
    PRACTICE = "positive practice"


class Stage(StrEnum):
    """Of a judgement."""

    PROVISIONAL = "provisional"
    PROPOSED = "proposed"
    AGREED = "agreed"
    DISSENT = "dissent"


class AssessmentKind(StrEnum):
    SELF_ASSESSMENT = "self-assessment"
    SERVICE_REVIEW = "service review"
    INSPECTION = "inspection"
    RE_INSPECTION = "re-inspection"
    MOCK_INSPECTION = "mock-inspection"


class InspectionStage(StrEnum):
    """Where an inspection is; ``assessment/stages.py`` says how it moves on."""

    PREPARING = "preparing"
    SCOPING = "scoping"
    PLANNING = "planning"
    FIELDWORK = "fieldwork"
    DRAFTING = "drafting"
    MODERATION = "moderation"
    FACTUAL_ACCURACY = "factual accuracy"
    PUBLISHED = "published"
    FOLLOWING_UP = "following up"
    CLOSED = "closed"


class KnownKind(StrEnum):
    """Where something that is known comes from."""

    REGULATOR = "regulator's judgement"
    INSPECTION = "earlier inspection"
    AUDIT = "audit"
    OMBUDSMAN = "Ombudsman determination"
    OTHER = "other"


class CommentKind(StrEnum):
    """What a person says of a criterion of the framework itself."""

    UNCLEAR = "unclear"
    NOT_APPLICABLE = "not applicable to us"
    OUT_OF_DATE = "out of date"
    OTHER = "other"


LABELS: dict[StrEnum, Message] = {
    EvidenceKind.DOCUMENT: _("Document"),
    EvidenceKind.DATA: _("Data"),
    EvidenceKind.OBSERVATION: _("Observation"),
    EvidenceKind.TESTIMONY: _("Testimony"),
    EvidenceKind.TENANT_VOICE: _("Tenant voice"),
    Origin.LANDLORD: _("Landlord"),
    Origin.TENANT: _("Tenant"),
    Origin.THIRD_PARTY: _("Third party"),
    Origin.INSPECTOR: _("Inspector"),
    Origin.SYSTEM: _("System"),
    Direction.SHOWS: _("Shows this"),
    Direction.OTHERWISE: _("Shows otherwise"),
    Direction.CONTEXT: _("Context"),
    Confidentiality.OPEN: _("Open"),
    Confidentiality.INTERNAL: _("Internal"),
    Confidentiality.RESTRICTED: _("Restricted"),
    FindingKind.STRENGTH: _("Strength"),
    FindingKind.IMPROVEMENT: _("Area for improvement"),
    FindingKind.PRACTICE: _("Positive practice"),
    Stage.PROVISIONAL: _("Provisional"),
    Stage.PROPOSED: _("Proposed"),
    Stage.AGREED: _("Agreed"),
    Stage.DISSENT: _("Dissent"),
    AssessmentKind.SELF_ASSESSMENT: _("Self-assessment"),
    AssessmentKind.SERVICE_REVIEW: _("Service review"),
    AssessmentKind.INSPECTION: _("Inspection"),
    AssessmentKind.RE_INSPECTION: _("Re-inspection"),
    AssessmentKind.MOCK_INSPECTION: _("Mock inspection"),
    InspectionStage.PREPARING: _("Preparing"),
    InspectionStage.SCOPING: _("Scoping"),
    InspectionStage.PLANNING: _("Planning"),
    InspectionStage.FIELDWORK: _("Fieldwork"),
    InspectionStage.DRAFTING: _("Drafting"),
    InspectionStage.MODERATION: _("Moderation"),
    InspectionStage.FACTUAL_ACCURACY: _("Factual accuracy"),
    InspectionStage.PUBLISHED: _("Published"),
    InspectionStage.FOLLOWING_UP: _("Following up"),
    InspectionStage.CLOSED: _("Closed"),
    KnownKind.REGULATOR: _("Regulator's judgement"),
    KnownKind.INSPECTION: _("Earlier inspection"),
    KnownKind.AUDIT: _("Audit"),
    KnownKind.OMBUDSMAN: _("Ombudsman determination"),
    KnownKind.OTHER: _("Other"),
    CommentKind.UNCLEAR: _("Unclear"),
    CommentKind.NOT_APPLICABLE: _("Not applicable to us"),
    CommentKind.OUT_OF_DATE: _("Out of date"),
    CommentKind.OTHER: _("Other"),
}


#: The kinds an organisation makes of itself, and those an inspecting organisation makes of a
#: landlord.
OWN_KINDS = (AssessmentKind.SELF_ASSESSMENT, AssessmentKind.SERVICE_REVIEW)
INSPECTION_KINDS = (
    AssessmentKind.INSPECTION,
    AssessmentKind.RE_INSPECTION,
    AssessmentKind.MOCK_INSPECTION,
)


def choices(words: type[StrEnum]) -> list[tuple[str, Message]]:
    """(value, label) pairs for a form."""
    return [(word.value, LABELS[word]) for word in words]
