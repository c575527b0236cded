from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "kloe.web.library"
    label = "library"
