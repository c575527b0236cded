from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "kloe.web.reporting"
    label = "reporting"
