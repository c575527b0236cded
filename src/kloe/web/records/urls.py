from __future__ import annotations

from django.urls import path

from kloe.web.records import draft_views, part_views, views

HERE = "organisations/<uuid:organisation>/records/"
DRAFT = f"{HERE}extracts/<uuid:draft>/"

urlpatterns = [
    path(HERE, views.overview, name="records"),
    path(f"{HERE}measures/", views.measures, name="records-measures"),
    path(f"{HERE}layouts/", views.layouts, name="records-layouts"),
    path(f"{HERE}layouts/<slug:table>", views.layout, name="records-layout"),
    path(f"{HERE}rejects/<slug:table>", views.rejects, name="records-rejects"),
    path(f"{HERE}undo", views.undo, name="records-undo"),
    path(f"{HERE}add", draft_views.add, name="records-add"),
    path(DRAFT, draft_views.draft, name="records-draft"),
    path(f"{DRAFT}propose", draft_views.propose, name="records-propose"),
    path(f"{DRAFT}cancel", draft_views.cancel, name="records-cancel"),
    path(f"{DRAFT}mapping.yaml", draft_views.mapping_file, name="records-mapping"),
    path(f"{DRAFT}mapping", draft_views.mapping_upload, name="records-mapping-upload"),
    path(f"{DRAFT}mapping/earlier", part_views.earlier, name="records-earlier"),
    path(f"{DRAFT}sources/add", part_views.further, name="records-further"),
    path(f"{DRAFT}sources/<int:number>", draft_views.source, name="records-source"),
    path(f"{DRAFT}sources/<int:number>/table", part_views.table, name="records-table"),
    path(f"{DRAFT}check", draft_views.check, name="records-check"),
    path(f"{DRAFT}load", draft_views.load, name="records-load"),
    path(f"{DRAFT}rejects/<slug:table>", draft_views.rejects, name="records-draft-rejects"),
    path(f"{DRAFT}discard", draft_views.discard, name="records-discard"),
]
