from __future__ import annotations

from django.urls import path

from kloe.web.reporting import views

HERE = "assessments/<uuid:assessment>/report/"

urlpatterns = [
    path(HERE, views.page, name="report"),
    path(f"{HERE}make", views.make, name="report-make"),
    path(f"{HERE}files/<str:name>", views.file, name="report-file"),
]
