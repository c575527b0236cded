from __future__ import annotations

from django.urls import path

from kloe.web.assessments import views_theme

HERE = "assessments/<uuid:assessment>/"

urlpatterns = [
    path(f"{HERE}themes/<path:theme>/so-far", views_theme.theme_so_far, name="theme-so-far"),
    path(f"{HERE}themes/<path:theme>", views_theme.theme, name="theme"),
    path(f"{HERE}rate/<path:criterion>", views_theme.rate, name="rate"),
    path(f"{HERE}undo/<path:criterion>", views_theme.undo_rating, name="rate-undo"),
    path(f"{HERE}answer/<path:question>", views_theme.answer, name="answer"),
    path(f"{HERE}comment/<path:criterion>", views_theme.comment, name="criterion-comment"),
]
