from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "kloe.web.evidence"
    label = "evidence"
