from __future__ import annotations

from django.urls import path

from kloe.web.judgements import views, views_findings, views_prospects

HERE = "assessments/<uuid:assessment>/"

urlpatterns = [
    path(f"{HERE}judgements/", views.index, name="judgements"),
    path(f"{HERE}judgements/<str:judgement>", views.overall, name="overall-judgement"),
    path(f"{HERE}kloes/<path:kloe>", views.kloe, name="kloe-judgement"),
    path(f"{HERE}judgement/<path:subject>", views.subject, name="judgement"),
    path(f"{HERE}suggested/<path:subject>", views.suggested, name="judgement-suggested"),
    path(
        f"{HERE}judge/provisional/<path:subject>", views.provisional, name="judgement-provisional"
    ),
    path(f"{HERE}judge/agree/<path:subject>", views.decide, name="judgement-decide"),
    path(f"{HERE}judge/dissent/<path:subject>", views.dissent, name="judgement-dissent"),
    path(f"{HERE}judge/withdraw/<path:subject>", views.withdraw, name="judgement-withdraw"),
    path(f"{HERE}findings/", views_findings.index, name="findings-list"),
    path(f"{HERE}findings/add/<path:theme>", views_findings.add, name="finding-add"),
    path(f"{HERE}findings/<uuid:pk>", views_findings.edit, name="finding-edit"),
    path(f"{HERE}findings/<uuid:pk>/remove", views_findings.remove, name="finding-remove"),
    path(f"{HERE}findings/<uuid:pk>/move", views_findings.move, name="finding-move"),
    path(
        f"{HERE}main-question/<path:question>",
        views_prospects.answer,
        name="main-question-answer",
    ),
    path(f"{HERE}weaknesses/add", views_prospects.weakness_add, name="weakness-add"),
    path(
        f"{HERE}weaknesses/take/<uuid:finding>",
        views_prospects.weakness_take,
        name="weakness-take",
    ),
    path(f"{HERE}weaknesses/<uuid:pk>", views_prospects.weakness_edit, name="weakness-edit"),
    path(
        f"{HERE}weaknesses/<uuid:pk>/remove",
        views_prospects.weakness_remove,
        name="weakness-remove",
    ),
    path(f"{HERE}factors/add", views_prospects.factor_add, name="factor-add"),
    path(f"{HERE}factors/<uuid:pk>", views_prospects.factor_edit, name="factor-edit"),
    path(f"{HERE}factors/<uuid:pk>/remove", views_prospects.factor_remove, name="factor-remove"),
]
