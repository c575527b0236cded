from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "kloe.web.audit"
    label = "audit"
