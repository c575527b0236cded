from __future__ import annotations

from django.urls import path

from kloe.web.challenges import views, views_challenges

DRAFT = "assessments/<uuid:assessment>/inspection/draft"
LIST = "assessments/<uuid:assessment>/inspection/challenges"
ONE = f"{LIST}/<uuid:pk>"

urlpatterns = [
    path(DRAFT, views.show, name="draft"),
    path(f"{DRAFT}/<int:version>/chapters/<int:n>", views.chapter, name="draft-chapter"),
    path(f"{DRAFT}/<int:version>/changes", views.changes, name="draft-changes"),
    path(f"{DRAFT}/<int:version>/pdf", views.pdf, name="draft-pdf"),
    path(f"{DRAFT}/issue", views.issue, name="draft-issue"),
    path(f"{DRAFT}/extend", views.extend, name="draft-extend"),
    path(f"{DRAFT}/close", views.close, name="draft-close"),
    path(LIST, views_challenges.index, name="challenges"),
    path(f"{LIST}/place", views.place, name="challenges-place"),
    path(f"{LIST}/send", views_challenges.send, name="challenges-send"),
    path(f"{LIST}/tell", views.tell, name="challenges-tell"),
    path(f"{LIST}/return", views.return_grades, name="challenges-return"),
    path(f"{LIST}/export/<str:format>", views_challenges.export, name="challenges-export"),
    path(f"{LIST}/write/<int:paragraph>", views_challenges.write, name="challenge-write"),
    path(ONE, views_challenges.show, name="challenge"),
    path(f"{ONE}/edit", views_challenges.edit, name="challenge-edit"),
    path(f"{ONE}/remove", views_challenges.remove, name="challenge-remove"),
    path(f"{ONE}/answer", views_challenges.answer, name="challenge-answer"),
    path(f"{ONE}/evidence/<uuid:evidence>/file", views_challenges.file, name="challenge-file"),
    path(
        f"{ONE}/evidence/<uuid:evidence>/remove",
        views_challenges.take_back,
        name="challenge-take-back",
    ),
]
