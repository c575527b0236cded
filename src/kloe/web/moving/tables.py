"""What of an assessment travels, table by table; and what does not, and why.

The one list: whoever makes a model that belongs to an assessment names it here, and a test fails
until they have. Nothing travels because it happens to be there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

if TYPE_CHECKING:
    from kloe.web.assessments.models import Assessment

Where = Callable[["Assessment"], Q]


def by(path: str = "assessment") -> Where:
    """The rows of which this way leads to the assessment."""
    return lambda assessment: Q(**{path: assessment.pk})


@dataclass(frozen=True, slots=True)
class Table:
    """A model that travels: the name of its entry, its rows, and fields that stay behind."""

    name: str
    model: str
    where: Where
    without: tuple[str, ...] = ()
    #: Whose rows they are: of the assessment, or of the landlord and only spoken of in it.
    part: str = ""
    #: Fields by which a row is known everywhere, in place of an identifier.
    natural: tuple[str, ...] = ()
    #: A field that points to another assessment.
    loose: str = ""


def _recommendations(assessment: Assessment) -> Q:
    here = Q(findings__assessment=assessment.pk) | Q(actions__finding__assessment=assessment.pk)
    return Q(organisation=assessment.landlord_id) & here


def _results(assessment: Assessment) -> Q:
    """Results of the computings whose results stand in the assessment, their groups too."""
    from kloe.web.indicators.models import ComputedSummary

    computed_together = ComputedSummary.objects.filter(
        assessment=assessment.pk,
        result__organisation=OuterRef("organisation"),
        result__definition_digest=OuterRef("definition_digest"),
        result__data_digest=OuterRef("data_digest"),
    )
    return Q(organisation=assessment.landlord_id) & Q(Exists(computed_together))


def _actions(assessment: Assessment) -> Q:
    here = (
        Q(finding__assessment=assessment.pk)
        | Q(recommendation__findings__assessment=assessment.pk)
        | Q(recommendation__actions__finding__assessment=assessment.pk)
    )
    return Q(organisation=assessment.landlord_id) & here


def _of_actions(assessment: Assessment) -> Q:
    from kloe.web.plans.models import Action

    return Q(action__in=Action.objects.filter(_actions(assessment)).values("pk"))


def _templates(assessment: Assessment) -> Q:
    from kloe.web.checks.models import Check

    return Q(pk__in=Check.objects.filter(assessment=assessment.pk).values("template"))


def _passages(assessment: Assessment) -> Q:
    return Q(assessment=assessment.pk) & ~Q(state="offered")


def _shown_for_actions(assessment: Assessment) -> Q:
    return _of_actions(assessment) & Q(item__assessment=assessment.pk)


RESULTS, PLAN = "results", "plan"

TABLES: tuple[Table, ...] = (
    Table("editions", "assessments.PinnedEdition", by()),
    Table("participations", "assessments.Participation", by()),
    Table("themes", "assessments.ThemeWork", by()),
    Table("context", "assessments.ContextRecord", by()),
    Table("known-facts", "assessments.KnownFact", by()),
    Table("answers", "assessments.Answer", by()),
    Table("ratings", "assessments.Rating", by()),
    Table("criterion-states", "assessments.CriterionState", by()),
    Table("revisions", "assessments.Revision", by()),
    Table("framework-comments", "assessments.FrameworkComment", by()),
    Table("evidence", "evidence.EvidenceItem", by()),
    Table("evidence-links", "evidence.EvidenceLink", by()),
    Table("passages", "documents.Passage", _passages),
    Table("findings", "judgements.Finding", by()),
    Table("judgements", "judgements.Judgement", by()),
    Table("weaknesses", "judgements.Weakness", by()),
    Table("factors", "judgements.Factor", by()),
    Table("summary-parts", "summaries.SummaryPart", by()),
    Table("published-results", "indicators.IndicatorResult", by()),
    Table("computed-results", "indicators.ComputedResult", _results, part=RESULTS),
    Table("computed-summaries", "indicators.ComputedSummary", by(), part=RESULTS),
    Table("computed-placings", "indicators.ComputedPlacing", by(), part=RESULTS),
    Table("case-samples", "indicators.CaseSample", by()),
    Table("inspection", "inspections.Inspection", by(), loose="again"),
    Table("planned-dates", "inspections.PlannedDate", by("inspection")),
    Table("stage-moves", "inspections.StageMove", by("inspection")),
    Table("document-requests", "inspections.DocumentRequest", by("inspection")),
    Table("given-documents", "inspections.GivenDocument", by("request__inspection")),
    Table("brought-in", "inspections.BroughtIn", by("inspection")),
    Table("brought-themes", "inspections.BroughtTheme", by()),
    Table("brought-items", "inspections.BroughtItem", by("brought_in__inspection")),
    Table("planned-questions", "inspections.PlannedQuestion", by()),
    Table("visits", "inspections.Visit", by("inspection")),
    # When and by whom a template was written is told by the trail of its organisation.
    Table(
        "check-templates", "checks.CheckTemplate", _templates, without=("id", "by", "at"),
        natural=("organisation", "key", "version", "digest"),
    ),
    Table("checks", "checks.Check", by()),
    Table("check-outcomes", "checks.CheckOutcome", by("check_of__assessment")),
    Table("check-cases", "checks.CheckCase", by("check_of__assessment")),
    Table("check-entries", "checks.CheckEntry", by("check_of__assessment")),
    Table("check-files", "checks.CheckFile", by("check_of__assessment")),
    Table("check-visits", "checks.CheckVisit", by("check_of__assessment")),
    Table("people-seen", "checks.PeopleSeen", by("check_of__assessment")),
    Table("risk-contact", "checks.RiskContact", by()),
    Table("urgent-risks", "checks.UrgentRisk", by()),
    Table("readings", "readings.Reading", by()),
    Table("openings", "readings.Opening", by()),
    Table("blind-requests", "readings.BlindRequest", by()),
    Table("calibrations", "readings.Calibration", by()),
    Table("rating-dissents", "readings.RatingDissent", by()),
    Table("discussion", "moderation.Entry", by()),
    Table("limit-overrides", "moderation.LimitOverride", by()),
    Table("exemptions", "moderation.Exemption", by()),
    Table("feedback", "moderation.Feedback", by()),
    Table("given-feedback", "moderation.GivenFeedback", by()),
    Table("feedback-waived", "moderation.FeedbackWaived", by()),
    Table("drafts", "challenges.Draft", by()),
    Table("draft-chapters", "challenges.DraftChapter", by("draft__assessment")),
    Table("draft-paragraphs", "challenges.DraftParagraph", by("draft__assessment")),
    Table("draft-times", "challenges.DraftTime", by("draft__assessment")),
    Table("challenges", "challenges.Challenge", by()),
    Table("late-evidence", "challenges.LateEvidence", by("challenge__assessment")),
    Table("challenges-place", "challenges.ChallengesPlace", by()),
    Table("texts", "texts.Text", by()),
    Table("publications", "publication.Publication", by()),
    # Whether anybody reads it without signing in is for each installation to say.
    Table(
        "published-page", "publication.PublishedPage", by(),
        without=("open", "reason", "changed_by", "changed_at", "version"),
    ),
    Table("published-files", "publication.PublishedFile", by("publication__assessment")),
    Table("board-response", "publication.BoardResponse", by()),
    Table("recommendations", "plans.Recommendation", _recommendations, part=PLAN),
    Table("actions", "plans.Action", _actions, part=PLAN),
    Table("milestones", "plans.Milestone", _of_actions, part=PLAN),
    Table("action-entries", "plans.Entry", _of_actions, part=PLAN),
    Table("action-evidence", "plans.ActionEvidence", _shown_for_actions, part=PLAN),
)  # fmt: skip

#: Models that belong to assessments and do not travel as rows, and why.
STAYS: dict[str, str] = {
    "assessments.Assessment": "the row itself, an entry of its own",
    "jobs.Job": "work of this installation; what it made travels",
    "documents.Document": "made from the files, and made again where they arrive",
    "documents.DocumentPage": "made from the files, and made again where they arrive",
    "inspections.Invitation": "a way in, good only where it was given; the trail tells of it",
    "checks.CheckPerson": "names of people seen stand in one table and leave it nowhere",
    "plans.Reminder": "who was reminded by this installation",
    "records.RecordDraft": "an extract of records under way: records are loaded, not moved",
    "moving.EarlierEvent": "travels with the audit events, as what it is: history",
    "moving.LooseEnd": "travels as the field it stands for",
    "evidence.StoredFile": "travels as the file itself, by digest",
}

#: What a field has to be where a path or a header is made of it.
NAMES = r"[^/\\\x00-\x1f]*"
PATTERNS: dict[str, str] = {
    "evidence.EvidenceItem.file_name": NAMES,
    "evidence.EvidenceItem.media_type": r"[\w.+/;= -]*",
    "challenges.Draft.pdf": "[0-9a-f]{64}",
    "challenges.LateEvidence.file_name": NAMES,
    "publication.PublishedPage.slug": "[a-z0-9-]+",
    "publication.PublishedFile.edition": "public|restricted",
    "publication.PublishedFile.name": r"[\w-][\w. -]*",
    "publication.BoardResponse.file_name": NAMES,
}

#: Events that tell what an installation did with an assessment, not what was done in it.
OWN_VERBS = frozenset(
    {
        "exported assessment",
        "imported assessment",
        "read evidence",
        "could not read evidence",
        "asked to read evidence again",
    }
)
OWN_SUBJECTS = frozenset({"job"})
