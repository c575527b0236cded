from __future__ import annotations

from django.urls import path

from kloe.web.moving import views

HERE = "assessments/<uuid:assessment>/move/"

urlpatterns = [
    path(HERE, views.page, name="assessment-move"),
    path(f"{HERE}export", views.export, name="assessment-export"),
    path(f"{HERE}files/<str:name>", views.file, name="assessment-export-file"),
    path("assessments/<uuid:assessment>/audit/earlier/", views.earlier, name="audit-earlier"),
    path(
        "organisations/<uuid:organisation>/assessments/bring-in/",
        views.bring_in,
        name="organisation-bring-in",
    ),
]
