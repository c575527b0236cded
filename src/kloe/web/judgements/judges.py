"""Who judges what: in an inspection the lead of a theme judges that theme, and no more."""

from __future__ import annotations

from kloe.assessment.permissions import Permission
from kloe.core.errors import PermissionRefused
from kloe.core.messages import _
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import ThemeWork


def judges(access: AssessmentAccess, subject: str) -> bool:
    """Whether a person judges a subject: all of them, or the theme they lead in an inspection."""
    if access.may(Permission.JUDGE):
        return True
    return (
        access.may(Permission.PROPOSE)
        and ThemeWork.objects.filter(
            assessment=access.assessment, theme=subject, lead=access.user
        ).exists()
    )


def check_judges(access: AssessmentAccess, subject: str) -> None:
    """:raises PermissionRefused: where a person does not judge a subject."""
    if not judges(access, subject):
        raise PermissionRefused(
            _("You do not judge this."),
            _("The lead inspector judges everything, the lead of a theme that theme."),
            _("Say it to one of them; the plan of enquiry says who leads which theme."),
        )
