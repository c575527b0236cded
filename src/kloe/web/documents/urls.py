from __future__ import annotations

from django.urls import path

from kloe.web.documents import views

HERE = "assessments/<uuid:assessment>/evidence/"

urlpatterns = [
    path(f"{HERE}search", views.search_assessment, name="evidence-search"),
    path(f"{HERE}<uuid:item>/text", views.text, name="evidence-text"),
    path(f"{HERE}<uuid:item>/read", views.again, name="evidence-read"),
]
