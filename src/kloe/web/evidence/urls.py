from __future__ import annotations

from django.urls import path

from kloe.web.evidence import criterion_views, missing_views, views

HERE = "assessments/<uuid:assessment>/evidence/"

urlpatterns = [
    path(HERE, views.library, name="evidence-list"),
    path(f"{HERE}missing", missing_views.page, name="evidence-missing"),
    path(f"{HERE}add", views.add, name="evidence-add"),
    path(f"{HERE}<uuid:item>/", views.item, name="evidence-item"),
    path(f"{HERE}<uuid:item>/file", views.download, name="evidence-file"),
    path(f"{HERE}<uuid:item>/edit", views.edit, name="evidence-edit"),
    path(f"{HERE}<uuid:item>/delete", views.delete, name="evidence-delete"),
    path(f"{HERE}<uuid:item>/restore", views.restore, name="evidence-restore"),
    path(f"{HERE}links/<uuid:link>", criterion_views.change_link, name="evidence-link"),
    path(f"{HERE}links/<uuid:link>/remove", criterion_views.remove_link, name="evidence-unlink"),
    path(f"{HERE}for/<path:criterion>", criterion_views.for_criterion, name="evidence-for"),
    path(f"{HERE}choices/<path:criterion>", criterion_views.choices, name="evidence-choices"),
    path(f"{HERE}more/<path:criterion>", criterion_views.more, name="evidence-more"),
]
