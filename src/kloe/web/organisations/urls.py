from __future__ import annotations

from django.urls import path

from kloe.web.organisations import views

HERE = "organisations/<uuid:organisation>"

urlpatterns = [
    path("organisations/", views.organisations, name="organisations"),
    path(f"{HERE}/", views.organisation, name="organisation"),
    path(f"{HERE}/edit", views.edit, name="organisation-edit"),
    path(f"{HERE}/members/add", views.member_add, name="member-add"),
    path(f"{HERE}/members/<uuid:person>", views.member, name="member"),
    path(f"{HERE}/members/<uuid:person>/remove", views.member_remove, name="member-remove"),
    path(f"{HERE}/members/<uuid:person>/link", views.member_link, name="member-link"),
]
