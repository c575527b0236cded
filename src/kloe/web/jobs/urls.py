from __future__ import annotations

from django.urls import path

from kloe.web.jobs import views

urlpatterns = [
    path("jobs/<uuid:job>/", views.job, name="job"),
    path("jobs/<uuid:job>/cancel/", views.cancel, name="job-cancel"),
    path("jobs/<uuid:job>/retry/", views.retry, name="job-retry"),
    path("assessments/<uuid:assessment>/jobs/", views.assessment_jobs, name="assessment-jobs"),
]
