from __future__ import annotations

from django.urls import path

from kloe.web.inspections import (
    views,
    views_again,
    views_documents,
    views_enquiry,
    views_handover,
    views_team,
    views_timetable,
)

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
    path(f"{THIS}/plan", views_enquiry.plan, name="enquiry-plan"),
    path(f"{THIS}/plan/guides", views_enquiry.guides, name="enquiry-guides"),
    path(f"{THIS}/plan/own/<uuid:pk>", views_enquiry.own, name="enquiry-own"),
    path(f"{THIS}/plan/themes/<path:theme>", views_enquiry.theme, name="enquiry-theme"),
    path(f"{THIS}/plan/people/<path:theme>", views_enquiry.people, name="enquiry-people"),
    path(f"{THIS}/plan/adopt/<path:theme>", views_enquiry.adopt, name="enquiry-adopt"),
    path(f"{THIS}/plan/add/<path:theme>", views_enquiry.add, name="enquiry-add"),
    path(f"{THIS}/plan/questions/<path:question>", views_enquiry.question, name="enquiry-question"),
    path(f"{THIS}/comparison", views_again.comparison, name="comparison"),
    path(f"{THIS}/claims", views_enquiry.claims, name="claims"),
    path(f"{THIS}/timetable", views_timetable.timetable, name="timetable"),
    path(f"{THIS}/timetable/build", views_timetable.build, name="timetable-build"),
    path(f"{THIS}/timetable/add", views_timetable.add, name="visit-add"),
    path(f"{THIS}/timetable/calendar.ics", views_timetable.calendar, name="timetable-calendar"),
    path(f"{THIS}/timetable/<uuid:pk>", views_timetable.edit, name="visit-edit"),
    path(f"{THIS}/timetable/<uuid:pk>/remove", views_timetable.remove, name="visit-remove"),
]
