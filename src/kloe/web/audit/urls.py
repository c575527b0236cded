from __future__ import annotations

from django.urls import path

from kloe.web.audit import views

urlpatterns = [
    path("assessments/<uuid:assessment>/audit", views.assessment, name="audit-assessment"),
    path("organisations/<uuid:organisation>/audit", views.organisation, name="audit-organisation"),
]
