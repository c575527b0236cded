from __future__ import annotations

from django.urls import path

from kloe.web.summaries import views

HERE = "assessments/<uuid:assessment>/report/tenants"

urlpatterns = [
    path(HERE, views.summary, name="tenants-summary"),
    path(f"{HERE}/<str:part>", views.save, name="tenants-summary-save"),
    path(f"{HERE}/<str:part>/reads", views.reads, name="tenants-summary-reads"),
]
