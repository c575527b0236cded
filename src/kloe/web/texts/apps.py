from django.apps import AppConfig


class TextsConfig(AppConfig):
    name = "kloe.web.texts"
    label = "texts"
