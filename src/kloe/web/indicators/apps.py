from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "kloe.web.indicators"
    label = "indicators"
