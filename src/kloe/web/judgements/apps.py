from django.apps import AppConfig


class JudgementsConfig(AppConfig):
    name = "kloe.web.judgements"
    label = "judgements"
