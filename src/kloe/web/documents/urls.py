from __future__ import annotations

from django.urls import path

from kloe.web.documents import passage_views, views

HERE = "assessments/<uuid:assessment>/evidence/"

urlpatterns = [
    path(f"{HERE}passages/<uuid:passage>/accept", passage_views.accept, name="passage-accept"),
    path(f"{HERE}passages/<uuid:passage>/dismiss", passage_views.dismiss, name="passage-dismiss"),
    path(f"{HERE}search", views.search_assessment, name="evidence-search"),
    path(
        "organisations/<uuid:organisation>/evidence/search",
        views.search_organisation,
        name="organisation-search",
    ),
    path(f"{HERE}<uuid:item>/text", views.text, name="evidence-text"),
    path(f"{HERE}<uuid:item>/read", views.again, name="evidence-read"),
]
