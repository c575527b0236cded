from __future__ import annotations

from django.urls import path

from kloe.web.checks import views, views_doing, views_pocket, views_risks, views_templates

HERE = "assessments/<uuid:assessment>/checks/"
ONE = f"{HERE}<uuid:check>/"
RISKS = "assessments/<uuid:assessment>/risks/"
TEMPLATES = "organisations/<uuid:organisation>/checks/"

urlpatterns = [
    path("service-worker.js", views_pocket.worker, name="pocket-worker"),
    path("pocket/", views_pocket.shell, name="pocket"),
    path("pocket/mine", views_pocket.mine, name="pocket-mine"),
    path("pocket/send", views_pocket.send, name="pocket-send"),
    path(f"{ONE}pocket", views_pocket.pack, name="check-pocket"),
    path(HERE, views.index, name="checks"),
    path(f"{HERE}new", views.new, name="check-new"),
    path(f"{HERE}calendar.ics", views.calendar, name="check-calendar"),
    path(ONE, views.show, name="check"),
    path(f"{ONE}edit", views.edit, name="check-edit"),
    path(f"{ONE}print", views.printed, name="check-print"),
    path(f"{ONE}calendar.ics", views.event, name="check-event"),
    path(f"{ONE}results", views_doing.results, name="check-results"),
    path(f"{ONE}move", views.move, name="check-move"),
    path(f"{ONE}outcome", views.outcome, name="check-outcome"),
    path(f"{ONE}answer/<slug:item>", views.answer, name="check-answer"),
    path(f"{ONE}cases/<int:place>/", views.show, name="check-case"),
    path(f"{ONE}cases/<int:place>/answer/<slug:item>", views.answer, name="check-case-answer"),
    path(f"{ONE}cases/<int:place>/missing", views_doing.case_missing, name="check-case-missing"),
    path(f"{ONE}sample", views_doing.cases, name="check-sample"),
    path(f"{ONE}sample/take", views_doing.take_cases, name="check-sample-take"),
    path(f"{ONE}sample/draw", views_doing.draw_cases, name="check-sample-draw"),
    path(f"{ONE}files", views_doing.files, name="check-files"),
    path(f"{ONE}seen", views_doing.seen, name="check-seen"),
    path(f"{ONE}seen/<uuid:group>/remove", views_doing.seen_remove, name="check-seen-remove"),
    path(f"{ONE}names", views_doing.names, name="check-names"),
    path(f"{ONE}names/forget", views_doing.forget, name="check-names-forget"),
    path(f"{ONE}evidence", views_doing.evidence, name="check-evidence"),
    path(RISKS, views_risks.index, name="risks"),
    path(f"{RISKS}raise", views_risks.raise_risk, name="risk-raise"),
    path(f"{RISKS}contact", views_risks.contact, name="risk-contact"),
    path(f"{RISKS}<uuid:risk>/", views_risks.show, name="risk"),
    path(f"{RISKS}<uuid:risk>/describe", views_risks.describe, name="risk-describe"),
    path(f"{RISKS}<uuid:risk>/tell", views_risks.tell, name="risk-tell"),
    path(f"{RISKS}<uuid:risk>/answer", views_risks.answer, name="risk-answer"),
    path(TEMPLATES, views_templates.index, name="check-templates"),
    path(f"{TEMPLATES}<slug:key>/", views_templates.show, name="check-template"),
    path(f"{TEMPLATES}<slug:key>/edit", views_templates.edit, name="check-template-edit"),
    path(
        f"{TEMPLATES}<slug:key>/<int:version>/",
        views_templates.show,
        name="check-template-version",
    ),
]
