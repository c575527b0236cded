from __future__ import annotations

from django.urls import path

from kloe.web.publication import views, views_public

HERE = "assessments/<uuid:assessment>/publication"

urlpatterns = [
    path(HERE, views.show, name="publication"),
    path(f"{HERE}/publish", views.publish, name="publication-publish"),
    path(f"{HERE}/correct", views.correct, name="publication-correct"),
    path(f"{HERE}/page", views.page, name="publication-page"),
    path(f"{HERE}/response", views.respond, name="board-response"),
    path(f"{HERE}/response/ask", views.ask, name="board-response-ask"),
    path(f"{HERE}/response/file", views.response_file, name="board-response-file"),
    path(
        f"{HERE}/files/<int:number>/<slug:edition>/<str:name>", views.file, name="publication-file"
    ),
    path("published/<slug:slug>/", views_public.published, name="published"),
    path(
        "published/<slug:slug>/<int:number>/<str:name>",
        views_public.published_file,
        name="published-file",
    ),
]
