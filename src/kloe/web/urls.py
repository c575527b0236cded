"""All addresses. Each route names its rule by its view's decorator; see access.py."""

from __future__ import annotations

from django.urls import include, path

from kloe.web import middleware

handler500 = middleware.unexpected
urlpatterns = [
    path("", include("kloe.web.site.urls")),
    path("accounts/", include("kloe.web.accounts.urls")),
    path("", include("kloe.web.organisations.urls")),
    path("", include("kloe.web.audit.urls")),
    path("", include("kloe.web.library.urls")),
    path("", include("kloe.web.jobs.urls")),
    path("", include("kloe.web.assessments.urls")),
    path("", include("kloe.web.inspections.urls")),
    path("", include("kloe.web.challenges.urls")),
    path("", include("kloe.web.readings.urls")),
    path("", include("kloe.web.evidence.urls")),
    path("", include("kloe.web.documents.urls")),
    path("", include("kloe.web.indicators.urls")),
    path("", include("kloe.web.records.urls")),
    path("", include("kloe.web.plans.urls")),
    path("", include("kloe.web.judgements.urls")),
    path("", include("kloe.web.moderation.urls")),
    path("", include("kloe.web.checks.urls")),
    path("", include("kloe.web.texts.urls")),
    path("", include("kloe.web.reporting.urls")),
    path("", include("kloe.web.moving.urls")),
    path("", include("kloe.web.summaries.urls")),
    path("", include("kloe.web.publication.urls")),
]
