"""Words of a framework in the reader's language, where they are no content."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kloe.assessment.checks.words import KIND_LABELS
from kloe.core.messages import Message

WORDS: dict[str, str | Promise | Message] = {
    "access": _("Access and customer focus"),
    "diversity": _("Diversity"),
    "service": _("Service"),
    "value for money": _("Value for money"),
    "improvement": _("Improvement"),
    "wales": _("Wales"),
    "england": _("England"),
    "scotland": _("Scotland"),
    "northern-ireland": _("Northern Ireland"),
    "great-britain": _("Great Britain"),
    "uk": _("United Kingdom"),
    "law": _("Law"),
    "body": _("Body"),
    "standard": _("Standard"),
    "scheme": _("Scheme"),
    "code": _("Code"),
    "benefit": _("Benefit"),
    "term": _("Term"),
    "kloe": _("KLOE"),
    "theme": _("Theme"),
    "criterion": _("Criterion"),
    "question": _("Question"),
    "descriptor": _("Descriptor"),
    "detailed question": _("Detailed question"),
    "outcome": _("outcome"),
    "practice": _("practice"),
    "system": _("system"),
    "policy": _("policy"),
    "cost": _("cost"),
    "quality": _("quality"),
    **KIND_LABELS,
}
