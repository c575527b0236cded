from __future__ import annotations

from django.urls import path

from kloe.web.assessments import views, views_context, views_scope, views_theme

HERE = "assessments/<uuid:assessment>/"

urlpatterns = [
    path("assessments/", views.index, name="assessments"),
    path("assessments/new", views.create, name="assessment-create"),
    path(HERE, views.show, name="overview"),
    path(f"{HERE}enquiry", views.enquiry, name="enquiry"),
    path(f"{HERE}details", views.details, name="assessment-details"),
    path(f"{HERE}finish", views.finish, name="assessment-finish"),
    path(f"{HERE}scope", views_scope.scope, name="scope"),
    path(f"{HERE}scope/set", views_scope.set_scope, name="scope-set"),
    path(f"{HERE}assign/<path:theme>", views_scope.assign, name="theme-assign"),
    path(f"{HERE}mine", views.mine, name="mine"),
    path(f"{HERE}context", views_context.context, name="context"),
    path(f"{HERE}context/save", views_context.save_context, name="context-save"),
    path(f"{HERE}known/add", views_context.known_add, name="known-add"),
    path(f"{HERE}known/<uuid:pk>", views_context.known_edit, name="known-edit"),
    path(f"{HERE}known/<uuid:pk>/remove", views_context.known_remove, name="known-remove"),
    path(f"{HERE}comments", views_context.comments, name="comments"),
    path(f"{HERE}so-far/<path:theme>", views_theme.theme_so_far, name="theme-so-far"),
    path(f"{HERE}themes/<path:theme>", views_theme.theme, name="theme"),
    path(f"{HERE}rate/<path:criterion>", views_theme.rate, name="rate"),
    path(f"{HERE}undo/<path:criterion>", views_theme.undo_rating, name="rate-undo"),
    path(f"{HERE}answer/<path:question>", views_theme.answer, name="answer"),
    path(f"{HERE}cites/<path:question>", views_context.cites, name="answer-cites"),
    path(f"{HERE}common/<path:criterion>", views_context.common, name="criterion-common"),
    path(f"{HERE}comment/<path:criterion>", views_theme.comment, name="criterion-comment"),
]
