from __future__ import annotations

from django.urls import path

from kloe.web.moderation import views, views_exempt, views_telling

HERE = "assessments/<uuid:assessment>/"
THIS = f"{HERE}moderation/"
TOLD = f"{HERE}inspection/emerging-findings"

urlpatterns = [
    path(THIS, views.index, name="moderation"),
    path(f"{THIS}of/<path:subject>", views.subject, name="moderation-judgement"),
    path(f"{THIS}propose/<path:subject>", views.propose, name="judgement-propose"),
    path(f"{THIS}ask/<path:subject>", views.ask, name="moderation-ask"),
    path(f"{THIS}answer/<path:subject>", views.answer, name="moderation-answer"),
    path(f"{THIS}agree/<path:subject>", views.agree, name="moderation-agree"),
    path(f"{THIS}reopen/<path:subject>", views.reopen, name="moderation-reopen"),
    path(f"{THIS}override/<path:subject>", views.override, name="limit-override"),
    path(f"{THIS}hold/<path:subject>", views.hold_again, name="limit-hold"),
    path(f"{THIS}not-applicable", views_exempt.index, name="exemptions"),
    path(f"{THIS}not-applicable/<path:criterion>", views_exempt.decide, name="exemption-decide"),
    path(TOLD, views_telling.index, name="feedback"),
    path(f"{TOLD}/new", views_telling.create, name="feedback-new"),
    path(f"{TOLD}/none", views_telling.waive, name="feedback-waive"),
    path(f"{TOLD}/<uuid:pk>", views_telling.show, name="feedback-show"),
    path(f"{TOLD}/<uuid:pk>/edit", views_telling.edit, name="feedback-edit"),
    path(f"{TOLD}/<uuid:pk>/give", views_telling.give, name="feedback-give"),
]
