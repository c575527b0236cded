from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "kloe.web.assessments"
    label = "assessments"
