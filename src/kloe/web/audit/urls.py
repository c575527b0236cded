from __future__ import annotations

from django.urls import path

from kloe.web.audit import views

urlpatterns = [
    path("assessments/<uuid:assessment>/audit", views.assessment, name="audit-assessment"),
    path(
        "assessments/<uuid:assessment>/audit/seals",
        views.check_from_assessment,
        name="audit-assessment-seals",
    ),
    path("organisations/<uuid:organisation>/audit", views.organisation, name="audit-organisation"),
    path(
        "organisations/<uuid:organisation>/audit/seals",
        views.check_from_organisation,
        name="audit-organisation-seals",
    ),
]
