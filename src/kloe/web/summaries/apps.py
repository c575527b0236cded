from django.apps import AppConfig


class SummariesConfig(AppConfig):
    name = "kloe.web.summaries"
    label = "summaries"
