from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "kloe.web.records"
    label = "records"
