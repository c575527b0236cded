from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "kloe.web.documents"
    label = "documents"
