from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "kloe.web.jobs"
    label = "jobs"
