from __future__ import annotations

from django.urls import path

from kloe.web.inspections import views, views_documents, views_handover, views_team

HERE = "assessments/<uuid:assessment>/"
THIS = f"{HERE}inspection"

urlpatterns = [
    path("inspections/new", views.create, name="inspection-create"),
    path("invitations/<str:token>", views_team.invitation, name="invitation"),
    path(THIS, views.show, name="inspection"),
    path(f"{THIS}/dates", views.dates, name="inspection-dates"),
    path(f"{THIS}/move", views.move, name="stage-move"),
    path(f"{THIS}/team", views_team.members, name="inspection-team"),
    path(f"{THIS}/invite", views_team.invite, name="inspection-invite"),
    path(f"{THIS}/invitations/<uuid:pk>/revoke", views_team.revoke, name="invitation-revoke"),
    path(f"{THIS}/team/<uuid:person>/remove", views_team.remove, name="team-remove"),
    path(f"{THIS}/landlord", views_team.tie, name="inspection-landlord"),
    path(f"{THIS}/documents", views_documents.documents, name="documents"),
    path(f"{THIS}/documents/ask", views_documents.ask, name="document-ask"),
    path(f"{THIS}/documents/remind", views_documents.remind, name="documents-remind"),
    path(f"{THIS}/documents/<uuid:pk>", views_documents.edit, name="document-edit"),
    path(f"{THIS}/documents/<uuid:pk>/settle", views_documents.settle, name="document-settle"),
    path(f"{THIS}/documents/<uuid:pk>/give", views_documents.give, name="document-give"),
    path(
        f"{THIS}/self-assessment",
        views_handover.self_assessment,
        name="inspection-self-assessment",
    ),
    path(f"{THIS}/self-assessment/hand-over", views_handover.hand_over, name="hand-over"),
    path(f"{THIS}/self-assessment/none", views_handover.none, name="no-self-assessment"),
]
